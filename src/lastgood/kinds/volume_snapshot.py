"""VolumeSnapshots: ready to be used. A driver that fails tries again; without one a deploy goes on, and tells it.

https://kubernetes.io/docs/concepts/storage/volume-snapshots/
"""

from __future__ import annotations

from lastgood.model.health import Health, Observation, Status, unsettled
from lastgood.model.kind import Kind, Meaning, Rank
from lastgood.model.reading import at, part, text
from lastgood.model.resource import Body, GroupKind
from lastgood.reasons import cause

GROUP_KIND = GroupKind("snapshot.storage.k8s.io", "VolumeSnapshot")

SILENCE = 30.0
"""Seconds in which a snapshot controller that is there writes a first status."""


def assess(body: Body, _observation: Observation) -> Health:
    """Whether a claim can be made from it."""
    early = unsettled(body)
    if early:
        return early
    if "error" in part(body, "status"):
        because = cause("SnapshotFailed", detail=text(body, "status", "error", "message"))
        return Health(Status.IN_PROGRESS, "is not ready to be used", (because,), rule="status.error is there")
    if at(body, "status", "readyToUse") is True:
        return Health(Status.CURRENT, "is ready to be used", rule="status.readyToUse is true")
    silent = None if part(body, "status") else SILENCE
    words, rule = "is not ready to be used yet", "status.readyToUse is not true"
    return Health(Status.IN_PROGRESS, words, enough_after=silent, rule=rule)


KIND = Kind(
    GROUP_KIND,
    Rank.STORAGE,
    assess,
    immutable=("spec.source",),
    meaning=Meaning(
        current="`status.readyToUse` is true",
        in_progress="it is not ready to be used, or `status.error` says why",
        passes=f"one that no controller has taken up for {SILENCE:g} s",
    ),
    source="https://kubernetes.io/docs/concepts/storage/volume-snapshots/",
)
