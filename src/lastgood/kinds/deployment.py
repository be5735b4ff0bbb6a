"""Deployments: ready when all pods are of the newest template and available, as ``kubectl rollout status`` has it.

https://github.com/kubernetes/kubectl/blob/v0.36.0/pkg/polymorphichelpers/rollout_status.go
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lastgood.model.health import Cause, Health, Observation, Status, condition, unanswered
from lastgood.model.kind import Keeper, Kind, Rank, Transition
from lastgood.model.resource import Body, GroupKind
from lastgood.owning import stays
from lastgood.reasons import (
    HASH_LABEL,
    cause,
    causes_of,
    is_ready,
    maker_causes,
    same_template,
    worst_first,
    young_pods,
)

GROUP_KIND = GroupKind("apps", "Deployment")
DEADLINE = "ProgressDeadlineExceeded"


def assess(body: Body, observation: Observation) -> Health:
    """Whether its rollout is done, and what its new pods say if not."""
    early = unanswered(body)
    if early:
        return early
    wanted = _wanted(body)
    newest = _new_replica_set(body, observation)
    pods = observation.of(newest["metadata"]["uid"], "Pod") if newest else ()
    done = sum(map(is_ready, pods))
    if (condition(body, "Progressing") or {}).get("reason") == DEADLINE:
        return _too_late(body, _causes(body, newest, pods, observation), done)
    missing = _missing(body, wanted) or _unlike_pods(pods, done, wanted)
    if not missing:
        words, young = f"pods ready: {wanted} of {wanted}", young_pods(body, pods)
        return Health(Status.CURRENT, words, done=wanted, wanted=wanted, young=young)
    causes = _causes(body, newest, pods, observation)
    return Health(Status.IN_PROGRESS, missing, causes, done=done, wanted=wanted)


def revision(body: Body, observation: Observation) -> str:
    """The name of the ReplicaSet that holds the live pod template, once there is one."""
    newest = _new_replica_set(body, observation)
    return str(newest["metadata"]["name"]) if newest else ""


def kept_template(replica_set: Body) -> Body:
    """The pod template that a ReplicaSet keeps, without the label that the controller put into it."""
    template: Body = replica_set["spec"]["template"]
    metadata = template.get("metadata") or {}
    labels = {key: value for key, value in (metadata.get("labels") or {}).items() if key != HASH_LABEL}
    return {**template, "metadata": {**metadata, "labels": labels}}


def transitions(live: Mapping[str, Any], desired: Mapping[str, Any]) -> tuple[Transition, ...]:
    """A defaulted ``rollingUpdate`` is nobody's, so an apply leaves it, and Recreate does not go with it."""
    wanted = (desired.get("spec") or {}).get("strategy") or {}
    if wanted.get("type") != "Recreate" or not stays(live, ("spec", "strategy", "rollingUpdate")):
        return ()
    return (
        Transition("/spec/strategy", wanted, "an apply leaves the defaults of RollingUpdate, which Recreate refuses"),
    )


def _wanted(body: Body) -> int:
    replicas = body["spec"].get("replicas")
    return 1 if replicas is None else int(replicas)


def _too_late(body: Body, causes: tuple[Cause, ...], done: int) -> Health:
    seconds = body["spec"].get("progressDeadlineSeconds", 600)
    sentence = f"made no progress for {seconds} s ({DEADLINE})"
    return Health(Status.FAILED, sentence, causes, condition_failed=True, done=done, wanted=_wanted(body))


def _missing(body: Body, wanted: int) -> str:
    """What the rollout still lacks; empty when it is done."""
    status = body.get("status") or {}
    total, updated = status.get("replicas", 0), status.get("updatedReplicas", 0)
    if updated < wanted:
        return f"new pods up: {updated} of {wanted}"
    if total > updated:
        return f"old pods still to go: {total - updated}"
    available = status.get("availableReplicas", 0)
    return "" if available >= updated else f"new pods available: {available} of {updated}"


def _unlike_pods(pods: tuple[Body, ...], done: int, wanted: int) -> str:
    """Pods are seen on another watch than the status that counts them, which may be a moment older."""
    return f"new pods ready: {done} of {wanted}" if pods and done < wanted else ""


def _causes(body: Body, newest: Body | None, pods: tuple[Body, ...], observation: Observation) -> tuple[Cause, ...]:
    paused = (cause("DeploymentPaused"),) if body["spec"].get("paused") else ()
    refused = maker_causes(newest) if newest else ()
    return worst_first((*refused, *causes_of(pods, observation), *paused))


def _new_replica_set(body: Body, observation: Observation) -> Body | None:
    """The ReplicaSet of the live pod template: the oldest of the same template, as the controller chooses it.

    https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/deployment/util/deployment_util.go
    """
    template = body["spec"]["template"]
    owned = observation.of(body["metadata"].get("uid", ""), "ReplicaSet")
    same = [one for one in owned if same_template(one["spec"]["template"], template)]
    return min(same, key=_age, default=None)


def _age(replica_set: Body) -> tuple[str, str]:
    return replica_set["metadata"].get("creationTimestamp") or "", replica_set["metadata"]["name"]


KIND = Kind(
    GROUP_KIND,
    Rank.WORKLOAD,
    assess,
    dependents=(GroupKind("apps", "ReplicaSet"), GroupKind("", "Pod"), GroupKind("", "Event")),
    pod_template=("spec", "template"),
    immutable=("spec.selector",),
    transitions=transitions,
    revision=revision,
    keeper=Keeper(GroupKind("apps", "ReplicaSet"), kept_template, annotations=True),
)
