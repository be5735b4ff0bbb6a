"""Deployments: ready when all pods are of the newest template and available, as ``kubectl rollout status`` has it.

https://github.com/kubernetes/kubectl/blob/v0.36.0/pkg/polymorphichelpers/rollout_status.go
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lastgood.kinds.counting import unready
from lastgood.model.health import Cause, Health, Observation, Status, condition, condition_is, unanswered
from lastgood.model.kind import Keeper, Kind, Meaning, Rank, Transition
from lastgood.model.reading import at, count, part, text
from lastgood.model.resource import Body, GroupKind, ref_of
from lastgood.owning import owners, stays, we_own
from lastgood.reasons import (
    HASH_LABEL,
    cause,
    causes_of,
    is_ready,
    maker_causes,
    same_template,
    short,
    worst_first,
    young_pods,
)

GROUP_KIND = GroupKind("apps", "Deployment")
DEADLINE = "ProgressDeadlineExceeded"
REFUSED = "ReplicaSetCreateError"
DONE = "status.replicas, updatedReplicas and availableReplicas are spec.replicas"


def assess(body: Body, observation: Observation) -> Health:
    """Whether its rollout is done, and what its new pods say if not."""
    early = unanswered(body)
    if early:
        return early
    newest = _new_replica_set(body, observation)
    pods = observation.of(text(newest, "metadata", "uid"), "Pod") if newest else ()
    if (condition(body, "Progressing") or {}).get("reason") == DEADLINE:
        return _too_late(body, _causes(body, newest, pods, observation), sum(map(is_ready, pods)))
    lacks = next(_lacking(body, pods, observation), None)
    if lacks is None:
        return _complete(body, pods)
    causes, (done, wanted) = _causes(body, newest, pods, observation), _counts(body, pods)
    return Health(Status.IN_PROGRESS, lacks[0], causes, done=done, wanted=wanted, rule=lacks[1])


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
    return count(body, "spec", "replicas", default=1)


def _counts(body: Body, pods: tuple[Body, ...]) -> tuple[int, int]:
    return sum(map(is_ready, pods)), _wanted(body)


def _too_late(body: Body, causes: tuple[Cause, ...], done: int) -> Health:
    seconds = count(body, "spec", "progressDeadlineSeconds", default=600)
    sentence, rule = f"made no progress for {seconds} s ({DEADLINE})", f"condition Progressing has reason {DEADLINE}"
    return Health(Status.FAILED, sentence, causes, condition_failed=True, done=done, wanted=_wanted(body), rule=rule)


def _complete(body: Body, pods: tuple[Body, ...]) -> Health:
    """All pods are of the newest template; a paused one may stay so, and nobody waits for it to be resumed."""
    wanted = _wanted(body)
    words = f"pods ready: {wanted} of {wanted}"
    if at(body, "spec", "paused") is True:
        words, rule = f"is paused; {words}", "spec.paused is true"
        return Health(Status.IN_PROGRESS, words, done=wanted, wanted=wanted, enough_after=0.0, rule=rule)
    young = young_pods(body, pods)
    return Health(Status.CURRENT, words, done=wanted, wanted=wanted, young=young, rule=DONE)


def _lacking(body: Body, pods: tuple[Body, ...], observation: Observation) -> Iterator[tuple[str, str]]:
    """What the rollout still lacks, in the order in which it happens: in words, and the rule that says so."""
    status, wanted = part(body, "status"), _wanted(body)
    total, updated = count(status, "replicas"), count(status, "updatedReplicas")
    if updated < wanted:
        yield f"new pods up: {updated} of {wanted}", "status.updatedReplicas is below spec.replicas"
    if total > updated:
        yield f"old pods still to go: {total - updated}", "status.replicas is above status.updatedReplicas"
    available = count(status, "availableReplicas")
    if available < updated:
        rule = "status.availableReplicas is below status.updatedReplicas"
        yield f"new pods available: {available} of {updated}", rule
    if less := unready(pods, wanted, observation):
        yield f"new pods ready: {less[0]} of {less[1]}", "condition Ready of its pods"
    yield from _unlike_conditions(body)


def _unlike_conditions(body: Body) -> Iterator[tuple[str, str]]:
    """Conditions are written together with the counts; where they say otherwise, one of the two is old."""
    for kind, bad in (("Progressing", "False"), ("Available", "False"), ("ReplicaFailure", "True")):
        if condition_is(body, kind, bad):
            said = condition(body, kind) or {}
            words = text(said, "message") or text(said, "reason") or "no reason is given"
            yield f"is not well: {short(words)}", f"condition {kind} is {bad}"


def _causes(body: Body, newest: Body | None, pods: tuple[Body, ...], observation: Observation) -> tuple[Cause, ...]:
    everybody = observation.of(text(body, "metadata", "uid"), "Pod")
    refused = maker_causes(newest, pods=everybody) if newest else _without_replica_set(body, everybody)
    return worst_first((*refused, *causes_of(pods, observation), *_paused(body)))


def _paused(body: Body) -> tuple[Cause, ...]:
    """One that its own files pause goes no further; one that somebody else paused is for them to resume."""
    if not at(body, "spec", "paused"):
        return ()
    others = owners(body, ("spec", "paused")) and not we_own(body, ("spec", "paused"))
    return (cause("DeploymentPaused", hopeless=not others),)


def _without_replica_set(body: Body, pods: tuple[Body, ...]) -> tuple[Cause, ...]:
    """Why there is no ReplicaSet yet, where that was tried; of one that nobody showed, what was copied from it.

    https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/deployment/sync.go (getNewReplicaSet)
    https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/deployment/progress.go (getReplicaFailures)
    """
    said = condition(body, "Progressing") or {}
    is_refused = said.get("status") == "False" and said.get("reason") == REFUSED
    refused = (cause("FailedCreate", detail=text(said, "message"), source=ref_of(body)),) if is_refused else ()
    return refused or maker_causes(body, pods=pods)


def _new_replica_set(body: Body, observation: Observation) -> Body | None:
    """The ReplicaSet of the live pod template: the oldest of the same template, as the controller chooses it.

    https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/deployment/util/deployment_util.go
    """
    template = part(body, "spec", "template")
    owned = observation.of(text(body, "metadata", "uid"), "ReplicaSet")
    same = [one for one in owned if same_template(part(one, "spec", "template"), template)]
    return min(same, key=_age, default=None)


def _age(replica_set: Body) -> tuple[str, str]:
    return text(replica_set, "metadata", "creationTimestamp"), text(replica_set, "metadata", "name")


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
    meaning=Meaning(
        current="all pods are of the newest template and available, and none of an older one is left",
        in_progress="pods are being replaced, or `spec.paused` is true",
        failed="its `progressDeadlineSeconds` are over (`ProgressDeadlineExceeded`)",
        passes="`spec.paused` when all pods are of the newest template",
    ),
    source="https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status",
)
