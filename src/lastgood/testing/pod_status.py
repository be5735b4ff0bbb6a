"""The status of a pod, composed of how its containers are. Pure.

https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from lastgood.model.resource import Body
from lastgood.testing.containers import Container


def conditions(before: Body, wanted: Iterable[dict[str, Any]], now: str) -> list[Body]:
    """These conditions; one that says what it said keeps its time."""
    old = {one["type"]: one for one in before.get("conditions") or ()}
    return [_timed(old.get(one["type"]), one, now) for one in wanted]


def _timed(old: Body | None, new: Body, now: str) -> Body:
    same = old is not None and old["status"] == new["status"]
    return {**new, "lastTransitionTime": old["lastTransitionTime"] if same and old else now}


def pending(pod: Body, problem: str, now: str) -> Body:
    """Of a pod that has no node; ``problem`` is what the scheduler says, if it has tried."""
    scheduled = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": problem}
    return {"phase": "Pending", "conditions": conditions(pod["status"], [scheduled], now), "qosClass": "BestEffort"}


def composed(
    pod: Body, inits: Sequence[Container], mains: Sequence[Container], now: str, *, mounted: bool = True
) -> Body:
    """Of a pod on a node; ``mounted`` says that its volumes are."""
    phase = _phase(pod, inits, mains)
    done = {"Succeeded": "PodCompleted", "Failed": "PodFailed"}.get(phase, "")
    unready = _named("unready", [one for one in mains if not one.ready])
    unfinished = _named("incomplete", [one for one in inits if not _is_through(one)])
    wanted = [
        {"type": "PodReadyToStartContainers", "status": str(mounted and not done)},
        _condition("Initialized", missing="" if done else unfinished),
        _condition("Ready", missing=unready, done=done),
        _condition("ContainersReady", missing=unready, done=done),
        {"type": "PodScheduled", "status": "True"},
    ]
    status: Body = {
        "phase": phase,
        "conditions": conditions(pod["status"], wanted, now),
        "containerStatuses": [_container(one, ready=one.ready) for one in mains],
        "hostIP": "10.0.0.1",
        "podIP": _address(pod),
        "podIPs": [{"ip": _address(pod)}],
        "qosClass": "BestEffort",
        "startTime": pod["status"].get("startTime", now),
    }
    if inits:
        status["initContainerStatuses"] = [_container(one, ready=_is_through(one)) for one in inits]
    return status


def _is_through(init: Container) -> bool:
    """Whether what comes after this init container may start."""
    return init.exit_code == 0 or (init.is_sidecar and init.running)


def _named(how: str, containers: Sequence[Container]) -> str:
    names = " ".join(one.name for one in containers)
    return f"containers with {how} status: [{names}]" if names else ""


def _condition(kind: str, *, missing: str, done: str = "") -> Body:
    """``missing`` says what the condition still lacks, ``done`` why nothing is ready any more."""
    if done:
        return {"type": kind, "status": "False", "reason": done}
    if not missing:
        return {"type": kind, "status": "True"}
    reason = "ContainersNotInitialized" if kind == "Initialized" else "ContainersNotReady"
    return {"type": kind, "status": "False", "reason": reason, "message": missing}


def _phase(pod: Body, inits: Sequence[Container], mains: Sequence[Container]) -> str:
    codes = [one.exit_code for one in mains]
    if any((one.exit_code or 0) > 0 for one in inits):
        return "Failed"
    if None not in codes:
        return "Failed" if any(codes) else "Succeeded"
    started = any(one.instance > 0 for one in mains)
    return "Running" if started or pod["status"].get("phase") == "Running" else "Pending"


def _container(one: Container, *, ready: bool) -> Body:
    status: Body = {
        "name": one.name,
        "image": one.body["image"],
        "imageID": "" if one.instance == 0 else f"{one.body['image']}@sha256:{abs(hash_text(one.body['image'])):064x}",
        "state": one.state,
        "lastState": one.last,
        "ready": ready,
        "started": one.running,
        "restartCount": one.restarts,
    }
    return status


def hash_text(text: str) -> int:
    """A number that stands for a digest; the same text gives the same one in every run."""
    number = 7
    for character in text:
        number = (number * 1_000_003 + ord(character)) % (1 << 255)
    return number


def _address(pod: Body) -> str:
    number = int(pod["metadata"]["uid"][:4], 16)
    return f"10.244.{number // 250 % 250}.{number % 250 + 2}"
