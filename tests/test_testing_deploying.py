"""A deployer in memory deploys as the real one does, in a namespace and with its history."""

from __future__ import annotations

from lastgood.model.event import Event, Proved
from lastgood.model.request import Request
from lastgood.model.resource import Ref, Resource
from lastgood.testing import FakeClock, MemoryCluster, memory_deployer

CONFIG = Resource({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "app"}, "data": {"LEVEL": "info"}})


def test_what_one_run_deploys_the_next_one_finds() -> None:
    clock, told = FakeClock(), list[Event]()
    cluster = MemoryCluster(clock)
    cluster.add_namespace("shops")
    first = memory_deployer(cluster, namespace="shops", tell=told.append)
    release = clock.run(first.deploy(Request("shop", first.namespace, (CONFIG,))))
    assert ("shops", 1) == (release.namespace, release.number)
    assert cluster.live(Ref("", "ConfigMap", "shops", "app")) is not None
    assert [True] == [event.proof.holds for event in told if isinstance(event, Proved)]
    second = memory_deployer(cluster, namespace="shops")
    assert clock.run(second.verify("shop")).holds
