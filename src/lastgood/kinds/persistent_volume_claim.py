"""PersistentVolumeClaims: ready when bound, or when all they wait for is their first pod. Never pruned.

A claim that is only not bound yet is not waited for, since pods that need it are; one whose class cannot provide it is.
Growing is done in part by the node of a pod that uses the claim, and there may be none: it is told.
https://kubernetes.io/docs/concepts/storage/persistent-volumes/#lifecycle-of-a-volume-and-claim
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from lastgood.model.health import Health, Observation, Status, condition, condition_is, unsettled
from lastgood.model.kind import Kind, Meaning, Pruning, Rank
from lastgood.model.reading import at, text
from lastgood.model.resource import Body, GroupKind
from lastgood.reasons import cause, newest

GROUP_KIND = GroupKind("", "PersistentVolumeClaim")

TROUBLES = {"ProvisioningFailed", "FailedBinding"}
FIRST_POD = "WaitForFirstConsumer"
TOLD = TROUBLES | {FIRST_POD, "ExternalProvisioning", "Provisioning", "ProvisioningSucceeded"}

ERRORS = ("ControllerResizeError", "NodeResizeError", "ModifyVolumeError")
INFEASIBLE = "Infeasible"
"""How what the driver or the node has refused for good is marked beside these conditions, which need not be there."""

CHANGES = {
    "Resizing": "its volume is made larger",
    "FileSystemResizePending": "its file system grows when a pod uses it",
    "ModifyingVolume": "its volume gets other attributes",
}

_QUANTITY = re.compile(r"([+-]?[0-9.]+)([KMGTPE]i|[numkMGTPE]|)(?:[eE]([+-]?\d+))?")
_POWERS = {
    **{f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", start=1)},
    **{letter: Decimal(1000) ** power for power, letter in enumerate("kMGTPE", start=1)},
    **{letter: Decimal(1000) ** -power for power, letter in enumerate("mun", start=1)},
    "": Decimal(1),
}


def assess(body: Body, observation: Observation) -> Health:
    """Whether it is bound. A claim that nobody can bind yet does not hold up a release: pods that need it do."""
    early = unsettled(body)
    if early:
        return early
    phase = text(body, "status", "phase", default="Pending")
    rule = f"status.phase is {phase}"
    if phase == "Lost":
        return Health(Status.FAILED, "has lost its volume", (cause("ClaimLost"),), rule=rule)
    if phase == "Bound":
        return _changing(body) or Health(Status.CURRENT, "is bound", rule=rule)
    return _pending(observation.of(text(body, "metadata", "uid"), "Event"), rule)


def _pending(events: tuple[Body, ...], rule: str) -> Health:
    told = newest(events, TOLD)
    if told is not None and told["reason"] in TROUBLES:
        because = cause("ProvisioningFailed", detail=text(told, "message"))
        return Health(Status.IN_PROGRESS, "is not bound", (because,), rule=rule)
    if told is not None and told["reason"] == FIRST_POD:
        return Health(Status.CURRENT, "is not bound yet: it waits for its first pod", rule=f"event {FIRST_POD}")
    return Health(Status.IN_PROGRESS, "is not bound yet", enough_after=0.0, rule=rule)


def _changing(body: Body) -> Health | None:
    """What its conditions say of a volume that is to become larger, or of another class of attributes.

    https://github.com/kubernetes/api/blob/v0.36.0/core/v1/types.go (PersistentVolumeClaimConditionType)
    """
    refused = next(_refused(body), None)
    if refused is not None:
        detail, rule = refused
        return Health(
            Status.IN_PROGRESS, "is bound, not yet as asked", (cause("ResizeFailed", detail=detail),), rule=rule
        )
    found = next((kind for kind in CHANGES if condition_is(body, kind, "True")), "")
    if not found:
        return None
    words, rule = f"is bound; {CHANGES[found]}", f"condition {found} is True"
    return Health(Status.IN_PROGRESS, words, enough_after=0.0, rule=rule)


def _refused(body: Body) -> Iterator[tuple[str, str]]:
    """Why its volume cannot become as asked: in words, and where that stands.

    https://github.com/kubernetes/api/blob/v0.36.0/core/v1/types.go (ClaimResourceStatus, ModifyVolumeStatus)
    """
    for kind in ERRORS:
        if condition_is(body, kind, "True"):
            yield text(condition(body, kind), "message"), f"condition {kind} is True"
    growth = text(body, "status", "allocatedResourceStatuses", "storage")
    if growth.endswith(INFEASIBLE):
        has, asks = text(body, "status", "capacity", "storage", default="it has"), _written(body)
        yield f"from {has} to {asks} is not feasible", f"status.allocatedResourceStatuses.storage is {growth}"
    wanted = text(body, "status", "modifyVolumeStatus", "targetVolumeAttributesClassName")
    if text(body, "status", "modifyVolumeStatus", "status") == INFEASIBLE:
        yield f"to the attributes of {wanted} is not feasible", f"status.modifyVolumeStatus.status is {INFEASIBLE}"


def refuses(live: Mapping[str, Any], desired: Mapping[str, Any]) -> tuple[str, ...]:
    """A claim may grow, not shrink."""
    return ("spec.resources.requests.storage",) if storage(desired) < storage(live) else ()


def one_way(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """The same rule, seen from the way back."""
    if storage(new) <= storage(old):
        return ()
    before, after = _written(old), _written(new)
    return (f"the claim grows from {before} to {after}, and a claim cannot shrink",)


def storage(body: Mapping[str, Any]) -> Decimal:
    """The bytes that a claim asks for; 0 when it does not say."""
    return amount(str(_written(body) or "0")) or Decimal(0)


def amount(quantity: str) -> Decimal | None:
    """The number that a quantity stands for, None when it is not one.

    https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
    """
    found = _QUANTITY.fullmatch(quantity)
    if found is None or found[1].count(".") > 1:
        return None
    return Decimal(found[1]) * _POWERS[found[2]] * Decimal(10) ** int(found[3] or 0)


def _written(body: Mapping[str, Any]) -> Any:
    return at(body, "spec", "resources", "requests", "storage")


KIND = Kind(
    GROUP_KIND,
    Rank.STORAGE,
    assess,
    dependents=(GroupKind("", "Event"),),
    immutable=(
        "spec.accessModes",
        "spec.dataSource",
        "spec.dataSourceRef",
        "spec.selector",
        "spec.storageClassName",
        "spec.volumeMode",
        "spec.volumeName",
    ),
    pruning=Pruning.LIST,
    refuses=refuses,
    one_way=one_way,
    meaning=Meaning(
        current="its phase is `Bound`, or it waits for its first pod (`WaitForFirstConsumer`)",
        in_progress="it is not bound yet, or its volume is being changed",
        failed="its phase is `Lost`",
        passes="one that is only not bound yet: pods that need it are waited for; a volume that grows without an error",
    ),
    source="https://kubernetes.io/docs/concepts/storage/persistent-volumes/#lifecycle-of-a-volume-and-claim",
)
