"""Bodies, and a cluster in memory with its clock, for the tests of ``lastgood.testing``."""

from __future__ import annotations

import copy
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from lastgood.model.plan import Guard
from lastgood.model.resource import Body, GroupKind, Ref, ref_of
from lastgood.testing import FakeClock, MemoryCluster

T = TypeVar("T")

DEPLOYMENT, STATEFUL_SET = GroupKind("apps", "Deployment"), GroupKind("apps", "StatefulSet")
DAEMON_SET, JOB = GroupKind("apps", "DaemonSet"), GroupKind("batch", "Job")
REPLICA_SET, REVISION = GroupKind("apps", "ReplicaSet"), GroupKind("apps", "ControllerRevision")
POD, EVENT = GroupKind("", "Pod"), GroupKind("", "Event")
BELOW = dict.fromkeys((DEPLOYMENT, STATEFUL_SET, DAEMON_SET, JOB), (REPLICA_SET, REVISION, POD, EVENT))
PROBE = {"httpGet": {"path": "/ready", "port": 8080}, "periodSeconds": 1}


def template(image: str = "web:1", *, pod: Body | None = None, **container: Any) -> Body:
    """A pod template with the label ``app: web``."""
    spec = {"containers": [{"name": "web", "image": image, **container}], **(pod or {})}
    return {"metadata": {"labels": {"app": "web"}}, "spec": spec}


def workload(
    kind: str, image: str = "web:1", *, spec: Body | None = None, pod: Body | None = None, **container: Any
) -> Body:
    """A workload named ``web`` of the group apps."""
    wanted = {"selector": {"matchLabels": {"app": "web"}}, "template": template(image, pod=pod, **container)}
    return placed("apps/v1", kind, "web", spec=wanted | (spec or {}))


def deployment(image: str = "web:1", *, spec: Body | None = None, pod: Body | None = None, **container: Any) -> Body:
    """A Deployment named ``web``, of one replica that has to be ready."""
    return workload(
        "Deployment", image, spec={"replicas": 1} | (spec or {}), pod=pod, **({"readinessProbe": PROBE} | container)
    )


def job(image: str = "web:done", **spec: Any) -> Body:
    """A Job named ``once``."""
    pod = {"restartPolicy": "Never", "containers": [{"name": "job", "image": image}]}
    return placed("batch/v1", "Job", "once", spec={"template": {"spec": pod}, **spec})


def config(name: str = "app", **data: str) -> Body:
    """A ConfigMap."""
    return placed("v1", "ConfigMap", name, data=data)


def placed(api_version: str, kind: str, name: str, **rest: Any) -> Body:
    """A body in the namespace ``default``."""
    body = {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": "default"}, **rest}
    return copy.deepcopy(body)


@dataclass
class World:
    """A cluster in memory, and hands to work with it."""

    clock: FakeClock = field(default_factory=FakeClock)
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cluster = MemoryCluster(self.clock, **self.options)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.clock.run(work)

    async def applied(self, body: Body, *, dry_run: bool = False) -> Body:
        """Apply to whatever is live."""
        live = self.cluster.live(ref_of(body))
        return await self.cluster.apply(body, guard_of(live) if live else Guard(), dry_run=dry_run)

    def apply(self, body: Body, *, dry_run: bool = False) -> Body:
        return self.run(self.applied(body, dry_run=dry_run))

    def live(self, body: Body) -> Body:
        found = self.cluster.live(ref_of(body))
        assert found is not None
        return found

    def pass_time(self, seconds: float) -> None:
        self.run(self._pass(seconds))

    async def _pass(self, seconds: float) -> None:
        await self.cluster.served()
        await self.clock.sleep(seconds)

    def below(self, body: Body, kind: str) -> list[Body]:
        """What stands below a workload, of one kind."""
        return self.run(self._below(body, kind))

    async def _below(self, body: Body, kind: str) -> list[Body]:
        async with self.cluster.observe([ref_of(body)], BELOW) as observations:
            observation = await anext(observations)
        return list(observation.of(self.live(body)["metadata"]["uid"], kind))

    def pods(self, body: Body) -> list[Body]:
        return [pod for pod in self.below(body, "Pod") if "deletionTimestamp" not in pod["metadata"]]

    def waiting(self, body: Body) -> list[tuple[str, str]]:
        """Reason and message of every container that waits."""
        statuses = [one for pod in self.pods(body) for one in pod["status"].get("containerStatuses", ())]
        states = [one["state"]["waiting"] for one in statuses if "waiting" in one["state"]]
        return [(state["reason"], state.get("message", "")) for state in states]

    def changes(self, body: Body, seconds: float, read: Callable[[Body], T]) -> list[T]:
        """What was read of a live body over this time, without repetitions next to each other."""
        return self.run(self._changes(ref_of(body), seconds, read))

    async def _changes(self, ref: Ref, seconds: float, read: Callable[[Body], T]) -> list[T]:
        found: list[T] = []

        def heard(changed: Ref, _before: Body | None, now: Body | None) -> None:
            if changed == ref and now is not None and (not found or found[-1] != read(now)):
                found.append(read(now))

        stop = self.cluster.machinery.objects.listen(heard)
        await self._pass(seconds)
        stop()
        return found


def condition_of(body: Body, kind: str) -> tuple[str, str] | None:
    """Status and reason of a condition."""
    found = (one for one in body["status"].get("conditions", ()) if one["type"] == kind)
    return next(((one["status"], one.get("reason", "")) for one in found), None)


def owners(body: Body) -> dict[str, Any]:
    """The fields of each manager: ``{"lastgood Apply": fieldsV1}``."""
    return {f"{one['manager']} {one['operation']}": one["fieldsV1"] for one in body["metadata"]["managedFields"]}


def guard_of(body: Body) -> Guard:
    """The state that this live body is in."""
    return Guard(body["metadata"]["uid"], body["metadata"]["resourceVersion"])
