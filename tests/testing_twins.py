"""Two clusters side by side: the same steps on the lab's API server and in memory, and answers that compare."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from lastgood.errors import ClusterError, Conflict
from lastgood.kube.calls import JSON_PATCH, Call
from lastgood.kube.cluster import KubeCluster
from lastgood.kube.config import read_config
from lastgood.kube.discovery import collection_path, resource_path
from lastgood.kube.transport import Transport
from lastgood.model.patching import Style
from lastgood.model.plan import Guard
from lastgood.model.resource import Body, Ref, ref_of
from lastgood.ports import BESIDE, Cluster
from lastgood.testing import FakeClock, MemoryCluster
from lastgood.testing.patching import patch
from tests.conftest import Lab

Operations = list[dict[str, Any]]


class Side(Protocol):
    """One of the two clusters, and what others than us do to it."""

    cluster: Cluster

    async def create(self, body: Body, manager: str) -> Body: ...

    async def edit(self, ref: Ref, operations: Operations, manager: str, subresource: str) -> Body: ...


@dataclass
class Real:
    """The lab's API server."""

    transport: Transport

    def __post_init__(self) -> None:
        self.cluster: Cluster = KubeCluster(self.transport)

    async def create(self, body: Body, manager: str) -> Body:
        ref = ref_of(body)
        served = (await self.cluster.served())[ref.group_kind]
        path = collection_path(served, ref.version, ref.namespace)
        call = Call("POST", path, query={"fieldManager": manager}, body=json.dumps(body).encode(), ref=ref)
        return (await self.transport.send(call)).decode(dict[str, Any])

    async def edit(self, ref: Ref, operations: Operations, manager: str, subresource: str) -> Body:
        served = (await self.cluster.served())[ref.group_kind]
        path = resource_path(served, ref) + (f"/{subresource}" if subresource else "")
        content = json.dumps(operations).encode()
        call = Call("PATCH", path, query={"fieldManager": manager}, body=content, content_type=JSON_PATCH, ref=ref)
        await self.transport.send(call)
        return (await self.cluster.read([ref]))[ref]


@dataclass
class Memory:
    """The cluster in memory."""

    memory: MemoryCluster

    def __post_init__(self) -> None:
        self.cluster: Cluster = self.memory

    async def create(self, body: Body, manager: str) -> Body:
        return self.memory.create(body, manager=manager)

    async def edit(self, ref: Ref, operations: Operations, manager: str, subresource: str) -> Body:
        return self.memory.edit(ref, lambda body: patch(body, operations), manager=manager, subresource=subresource)


# --- steps


@dataclass
class Stage:
    """Where a case is played: a side, the case's namespace, and a name that no other case uses."""

    side: Side
    namespace: str

    def place(self, body: Body) -> Body:
        placed = copy.deepcopy(body)
        if body["kind"] != "CustomResourceDefinition":
            placed["metadata"]["namespace"] = self.namespace
        return placed

    def ref(self, body: Body) -> Ref:
        return ref_of(self.place(body))

    async def live(self, body: Body) -> Body:
        return (await self.side.cluster.read([self.ref(body)])).get(self.ref(body), {})


Step = Callable[[Stage], Awaitable[Body | None]]


def applied(body: Body, *, dry_run: bool = False, guard: Callable[[Mapping[str, Any]], Guard] | None = None) -> Step:
    """We apply, in the state that is live now or as ``guard`` makes it of the live metadata."""

    async def step(stage: Stage) -> Body:
        if guard is not None:
            wanted = guard((await stage.live(body)).get("metadata", {}))
            return await stage.side.cluster.apply(stage.place(body), wanted, dry_run=dry_run)
        for _ in range(20):  # controllers write in between
            found = (await stage.live(body)).get("metadata", {})
            right = Guard(found.get("uid", ""), found.get("resourceVersion", ""))
            try:
                return await stage.side.cluster.apply(stage.place(body), right, dry_run=dry_run)
            except Conflict:
                continue
        raise AssertionError("somebody writes all the time")

    return step


def patched(body: Body, *operations: dict[str, Any]) -> Step:
    """We send a JSON patch."""

    async def step(stage: Stage) -> Body:
        return await stage.side.cluster.patch(stage.ref(body), operations)

    return step


def merged(body: Body, changes: dict[str, Any], *, part: str = "", style: Style = Style.MERGE) -> Step:
    """A pipeline sends a merge patch, of the resource or of its scale."""

    async def step(stage: Stage) -> Body:
        return await stage.side.cluster.patch(stage.ref(body), changes, style=style, part=part, manager=BESIDE)

    return step


def created(body: Body, manager: str = "kubectl-client-side-apply") -> Step:
    """Somebody else makes it."""

    async def step(stage: Stage) -> Body:
        return await stage.side.create(stage.place(body), manager)

    return step


def edited(body: Body, *operations: dict[str, Any], manager: str = "kubectl-edit", subresource: str = "") -> Step:
    """Somebody else changes it."""

    async def step(stage: Stage) -> Body:
        return await stage.side.edit(stage.ref(body), list(operations), manager, subresource)

    return step


def labelled(body: Body, **labels: str | None) -> Step:
    """Labels are set by another manager of ours."""

    async def step(stage: Stage) -> Body | None:
        return await stage.side.cluster.label(stage.ref(body), labels, manager="lastgood-fence")

    return step


def deleted(body: Body) -> Step:
    """We delete it; the answer is what is left."""

    async def step(stage: Stage) -> Body:
        uid = (await stage.live(body))["metadata"]["uid"]
        await stage.side.cluster.delete(stage.ref(body), Guard(uid), propagation="Background")
        return await stage.live(body)

    return step


async def settled(stage: Stage) -> None:
    """A definition gets its kind served; that takes a moment."""
    await asyncio.sleep(1)
    stage.side.cluster.forget_kinds()


SOME_UID = "eb1167b3-67a9-4378-bc65-c1e582e2e662"


def absent(_live: Mapping[str, Any]) -> Guard:
    """It must not be there."""
    return Guard()


def stale(live: Mapping[str, Any]) -> Guard:
    """As it was once."""
    return Guard(live.get("uid", SOME_UID), "1")


def other(live: Mapping[str, Any]) -> Guard:
    """Another of the same name."""
    return Guard(SOME_UID, live.get("resourceVersion", "5"))


def whatever(live: Mapping[str, Any]) -> Guard:
    """The same, in any state."""
    return Guard(live.get("uid", SOME_UID))


# --- playing


def on_the_lab(steps: list[Step], lab: Lab, namespace: str) -> list[Body | str | None]:
    """What the API server answers to each step: a body, or the name of an error."""
    return asyncio.run(_on_the_lab(steps, lab, namespace))


def in_memory(steps: list[Step], namespace: str) -> list[Body | str | None]:
    """What the cluster in memory answers."""
    clock = FakeClock()
    cluster = MemoryCluster(clock)
    cluster.add_namespace(namespace)
    return clock.run(_play(steps, Stage(Memory(cluster), namespace)))


async def _on_the_lab(steps: list[Step], lab: Lab, namespace: str) -> list[Body | str | None]:
    async with Transport(read_config(kubeconfig=str(lab.kubeconfig))) as transport:
        return await _play(steps, Stage(Real(transport), namespace))


async def _play(steps: list[Step], stage: Stage) -> list[Body | str | None]:
    answers: list[Body | str | None] = []
    for step in steps:
        try:
            answer = await step(stage)
            answers.append(_comparable(answer) if answer else None)
        except ClusterError as error:
            answers.append(type(error).__name__)
    return answers


CUSTOM = {"Thing", "Other"}
"""Kinds of the cases whose status is part of what is compared."""

CONTROLLERS = {"kube-controller-manager", "controller-manager", "kubelet", "kube-apiserver"}


def _comparable(body: Body) -> Body:
    """The body without what no two clusters have alike, and without what controllers write."""
    found = copy.deepcopy(body)
    uids = [body["metadata"]["uid"], _job_uid(body)]
    metadata = found["metadata"]
    for name in ("uid", "resourceVersion", "creationTimestamp"):
        metadata.pop(name, None)
    metadata["managedFields"] = _entries(metadata.pop("managedFields", []))
    if "deletionTimestamp" in metadata:
        metadata["deletionTimestamp"] = "then"
    _drop(metadata, "annotations", "deployment.kubernetes.io/revision")
    if found["kind"] not in CUSTOM:
        found.pop("status", None)
    if found["kind"] == "Service":
        _hide_addresses(found["spec"])
    text = json.dumps(found)
    for uid in filter(None, uids):
        text = text.replace(uid, "UID")
    whole: Body = json.loads(text)
    return whole


def _job_uid(body: Body) -> str:
    if body["kind"] != "Job":
        return ""
    return str(body["spec"]["selector"]["matchLabels"]["batch.kubernetes.io/controller-uid"])


def _entries(entries: list[Body]) -> list[Body]:
    ours = [entry for entry in entries if entry["manager"] not in CONTROLLERS]
    timeless = [{name: value for name, value in entry.items() if name != "time"} for entry in ours]
    return sorted(timeless, key=lambda entry: (entry["manager"], entry["operation"], entry.get("subresource", "")))


def _drop(metadata: Body, name: str, key: str) -> None:
    metadata.get(name, {}).pop(key, None)
    if metadata.get(name) == {}:
        del metadata[name]


def _hide_addresses(spec: Body) -> None:
    if spec.get("clusterIP", "None") != "None":
        spec |= {"clusterIP": "one", "clusterIPs": ["one"]}
    for port in spec.get("ports", ()):
        if "nodePort" in port:
            port["nodePort"] = "one"
