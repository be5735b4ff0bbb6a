"""Fields of a body by pattern: ``spec.containers.*.resources.limits.*``. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from lastgood.diffing import LIST_KEYS, text
from lastgood.model.resource import Item, Path

EACH = "*"
"""In a pattern: every entry of a mapping, every element of a list."""

Steps = tuple[str | int, ...]
"""Keys and places in lists, from the top of a body."""

Patterns = dict[str, Any]
"""Many patterns as a tree of their steps; what stands at ``END`` belongs to the pattern that ends there."""

END = ""


class Field(NamedTuple):
    """A field that is there, its value, and what belongs to the pattern that found it."""

    steps: Steps
    value: Any
    mark: Any = None


def patterns(*texts: str) -> Patterns:
    """Patterns as they are written for people."""
    return marked(dict.fromkeys(texts))


def marked(texts: Mapping[str, Any]) -> Patterns:
    """Patterns, each with something that belongs to it."""
    tree: Patterns = {}
    for pattern, mark in texts.items():
        node = tree
        for step in pattern.split("."):
            node = node.setdefault(step, {})
        node[END] = mark
    return tree


def matching(value: Any, tree: Patterns, steps: Steps = ()) -> Iterator[Field]:
    """Every field that a pattern names; what is not there, or is of another shape, is passed over."""
    for step, below in tree.items():
        if step == END:
            yield Field(steps, value, below)
            continue
        for key, child in _entries(value, step):
            yield from matching(child, below, (*steps, key))


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


def _entries(value: Any, step: str) -> Iterable[tuple[str | int, Any]]:
    if isinstance(value, dict):
        if step == EACH:
            return value.items()
        return ((step, value[step]),) if step in value else ()
    return enumerate(value) if step == EACH and isinstance(value, list) else ()
