"""Walks through the shapes of files: every key there is, and every key that a file uses, by one and the same path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lastgood.pipelines.inspecting import ROOTS
from lastgood.pipelines.keys.environment import DIRECT_SPEC
from lastgood.pipelines.keys.failure import ACTION, ON_FAILURE
from lastgood.pipelines.keys.manifest import manifests, store
from lastgood.pipelines.keys.node import NODES
from lastgood.pipelines.keys.pipeline import STAGES
from lastgood.pipelines.keys.service import CONFIG_FILE, DEFINITION
from lastgood.pipelines.keys.stage import INFRASTRUCTURE_USE, STAGE
from lastgood.pipelines.keys.variable import VARIABLE
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
)


def list_of(key: Key) -> Shape:
    assert isinstance(key.shape, Items)
    return key.shape.of


ANYWHERE = {id(NODES): "steps", id(ACTION): "action", id(STAGES): "stages"}
"""Shapes that stand in themselves."""

SAME = ANYWHERE | {
    id(shape): name
    for name, shape in {
        "stage": STAGE,
        "serviceDefinition": DEFINITION,
        "configFile": CONFIG_FILE,
        "variable": VARIABLE,
        "onFailure": ON_FAILURE,
        "manifest": list_of(manifests()),
        "override": list_of(manifests("overrides", "Values")),
        "store": store("Inline"),
        "inputs": INFRASTRUCTURE_USE,
        "infrastructure": DIRECT_SPEC,
    }.items()
}
"""Shapes that stand in many places: their keys are counted once."""


class Found(NamedTuple):
    """A key, the path to it, and the types it belongs to: ``spec.count``, of ``Count``."""

    path: str
    key: Key
    case: str = ""


def everything() -> dict[str, Key]:
    """Every key of every file, by its path."""
    found = [one for root, shape in ROOTS.items() for one in keys_of(shape, root, set())]
    return {one.path: one.key for one in found}


def keys_of(shape: Shape, path: str, seen: set[int]) -> Iterator[Found]:
    """Every key below a shape. What is refused or has no meaning is not looked into."""
    if isinstance(shape, Later):
        shape = shape.shape()
    if id(shape) in SAME:
        if id(shape) in seen:
            return
        seen.add(id(shape))
        path = SAME[id(shape)]
    if isinstance(shape, Items):
        yield from keys_of(shape.of, f"{path}[]", seen)
    for key, case in cases_of(shape):
        below = f"{path}.{key.name}" + (f"<{case}>" if case else "")
        yield Found(below, key, case)
        if key.standing not in (Standing.REFUSED, Standing.MEANINGLESS):
            yield from keys_of(key.shape, below, seen)


def cases_of(shape: Shape) -> Iterator[tuple[Key, str]]:
    """The keys of a mapping; its ``spec`` once for each type."""
    if isinstance(shape, Fields | Wrapped):
        yield from ((key, "") for key in shape.keys)
    if isinstance(shape, Tagged):
        yield from ((key, "") for key in (TYPE, *shape.keys))
        yield from ((Key("spec", case), name) for name, case in alike(shape) if case.keys)


def alike(shape: Tagged) -> Iterator[tuple[str, Fields]]:
    """The cases, those of one shape together: all kinds of git are alike."""
    for case in dict.fromkeys(map(id, shape.cases.values())):
        names = [name for name, one in shape.cases.items() if id(one) == case]
        yield ", ".join(names), shape.cases[names[0]]


TYPE = Key("type", Scalar("a type"), required=True)


def used(value: Any, shape: Shape, path: str) -> Iterator[str]:
    """The paths of the keys that stand in a value, as ``keys_of`` has them."""
    if isinstance(shape, Later):
        shape = shape.shape()
    path = SAME.get(id(shape), path)
    if isinstance(shape, Items) and isinstance(value, list):
        for one in value:
            yield from used(one, shape.of, f"{path}[]")
    if not isinstance(value, Mapping):
        return
    for key, case in cases_of(shape):
        if key.name in value and (not case or value.get("type") in case.split(", ")):
            below = f"{path}.{key.name}" + (f"<{case}>" if case else "")
            yield below
            yield from used(value[key.name], key.shape, below)


def expected(shape: Shape) -> str:
    """What stands there, for a table."""
    if isinstance(shape, Scalar):
        return shape.expected
    if isinstance(shape, Items):
        inner = expected(shape.of)
        return f"list of {inner}" if isinstance(shape.of, Scalar) else "list"
    if isinstance(shape, Later):
        return expected(shape.shape())
    if isinstance(shape, Words):
        return "keys with texts"
    return shape.expected if isinstance(shape, Free) else "mapping"
