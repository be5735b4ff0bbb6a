"""StatefulSets: ready when the pods above the partition are of the update revision and all are ready.

https://github.com/kubernetes/kubectl/blob/v0.36.0/pkg/polymorphichelpers/rollout_status.go
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from lastgood.model.health import Cause, Health, Observation, Status, StuckPod, condition, unanswered
from lastgood.model.kind import Keeper, Kind, Rank, Transition
from lastgood.model.resource import Body, GroupKind, ref_of
from lastgood.owning import stays
from lastgood.reasons import causes_of, is_ready, is_terminating, kept_template, maker_causes, worst_first, young_pods

GROUP_KIND = GroupKind("apps", "StatefulSet")
REVISION_LABEL = "controller-revision-hash"

PATIENCE = 30.0
"""Seconds for a pod that was ready before, on the revision that was complete before: it may come back by itself."""

AT_ONCE = timedelta(seconds=2)
"""A Ready condition that has not changed since the pod started says that it was never ready."""


def assess(body: Body, observation: Observation) -> Health:
    """Whether its rollout is done; if not, what its pods say, and which pods of other revisions are in the way."""
    early = unanswered(body)
    if early:
        return early
    pods = observation.of(body["metadata"].get("uid", ""), "Pod")
    new = tuple(pod for pod in pods if _revision_of(pod) == _update_revision(body))
    wanted = max(_wanted(body) - _partition(body), 0)
    done, missing = sum(map(is_ready, new)), _missing(body) or _unlike_pods(body, pods)
    if not missing:
        young = young_pods(body, new)
        return Health(Status.CURRENT, _ready_words(body), done=done, wanted=wanted, young=young)
    return Health(
        Status.IN_PROGRESS,
        missing,
        _causes(body, pods, new, observation),
        done=done,
        wanted=wanted,
        stuck=_stuck(body, pods, observation),
    )


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
    replicas = body["spec"].get("replicas")
    return 1 if replicas is None else int(replicas)


def _update_revision(body: Body) -> str:
    return str((body.get("status") or {}).get("updateRevision") or "")


def _revision_of(pod: Body) -> str:
    return str((pod["metadata"].get("labels") or {}).get(REVISION_LABEL) or "")


def _strategy(body: Body) -> Mapping[str, Any]:
    strategy: Mapping[str, Any] = body["spec"].get("updateStrategy") or {}
    return strategy


def _is_by_hand(body: Body) -> bool:
    return _strategy(body).get("type") == "OnDelete"


def _partition(body: Body) -> int:
    return int((_strategy(body).get("rollingUpdate") or {}).get("partition") or 0)


def _missing(body: Body) -> str:
    """What the rollout still lacks; empty when it is done."""
    status, wanted = body["status"], _wanted(body)
    ready, total = status.get("readyReplicas", 0), status.get("replicas", 0)
    if ready < wanted:
        return f"pods ready: {ready} of {wanted}"
    if total > wanted:
        return f"pods still to go: {total - wanted}"
    updated, due = status.get("updatedReplicas", 0), max(wanted - _partition(body), 0)
    if not _is_by_hand(body) and updated < due:
        return f"pods on the new revision: {updated} of {due}"
    available = status.get("availableReplicas", 0) if body["spec"].get("minReadySeconds") else wanted
    return "" if available >= wanted else f"pods available: {available} of {wanted}"


def _unlike_pods(body: Body, pods: tuple[Body, ...]) -> str:
    """Pods are seen on another watch than the status that counts them, which may be a moment older."""
    ready, wanted = sum(map(is_ready, pods)), _wanted(body)
    return f"pods ready: {ready} of {wanted}" if pods and ready < wanted else ""


def _ready_words(body: Body) -> str:
    wanted, updated = _wanted(body), body["status"].get("updatedReplicas", 0)
    words = f"pods ready: {wanted} of {wanted}"
    if updated >= wanted:
        return words
    why = "they are replaced when somebody deletes them (OnDelete)" if _is_by_hand(body) else "as its partition says"
    return f"{words}; on the new revision: {updated}, {why}"


def _causes(body: Body, pods: tuple[Body, ...], new: tuple[Body, ...], observation: Observation) -> tuple[Cause, ...]:
    told = observation.of(body["metadata"].get("uid", ""), "Event") if len(pods) < _wanted(body) else ()
    return worst_first((*maker_causes(body, told), *causes_of(new, observation)))


def _stuck(body: Body, pods: tuple[Body, ...], observation: Observation) -> tuple[StuckPod, ...]:
    """Pods that the controller waits for although nobody wants their revision any more.

    With OrderedReady it replaces no pod while another is not ready, whatever that one's revision
    (https://github.com/kubernetes/kubernetes/issues/67250). With OnDelete people decide when a pod goes.
    """
    if _is_by_hand(body):
        return ()
    start, partition = (body["spec"].get("ordinals") or {}).get("start", 0), _partition(body)
    return tuple(
        StuckPod(ref_of(pod), pod["metadata"]["uid"], _revision_of(pod), _grace(body, pod, observation))
        for pod in pods
        if not is_ready(pod)
        and not is_terminating(pod)
        and _revision_of(pod) not in ("", _update_revision(body))
        and _ordinal(pod) - start >= partition
    )


def _ordinal(pod: Body) -> int:
    return int(pod["metadata"]["name"].rpartition("-")[2])


def _grace(body: Body, pod: Body, observation: Observation) -> float:
    """A pod of the revision that was complete before may only be pausing; all others are in the way at once."""
    is_current = _revision_of(pod) == body["status"].get("currentRevision")
    is_broken = any(one.hopeless for one in causes_of((pod,), observation))
    return PATIENCE if is_current and not is_broken and _was_ready(pod) else 0.0


def _was_ready(pod: Body) -> bool:
    changed = (condition(pod, "Ready") or {}).get("lastTransitionTime")
    started = (pod.get("status") or {}).get("startTime")
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
)
