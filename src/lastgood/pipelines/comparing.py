"""How the values of a calculation are compared, summed up and spelled. Pure."""

from __future__ import annotations

from collections.abc import Callable

from lastgood.pipelines.string_words import WORDS, Unusable, Value, number


def added(values: list[Value]) -> Value:
    """A sum where all are numbers, else one text."""
    try:
        return sum(number(one) for one in values)
    except Unusable:
        return "".join(spelled(one) for one in values)


def spelled(value: Value) -> str:
    """A value as the text that stands for it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(value)}]"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "null" if value is None else str(value)


def _same(one: Value, other: Value) -> bool:
    """Texts are compared as texts; beside a number, what looks like one is one."""
    if any(isinstance(value, int | float) and not isinstance(value, bool) for value in (one, other)):
        try:
            return number(one) == number(other)
        except Unusable:
            return False
    if any(isinstance(value, bool) for value in (one, other)):
        return spelled(one).lower() == spelled(other).lower()
    return spelled(one) == spelled(other)


def _order(one: Value, other: Value) -> int:
    try:
        left, right = number(one), number(other)
        return (left > right) - (left < right)
    except Unusable:
        return (spelled(one) > spelled(other)) - (spelled(one) < spelled(other))


def _matches(one: Value, other: Value) -> bool:
    return bool(WORDS["matches"](one, other))


COMPARISONS: dict[str, Callable[[Value, Value], bool]] = {
    "==": _same,
    "!=": lambda one, other: not _same(one, other),
    "<": lambda one, other: _order(one, other) < 0,
    ">": lambda one, other: _order(one, other) > 0,
    "<=": lambda one, other: _order(one, other) <= 0,
    ">=": lambda one, other: _order(one, other) >= 0,
    "=~": _matches,
    "!~": lambda one, other: not _matches(one, other),
}
