"""Fields of a body by pattern: ``spec.containers.*.resources.limits.*``. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lastgood.diffing import LIST_KEYS, Item, Path, text

EACH = "*"
"""In a pattern: every entry of a mapping, every element of a list."""

Steps = tuple[str | int, ...]
"""Keys and places in lists, from the top of a body."""

Pattern = tuple[str, ...]


class Field(NamedTuple):
    """A field that is there, and its value."""

    steps: Steps
    value: Any


def patterns(*texts: str) -> tuple[Pattern, ...]:
    """Patterns as they are written for people."""
    return tuple(tuple(one.split(".")) for one in texts)


def matching(value: Any, pattern: Pattern, steps: Steps = ()) -> Iterator[Field]:
    """Every field that a pattern names; what is not there, or is of another shape, is passed over."""
    if not pattern:
        yield Field(steps, value)
        return
    for key, child in _entries(value, pattern[0]):
        yield from matching(child, pattern[1:], (*steps, key))


def spelled(body: Any, steps: Steps) -> str:
    """The field for people: ``spec.template.spec.containers[name=web].image``."""
    return text(_path(body, steps))


def _path(value: Any, steps: Steps) -> Path:
    if not steps:
        return ()
    step, rest = steps[0], steps[1:]
    child = value[step] if not isinstance(value, Mapping) or step in value else None
    return (_item(value, step) if isinstance(step, int) else step, *_path(child, rest))


def _item(siblings: list[Any], place: int) -> int | Item:
    """What tells the element from the others of its list; its place where nothing does."""
    element = siblings[place]
    for key in LIST_KEYS:
        values = [one.get(key) if isinstance(one, Mapping) else None for one in siblings]
        if isinstance(element, Mapping) and isinstance(element.get(key), str) and values.count(element[key]) == 1:
            return Item(key, element[key])
    return place


def _entries(value: Any, step: str) -> Iterator[tuple[str | int, Any]]:
    if step != EACH:
        yield from ((key, value[key]) for key in (step,) if isinstance(value, Mapping) and key in value)
    elif isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)
