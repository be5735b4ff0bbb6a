"""A parsed value against its shape: everything that is wrong with it, one mistake each. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from lastgood.parsing import Word
from lastgood.pipelines.entry import Entry, Value, is_null, says_nothing
from lastgood.pipelines.expressions import has_expression
from lastgood.pipelines.mistake import Mistake, warning
from lastgood.pipelines.shape import (
    Fields,
    Free,
    Items,
    Key,
    Later,
    Scalar,
    Shape,
    Standing,
    Tagged,
    Words,
    Wrapped,
    keys_of,
)
from lastgood.pipelines.spots import Spot

LONGEST_SHOWN = 40
FEW = 8
"""How many words a message lists beside a suggestion."""

CLOSE = 0.6
"""How much alike two words have to be for one to be meant by the other."""


def check(value: Any, shape: Shape, spot: Spot) -> Iterator[Mistake]:
    """Everything in a value that is not of its shape, refused, or without a meaning; in no order."""
    yield from CHECKS[type(shape)](value, shape, spot)


def contradicted(value: Value, shape: Shape) -> Iterator[Mistake]:
    """What the rules of a shape say against a value, and those of the shapes in it; in no order."""
    if isinstance(shape, Later):
        yield from contradicted(value, shape.shape())
    elif isinstance(shape, Items) and isinstance(value, tuple):
        for one in value:
            yield from contradicted(one, shape.of)
    elif isinstance(value, Entry):
        for rule in shape.rules if isinstance(shape, Fields | Tagged) else ():
            yield from rule(value)
        for key in keys_of(shape, value.word("type").text):
            found = value.get(key.name)
            if found is not None and key.standing is not Standing.REFUSED:
                yield from contradicted(found, key.shape)


def meant(word: str, known: Iterable[str]) -> str:
    """``; did you mean X?`` for the closest known word; nothing when none is close."""
    plain = {_letters(one): one for one in known}
    near = difflib.get_close_matches(_letters(word), plain, n=1, cutoff=CLOSE)
    return f"; did you mean {plain[near[0]]}?" if near else ""


def described(value: Any) -> str:
    """A value as a message names it, shortened."""
    if is_null(value):
        return "nothing"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    shown = " ".join(str(value).split())
    shown = shown if len(shown) <= LONGEST_SHOWN else f"{shown[: LONGEST_SHOWN - 1]}…"
    return shown if isinstance(value, Word) and shown else f'"{shown}"'


# --- one for each shape


def _scalar(value: Any, shape: Scalar, spot: Spot) -> Iterator[Mistake]:
    if isinstance(value, Mapping | list):
        yield Mistake(spot.steps, f"expected {shape.expected}, found {described(value)}")
        return
    text = "" if is_null(value) else str(value)
    if not text and shape.may_be_empty:
        return
    if has_expression(text):
        if shape.literal:
            yield Mistake(spot.steps, f"cannot be an expression: expected {shape.expected}")
        return
    if text in shape.refused:
        yield Mistake(spot.steps, shape.refused[text])
        return
    problem = shape.problem(text) if text else f"expected {shape.expected}"
    if problem:
        yield Mistake(spot.steps, _told(problem, value, shape))


def _told(problem: str, value: Any, shape: Scalar) -> str:
    suggestion = meant(str(value), shape.words)
    if suggestion and len(shape.words) > FEW:
        return f"{described(value)} is not known here{suggestion}"
    found = f", found {described(value)}" if problem.startswith("expected") else ""
    return f"{problem}{found}{suggestion}"


def _items(value: Any, shape: Items, spot: Spot) -> Iterator[Mistake]:
    if not isinstance(value, list):
        yield Mistake(spot.steps, f"expected a list, found {described(value)}{_text_only(value)}")
        return
    if len(value) < shape.least:
        yield Mistake(spot.steps, "is empty: expected at least one element")
    for place, one in enumerate(value):
        yield from check(one, shape.of, spot.at(place))


def _fields(value: Any, shape: Fields, spot: Spot) -> Iterator[Mistake]:
    if not isinstance(value, Mapping):
        yield _no_mapping(value, spot)
        return
    yield from _keys(value, shape.keys, spot)


def _tagged(value: Any, shape: Tagged, spot: Spot) -> Iterator[Mistake]:
    if not isinstance(value, Mapping):
        yield _no_mapping(value, spot)
        return
    kind = value.get("type")
    body = shape.cases.get(kind) if isinstance(kind, str) else None
    needs_body = body is not None and any(key.required for key in body.keys)
    spec = Key("spec", body if body is not None else Free(), required=needs_body)
    yield from _keys(value, (Key("type", Free(), required=True), spec, *shape.keys), spot)
    if body is None and not is_null(kind):
        yield _unknown_type(kind, shape, spot)


def _unknown_type(kind: Any, shape: Tagged, spot: Spot) -> Mistake:
    if isinstance(kind, str) and kind in shape.refused:
        return Mistake(spot.at("type").steps, f"{kind} {shape.refused[kind]}")
    suggestion = meant(kind, shape.cases) if isinstance(kind, str) else ""
    known = "" if suggestion or len(shape.cases) > FEW else f": it is one of {', '.join(shape.cases)}"
    return Mistake(spot.at("type").steps, f"{described(kind)} is no {shape.noun}{suggestion or known}")


def _wrapped(value: Any, shape: Wrapped, spot: Spot) -> Iterator[Mistake]:
    if not isinstance(value, Mapping):
        yield _no_mapping(value, spot)
        return
    names = [key.name for key in shape.keys]
    found = [name for name in names if name in value]
    if len(found) > 1:
        yield Mistake(spot.steps, f"expected one of {', '.join(names)} here, found {' and '.join(found)}")
    elif not found and not value:
        yield Mistake(spot.steps, f"expected {' or '.join(names)}, found an empty mapping")
    known = tuple(Key(key.name, key.shape, len(names) == 1, "", key.standing, key.sentence) for key in shape.keys)
    yield from _keys(value, known, spot)


def _words(value: Any, _: Words, spot: Spot) -> Iterator[Mistake]:
    if not isinstance(value, Mapping):
        yield _no_mapping(value, spot)
        return
    for key, one in value.items():
        if isinstance(one, Mapping | list):
            yield Mistake(spot.at(key).steps, f"expected text, found {described(one)}")


def _free(_: Any, __: Free, ___: Spot) -> Iterator[Mistake]:
    yield from ()


def _later(value: Any, shape: Later, spot: Spot) -> Iterator[Mistake]:
    yield from check(value, shape.shape(), spot)


CHECKS: Mapping[type, Callable[[Any, Any, Spot], Iterator[Mistake]]] = {
    Scalar: _scalar,
    Items: _items,
    Fields: _fields,
    Tagged: _tagged,
    Wrapped: _wrapped,
    Words: _words,
    Free: _free,
    Later: _later,
}


# --- the keys of a mapping


def _keys(value: Mapping[str, Any], keys: tuple[Key, ...], spot: Spot) -> Iterator[Mistake]:
    known = {key.name: key for key in keys}
    for key in keys:
        if key.required and is_null(value.get(key.name)):
            yield Mistake(spot.at(key.name).steps, "is missing")
    for name, one in value.items():
        if name not in known:
            yield Mistake(spot.at(name).steps, f"unknown key{meant(name, [*known.keys() - value.keys()])}")
        elif not is_null(one):
            yield from _key(one, known[name], spot.at(name))


def _key(value: Any, key: Key, spot: Spot) -> Iterator[Mistake]:
    if key.standing is Standing.REFUSED and _says_something(value, key):
        yield Mistake(spot.steps, key.sentence)
    elif key.standing is not Standing.REFUSED:
        if key.standing is Standing.MEANINGLESS and _says_something(value, key):
            yield warning(spot.steps, key.sentence)
        yield from check(value, key.shape, spot)


def _says_something(value: Any, key: Key) -> bool:
    return not says_nothing(value) and (not key.default or str(value).lower() != key.default)


def _no_mapping(value: Any, spot: Spot) -> Mistake:
    return Mistake(spot.steps, f"expected a mapping, found {described(value)}{_text_only(value)}")


def _text_only(value: Any) -> str:
    is_text = isinstance(value, str) and has_expression(value)
    return ": an expression stands for text only, so write it out here" if is_text else ""


def _letters(word: str) -> str:
    return word.replace("-", "").replace("_", "").lower()
