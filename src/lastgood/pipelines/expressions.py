"""``<+...>`` in values files and service fields: replaced by text, which stays text. Pure.

Expressions may stand in each other, and in the values of variables. What has no value is an error that says where.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from lastgood.errors import ExpressionError
from lastgood.pipelines.calculating import Names, Unreadable, calculate, is_calculation
from lastgood.pipelines.comparing import spelled
from lastgood.pipelines.inputs import Inputs, asked
from lastgood.pipelines.spots import Spot, Steps
from lastgood.pipelines.string_words import Value

OPEN, CLOSE = "<+", ">"
INPUT = "input"
LARGEST = 256 * 1024
"""How many characters an expression may stand for."""

LONGEST_CHAIN = 32
MOST_KNOWN = 12

ALIASES = (("artifact.", "artifacts.primary."), ("manifest.", "manifests."))
BRACKETS = re.compile(r"""\[\s*(["'])(.*?)\1\s*\]""")

QUOTED = re.compile(r"""\"[^"\n]*\"|'[^'\n]*'""")

# What the product knows and a deploy from files cannot: why, and what to do instead.
ELSEWHERE = (
    ("secrets.", "is a secret that nothing was given for", 'secrets are asked for with <+secrets.getValue("ID")>'),
    ("configFile.", "is none of the service's config files", 'write <+configFile.getAsString("ID")>'),
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

    A text of None has no value; ``why`` and ``hint`` tell the person. What is ``secret`` is in no message.
    """

    text: str | None
    spot: Spot | None = None
    why: str = ""
    hint: str = ""
    secret: bool = False


Lookup = Callable[[str], Known | None]
"""What a name stands for that is only known when it is asked for; None when it is none of these names."""


@dataclass(frozen=True, slots=True)
class Part:
    """Expressions that belong together: a service's, an environment's, those of the steps that have run."""

    known: Mapping[str, Known] = field(default_factory=dict)
    lookups: tuple[Lookup, ...] = ()


@dataclass(slots=True)
class Scope:
    """Every expression that has a meaning, by its name without ``<+`` and ``>``.

    It remembers what was asked: ``used`` names, ``answered`` inputs by their keys, and the values that are ``secret``.
    """

    known: Mapping[str, Known]
    lookups: tuple[Lookup, ...] = ()
    inputs: Inputs | None = None
    used: set[str] = field(default_factory=set)
    answered: set[Steps] = field(default_factory=set)
    secret: set[str] = field(default_factory=set)
    _found: dict[str, str] = field(default_factory=dict)

    def evaluate(self, text: str, spot: Spot) -> str:
        """The text with every expression replaced. Raises ``ExpressionError``, which says where it stands."""
        return self._evaluated(text, spot, ())

    def calculate(self, text: str, spot: Spot) -> Value:
        """What a condition comes to: texts, numbers and expressions, compared. Raises ``ExpressionError``."""
        return self._calculated(text, spot, ())

    def with_lookups(self, *parts: Part) -> Scope:
        """The same scope, which remembers together with this one, and knows what these parts look up as well."""
        return replace(self, lookups=(*self.lookups, *(one for part in parts for one in part.lookups)))

    def _evaluated(self, text: str, spot: Spot, chain: tuple[str, ...]) -> str:
        parts, position = [], 0
        while (start := text.find(OPEN, position)) >= 0:
            end = _end(text, start, spot)
            inner = text[start + len(OPEN) : end]
            parts.append(text[position:start])
            if inner.strip() == INPUT:
                value, position = self._given(text, end + len(CLOSE), spot, chain)
            else:
                value, position = self._worth(inner, spot, chain), end + len(CLOSE)
            parts.append(value)
        whole = "".join([*parts, text[position:]])
        if parts and len(whole) > LARGEST:
            raise ExpressionError(f"{spot}: its expressions stand for more than {LARGEST // 1024} KiB")
        return whole

    def _worth(self, inner: str, spot: Spot, chain: tuple[str, ...]) -> str:
        """What stands between ``<+`` and ``>``: a name, or a calculation with names."""
        if is_calculation(inner, partial(_end, spot=spot)):
            return spelled(self._calculated(inner, spot, chain))
        return self._value(_plain(self._evaluated(inner, spot, chain)), spot, chain)

    def _calculated(self, text: str, spot: Spot, chain: tuple[str, ...]) -> Value:
        names = Names(
            nested=lambda inner: self._evaluated(inner, spot, chain),
            named=lambda name: self._value(_plain(name), spot, chain),
            end=partial(_end, spot=spot),
        )
        try:
            return calculate(text, names)
        except Unreadable as error:
            raise ExpressionError(f"{spot}: {text.strip()[:80]} {error}") from error

    def _given(self, text: str, start: int, spot: Spot, chain: tuple[str, ...]) -> tuple[str, int]:
        """What is given for an ``<+input>``, and where the text goes on after what it says of itself."""
        self.used.add(INPUT)
        wanted = asked(text, start, spot)
        given = self.inputs.given(spot) if self.inputs and spot.file != self.inputs.file else None
        if given is None and wanted.default is None:
            where = f"give it in {self.inputs.file.name}" if self.inputs else "give it in an input file"
            hint = f"{where} under the same keys, write the value there, or make it .default(VALUE)"
            raise ExpressionError(f"{spot}: <+input> is a runtime input, and none is given", hint=hint)
        written, place = given or (wanted.default or "", spot)
        if given is not None:
            self.answered.add(place.steps)
        value = self._evaluated(written, place, (*chain, str(spot)))
        if refusal := wanted.refusal(value):
            raise ExpressionError(f"{place}: {refusal}", hint=f"it is asked for in {spot}")
        return value, wanted.end

    def _value(self, name: str, spot: Spot, chain: tuple[str, ...]) -> str:
        self.used.add(name)
        if name in self._found:
            return self._found[name]
        if name in self.known:
            self._found[name] = self._resolved(name, self.known[name], spot, chain)
            return self._found[name]
        found = next((known for one in self.lookups if (known := one(name)) is not None), None)
        if found is None:
            raise self._unknown(name, spot)
        return self._resolved(name, found, spot, chain)

    def _resolved(self, name: str, known: Known, spot: Spot, chain: tuple[str, ...]) -> str:
        if known.text is None:
            raise ExpressionError(f"{spot}: <+{name}> {known.why}", hint=known.hint)
        if name in chain or len(chain) > LONGEST_CHAIN:
            raise ExpressionError(f"{spot}: <+{name}> stands for itself: {' -> '.join((*chain, name))}")
        text = known.text if known.spot is None else self._evaluated(known.text, known.spot, (*chain, name))
        if known.secret and text.strip():
            self.secret.add(text)
        return text

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


def scope_of_parts(*parts: Part, inputs: Inputs | None = None) -> Scope:
    """One scope of several parts; where two know a name, the later counts."""
    known = {name: one for part in parts for name, one in part.known.items()}
    return Scope(known, tuple(one for part in parts for one in part.lookups), inputs)


def _end(text: str, start: int, spot: Spot) -> int:
    """Where the expression ends that starts here. Others may stand in it, and ``>`` in quotes and in parentheses."""
    parentheses: list[int] = []  # how many are open, for each expression that is
    position = start
    while position < len(text):
        if text.startswith(OPEN, position):
            parentheses.append(0)
            position += len(OPEN)
            continue
        if quoted := QUOTED.match(text, position):
            position = quoted.end()
            continue
        parentheses[-1] += (text[position] == "(") - (text[position] == ")")
        if text.startswith(CLOSE, position) and parentheses[-1] <= 0:
            parentheses.pop()
        if not parentheses:
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
