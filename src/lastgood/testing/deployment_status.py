"""The status of a Deployment, and its conditions. Pure.

The rules are the deployment controller's, stale conditions included: a deadline that was once exceeded stays on record
until something moves. https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/deployment/progress.go
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lastgood.model.health import condition
from lastgood.model.resource import Body
from lastgood.testing.times import parsed, stamp
from lastgood.testing.workloads import resolve

NO_DEADLINE = 2_147_483_647
AVAILABLE, PROGRESSING, FAILURE = "Available", "Progressing", "ReplicaFailure"


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many pods a rolling update may have too many and too few."""

    surge: int
    unavailable: int


def bounds(spec: Body) -> Bounds:
    """From the strategy. https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-surge"""
    rolling = (spec.get("strategy") or {}).get("rollingUpdate") or {}
    surge = resolve(rolling.get("maxSurge", 0), spec["replicas"], up=True)
    unavailable = resolve(rolling.get("maxUnavailable", 0), spec["replicas"], up=False)
    return Bounds(surge, 1 if surge == 0 and unavailable == 0 else unavailable)


def counted(deployment: Body, new: Body | None, everything: Sequence[Body]) -> Body:
    """How many pods there are of which sort."""
    wanted = sum(one["spec"]["replicas"] for one in everything)
    available = _sum(everything, "availableReplicas")
    return {
        "observedGeneration": deployment["metadata"]["generation"],
        "replicas": _sum(everything, "replicas"),
        "updatedReplicas": _sum([new] if new else [], "replicas"),
        "readyReplicas": _sum(everything, "readyReplicas"),
        "availableReplicas": available,
        "unavailableReplicas": max(0, wanted - available),
    }


def _sum(sets: Sequence[Body], name: str) -> int:
    return sum(int(one["status"].get(name, 0)) for one in sets)


def is_complete(deployment: Body, status: Body) -> bool:
    """Whether every pod is of the new revision and available, and none of the old is left."""
    wanted = deployment["spec"]["replicas"]
    return all(status.get(name, 0) == wanted for name in ("updatedReplicas", "replicas", "availableReplicas"))


def judged(deployment: Body, counts: Body, new: Body | None, everything: Sequence[Body], now: datetime) -> list[Body]:
    """The conditions, from the counts of pods and from the conditions before."""
    found = {one["type"]: one for one in deployment["status"].get("conditions") or ()}
    _set(found, _availability(deployment, counts), now)
    _progress(found, deployment, counts, new, now)
    failure = next((one for each in everything if (one := condition(each, FAILURE))), None)
    found.pop(FAILURE, None)
    if failure is not None:
        _set(found, {name: failure[name] for name in ("type", "status", "reason", "message")}, now)
    return list(found.values())


def _availability(deployment: Body, counts: Body) -> Body:
    least = deployment["spec"]["replicas"] - bounds(deployment["spec"]).unavailable
    if counts["availableReplicas"] >= least:
        message = "Deployment has minimum availability."
        return _condition(AVAILABLE, "True", "MinimumReplicasAvailable", message)
    message = "Deployment does not have minimum availability."
    return _condition(AVAILABLE, "False", "MinimumReplicasUnavailable", message)


def _progress(found: dict[str, Body], deployment: Body, counts: Body, new: Body | None, now: datetime) -> None:
    current = found.get(PROGRESSING)
    done = counts["replicas"] == counts["updatedReplicas"]
    settled = done and current is not None and current["reason"] == "NewReplicaSetAvailable"
    if deployment["spec"].get("progressDeadlineSeconds", NO_DEADLINE) == NO_DEADLINE or settled:
        return
    what = f'ReplicaSet "{new["metadata"]["name"]}"' if new else f'Deployment "{deployment["metadata"]["name"]}"'
    if is_complete(deployment, counts):
        message = f"{what} has successfully progressed."
        _set(found, _condition(PROGRESSING, "True", "NewReplicaSetAvailable", message), now)
    elif _moved(deployment["status"], counts):
        _refresh(found, _condition(PROGRESSING, "True", "ReplicaSetUpdated", f"{what} is progressing."), now)
    elif _timed_out(deployment, now):
        message = f"{what} has timed out progressing."
        _set(found, _condition(PROGRESSING, "False", "ProgressDeadlineExceeded", message), now)


def _moved(before: Body, counts: Body) -> bool:
    """Whether anything got nearer to the end since the last status."""
    old = before.get("replicas", 0) - before.get("updatedReplicas", 0)
    more = any(counts[name] > before.get(name, 0) for name in ("updatedReplicas", "readyReplicas", "availableReplicas"))
    return more or counts["replicas"] - counts["updatedReplicas"] < old


def _timed_out(deployment: Body, now: datetime) -> bool:
    late = deadline(deployment)
    return late is not None and late < now


def deadline(deployment: Body) -> datetime | None:
    """When the present progress will have taken too long; None if there is none, or it has already."""
    current = condition(deployment, PROGRESSING)
    if current is None or current["reason"] in ("NewReplicaSetAvailable", "ProgressDeadlineExceeded"):
        return None
    return parsed(current["lastUpdateTime"]) + timedelta(seconds=deployment["spec"]["progressDeadlineSeconds"])


def progressing(deployment: Body, reason: str, message: str, now: datetime) -> list[Body]:
    """The conditions with this word of progress."""
    found = {one["type"]: one for one in deployment["status"].get("conditions") or ()}
    _refresh(found, _condition(PROGRESSING, "True", reason, message), now)
    return list(found.values())


def _condition(kind: str, status: str, reason: str, message: str) -> Body:
    return {"type": kind, "status": status, "reason": reason, "message": message}


def _set(found: dict[str, Body], new: dict[str, Any], now: datetime) -> None:
    old = found.get(new["type"])
    if old is not None and (old["status"], old["reason"]) == (new["status"], new["reason"]):
        return
    _refresh(found, new, now)


def _refresh(found: dict[str, Body], new: dict[str, Any], now: datetime) -> None:
    old = found.pop(new["type"], None)
    since = old["lastTransitionTime"] if old and old["status"] == new["status"] else stamp(now)
    found[new["type"]] = {**new, "lastUpdateTime": stamp(now), "lastTransitionTime": since}
