"""Namespaces: ready when active. Never pruned.

https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/namespace-v1/
"""

from __future__ import annotations

from collections.abc import Iterator

from lastgood.model.health import Health, Observation, Status, condition, condition_is, unsettled
from lastgood.model.kind import Kind, Meaning, Pruning, Rank
from lastgood.model.reading import text
from lastgood.model.resource import Body, GroupKind
from lastgood.reasons import short

GROUP_KIND = GroupKind("", "Namespace")

IN_THE_WAY = (
    "NamespaceDeletionDiscoveryFailure",
    "NamespaceDeletionGroupVersionParsingFailure",
    "NamespaceDeletionContentFailure",
    "NamespaceFinalizersRemaining",
    "NamespaceContentRemaining",
)
"""Conditions that tell why one that is being deleted is still there."""


def assess(body: Body, _observation: Observation) -> Health:
    """Whether resources can be made in it; of one that is going, what it still waits for."""
    early, phase = unsettled(body), text(body, "status", "phase", default="Active")
    if phase == "Terminating" or (early and early.status is Status.TERMINATING):
        words = ": ".join(["is being deleted", *_waits_for(body)][:2])
        return Health(Status.TERMINATING, words, rule="metadata.deletionTimestamp is set")
    if early or phase != "Active":
        return early or Health(Status.IN_PROGRESS, "is not active yet", rule=f"status.phase is {phase}")
    return Health(Status.CURRENT, "is active", rule="status.phase is Active")


def _waits_for(body: Body) -> Iterator[str]:
    for kind in IN_THE_WAY:
        if condition_is(body, kind, "True"):
            yield short(text(condition(body, kind), "message", default=kind))


KIND = Kind(
    GROUP_KIND,
    Rank.NAMESPACE,
    assess,
    pruning=Pruning.LIST,
    meaning=Meaning(current="its phase is `Active`"),
    source="https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/namespace-v1/",
)
