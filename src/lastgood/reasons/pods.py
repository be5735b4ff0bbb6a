"""Why a pod is not ready, read from its status and from what its events say. Pure.

https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from lastgood.model.health import Cause, Observation, Young, condition, condition_is
from lastgood.model.reading import items, text
from lastgood.model.resource import Body, ref_of
from lastgood.reasons.containers import Container, container_causes, containers, restarted
from lastgood.reasons.events import by_time, newest
from lastgood.reasons.makers import written_at
from lastgood.reasons.scheduling import lacks_claim, unplaced
from lastgood.reasons.table import cause, rule_of, worst_first

UNPROBED = 5.0
"""Seconds that a pod without a readiness probe has to stay ready before it counts."""

RESTARTED = 10.0
"""The same for one that has crashed before; as long as the kubelet makes it wait after its second crash."""

HASH_LABEL = "pod-template-hash"
"""What the Deployment controller adds to the labels of its ReplicaSets' templates."""


def is_terminating(body: Mapping[str, Any]) -> bool:
    """Whether it is being deleted."""
    return bool((body.get("metadata") or {}).get("deletionTimestamp"))


def is_ready(pod: Body) -> bool:
    """Whether its Ready condition says so; a pod that is being deleted does not count any more."""
    return condition_is(pod, "Ready", "True") and not is_terminating(pod)


def young_pods(maker: Body, pods: Iterable[Body]) -> tuple[Young, ...]:
    """Ready pods that started since our last write of their maker and that no probe vouches for.

    A container without a readiness probe counts as ready the moment it runs, and after each crash again.
    """
    since, patience = written_at(maker), float((maker.get("spec") or {}).get("minReadySeconds") or 0)
    return tuple(
        _young(pod, one)
        for pod in pods
        if is_ready(pod)
        for one in containers(pod, ())
        if not one.starts_first and _probation(one) > patience and _has_started_since(pod, one, since)
    )


def _young(pod: Body, one: Container) -> Young:
    restarts = one.status.get("restartCount", 0)
    key = f"{pod['metadata'].get('uid')}/{one.name}/{restarts}"
    return Young(key, _probation(one), restarted(one) if restarts else None)


def _probation(one: Container) -> float:
    if one.status.get("restartCount"):
        return RESTARTED
    return 0.0 if one.spec.get("readinessProbe") else UNPROBED


def _has_started_since(pod: Body, one: Container, since: datetime | None) -> bool:
    """The pod's own time is the API server's, as that of the write is; a container's is its node's."""
    made = pod["metadata"].get("creationTimestamp")
    if since is None or (made and datetime.fromisoformat(made) >= since):
        return True
    started = (one.state("running") or {}).get("startedAt")
    return not started or datetime.fromisoformat(started) >= since


def causes_of(pods: Iterable[Body], observation: Observation) -> tuple[Cause, ...]:
    """Why these pods are not ready, with what their events say; the worst first, the same words once."""
    alive = (pod for pod in pods if not is_terminating(pod))
    found = (pod_causes(pod, observation.of(pod["metadata"].get("uid", ""), "Event")) for pod in alive)
    return worst_first(tuple(one for causes in found for one in causes))


def pod_causes(pod: Body, events: Iterable[Body] = ()) -> tuple[Cause, ...]:
    """Why a pod is not ready, the worst first; nothing when it is ready or has done its work."""
    phase = (pod.get("status") or {}).get("phase")
    if is_terminating(pod):
        return (cause("Terminating", source=ref_of(pod)),)
    if phase == "Succeeded" or is_ready(pod):
        return ()
    if phase == "Failed":
        return (_failed(pod),)
    told = by_time(events)
    return worst_first((*_of_the_pod(pod, told), *container_causes(pod, told)))


def _failed(pod: Body) -> Cause:
    status, moved = pod.get("status") or {}, condition(pod, "DisruptionTarget") or {}
    if status.get("reason"):  # evicted, or refused by its node: whoever made it makes another
        reason = "Evicted" if status["reason"] == "Evicted" else "PodEnded"
        return cause(reason, detail=str(status.get("message") or status["reason"]), source=ref_of(pod))
    if moved.get("status") == "True":
        return cause("PodEnded", detail=str(moved.get("message") or moved.get("reason") or ""), source=ref_of(pod))
    ended = [one for one in containers(pod, ()) if one.last_end.get("exitCode")]
    words = "; ".join(f"{one.who} ended with {one.how_it_ended}" for one in ended)
    return cause("PodFailed", detail=words, source=ref_of(pod), container=ended[0].name if ended else "")


def _of_the_pod(pod: Body, events: tuple[Body, ...]) -> Iterator[Cause]:
    placed = condition(pod, "PodScheduled") or {}
    if placed.get("status") == "False":
        yield _unplaced(pod, str(placed.get("reason") or "Unschedulable"), str(placed.get("message") or ""))
    elif not placed and not (pod.get("spec") or {}).get("nodeName"):
        told = newest(events, {"FailedScheduling", "Scheduled"})
        if told and told.get("reason") == "FailedScheduling":
            yield _unplaced(pod, "Unschedulable", str(told.get("message") or ""))
    yield from _beside_its_containers(pod)


def _unplaced(pod: Body, reason: str, message: str) -> Cause:
    """Nodes may come. A claim that is not there comes from whoever should have made it, as a ConfigMap does."""
    found = cause(reason, detail=unplaced(message, pod.get("spec") or {}), source=ref_of(pod))
    like = rule_of("FailedMount")
    return replace(found, hopeless=True, grace=like.grace, patience=like.patience) if lacks_claim(message) else found


def _beside_its_containers(pod: Body) -> Iterator[Cause]:
    """Why a pod is not ready whose containers all are: its gates, or a node that went silent.

    ``MarkPodsNotReady`` in
    https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/util/node/controller_utils.go
    """
    if not condition_is(pod, "ContainersReady", "True"):
        return
    gates = [text(gate, "conditionType") for gate in items(pod, "spec", "readinessGates")]
    closed = [gate for gate in gates if not condition_is(pod, gate, "True")]
    for gate in closed:
        yield cause("Unhealthy", detail=f"its readiness gate {gate} is not passed", source=ref_of(pod))
    if not closed and condition_is(pod, "Ready", "False"):
        node = str((pod.get("spec") or {}).get("nodeName") or "its node")
        yield cause("NodeNotReady", detail=node, source=ref_of(pod))


def kept_template(controller_revision: Body) -> Body:
    """The pod template that a ControllerRevision keeps: it is a patch that replaces the present one."""
    template = ((controller_revision.get("data") or {}).get("spec") or {}).get("template") or {}
    return {key: value for key, value in template.items() if key != "$patch"}


def same_template(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two pod templates make the same pods: as the controllers compare them, leaving their own label out."""
    return _comparable(one) == _comparable(other)


def plain_template(template: Mapping[str, Any]) -> dict[str, Any]:
    """A pod template as it is compared: what the server writes as null is not there."""
    metadata = {key: value for key, value in (template.get("metadata") or {}).items() if value is not None}
    return {**template, "metadata": metadata}


def _comparable(template: Mapping[str, Any]) -> dict[str, Any]:
    plain = plain_template(template)
    labels = {key: value for key, value in (plain["metadata"].get("labels") or {}).items() if key != HASH_LABEL}
    return {**plain, "metadata": plain["metadata"] | {"labels": labels}}
