"""The part of JSONPath that people write in conditions: ``$..status.phase``, ``$.status.list[0]['a key']``. Pure.

https://datatracker.ietf.org/doc/html/rfc9535; filters compare one field with one value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

Step = Callable[[Any], Iterator[Any]]

_STEP = re.compile(
    r"""
    (?P<deep>\.\.)(?P<deep_name>[\w-]+|\*)
    | \.(?P<name>[\w-]+|\*)
    | \[\s*(?:(?P<number>-?\d{1,9})|(?P<all>\*)|'(?P<single>[^']*)'|"(?P<double>[^"]*)")\s*\]
    | \[\?\(?\s*@\.(?P<field>[\w.-]+)\s*(?P<sign>==|!=)\s*(?:'(?P<is>[^']*)'|"(?P<equals>[^"]*)")\s*\)?\]
    """,
    re.VERBOSE,
)


class Unreadable(ValueError):
    """A path, or a condition, that cannot be read. ``at`` is where, counted from 0."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


def compiled(path: str) -> Callable[[Any], list[Any]]:
    """All that a path finds in a value, in its order. Raises ``Unreadable``."""
    if not path.startswith("$"):
        raise Unreadable("a path begins with $", 0)
    steps, at = [], 1
    while at < len(path):
        found = _STEP.match(path, at)
        if found is None:
            raise Unreadable(f"cannot read {path[at:]!r}", at)
        steps.append(_step(found))
        at = found.end()
    return lambda value: _walk(steps, value)


def _walk(steps: Iterable[Step], value: Any) -> list[Any]:
    values = [value]
    for step in steps:
        values = [inner for one in values for inner in step(one)]
    return values


def _step(found: re.Match[str]) -> Step:
    if found["deep"]:
        name = found["deep_name"]
        return lambda value: (inner for one in _below(value) for inner in _child(one, name))
    if found["number"]:
        number = int(found["number"])
        return lambda value: _element(value, number)
    if found["field"]:
        return _filter(found)
    name = next((found[group] for group in ("name", "single", "double") if found[group] is not None), "*")
    return lambda value: _child(value, name)


def _child(value: Any, name: str) -> Iterator[Any]:
    if name == "*":
        yield from value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    elif isinstance(value, Mapping) and name in value:
        yield value[name]


def _element(value: Any, number: int) -> Iterator[Any]:
    if isinstance(value, list) and -len(value) <= number < len(value):
        yield value[number]


def _below(value: Any) -> Iterator[Any]:
    """The value and everything in it."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += reversed(list(_child(one, "*")))


def _filter(found: re.Match[str]) -> Step:
    field, sign = found["field"].split("."), found["sign"]
    wanted = found["is"] if found["is"] is not None else found["equals"]
    steps = [(lambda value, name=name: _child(value, name)) for name in field]

    def chosen(value: Any) -> Iterator[Any]:
        for one in _child(value, "*"):
            is_same = [str(inner) for inner in _walk(steps, one)] == [wanted]
            if is_same is (sign == "=="):
                yield one

    return chosen
