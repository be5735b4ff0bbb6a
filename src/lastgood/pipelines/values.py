"""Values files: read, their expressions evaluated scalar by scalar, merged as Helm merges them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lastgood.errors import SettingError
from lastgood.model.source import File
from lastgood.parsing import parse
from lastgood.pipelines.expressions import Scope, has_expression
from lastgood.pipelines.spots import Spot, Steps


@dataclass(frozen=True, slots=True)
class ValuesFile:
    """A values file as it is written: expressions are still expressions. ``layer`` is whose it is."""

    file: File
    tree: Mapping[str, Any]
    layer: str = ""

    def leaves(self) -> Iterator[tuple[Steps, Any]]:
        """Every value that is neither a mapping nor a list."""
        yield from _leaves(self.tree, ())

    def with_leaf(self, steps: Steps, value: str) -> ValuesFile:
        """The same file with another value in one place."""
        return replace(self, tree=_replaced(self.tree, steps, value))


def read_values(file: File, *, layer: str = "") -> ValuesFile:
    """The values of one file. Raises ``ManifestError`` for what is no YAML, ``SettingError`` for what is no mapping."""
    documents = [one for one in parse(file.text, file.name) if one.value is not None]
    if len(documents) > 1 or not all(isinstance(one.value, dict) for one in documents):
        raise SettingError(f"{file.name}: a values file holds one mapping")
    return ValuesFile(file, documents[0].value if documents else {}, layer)


def merged(files: Iterable[ValuesFile], scope: Scope) -> dict[str, Any]:
    """All values, evaluated; later files win. Mappings are merged, lists replaced, and null takes a key away.

    What an expression stands for is a string, and stays one.
    """
    values: dict[str, Any] = {}
    for one in files:
        values = _merge(values, _evaluated(one.tree, Spot(one.file), scope))
    return values


@dataclass(frozen=True, slots=True)
class Told:
    """Where a value that templates see was written, and where those that it lies over."""

    steps: Steps
    value: Any
    spot: Spot
    layer: str = ""
    over: tuple[Spot, ...] = ()

    def __str__(self) -> str:
        whose = f" ({self.layer})" if self.layer else ""
        under = f", over {', '.join(one.place for one in self.over)}" if self.over else ""
        return f"{self.spot.key} = {json.dumps(self.value)} from {self.spot.place}{whose}{under}"


def told(files: Iterable[ValuesFile], scope: Scope) -> tuple[Told, ...]:
    """Every value that is left when all are merged, with where it comes from; sorted by key."""
    found: dict[Steps, Told] = {}
    within: set[Steps] = set()
    for one in files:
        for steps, value in _ends(_evaluated(one.tree, Spot(one.file), scope), ()):
            lost = tuple(_covered(steps, found, within))
            over = tuple(spot for known in lost for spot in (*found[known].over, found[known].spot))
            for known in lost:
                del found[known]
            if value is not None:
                found[steps] = Told(steps, value, Spot(one.file, steps), one.layer, over)
                within.update(_above(steps))
    return tuple(sorted(found.values(), key=lambda one: tuple(map(str, one.steps))))


def _covered(steps: Steps, found: Mapping[Steps, Told], within: set[Steps]) -> Iterator[Steps]:
    """What a value takes the place of: the one of the same key, one where it needs a mapping, all in a mapping."""
    yield from (one for one in (*_above(steps), steps) if one in found)
    if steps in within:
        yield from (one for one in found if len(one) > len(steps) and one[: len(steps)] == steps)


def _above(steps: Steps) -> Iterator[Steps]:
    return (steps[:end] for end in range(len(steps)))


def _ends(value: Any, steps: Steps) -> Iterator[tuple[Steps, Any]]:
    """What is merged as a whole: every value that is no mapping, and empty mappings."""
    if isinstance(value, Mapping) and value:
        for key, one in value.items():
            yield from _ends(one, (*steps, key))
    else:
        yield steps, value


def _evaluated(value: Any, spot: Spot, scope: Scope) -> Any:
    if isinstance(value, Mapping):
        return {scope.evaluate(key, spot.at(key)): _evaluated(one, spot.at(key), scope) for key, one in value.items()}
    if isinstance(value, list):
        return [_evaluated(one, spot.at(place), scope) for place, one in enumerate(value)]
    return scope.evaluate(value, spot) if isinstance(value, str) and has_expression(value) else value


def _merge(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(under)
    for key, value in over.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, Mapping):
            below = result.get(key)
            result[key] = _merge(below if isinstance(below, Mapping) else {}, value)
        else:
            result[key] = value
    return result


def _leaves(value: Any, steps: Steps) -> Iterator[tuple[Steps, Any]]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _leaves(one, (*steps, key))
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from _leaves(one, (*steps, place))
    else:
        yield steps, value


def _replaced(value: Any, steps: Steps, new: str) -> Any:
    if not steps:
        return new
    step, rest = steps[0], steps[1:]
    if isinstance(value, Mapping):
        return {key: _replaced(one, rest, new) if key == step else one for key, one in value.items()}
    return [_replaced(one, rest, new) if place == step else one for place, one in enumerate(value)]
