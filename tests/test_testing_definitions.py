"""Definitions of kinds in memory: what they make, and what goes with them."""

from __future__ import annotations

import pytest

from lastgood.errors import NotFound
from lastgood.model.plan import Guard
from lastgood.model.resource import Body, GroupKind, Ref, ref_of
from tests.testing_cast import World, placed

SCHEMA = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "properties": {
                "size": {"type": "integer", "default": 3},
                "parts": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["id"]},
            },
        }
    },
}


def definition(*versions: str) -> Body:
    served = [
        {"name": name, "served": True, "storage": index == 0, "schema": {"openAPIV3Schema": SCHEMA}}
        for index, name in enumerate(versions)
    ]
    names = {"plural": "things", "kind": "Thing"}
    spec = {"group": "x.test", "scope": "Namespaced", "names": names, "versions": served}
    kind = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
    return kind | {"metadata": {"name": "things.x.test"}, "spec": spec}


def test_a_definition_makes_its_kind_a_moment_after_it_is_applied() -> None:
    world = World()
    world.apply(definition("v1"))
    with pytest.raises(NotFound):
        world.apply(placed("x.test/v1", "Thing", "t"))
    world.pass_time(1)
    live = world.apply(placed("x.test/v1", "Thing", "t", spec={"parts": [{"id": "a", "n": 1}, {"id": "b"}]}))
    assert (live["spec"]["size"], live["metadata"]["generation"]) == (3, 1)
    live = world.apply(placed("x.test/v1", "Thing", "t", spec={"parts": [{"id": "a", "n": 2}]}))
    assert (live["spec"]["parts"], live["metadata"]["generation"]) == ([{"id": "a", "n": 2}], 2)


def test_a_custom_resource_is_read_in_the_version_that_is_asked_for() -> None:
    world, ref = World(), Ref("x.test", "Thing", "default", "t", "v2")
    world.apply(definition("v1", "v2"))
    world.pass_time(1)
    world.apply(placed("x.test/v1", "Thing", "t"))
    assert world.run(world.cluster.read([ref]))[ref]["apiVersion"] == "x.test/v2"


def test_when_a_definition_goes_so_do_its_resources() -> None:
    world, ref = World(), Ref("x.test", "Thing", "default", "t", "v1")
    live = world.apply(definition("v1"))
    world.pass_time(1)
    world.apply(placed("x.test/v1", "Thing", "t"))
    world.run(world.cluster.delete(ref_of(live), Guard(live["metadata"]["uid"]), propagation="Background"))
    assert GroupKind("x.test", "Thing") not in world.run(world.cluster.served())
    assert world.run(world.cluster.read([ref])) == {}
