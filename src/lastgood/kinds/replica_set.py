"""ReplicaSets, and the older ReplicationControllers, that are deployed by themselves: ready when their pods are."""

from __future__ import annotations

from lastgood.model.health import Health, Observation, Status, unanswered
from lastgood.model.kind import Kind, Rank
from lastgood.model.resource import Body, GroupKind
from lastgood.reasons import causes_of, is_ready, maker_causes, worst_first, young_pods

GROUP_KIND = GroupKind("apps", "ReplicaSet")


def assess(body: Body, observation: Observation) -> Health:
    """Whether it has its pods. A changed template does not replace those that run."""
    early = unanswered(body)
    if early:
        return early
    pods = observation.of(body["metadata"].get("uid", ""), "Pod")
    wanted, done = _wanted(body), sum(map(is_ready, pods))
    missing = _missing(body) or (f"pods ready: {done} of {wanted}" if pods and done < wanted else "")
    if not missing:
        words, young = f"pods ready: {wanted} of {wanted}", young_pods(body, pods)
        return Health(Status.CURRENT, words, done=wanted, wanted=wanted, young=young)
    causes = worst_first((*maker_causes(body), *causes_of(pods, observation)))
    return Health(Status.IN_PROGRESS, missing, causes, done=done, wanted=wanted)


def _wanted(body: Body) -> int:
    replicas = body["spec"].get("replicas")
    return 1 if replicas is None else int(replicas)


def _missing(body: Body) -> str:
    status, wanted = body.get("status") or {}, _wanted(body)
    available, total = status.get("availableReplicas", 0), status.get("replicas", 0)
    if available < wanted:
        return f"pods available: {available} of {wanted}"
    return f"pods still to go: {total - wanted}" if total > wanted else ""


KIND = Kind(
    GROUP_KIND,
    Rank.WORKLOAD,
    assess,
    dependents=(GroupKind("", "Pod"), GroupKind("", "Event")),
    pod_template=("spec", "template"),
    immutable=("spec.selector",),
)

OLDER_KIND = Kind(
    GroupKind("", "ReplicationController"),
    Rank.WORKLOAD,
    assess,
    dependents=(GroupKind("", "Pod"), GroupKind("", "Event")),
    pod_template=("spec", "template"),
)
