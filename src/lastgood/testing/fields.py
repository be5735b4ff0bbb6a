"""Sets of field paths, and the four walks over a body that server-side apply is made of.

A path is a tuple of steps in the notation of ``managedFields``: ``f:name``, ``k:{"name":"web"}``, ``v:"value"``.
The rules are those of structured-merge-diff, which the API server uses. Pure.

https://github.com/kubernetes-sigs/structured-merge-diff
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lastgood.testing.shapes import Merge, Rule, Shape

Path = tuple[str, ...]
Fields = frozenset[Path]

NOTHING: Fields = frozenset()
_HERE = "."


def decode(tree: Mapping[str, Any], above: Path = ()) -> Fields:
    """The paths of a ``fieldsV1``."""
    return frozenset(_decoded(tree, above))


def _decoded(tree: Mapping[str, Any], above: Path) -> Iterator[Path]:
    for step, below in tree.items():
        if step == _HERE:
            yield above
        elif below:
            yield from _decoded(below, (*above, step))
        else:
            yield (*above, step)


def encode(paths: Iterable[Path]) -> dict[str, Any]:
    """The ``fieldsV1`` of these paths."""
    whole = frozenset(paths)
    tree: dict[str, Any] = {}
    for path in sorted(whole):
        place = tree
        for step in path:
            place = place.setdefault(step, {})
    return _with_marks(tree, whole, ())


def _with_marks(tree: dict[str, Any], paths: Fields, at: Path) -> dict[str, Any]:
    mark: dict[str, Any] = {_HERE: {}} if tree and at in paths else {}
    return mark | {step: _with_marks(below, paths, (*at, step)) for step, below in tree.items()}


def with_parents(paths: Fields) -> Fields:
    """These and every named field on the way to them (not the items of lists)."""
    ways = (path[:length] for path in paths for length in range(1, len(path)))
    return paths | {way for way in ways if way[-1].startswith("f:")}


def step_of(rule: Rule, item: Any) -> str:
    """How an item of a list is named. Raises ``ValueError`` when it lacks a key."""
    if rule.merge is Merge.SET:
        return "v:" + _compact(item)
    keys = {key: _key_of(rule, item, key) for key in sorted(rule.keys)}
    return "k:" + _compact(keys)


def _key_of(rule: Rule, item: Any, key: str) -> Any:
    value = item.get(key, dict(rule.defaults).get(key)) if isinstance(item, dict) else None
    if value is None:
        raise ValueError(f"associative list with keys has an element that omits key field {key!r}")
    return value


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _items(rule: Rule, items: Iterable[Any]) -> dict[str, Any]:
    return {step_of(rule, item): item for item in items}


def duplicates(value: Any, shape: Shape, above: str = "") -> Iterator[str]:
    """What is wrong with the keys of the lists in a body that somebody applies: the API's sentences."""
    if isinstance(value, dict) and shape.of_map().merge is Merge.BY_FIELD:
        for name, inside in value.items():
            yield from duplicates(inside, shape.field(name), f"{above}.{name}")
    elif isinstance(value, list) and shape.of_list().merge is not Merge.ATOMIC:
        yield from _duplicates_in(value, shape, above)


def _duplicates_in(value: list[Any], shape: Shape, above: str) -> Iterator[str]:
    seen: set[str] = set()
    for index, item in enumerate(value):
        try:
            step = step_of(shape.of_list(), item)
        except ValueError as error:
            yield f"{above}: element {index}: {error}"
            continue
        if step in seen:
            yield f"{above}: duplicate entries for key [{_said(step)}]"
        seen.add(step)
        yield from duplicates(item, shape.item(), f"{above}[{_said(step)}]")


def _said(step: str) -> str:
    if step.startswith("v:"):
        return step[2:]
    return ",".join(f"{key}={_compact(value)}" for key, value in json.loads(step[2:]).items())


def fields_of(value: Any, shape: Shape) -> Fields:
    """Every field that a body sets."""
    return frozenset(_fields(value, shape, ()))


def _fields(value: Any, shape: Shape, at: Path) -> Iterator[Path]:
    if isinstance(value, dict) and shape.of_map().merge is Merge.BY_FIELD:
        if not value:
            yield at
        for name, inside in value.items():
            yield from _fields(inside, shape.field(name), (*at, "f:" + name))
            if not shape.knows(name):
                yield (*at, "f:" + name)
    elif isinstance(value, list) and (rule := shape.of_list()).merge is not Merge.ATOMIC:
        for step, item in _items(rule, value).items():
            yield (*at, step)
            yield from _fields(item, shape.item(), (*at, step))
    else:
        yield at


def merged(live: Any, applied: Any, shape: Shape) -> Any:
    """What is live with what is applied laid over it."""
    if isinstance(live, dict) and isinstance(applied, dict) and shape.of_map().merge is Merge.BY_FIELD:
        over = {name: merged(live.get(name), inside, shape.field(name)) for name, inside in applied.items()}
        return live | over
    if isinstance(live, list) and isinstance(applied, list) and (rule := shape.of_list()).merge is not Merge.ATOMIC:
        return _merged_list(_items(rule, live), _items(rule, applied), shape)
    return applied


def _merged_list(live: dict[str, Any], applied: dict[str, Any], shape: Shape) -> list[Any]:
    whole = live | {step: merged(live.get(step), item, shape.item()) for step, item in applied.items()}
    return [whole[step] for step in _order(deque(live), deque(applied))]


def _order(live: deque[str], applied: deque[str]) -> Iterator[str]:
    """Shared items stand as they are applied; what only the live list has keeps its place before the next of them."""
    shared = deque(step for step in applied if step in live)
    mine, placed = set(applied), set[str]()
    while live or applied:
        if live and live[0] not in mine:
            yield live.popleft()
        elif live and (live[0] in placed or (applied and live[0] != shared[0])):
            live.popleft()
        else:
            step = applied.popleft()
            placed.add(step)
            if shared and shared[0] == step:
                shared.popleft()
            yield step


def without(value: Any, paths: Fields, shape: Shape) -> Any:
    """A body with these taken out; a map or list that gets empty by it is None."""
    return _without(value, _by_first(paths), shape) if paths else value


def _by_first(paths: Iterable[Path]) -> dict[str, list[Path]]:
    below: dict[str, list[Path]] = {}
    for path in paths:
        below.setdefault(path[0], []).append(path[1:])
    return below


def _without(value: Any, gone: dict[str, list[Path]], shape: Shape) -> Any:
    if isinstance(value, dict) and value and shape.of_map().merge is Merge.BY_FIELD:
        steps = {"f:" + name: (name, inside, shape.field(name)) for name, inside in value.items()}
        return dict(_kept(steps, gone)) or None
    if isinstance(value, list) and value and (rule := shape.of_list()).merge is not Merge.ATOMIC:
        items = {step: (step, item, shape.item()) for step, item in _items(rule, value).items()}
        return [item for _, item in _kept(items, gone)] or None
    return value


def _kept(steps: dict[str, tuple[str, Any, Shape]], gone: dict[str, list[Path]]) -> Iterator[tuple[str, Any]]:
    for step, (name, inside, shape) in steps.items():
        below = gone.get(step)
        if below is None:
            yield name, inside
        elif () not in below:
            yield name, _without(inside, _by_first(below), shape)


@dataclass(slots=True)
class Comparison:
    """The fields that differ between two bodies."""

    added: set[Path] = field(default_factory=set)
    modified: set[Path] = field(default_factory=set)
    removed: set[Path] = field(default_factory=set)

    @property
    def changed(self) -> Fields:
        """What has another value than before."""
        return frozenset(self.added | self.modified)


_ABSENT = object()


def compare(old: Any, new: Any, shape: Shape) -> Comparison:
    """What became of each field."""
    found = Comparison()
    _compare(old, new, shape, (), found)
    return found


def _compare(old: Any, new: Any, shape: Shape, at: Path, found: Comparison) -> None:
    pairs = _pairs(old, new, shape)
    for step, before, after, place in pairs or ():
        _compare(before, after, place, (*at, step), found)
    if pairs is not None and _rule_for(shape, old if new is _ABSENT else new).always_there:
        return
    if old is _ABSENT:
        found.added.add(at)
    elif new is _ABSENT:
        found.removed.add(at)
    elif pairs is None and old != new:
        found.modified.add(at)


def _rule_for(shape: Shape, value: Any) -> Rule:
    return shape.of_list() if isinstance(value, list) else shape.of_map()


def _pairs(old: Any, new: Any, shape: Shape) -> list[tuple[str, Any, Any, Shape]] | None:
    """Both sides' parts side by side, or None where the place is one value."""
    sample = old if new is _ABSENT or new is None else new
    if not isinstance(sample, dict | list):
        return None
    before, after = _parts(old, sample, shape), _parts(new, sample, shape)
    if before is None or after is None or not (before or after):
        return None
    steps = dict.fromkeys([*before, *after])
    return [(step, before.get(step, _ABSENT), after.get(step, _ABSENT), _place(step, shape)) for step in steps]


def _parts(value: Any, sample: Any, shape: Shape) -> dict[str, Any] | None:
    if value is _ABSENT or value is None:
        value = type(sample)()
    if isinstance(value, dict) and shape.of_map().merge is Merge.BY_FIELD:
        return {"f:" + name: inside for name, inside in value.items()}
    if isinstance(value, list) and (rule := shape.of_list()).merge is not Merge.ATOMIC:
        return _items(rule, value)
    return None


def _place(step: str, shape: Shape) -> Shape:
    return shape.field(step[2:]) if step.startswith("f:") else shape.item()
