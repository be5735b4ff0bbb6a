"""ResourceClaims: ready when allocated, or when all they wait for is their first pod.

https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lastgood.model.health import Health, Observation, Status, unsettled
from lastgood.model.kind import Kind, Meaning, Rank
from lastgood.model.reading import at, items, text
from lastgood.model.resource import Body, GroupKind
from lastgood.reasons import cause

GROUP_KIND = GroupKind("resource.k8s.io", "ResourceClaim")


def assess(body: Body, _observation: Observation) -> Health:
    """A claim is given its devices when a pod that uses it is placed: without one there is nothing to wait for."""
    early = unsettled(body)
    if early:
        return early
    if at(body, "status", "allocation") is None:
        return Health(Status.CURRENT, "waits for its first pod", rule="status.allocation is not there")
    broken = next((one for one in items(body, "status", "devices") if _ready(one).get("status") == "False"), None)
    if broken is not None:
        return _not_set_up(broken)
    users = len(items(body, "status", "reservedFor"))
    return Health(Status.CURRENT, f"is allocated; used by: {users}", rule="status.allocation is there")


def _ready(device: Mapping[str, Any]) -> Mapping[str, Any]:
    """What its driver says of a device, if it says something."""
    return next((one for one in items(device, "conditions") if one.get("type") == "Ready"), {})


def _not_set_up(device: Mapping[str, Any]) -> Health:
    """A device that is not as the claim asks. Pods that need it are waited for; the claim by itself is not.

    https://github.com/kubernetes/api/blob/v0.36.0/resource/v1/types.go (AllocatedDeviceStatus)
    """
    said, name = _ready(device), "/".join(text(device, key) for key in ("driver", "pool", "device"))
    because = cause("NotReady", detail=text(said, "message") or text(said, "reason"))
    rule = f"condition Ready of device {name} is False"
    return Health(Status.IN_PROGRESS, f"is allocated; not ready: {name}", (because,), enough_after=0.0, rule=rule)


KIND = Kind(
    GROUP_KIND,
    Rank.STORAGE,
    assess,
    immutable=("spec",),
    meaning=Meaning(
        current="it is allocated, or waits for its first pod: pods that cannot have it are waited for",
        in_progress="a device of it is not ready, says its driver",
        passes="a device that is not ready: pods that need it are waited for",
    ),
    source="https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/",
)
