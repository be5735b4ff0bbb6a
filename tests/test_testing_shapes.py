"""The tables of how lists and maps merge, against the OpenAPI document of a real API server."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from lastgood.testing import FakeClock, MemoryCluster
from lastgood.testing.shapes import ATOMIC, DefinedShape, KnownShape, Merge, Rule, Shape
from tests.conftest import Lab


@pytest.mark.cluster
def test_lists_and_maps_merge_as_the_servers_own_document_says(lab: Lab) -> None:
    """For every kind that is served in memory, at every place that server-side apply walks into."""
    definitions = json.loads(lab.run_kubectl("get", "--raw", "/openapi/v2"))["definitions"]
    wrong = [found for kind in _kinds(definitions) for found in Walk(definitions, kind).differences()]
    assert wrong == []


def _kinds(definitions: Mapping[str, Any]) -> list[tuple[str, str]]:
    clock = FakeClock()
    served = clock.run(MemoryCluster(clock).served())
    wanted = {(*kind, one.versions[0]) for kind, one in served.items()}
    return [
        (name, known["kind"])
        for name, schema in definitions.items()
        for known in schema.get("x-kubernetes-group-version-kind", ())
        if (known["group"], known["kind"], known["version"]) in wanted and "metadata" in schema.get("properties", {})
    ]


@dataclass
class Walk:
    """Through the schema of one kind and through our tables, side by side."""

    definitions: Mapping[str, Any]
    kind: tuple[str, str]
    seen: set[tuple[str, Shape]] = field(default_factory=set)

    def differences(self) -> Iterator[str]:
        name, kind = self.kind
        yield from self._into(name, KnownShape(kind), kind)

    def _into(self, name: str, shape: Shape, path: str) -> Iterator[str]:
        if (name, shape) in self.seen:
            return
        self.seen.add((name, shape))
        for inside, schema in self.definitions[name].get("properties", {}).items():
            yield from self._at(schema, shape.field(inside), f"{path}.{inside}")

    def _at(self, schema: Mapping[str, Any], shape: Shape, path: str) -> Iterator[str]:
        target = _target(schema)
        if schema.get("type") == "array":
            yield from self._list(schema, shape, path)
        elif target or schema.get("type") == "object":
            whole = {**self.definitions.get(target, {}), **schema}
            if not whole.get("properties") and not whole.get("additionalProperties"):
                return  # a scalar of its own type, as a quantity or a time
            if _differs(expected := DefinedShape(whole).of_map(), shape.of_map()):
                yield f"{path}: {expected.merge}"
            elif expected != ATOMIC and target:
                yield from self._into(target, shape, path)

    def _list(self, schema: Mapping[str, Any], shape: Shape, path: str) -> Iterator[str]:
        expected, target = DefinedShape(schema).of_list(), _target(schema["items"])
        if _differs(expected, shape.of_list()):
            yield f"{path}: {expected.merge} {expected.keys}"
        elif expected.merge is Merge.BY_KEYS and target:
            item = DefinedShape(self.definitions[target]).of_map()
            if _differs(item, shape.item().of_map()):
                yield f"{path}[]: {item.merge}"
            elif item != ATOMIC:
                yield from self._into(target, shape.item(), f"{path}[]")


def _differs(expected: Rule, found: Rule) -> bool:
    return (expected.merge, expected.keys) != (found.merge, found.keys)


def _target(schema: Mapping[str, Any]) -> str:
    reference: str = schema.get("$ref", "") or next(
        (one["$ref"] for one in schema.get("allOf", ()) if "$ref" in one), ""
    )
    return reference.rpartition("/")[2]
