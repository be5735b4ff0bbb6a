"""VolumeAttachments: ready when attached. They are made by the cluster; whoever deploys one waits for its driver.

https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume-attachment-v1/
"""

from __future__ import annotations

from lastgood.model.health import Health, Observation, Status, unsettled
from lastgood.model.kind import Kind, Meaning, Rank
from lastgood.model.reading import at, text
from lastgood.model.resource import Body, GroupKind
from lastgood.reasons import cause

GROUP_KIND = GroupKind("storage.k8s.io", "VolumeAttachment")

SILENCE = 30.0
"""Seconds in which a driver that is there gives its first answer."""


def assess(body: Body, _observation: Observation) -> Health:
    """Whether its volume is attached, or what stands in the way."""
    early = unsettled(body)
    if early:
        return early
    error = text(body, "status", "attachError", "message")
    if error:
        because, rule = cause("NotReady", detail=error), "status.attachError is there"
        return Health(Status.IN_PROGRESS, "is not attached", (because,), rule=rule)
    if at(body, "status", "attached") is True:
        return Health(Status.CURRENT, "is attached", rule="status.attached is true")
    return Health(Status.IN_PROGRESS, "is not attached yet", enough_after=SILENCE, rule="status.attached is not true")


KIND = Kind(
    GROUP_KIND,
    Rank.STORAGE,
    assess,
    immutable=("spec.attacher", "spec.nodeName", "spec.source"),
    recreate=True,
    meaning=Meaning(
        current="`status.attached` is true",
        in_progress="it is not attached yet, or cannot be (`status.attachError`)",
        passes=f"one of which its driver says nothing for {SILENCE:g} s",
    ),
    source="https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume-attachment-v1/",
)
