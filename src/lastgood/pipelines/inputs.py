"""Runtime inputs: what an input file gives for the ``<+input>`` at a place, and what may be given there. Pure.

An input file has the shape of the file that asks, with only what is asked in it; of a list the element counts that has
the same ``identifier`` or ``name``, else the one at the same position.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lastgood.errors import ExpressionError, SettingError
from lastgood.model.source import File
from lastgood.parsing import as_written, parse
from lastgood.pipelines.spots import Spot, Steps

ASKS = "<+input>"
WORD = re.compile(r"\.(\w+)\(")
ARGUMENT = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^,]*?)\s*(?:,|$)""")
IDENTITIES = ("identifier", "name")
MATCHED = (*IDENTITIES, "type")
"""Keys of an input file that say whose input it is, and give none themselves."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What may be given: ``<+input>.default(1).allowedValues(1,2)``. ``end`` is where the text goes on."""

    end: int
    default: str | None = None
    allowed: tuple[str, ...] = ()
    pattern: str = ""

    def refusal(self, text: str) -> str:
        """Why a value cannot be given; empty when it can."""
        if self.allowed and text not in self.allowed:
            return f'"{text}" is none of the allowed values {", ".join(self.allowed)}'
        if self.pattern and not re.fullmatch(self.pattern, text):
            return f'"{text}" does not match {self.pattern}'
        return ""


@dataclass(frozen=True, slots=True)
class Inputs:
    """The content of an input file; ``file`` is for messages, with its text if there is one.

    ``taken`` remembers the lists and mappings that were put in the place of an ``<+input>``.
    """

    tree: Mapping[str, Any] = field(default_factory=dict)
    file: File = field(default_factory=lambda: File("", ""))
    taken: set[Steps] = field(default_factory=set, compare=False)

    def given(self, spot: Spot) -> tuple[str, Spot] | None:
        """What is given for the place that asks, and where; None when nothing is, or no text."""
        found = _walk(self.tree, _document(spot.file), spot.steps, ())
        if found is None or found[0] in (None, "") or isinstance(found[0], Mapping | list):
            return None
        return _written(found[0]), Spot(self.file, found[1])

    def filled(self, value: Any, spot: Spot) -> Any:
        """A value of the file that asks, with lists and mappings in place of each ``<+input>`` they are given for."""
        if isinstance(value, Mapping):
            return {key: self.filled(one, spot.at(key)) for key, one in value.items()}
        if isinstance(value, list):
            return [self.filled(one, spot.at(place)) for place, one in enumerate(value)]
        if not isinstance(value, str) or not value.strip().startswith(ASKS):
            return value
        found = _walk(self.tree, _document(spot.file), spot.steps, ())
        if found is None or not isinstance(found[0], Mapping | list):
            return value
        self.taken.add(found[1])
        return _in_words(found[0])

    def unused(self, used: set[Steps]) -> tuple[str, ...]:
        """The keys that were never asked for."""
        leaves = (steps for steps, value in _leaves(self.tree, ()) if value not in (None, ""))
        idle = (one for one in leaves if one not in used and one[-1] not in MATCHED)
        return tuple(str(Spot(self.file, one)) for one in idle if not self._is_taken(one))

    def _is_taken(self, steps: Steps) -> bool:
        return any(steps[:end] in self.taken for end in range(1, len(steps)))


def read_inputs(file: File) -> Inputs:
    """The inputs in a file. Raises ``ManifestError`` for what is no YAML, ``SettingError`` for what is no mapping."""
    documents = [one.value for one in parse(file.text, file.name, scalar=as_written) if one.value not in (None, "")]
    if len(documents) > 1 or not all(isinstance(one, Mapping) for one in documents):
        raise SettingError(f"{file.name}: an input file holds one mapping, with the keys of the file that asks")
    return Inputs(documents[0] if documents else {}, file)


def asked(text: str, start: int, spot: Spot) -> Asked:
    """What follows an ``<+input>`` that ends at ``start``. Raises ``ExpressionError``."""
    found: dict[str, Any] = {}
    while match := WORD.match(text, start):
        end = _closing(text, match.end(), spot)
        found |= _said(match[1], text[match.end() : end], spot)
        start = end + 1
    return Asked(start, **found)


def _said(word: str, inner: str, spot: Spot) -> dict[str, Any]:
    arguments = _arguments(inner)
    if word == "executionInput":  # asked when the step runs; an input file answers before
        return {}
    if word in ("allowedValues", "selectOneFrom", "selectManyFrom"):
        return {"allowed": arguments}
    if word == "default":
        return {"default": _unquoted(inner.strip())}
    if word == "regex":
        return {"pattern": _pattern(_unquoted(inner.strip()), spot)}
    near = difflib.get_close_matches(word, ("allowedValues", "default", "regex", "executionInput"), n=1)
    hint = (
        f"did you mean .{near[0]}()?" if near else "known are .default(), .allowedValues(), .regex(), .executionInput()"
    )
    raise ExpressionError(f"{spot}: <+input>.{word}() is not known", hint=hint)


def _pattern(text: str, spot: Spot) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ExpressionError(f"{spot}: <+input>.regex({text}) cannot be read: {error}") from error
    return text


def _closing(text: str, start: int, spot: Spot) -> int:
    """Where the bracket ends that was opened before ``start``; quotes and brackets may stand in it."""
    depth, quote = 1, ""
    for position in range(start, len(text)):
        character = text[position]
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        else:
            depth += (character == "(") - (character == ")")
        if depth == 0:
            return position
    raise ExpressionError(f"{spot}: {text[:60]} has no ) at its end")


def _arguments(inner: str) -> tuple[str, ...]:
    return tuple(_unquoted(one) for one in ARGUMENT.findall(inner) if one)


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def _walk(given: Any, asking: Any, steps: Steps, taken: Steps) -> tuple[Any, Steps] | None:
    """The value at the place in ``given`` that corresponds to ``steps`` in ``asking``."""
    if not steps:
        return given, taken
    step, rest = steps[0], steps[1:]
    below = _below(asking, step)
    if isinstance(given, Mapping):
        return _walk(given[step], below, rest, (*taken, step)) if step in given else None
    if isinstance(given, list) and isinstance(step, int):
        place = _place(given, below, step)
        return None if place is None else _walk(given[place], below, rest, (*taken, place))
    return None


def _place(given: list[Any], below: Any, step: int) -> int | None:
    wanted = _identity(below)
    if wanted:
        return next((place for place, one in enumerate(given) if _identity(one) == wanted), None)
    return step if step < len(given) else None


def _below(value: Any, step: str | int) -> Any:
    if isinstance(value, Mapping):
        return value.get(step)
    return value[step] if isinstance(value, list) and isinstance(step, int) and step < len(value) else None


def _identity(value: Any) -> str:
    """What tells an element of a list from its neighbours; ``- manifest: {identifier: dev}`` has that of the inner."""
    if not isinstance(value, Mapping):
        return ""
    if len(value) == 1 and isinstance(inner := next(iter(value.values())), Mapping):
        return _identity(inner)
    return next((str(value[key]) for key in IDENTITIES if value.get(key)), "")


@lru_cache(maxsize=16)
def _document(file: File) -> Any:
    documents = parse(file.text, file.name, scalar=as_written) if file.text else []
    return documents[0].value if documents else None


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _in_words(value: Any) -> Any:
    """The same with every value as the text that a file would hold."""
    if isinstance(value, Mapping):
        return {key: _in_words(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_in_words(one) for one in value]
    return value if value is None else _written(value)


def _leaves(value: Any, steps: Steps) -> Iterator[tuple[Steps, Any]]:
    if isinstance(value, Mapping | list):
        for step, one in value.items() if isinstance(value, Mapping) else enumerate(value):
            yield from _leaves(one, (*steps, step))
    else:
        yield steps, value
