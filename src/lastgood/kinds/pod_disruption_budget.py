"""PodDisruptionBudgets: ready once its pods are counted, whether or not one of them may go now.

A budget that cannot be worked out protects its pods all the same (none may be evicted), and stays so until somebody
changes it: it is told, and not waited for.
https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/disruption/disruption.go
"""

from __future__ import annotations

from lastgood.model.health import Health, Observation, Status, condition, unsettled
from lastgood.model.kind import Kind, Meaning, Rank
from lastgood.model.reading import count, part, text
from lastgood.model.resource import Body, GroupKind
from lastgood.reasons import cause

GROUP_KIND = GroupKind("policy", "PodDisruptionBudget")
NOT_WORKED_OUT = "SyncFailed"


def assess(body: Body, _observation: Observation) -> Health:
    """Whether it is worked out, and how many pods may go."""
    early = unsettled(body)
    if early:
        return early
    said, status = condition(body, "DisruptionAllowed"), part(body, "status")
    if text(said, "reason") == NOT_WORKED_OUT and text(said, "status") != "True":
        because, rule = (
            cause("NotReady", detail=text(said, "message")),
            f"condition DisruptionAllowed: {NOT_WORKED_OUT}",
        )
        return Health(Status.IN_PROGRESS, "cannot be worked out", (because,), enough_after=0.0, rule=rule)
    if not status:
        return Health(Status.CURRENT, "is there; its pods are not counted yet", rule="it is there")
    healthy, wanted, may_go = (count(status, key) for key in ("currentHealthy", "desiredHealthy", "disruptionsAllowed"))
    words = f"healthy pods: {healthy}, needed: {wanted}, may be evicted now: {may_go}"
    return Health(Status.CURRENT, words, rule="its pods are counted")


KIND = Kind(
    GROUP_KIND,
    Rank.POLICY,
    assess,
    meaning=Meaning(
        current="its pods are counted; how many may be evicted is told",
        in_progress="it cannot be worked out (`SyncFailed`)",
        passes="one that cannot be worked out",
    ),
    source="https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/pod-disruption-budget-v1/",
)
