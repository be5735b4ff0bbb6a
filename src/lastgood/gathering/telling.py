"""Bodies of the cluster as what is kept of them: a few words of each, without secrets. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lastgood.gathering.reading import LogKey, statuses
from lastgood.masking import masked
from lastgood.model.evidence import ConditionLine, ContainerEvidence, EventLine, PodEvidence
from lastgood.model.health import Observation
from lastgood.model.resource import Body, Ref, ref_of

EVENTS = 50
CONDITIONS = 60
MESSAGE_CHARACTERS = 1024
OF_NODES = frozenset({"Ready", "MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable"})
"""https://kubernetes.io/docs/reference/node/node-status/#condition"""

Secrets = tuple[str, ...]
Logs = Mapping[LogKey, str]


def pod_evidence(pod: Body, logs: Logs, secrets: Secrets) -> PodEvidence:
    """A pod with the states and the last lines of its containers. ``logs`` are masked already."""
    inits = {one["name"] for one in (pod.get("status") or {}).get("initContainerStatuses") or ()}
    containers = (_container(ref_of(pod), one, logs, secrets, inits) for one in statuses(pod))
    return PodEvidence(ref_of(pod), str((pod.get("status") or {}).get("phase", "")), tuple(containers))


def _container(
    pod: Ref, status: Mapping[str, Any], logs: Logs, secrets: Secrets, inits: Iterable[str]
) -> ContainerEvidence:
    name, state = _telling_state(status)
    now, before = (logs.get(LogKey(pod, status["name"], previous), "") for previous in (False, True))
    previous = bool(before) and "terminated" not in (status.get("state") or {})
    return ContainerEvidence(
        name=status["name"],
        image=status.get("image", ""),
        state=name,
        reason=state.get("reason", ""),
        message=_short(state.get("message"), secrets),
        exit_code=state.get("exitCode"),
        restarts=int(status.get("restartCount") or 0),
        logs=before if previous else now,
        init=status["name"] in inits,
        previous=previous,
        other_logs=now if previous else before,
    )


def _telling_state(status: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The state that says most: how it last ended, unless it is waiting for something it never had."""
    state, last = status.get("state") or {}, status.get("lastState") or {}
    if "terminated" in last and "terminated" not in state:
        return "terminated", last["terminated"]
    return next(((name, inner or {}) for name, inner in state.items()), ("unknown", {}))


def event_lines(
    failed: Iterable[Body], pods: Iterable[Body], observation: Observation, secrets: Secrets
) -> tuple[EventLine, ...]:
    """Of what failed, its makers of pods and its broken pods; what happened to pods that are well says nothing."""
    broken = {pod["metadata"].get("uid") for pod in pods}
    found = {
        event["metadata"].get("uid", id(event)): event
        for body in failed
        for event in observation.of(body["metadata"].get("uid", ""), "Event")
        if (about := event.get("involvedObject") or {}).get("kind") != "Pod" or about.get("uid") in broken
    }
    telling = sorted(found.values(), key=_when, reverse=True)
    warnings_first = sorted(telling, key=lambda event: event.get("type") != "Warning")
    return tuple(_event_line(event, secrets) for event in warnings_first[:EVENTS])


def _event_line(event: Body, secrets: Secrets) -> EventLine:
    about = event.get("involvedObject") or {}
    group, _, version = str(about.get("apiVersion", "")).rpartition("/")
    ref = Ref(group, about.get("kind", ""), about.get("namespace", ""), about.get("name", ""), version)
    count = int(event.get("count") or (event.get("series") or {}).get("count") or 1)
    message = _short(event.get("message"), secrets)
    return EventLine(ref, event.get("type", ""), event.get("reason", ""), message, count, _when(event))


def _when(event: Body) -> str:
    return str(event.get("lastTimestamp") or event.get("eventTime") or event["metadata"].get("creationTimestamp") or "")


def conditions_of(bodies: Iterable[Body], nodes: Iterable[Body], secrets: Secrets) -> tuple[ConditionLine, ...]:
    """What these say of themselves, and whether their nodes are well."""
    said = [(ref_of(body), one) for body in bodies for one in _conditions(body)]
    said += [(ref_of(node), one) for node in nodes for one in _conditions(node) if one.get("type") in OF_NODES]
    lines = dict.fromkeys(_condition_line(ref, one, secrets) for ref, one in said)
    return tuple(lines)[:CONDITIONS]


def _conditions(body: Body) -> Iterator[Mapping[str, Any]]:
    status = body.get("status")
    found = status.get("conditions") if isinstance(status, Mapping) else None
    yield from (one for one in found if isinstance(one, Mapping)) if isinstance(found, list) else ()


def _condition_line(ref: Ref, one: Mapping[str, Any], secrets: Secrets) -> ConditionLine:
    kind, status, reason, at = (str(one.get(key) or "") for key in ("type", "status", "reason", "lastTransitionTime"))
    return ConditionLine(ref, kind, status, reason, _short(one.get("message"), secrets), at)


def _short(message: object, secrets: Secrets) -> str:
    return masked(str(message or ""), secrets)[:MESSAGE_CHARACTERS]
