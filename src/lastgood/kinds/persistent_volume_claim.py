"""PersistentVolumeClaims: ready when bound, or when all they wait for is their first pod. Never pruned."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from lastgood.model.health import Health, Observation, Status, unsettled
from lastgood.model.kind import Kind, Pruning, Rank
from lastgood.model.resource import Body, GroupKind
from lastgood.reasons import cause, newest

GROUP_KIND = GroupKind("", "PersistentVolumeClaim")

TROUBLES = {"ProvisioningFailed", "FailedBinding"}
TOLD = TROUBLES | {"WaitForFirstConsumer", "ExternalProvisioning", "Provisioning", "ProvisioningSucceeded"}

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
    phase = (body.get("status") or {}).get("phase") or "Pending"
    if phase == "Lost":
        return Health(Status.FAILED, "has lost its volume", (cause("ClaimLost"),))
    if phase == "Bound":
        return Health(Status.CURRENT, "is bound")
    return _pending(observation.of(body["metadata"].get("uid", ""), "Event"))


def _pending(events: tuple[Body, ...]) -> Health:
    told = newest(events, TOLD)
    if told is not None and told["reason"] in TROUBLES:
        because = cause("ProvisioningFailed", detail=str(told.get("message") or ""))
        return Health(Status.IN_PROGRESS, "is not bound", (because,))
    waits = told is not None and told["reason"] == "WaitForFirstConsumer"
    return Health(Status.CURRENT, f"is not bound yet{': it waits for its first pod' if waits else ''}")


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
    return (((body.get("spec") or {}).get("resources") or {}).get("requests") or {}).get("storage")


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
)
