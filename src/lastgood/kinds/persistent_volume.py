"""PersistentVolumes: ready when a claim may have it or has it. One that could not be reclaimed has failed.

A new one is Pending for a moment; where no controller looks after volumes, a deploy goes on, and tells it.

https://kubernetes.io/docs/concepts/storage/persistent-volumes/#phase
"""

from __future__ import annotations

from lastgood.model.health import Health, Observation, Status, unsettled
from lastgood.model.kind import Kind, Meaning, Rank
from lastgood.model.reading import text
from lastgood.model.resource import Body, GroupKind
from lastgood.reasons import cause

GROUP_KIND = GroupKind("", "PersistentVolume")

SOURCES = (
    "nodeAffinity", "volumeMode", "awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "csi", "fc",
    "gcePersistentDisk", "hostPath", "iscsi", "local", "nfs", "rbd",
)  # fmt: skip
"""What stays of a PersistentVolume once it is there."""

SILENCE = 30.0
"""Seconds in which a controller that is there makes a new volume available."""

SAID = {
    "Available": "is free for a claim",
    "Bound": "is bound",
    "Released": "is released: its claim is gone, and nobody has it until it is reclaimed",
}


def assess(body: Body, _observation: Observation) -> Health:
    """What its phase says."""
    early = unsettled(body)
    if early:
        return early
    phase = text(body, "status", "phase", default="Pending")
    rule = f"status.phase is {phase}"
    if phase == "Failed":
        because = cause("VolumeFailed", detail=text(body, "status", "message"))
        return Health(Status.FAILED, "could not be reclaimed", (because,), rule=rule)
    if phase in SAID:
        return Health(Status.CURRENT, SAID[phase], rule=rule)
    return Health(Status.IN_PROGRESS, "is not available yet", enough_after=SILENCE, rule=rule)


KIND = Kind(
    GROUP_KIND,
    Rank.STORAGE,
    assess,
    immutable=tuple(f"spec.{field}" for field in SOURCES),
    meaning=Meaning(
        current="its phase is `Available`, `Bound` or `Released`",
        in_progress="its phase is `Pending`",
        failed="its phase is `Failed`: it could not be reclaimed",
        passes=f"one that nobody makes available for {SILENCE:g} s",
    ),
    source="https://kubernetes.io/docs/concepts/storage/persistent-volumes/#phase",
)
