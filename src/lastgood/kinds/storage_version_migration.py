"""StorageVersionMigrations: ready when they have succeeded. Where nobody migrates, a deploy goes on; it is told.

https://kubernetes.io/docs/tasks/manage-kubernetes-objects/storage-version-migration/
"""

from __future__ import annotations

from lastgood.model.health import Health, Observation, Status, condition, condition_is, unsettled
from lastgood.model.kind import Kind, Meaning, Rank
from lastgood.model.reading import text
from lastgood.model.resource import Body, GroupKind
from lastgood.reasons import cause

GROUP_KIND = GroupKind("storagemigration.k8s.io", "StorageVersionMigration")

SILENCE = 30.0
"""Seconds in which a controller that is there begins."""


def assess(body: Body, _observation: Observation) -> Health:
    """What its conditions say."""
    early = unsettled(body)
    if early:
        return early
    if condition_is(body, "Failed", "True"):
        because = cause("MigrationFailed", detail=text(condition(body, "Failed"), "message"))
        return Health(Status.FAILED, "failed", (because,), rule="condition Failed is True")
    if condition_is(body, "Succeeded", "True"):
        return Health(Status.CURRENT, "is done", rule="condition Succeeded is True")
    if condition_is(body, "Running", "True"):
        return Health(Status.IN_PROGRESS, "is running", rule="condition Running is True")
    return Health(Status.IN_PROGRESS, "has not begun", enough_after=SILENCE, rule="no condition says that it began")


KIND = Kind(
    GROUP_KIND,
    Rank.OTHER,
    assess,
    meaning=Meaning(
        current="its condition `Succeeded` is True",
        in_progress="it runs, or has not begun",
        failed="its condition `Failed` is True",
        passes=f"one that nobody begins for {SILENCE:g} s",
    ),
    source="https://kubernetes.io/docs/tasks/manage-kubernetes-objects/storage-version-migration/",
)
