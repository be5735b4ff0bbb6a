"""Values files: read, their expressions evaluated scalar by scalar, merged as Helm merges them."""

from __future__ import annotations

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
    """A values file as it is written: expressions are still expressions."""

    file: File
    tree: Mapping[str, Any]

    def leaves(self) -> Iterator[tuple[Steps, Any]]:
        """Every value that is neither a mapping nor a list."""
        yield from _leaves(self.tree, ())

    def with_leaf(self, steps: Steps, value: str) -> ValuesFile:
        """The same file with another value in one place."""
        return replace(self, tree=_replaced(self.tree, steps, value))


def read_values(file: File) -> ValuesFile:
    """The values of one file. Raises ``ManifestError`` for what is no YAML, ``SettingError`` for what is no mapping."""
    documents = [one for one in parse(file.text, file.name) if one.value is not None]
    if len(documents) > 1 or not all(isinstance(one.value, dict) for one in documents):
        raise SettingError(f"{file.name}: a values file holds one mapping")
    return ValuesFile(file, documents[0].value if documents else {})


def merged(files: Iterable[ValuesFile], scope: Scope) -> dict[str, Any]:
    """All values, evaluated; later files win. Mappings are merged, lists replaced, and null takes a key away.

    What an expression stands for is a string, and stays one.
    """
    values: dict[str, Any] = {}
    for one in files:
        values = _merge(values, _evaluated(one.tree, Spot(one.file), scope))
    return values


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
