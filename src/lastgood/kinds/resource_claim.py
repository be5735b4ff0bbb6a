"""ResourceClaims: ready when allocated, or when all they wait for is their first pod.

https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
"""

from __future__ import annotations

from lastgood.model.health import Health, Observation, Status, unsettled
from lastgood.model.kind import Kind, Meaning, Rank
from lastgood.model.reading import at, items
from lastgood.model.resource import Body, GroupKind

GROUP_KIND = GroupKind("resource.k8s.io", "ResourceClaim")


def assess(body: Body, _observation: Observation) -> Health:
    """A claim is given its devices when a pod that uses it is placed: without one there is nothing to wait for."""
    early = unsettled(body)
    if early:
        return early
    if at(body, "status", "allocation") is None:
        return Health(Status.CURRENT, "waits for its first pod", rule="status.allocation is not there")
    users = len(items(body, "status", "reservedFor"))
    return Health(Status.CURRENT, f"is allocated; used by: {users}", rule="status.allocation is there")


KIND = Kind(
    GROUP_KIND,
    Rank.STORAGE,
    assess,
    immutable=("spec",),
    meaning=Meaning(current="it is allocated, or waits for its first pod: pods that cannot have it are waited for"),
    source="https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/",
)
