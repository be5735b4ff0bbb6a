"""ResourceQuotas: ready once what is used is counted; until then the API server refuses pods that it would count.

Where nobody counts, a deploy goes on after a moment; it is told.
https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/resourcequota/resource_quota_controller.go
"""

from __future__ import annotations

from collections.abc import Iterator

from lastgood.model.health import Health, Observation, Status, unsettled
from lastgood.model.kind import Kind, Meaning, Rank
from lastgood.model.reading import part
from lastgood.model.resource import Body, GroupKind

GROUP_KIND = GroupKind("", "ResourceQuota")

SILENCE = 10.0
"""Seconds in which the quota controller counts what is there."""


def assess(body: Body, _observation: Observation) -> Health:
    """Whether the limits that are counted are those that are asked for, and how much of each is used."""
    early = unsettled(body)
    if early:
        return early
    if set(part(body, "status", "hard")) != set(part(body, "spec", "hard")):
        words, rule = "what is used is not counted yet", "status.hard is not spec.hard"
        return Health(Status.IN_PROGRESS, words, enough_after=SILENCE, rule=rule)
    told = ", ".join(_used(body))
    return Health(Status.CURRENT, f"used: {told}" if told else "limits nothing", rule="status.hard is spec.hard")


def _used(body: Body) -> Iterator[str]:
    used = part(body, "status", "used")
    for name, limit in sorted(part(body, "status", "hard").items()):
        yield f"{name} {used.get(name, '?')} of {limit}"


KIND = Kind(
    GROUP_KIND,
    Rank.POLICY,
    assess,
    immutable=("spec.scopes",),
    meaning=Meaning(
        current="what is used is counted for each of its limits",
        in_progress="it is not counted yet",
        passes=f"one that nobody counts for {SILENCE:g} s",
    ),
    source="https://kubernetes.io/docs/concepts/policy/resource-quotas/",
)
