"""StatefulSets: ready when the pods above the partition are of the update revision and all are ready.

https://github.com/kubernetes/kubectl/blob/v0.36.0/pkg/polymorphichelpers/rollout_status.go
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from lastgood.kinds.counting import all_shown, unready
from lastgood.model.health import Cause, Health, Observation, Status, StuckPod, condition, unanswered
from lastgood.model.kind import Keeper, Kind, Meaning, Rank, Transition
from lastgood.model.reading import at, count, part, text
from lastgood.model.resource import Body, GroupKind, ref_of
from lastgood.owning import stays
from lastgood.reasons import causes_of, is_ready, is_terminating, kept_template, maker_causes, worst_first, young_pods

GROUP_KIND = GroupKind("apps", "StatefulSet")
REVISION_LABEL = "controller-revision-hash"
DONE = "status.readyReplicas is spec.replicas, and status.updatedReplicas what is due"

PATIENCE = 30.0
"""Seconds for a pod that was ready before, on the revision that was complete before: it may come back by itself."""

AT_ONCE = timedelta(seconds=2)
"""A Ready condition that has not changed since the pod started says that it was never ready."""


def assess(body: Body, observation: Observation) -> Health:
    """Whether its rollout is done; if not, what its pods say, and which pods of other revisions are in the way."""
    early = unanswered(body)
    if early:
        return early
    pods = observation.of(text(body, "metadata", "uid"), "Pod")
    new = tuple(pod for pod in pods if _revision_of(pod) == _update_revision(body))
    wanted, done = max(_wanted(body) - _partition(body), 0), sum(map(is_ready, new))
    lacks = next(_lacking(body, pods, observation), None)
    if lacks is None:
        young = young_pods(body, new)
        if not all_shown(pods, _wanted(body), observation):
            done = min(wanted, count(body, "status", "updatedReplicas"))
        return Health(Status.CURRENT, _ready_words(body), done=done, wanted=wanted, young=young, rule=DONE)
    causes, stuck = _causes(body, pods, new, observation), _stuck(body, pods, observation)
    return Health(Status.IN_PROGRESS, lacks[0], causes, done=done, wanted=wanted, stuck=stuck, rule=lacks[1])


def revision(body: Body, _observation: Observation) -> str:
    """The name of the ControllerRevision that holds the live pod template."""
    return _update_revision(body)


def transitions(live: Mapping[str, Any], desired: Mapping[str, Any]) -> tuple[Transition, ...]:
    """A defaulted ``rollingUpdate`` is nobody's, so an apply leaves it, and OnDelete does not go with it."""
    wanted = (desired.get("spec") or {}).get("updateStrategy") or {}
    if wanted.get("type") != "OnDelete" or not stays(live, ("spec", "updateStrategy", "rollingUpdate")):
        return ()
    why = "an apply leaves the defaults of RollingUpdate, which OnDelete refuses"
    return (Transition("/spec/updateStrategy", wanted, why),)


def one_way(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """Claims that are deleted with their pods do not come back with what was in them."""
    before, after = _wanted(old), _wanted(new)
    policy = new["spec"].get("persistentVolumeClaimRetentionPolicy") or {}
    if after >= before or policy.get("whenScaled") != "Delete" or not new["spec"].get("volumeClaimTemplates"):
        return ()
    return (f"it goes from {before} to {after} pods, and the claims of those that go are deleted with their data",)


def _wanted(body: Mapping[str, Any]) -> int:
    return count(body, "spec", "replicas", default=1)


def _update_revision(body: Body) -> str:
    return text(body, "status", "updateRevision")


def _revision_of(pod: Body) -> str:
    return text(pod, "metadata", "labels", REVISION_LABEL)


def _is_by_hand(body: Body) -> bool:
    return text(body, "spec", "updateStrategy", "type") == "OnDelete"


def _partition(body: Body) -> int:
    return count(body, "spec", "updateStrategy", "rollingUpdate", "partition")


def _lacking(body: Body, pods: tuple[Body, ...], observation: Observation) -> Iterator[tuple[str, str]]:
    """What the rollout still lacks, in the order in which it happens: in words, and the rule that says so."""
    status, wanted = part(body, "status"), _wanted(body)
    ready, total = count(status, "readyReplicas"), count(status, "replicas")
    if ready < wanted:
        yield f"pods ready: {ready} of {wanted}", "status.readyReplicas is below spec.replicas"
    if total > wanted:
        yield f"pods still to go: {total - wanted}", "status.replicas is above spec.replicas"
    updated, due = count(status, "updatedReplicas"), max(wanted - _partition(body), 0)
    if not _is_by_hand(body) and updated < due:
        rule = "status.updatedReplicas is below spec.replicas less the partition"
        yield f"pods on the new revision: {updated} of {due}", rule
    available = count(status, "availableReplicas") if at(body, "spec", "minReadySeconds") else wanted
    if available < wanted:
        yield f"pods available: {available} of {wanted}", "status.availableReplicas is below spec.replicas"
    if less := unready(pods, wanted, observation):
        yield f"pods ready: {less[0]} of {less[1]}", "condition Ready of its pods"


def _ready_words(body: Body) -> str:
    wanted, updated = _wanted(body), count(body, "status", "updatedReplicas")
    words = f"pods ready: {wanted} of {wanted}"
    if updated >= wanted:
        return words
    why = "they are replaced when somebody deletes them (OnDelete)" if _is_by_hand(body) else "as its partition says"
    return f"{words}; on the new revision: {updated}, {why}"


def _causes(body: Body, pods: tuple[Body, ...], new: tuple[Body, ...], observation: Observation) -> tuple[Cause, ...]:
    told = observation.of(text(body, "metadata", "uid"), "Event") if len(pods) < _wanted(body) else ()
    return worst_first((*maker_causes(body, told, pods=pods), *causes_of(new, observation)))


def _stuck(body: Body, pods: tuple[Body, ...], observation: Observation) -> tuple[StuckPod, ...]:
    """Pods that the controller waits for although nobody wants their revision any more.

    With OrderedReady it replaces no pod while another is not ready, whatever that one's revision
    (https://github.com/kubernetes/kubernetes/issues/67250). With OnDelete people decide when a pod goes.
    """
    if _is_by_hand(body):
        return ()
    first = count(body, "spec", "ordinals", "start") + _partition(body)
    return tuple(
        StuckPod(ref_of(pod), text(pod, "metadata", "uid"), _revision_of(pod), _grace(body, pod, observation))
        for pod in pods
        if not is_ready(pod)
        and not is_terminating(pod)
        and _revision_of(pod) not in ("", _update_revision(body))
        and _ordinal(pod) >= first
    )


def _ordinal(pod: Body) -> int:
    """The number at the end of its name; a pod without one is not of its making, and before all others."""
    digits = text(pod, "metadata", "name").rpartition("-")[2]
    return int(digits) if digits.isdecimal() else -1


def _grace(body: Body, pod: Body, observation: Observation) -> float:
    """A pod of the revision that was complete before may only be pausing; all others are in the way at once."""
    is_current = _revision_of(pod) == text(body, "status", "currentRevision")
    is_broken = any(one.hopeless for one in causes_of((pod,), observation))
    return PATIENCE if is_current and not is_broken and _was_ready(pod) else 0.0


def _was_ready(pod: Body) -> bool:
    changed, started = text(condition(pod, "Ready"), "lastTransitionTime"), text(pod, "status", "startTime")
    if not changed or not started:
        return False
    return datetime.fromisoformat(changed) - datetime.fromisoformat(started) > AT_ONCE


KIND = Kind(
    GROUP_KIND,
    Rank.WORKLOAD,
    assess,
    dependents=(GroupKind("", "Pod"), GroupKind("", "Event")),
    unblocks=(GroupKind("", "Pod"),),
    pod_template=("spec", "template"),
    immutable=("spec.selector", "spec.serviceName", "spec.podManagementPolicy", "spec.volumeClaimTemplates"),
    transitions=transitions,
    one_way=one_way,
    revision=revision,
    keeper=Keeper(GroupKind("apps", "ControllerRevision"), kept_template),
    meaning=Meaning(
        current="all pods are ready, and those from the partition on are of the newest revision (with `OnDelete`: any)",
        in_progress="pods are being made or replaced",
    ),
    source="https://github.com/kubernetes/kubectl/blob/v0.36.0/pkg/polymorphichelpers/rollout_status.go",
)
