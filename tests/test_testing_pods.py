"""Pods that fail in memory against pods that fail on a real node: the same states, reasons and conditions."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any

import pytest

from lastgood.kube.cluster import KubeCluster
from lastgood.kube.config import read_config
from lastgood.kube.transport import Transport
from lastgood.model.health import Observation
from lastgood.model.plan import Guard
from lastgood.model.resource import Body, Ref, ref_of
from lastgood.ports import Cluster
from lastgood.testing import FakeClock, MemoryCluster
from tests.conftest import Lab
from tests.testing_bodies import deployment, job, workload
from tests.testing_cast import BELOW

READY = {"httpGet": {"path": "/ready", "port": 8080}, "periodSeconds": 1}
REGISTRY = "registry.lab/web"


def web(tag: str, **rest: Any) -> Body:
    spec = {"replicas": 1, **rest.pop("spec", {})}
    return deployment(f"{REGISTRY}:{tag}", spec=spec, **{"readinessProbe": READY, **rest})


VOLUME = {"volumes": [{"name": "v", "secret": {"secretName": "none"}}]}
CASES: dict[str, tuple[Body, float]] = {
    # what is applied, and after how many seconds one looks
    "good": (web("1"), 5),
    "missing": (web("missing"), 8),
    "crash": (web("crash"), 8),
    "notready": (web("notready"), 5),
    "no config": (web("1", envFrom=[{"configMapRef": {"name": "none"}}]), 6),
    "no volume": (web("1", pod=VOLUME, volumeMounts=[{"name": "v", "mountPath": "/v"}]), 5),
    "no volume that matters": (web("1", pod=VOLUME), 5),
    "too large": (web("1", resources={"requests": {"cpu": "500"}}), 4),
    "init fails": (web("1", pod={"initContainers": [{"name": "i", "image": f"{REGISTRY}:fail"}]}), 9),
    "too late": (web("notready", spec={"progressDeadlineSeconds": 2}), 7),
    "a stateful set": (workload("StatefulSet", f"{REGISTRY}:missing", spec={"replicas": 2}), 8),
    "a job that ends": (job(suspend=False), 8),
    "a job that fails": (job(f"{REGISTRY}:fail", suspend=False, backoffLimit=0), 8),
}


@pytest.mark.cluster
@pytest.mark.pods
@pytest.mark.parametrize("case", CASES)
def test_pods_and_their_owners_end_up_in_the_same_state(case: str, lab: Lab, namespace: str) -> None:
    body, seconds = CASES[case]
    placed = {**body, "metadata": {**body["metadata"], "namespace": namespace}}
    clock = FakeClock()
    cluster = MemoryCluster(clock)
    cluster.add_namespace(namespace)
    expected = _summary(clock.run(_seen(cluster, placed, seconds)), ref_of(placed))
    assert asyncio.run(_on_the_lab(lab, placed, seconds, expected)) == expected


async def _on_the_lab(lab: Lab, body: Body, seconds: float, expected: Any) -> Any:
    """As it is after so many seconds; later, where the machine is slow."""
    async with Transport(read_config(kubeconfig=str(lab.kubeconfig))) as transport:
        cluster = KubeCluster(transport)
        found = _summary(await _seen(cluster, body, seconds), ref_of(body))
        for _ in range(8):
            if found == expected:
                break
            await asyncio.sleep(2)
            found = _summary(await _look(cluster, ref_of(body)), ref_of(body))
        return found


async def _seen(cluster: Cluster, body: Body, seconds: float) -> Observation:
    await cluster.apply(body, Guard())
    await asyncio.sleep(seconds)
    return await _look(cluster, ref_of(body))


async def _look(cluster: Cluster, ref: Ref) -> Observation:
    async with cluster.observe([ref], BELOW) as observations:
        return await anext(observations)


def _summary(observation: Observation, ref: Ref) -> dict[str, Any]:
    body = observation.bodies[ref]
    pods = observation.of(body["metadata"]["uid"], "Pod")
    status = {key: value for key, value in body["status"].items() if isinstance(value, int)}
    return {
        "counts": status,
        "conditions": _conditions(body, with_true=True),
        "pods": sorted((_pod(pod) for pod in pods), key=str),
    }


def _conditions(body: Body, *, with_true: bool) -> list[tuple[str, str, str]]:
    found: Collection[Body] = body["status"].get("conditions", ())
    said = [(one["type"], one["status"], one.get("reason", "")) for one in found]
    return sorted(one for one in said if with_true or one[1] != "True")


def _pod(pod: Body) -> dict[str, Any]:
    status = pod["status"]
    containers = [*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())]
    return {
        "phase": status["phase"],
        "conditions": _conditions(pod, with_true=False),
        "containers": [
            (one["name"], _state(one["state"]), _state(one["lastState"]), one["ready"]) for one in containers
        ],
    }


def _state(state: Body) -> tuple[Any, ...]:
    """What a container is doing; a failing pull says now the one, now the other reason."""
    for name, inside in state.items():
        reason = inside.get("reason", "").replace("ErrImagePull", "ImagePullBackOff")
        return (name, reason, inside.get("exitCode"))
    return ()
