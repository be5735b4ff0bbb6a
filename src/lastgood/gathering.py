"""The evidence of a failure, taken before it is undone: states, last words, events. Never fails, never takes long."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Iterable, Mapping
from typing import Any

from lastgood.diffing import MASK
from lastgood.errors import LastgoodError
from lastgood.model.evidence import ContainerEvidence, EventLine, Evidence, PodEvidence
from lastgood.model.health import Observation, Verdict, condition_is
from lastgood.model.resource import Body, Ref, Resource, ref_of
from lastgood.ports import Cluster

PODS = 3  # of each failed resource
EVENTS = 20
LINES = 20
LOG_BYTES = 4096
MESSAGE_BYTES = 1024
WITHIN = 2.0
SHORTEST_SECRET = 4  # a shorter value would mask half of every log

STATUSES = ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses")


async def gather(
    cluster: Cluster, verdict: Verdict, observation: Observation, resources: Iterable[Resource]
) -> Evidence:
    """What can be had of the resources that failed within two seconds; what could not be is noted."""
    failed = [observation.bodies[one.ref] for one in verdict.failures if one.ref in observation.bodies]
    pods = [pod for body in failed for pod in _worst_pods(body, observation)]
    secrets = _secret_values(resources)
    logs, notes = await _logs(cluster, pods)
    return Evidence(
        pods=tuple(_pod_evidence(pod, logs, secrets) for pod in pods),
        events=tuple(_events(failed, pods, observation, secrets)),
        notes=tuple(notes),
    )


def _worst_pods(body: Body, observation: Observation) -> list[Body]:
    if body.get("kind") == "Pod":
        return [body]
    pods = observation.of(body["metadata"].get("uid", ""), "Pod")
    broken = [pod for pod in pods if not condition_is(pod, "Ready", "True")]
    return sorted(broken, key=_age, reverse=True)[:PODS]


def _age(pod: Body) -> str:
    return str(pod["metadata"].get("creationTimestamp", ""))


LogKey = tuple[Ref, str]


async def _logs(cluster: Cluster, pods: list[Body]) -> tuple[dict[LogKey, str], list[str]]:
    wanted = [(ref_of(pod), status) for pod in pods for status in _statuses(pod) if _has_run(status)]
    tasks = {(ref, status["name"]): asyncio.ensure_future(_log(cluster, ref, status)) for ref, status in wanted}
    if not tasks:
        return {}, []
    done, late = await asyncio.wait(tasks.values(), timeout=WITHIN)
    for task in late:
        task.cancel()
    notes = [f"the log of {ref.name}/{name} took too long" for (ref, name), task in tasks.items() if task in late]
    return {key: task.result() for key, task in tasks.items() if task in done}, notes


async def _log(cluster: Cluster, pod: Ref, status: Mapping[str, Any]) -> str:
    """The container's last lines: the previous instance's when it crashed and was started again."""
    previous = bool(status.get("restartCount")) and "terminated" not in (status.get("state") or {})
    for instance in (previous, False) if previous else (False,):
        try:
            return (await cluster.logs(pod, status["name"], previous=instance, lines=LINES))[-LOG_BYTES:]
        except LastgoodError:
            continue
    return ""


def _has_run(status: Mapping[str, Any]) -> bool:
    state, last = status.get("state") or {}, status.get("lastState") or {}
    return bool("running" in state or "terminated" in state or "terminated" in last)


def _statuses(pod: Body) -> list[dict[str, Any]]:
    return [one for field in STATUSES for one in (pod.get("status") or {}).get(field) or ()]


def _pod_evidence(pod: Body, logs: Mapping[LogKey, str], secrets: tuple[str, ...]) -> PodEvidence:
    ref = ref_of(pod)
    containers = (_container(one, logs.get((ref, one["name"]), ""), secrets) for one in _statuses(pod))
    return PodEvidence(ref, str((pod.get("status") or {}).get("phase", "")), tuple(containers))


def _container(status: Mapping[str, Any], log: str, secrets: tuple[str, ...]) -> ContainerEvidence:
    name, state = _telling_state(status)
    return ContainerEvidence(
        name=status["name"],
        image=status.get("image", ""),
        state=name,
        reason=state.get("reason", ""),
        message=masked(str(state.get("message", ""))[:MESSAGE_BYTES], secrets),
        exit_code=state.get("exitCode"),
        restarts=int(status.get("restartCount") or 0),
        logs=masked(log, secrets),
    )


def _telling_state(status: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The state that says most: how it last ended, unless it is waiting for something it never had."""
    state, last = status.get("state") or {}, status.get("lastState") or {}
    if "terminated" in last and "terminated" not in state:
        return "terminated", last["terminated"]
    return next(((name, inner or {}) for name, inner in state.items()), ("unknown", {}))


def _events(
    failed: list[Body], pods: list[Body], observation: Observation, secrets: tuple[str, ...]
) -> list[EventLine]:
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
    return [_event_line(event, secrets) for event in warnings_first[:EVENTS]]


def _event_line(event: Body, secrets: tuple[str, ...]) -> EventLine:
    about = event.get("involvedObject") or {}
    group, _, version = str(about.get("apiVersion", "")).rpartition("/")
    ref = Ref(group, about.get("kind", ""), about.get("namespace", ""), about.get("name", ""), version)
    message = masked(str(event.get("message", ""))[:MESSAGE_BYTES], secrets)
    count = int(event.get("count") or (event.get("series") or {}).get("count") or 1)
    return EventLine(ref, event.get("type", ""), event.get("reason", ""), message, count, _when(event))


def _when(event: Body) -> str:
    return str(event.get("lastTimestamp") or event.get("eventTime") or event["metadata"].get("creationTimestamp") or "")


def masked(text: str, secrets: tuple[str, ...]) -> str:
    """The text without any value of a Secret."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    return text


def _secret_values(resources: Iterable[Resource]) -> tuple[str, ...]:
    encoded = (
        value
        for resource in resources
        if resource.ref.kind == "Secret"
        for value in (resource.body.get("data") or {}).values()
    )
    values = {text for one in encoded for text in (str(one), _decoded(one)) if len(text) >= SHORTEST_SECRET}
    return tuple(sorted(values, key=len, reverse=True))


def _decoded(value: Any) -> str:
    try:
        return base64.b64decode(value).decode().strip()
    except (binascii.Error, UnicodeDecodeError, TypeError, ValueError):
        return ""
