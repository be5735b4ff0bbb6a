"""Where a field stands in a text that was parsed before. Pure; for error messages, so it may take its time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from lastgood.parsing.scalars import NotJson, key_text, resolve
from lastgood.parsing.text import without_tabs


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field stands: a line from 1, and the word written there if it is one (``1.0``, where 1 is read)."""

    line: int
    word: str = ""


def find(text: str, path: Sequence[str | int], *, document: int = 1, line: int = 0) -> Place | None:
    """The place of the field at this path, or of the closest one above it that is written there.

    ``line`` is where the resource starts, which tells the elements of a List apart; 0 is the whole document.
    None when there is no such document any more.
    """
    try:
        roots = list(yaml.compose_all(without_tabs(text), Loader=yaml.CSafeLoader))
    except (yaml.YAMLError, UnicodeError):
        return None
    root = roots[document - 1] if document <= len(roots) else None
    start = next((one for one in _candidates(root) if line in (0, _line(one))), None)
    return _follow(start, path) if start is not None else None


def _candidates(node: Any) -> Iterator[Any]:
    """The document, and the elements of its lists of ``items``."""
    if node is None:
        return
    yield node
    items = _child(node, "items")
    for item in items[1].value if items and isinstance(items[1], yaml.SequenceNode) else ():
        yield from _candidates(item)


def _follow(node: Any, path: Sequence[str | int]) -> Place:
    place = node
    for step in path:
        found = _child(node, step)
        if found is None:
            return Place(_line(place))
        place, node = found
    return Place(_line(place), node.value if isinstance(node, yaml.ScalarNode) else "")


def _child(node: Any, step: str | int) -> tuple[Any, Any] | None:
    """Where the child is written, and the child."""
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if _key(key) == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None


def _key(node: Any) -> str | None:
    """A key as it is read: ``on`` is the key true, where it is not quoted."""
    if not isinstance(node, yaml.ScalarNode) or node.style:
        return node.value if isinstance(node, yaml.ScalarNode) else None
    try:
        return key_text(resolve(node.value))
    except NotJson:
        return None


def _line(node: Any) -> int:
    return int(node.start_mark.line) + 1
