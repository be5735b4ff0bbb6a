"""``<+...>`` in values files and service fields: replaced by text, which stays text. Pure.

Expressions may stand in each other, and in the values of variables. What has no value is an error that says where.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lastgood.errors import ExpressionError
from lastgood.pipelines.spots import Spot

OPEN, CLOSE = "<+", ">"
LARGEST = 256 * 1024
"""How many characters an expression may stand for."""

LONGEST_CHAIN = 32
MOST_KNOWN = 12

ALIASES = (("artifact.", "artifacts.primary."), ("manifest.", "manifests."))
BRACKETS = re.compile(r"""\[\s*(["'])(.*?)\1\s*\]""")

# What the product knows and a deploy from files cannot: why, and what to do instead.
ELSEWHERE = (
    ("input", "is a runtime input", "write its value there, or make it a service variable: --set-variable NAME=VALUE"),
    (
        "secrets.",
        "is kept in a secret store that is not read here",
        "use a service variable: --set-variable NAME=VALUE",
    ),
    ("configFile.", "is a config file, and they are not read here", "put its text into a values file"),
    ("env.", "is not known", "give it with --infra env.{rest}=VALUE"),
    ("infra.", "is not known", "give it with --infra {rest}=VALUE"),
    ("pipeline.", "belongs to a pipeline, and none is run here", "use a service variable"),
    ("stage.", "belongs to a stage, and none is run here", "use a service variable"),
    ("execution.", "belongs to a pipeline, and none is run here", "use a service variable"),
    ("INFRA_KEY", "is not known", "give the release its name: --infra releaseName=NAME"),
)


@dataclass(frozen=True, slots=True)
class Known:
    """What an expression stands for: a text, at ``spot`` if it may hold expressions in its turn.

    A text of None has no value; ``why`` and ``hint`` tell the person.
    """

    text: str | None
    spot: Spot | None = None
    why: str = ""
    hint: str = ""


@dataclass(slots=True)
class Scope:
    """Every expression that has a meaning, by its name without ``<+`` and ``>``; ``used`` are those that were asked."""

    known: Mapping[str, Known]
    used: set[str] = field(default_factory=set)
    _found: dict[str, str] = field(default_factory=dict)

    def evaluate(self, text: str, spot: Spot) -> str:
        """The text with every expression replaced. Raises ``ExpressionError``, which says where it stands."""
        return self._evaluated(text, spot, ())

    def _evaluated(self, text: str, spot: Spot, chain: tuple[str, ...]) -> str:
        parts, position = [], 0
        while (start := text.find(OPEN, position)) >= 0:
            end = _end(text, start, spot)
            name = self._evaluated(text[start + len(OPEN) : end], spot, chain)
            parts += [text[position:start], self._value(_plain(name), spot, chain)]
            position = end + len(CLOSE)
        whole = "".join([*parts, text[position:]])
        if parts and len(whole) > LARGEST:
            raise ExpressionError(f"{spot}: its expressions stand for more than {LARGEST // 1024} KiB")
        return whole

    def _value(self, name: str, spot: Spot, chain: tuple[str, ...]) -> str:
        self.used.add(name)
        if name not in self._found:
            self._found[name] = self._resolved(name, spot, chain)
        return self._found[name]

    def _resolved(self, name: str, spot: Spot, chain: tuple[str, ...]) -> str:
        known = self.known.get(name)
        if known is None:
            raise self._unknown(name, spot)
        if known.text is None:
            raise ExpressionError(f"{spot}: <+{name}> {known.why}", hint=known.hint)
        if name in chain or len(chain) > LONGEST_CHAIN:
            raise ExpressionError(f"{spot}: <+{name}> stands for itself: {' -> '.join((*chain, name))}")
        if known.spot is None:
            return known.text
        return self._evaluated(known.text, known.spot, (*chain, name))

    def _unknown(self, name: str, spot: Spot) -> ExpressionError:
        near = difflib.get_close_matches(name, self.known, n=3, cutoff=0.7)
        if near:
            hint = f"did you mean {' or '.join(f'<+{one}>' for one in near)}?"
            return ExpressionError(f"{spot}: <+{name}> is not known", hint=hint)
        for start, why, hint in ELSEWHERE:
            if name.startswith(start):
                rest = name.removeprefix(start)
                return ExpressionError(f"{spot}: <+{name}> {why}", hint=hint.format(rest=rest))
        return ExpressionError(f"{spot}: <+{name}> is not known", hint=f"known are {self._listing(name)}")

    def _listing(self, name: str) -> str:
        """Names that start alike, or all."""
        start = name.split(".", 1)[0] + "."
        names = [one for one in self.known if one.startswith(start)] or list(self.known)
        more = f" and {len(names) - MOST_KNOWN} more" if len(names) > MOST_KNOWN else ""
        return ", ".join(f"<+{one}>" for one in names[:MOST_KNOWN]) + more


def has_expression(text: str) -> bool:
    """Whether there is anything to evaluate."""
    return OPEN in text


def is_expression(value: object) -> bool:
    """Whether a value is one expression and nothing beside it."""
    return isinstance(value, str) and value.strip().startswith(OPEN) and value.strip().endswith(CLOSE)


def _end(text: str, start: int, spot: Spot) -> int:
    """Where the expression ends that starts here; others may stand in it."""
    depth, position = 0, start
    while position < len(text):
        if text.startswith(OPEN, position):
            depth, position = depth + 1, position + len(OPEN)
            continue
        depth -= text.startswith(CLOSE, position)
        if depth == 0:
            return position
        position += 1
    raise ExpressionError(f"{spot}: {text[start : start + 60]} has no {CLOSE} at its end")


def _plain(name: str) -> str:
    """One spelling for each: no blanks around it, dots for brackets, the long names for the short ones."""
    plain = BRACKETS.sub(r".\2", name.strip())
    for short, long in ALIASES:
        if plain.startswith(short):
            return long + plain.removeprefix(short)
    return plain
