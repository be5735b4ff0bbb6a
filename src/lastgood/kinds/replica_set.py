"""ReplicaSets, and the older ReplicationControllers, that are deployed by themselves: ready when their pods are."""

from __future__ import annotations

from collections.abc import Iterator

from lastgood.kinds.counting import unready
from lastgood.model.health import Health, Observation, Status, condition, condition_is, unanswered
from lastgood.model.kind import Kind, Meaning, Rank
from lastgood.model.reading import count, part, text
from lastgood.model.resource import Body, GroupKind
from lastgood.reasons import causes_of, is_ready, maker_causes, short, worst_first, young_pods

GROUP_KIND = GroupKind("apps", "ReplicaSet")
DONE = "status.replicas and availableReplicas are spec.replicas"
MEANING = Meaning(current="it has its pods, and all are available", in_progress="pods are missing or too many")


def assess(body: Body, observation: Observation) -> Health:
    """Whether it has its pods. A changed template does not replace those that run."""
    early = unanswered(body)
    if early:
        return early
    pods = observation.of(text(body, "metadata", "uid"), "Pod")
    wanted, done = _wanted(body), sum(map(is_ready, pods))
    lacks = next(_lacking(body, pods, observation), None)
    if lacks is None:
        words, young = f"pods ready: {wanted} of {wanted}", young_pods(body, pods)
        return Health(Status.CURRENT, words, done=wanted, wanted=wanted, young=young, rule=DONE)
    causes = worst_first((*maker_causes(body, pods=pods), *causes_of(pods, observation)))
    return Health(Status.IN_PROGRESS, lacks[0], causes, done=done, wanted=wanted, rule=lacks[1])


def _wanted(body: Body) -> int:
    return count(body, "spec", "replicas", default=1)


def _lacking(body: Body, pods: tuple[Body, ...], observation: Observation) -> Iterator[tuple[str, str]]:
    """What it still lacks: in words, and the rule that says so."""
    status, wanted = part(body, "status"), _wanted(body)
    available, total = count(status, "availableReplicas"), count(status, "replicas")
    if available < wanted:
        yield f"pods available: {available} of {wanted}", "status.availableReplicas is below spec.replicas"
    if total > wanted:
        yield f"pods still to go: {total - wanted}", "status.replicas is above spec.replicas"
    if less := unready(pods, wanted, observation):
        yield f"pods ready: {less[0]} of {less[1]}", "condition Ready of its pods"
    if condition_is(body, "ReplicaFailure", "True"):
        said = text(condition(body, "ReplicaFailure"), "message", default="no reason is given")
        yield f"cannot make or delete pods: {short(said)}", "condition ReplicaFailure is True"


KIND = Kind(
    GROUP_KIND,
    Rank.WORKLOAD,
    assess,
    dependents=(GroupKind("", "Pod"), GroupKind("", "Event")),
    pod_template=("spec", "template"),
    immutable=("spec.selector",),
    meaning=MEANING,
    source="https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/",
)

OLDER_KIND = Kind(
    GroupKind("", "ReplicationController"),
    Rank.WORKLOAD,
    assess,
    dependents=(GroupKind("", "Pod"), GroupKind("", "Event")),
    pod_template=("spec", "template"),
    meaning=MEANING,
    source="https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller/",
)
