"""HorizontalPodAutoscalers: ready unless they cannot reach what they scale. Missing metrics are told, no more.

Metrics come from elsewhere, are missing while pods start, and at zero replicas for ever: nobody waits for them.
https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/podautoscaler/horizontal.go
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lastgood.model.health import Health, Observation, Status, unsettled
from lastgood.model.kind import Kind, Meaning, Rank
from lastgood.model.reading import at, items, text
from lastgood.model.resource import Body, GroupKind
from lastgood.reasons import cause

GROUP_KIND = GroupKind("autoscaling", "HorizontalPodAutoscaler")

IN_V1 = "autoscaling.alpha.kubernetes.io/conditions"
"""The annotation in which autoscaling/v1 shows the conditions, for which it has no field."""

BACKING_OFF = "Backoff"
"""How reasons begin by which older controllers say that they scaled a moment ago."""


def assess(body: Body, _observation: Observation) -> Health:
    """Whether it can do its work. It looks only every 15 s: an autoscaler that has not looked yet is not waited for."""
    early = unsettled(body)
    if early:
        return early
    said = {text(one, "type"): one for one in _conditions(body)}
    able, active = said.get("AbleToScale", {}), said.get("ScalingActive", {})
    if able.get("status") == "False" and not text(able, "reason").startswith(BACKING_OFF):
        because = cause("FailedGetScale", detail=_words(able))
        return Health(Status.IN_PROGRESS, "cannot scale its target", (because,), rule="condition AbleToScale is False")
    if active.get("status") == "False":
        return Health(Status.CURRENT, f"does not scale now: {_words(active)}", rule="condition ScalingActive is False")
    rule = "condition AbleToScale is True" if able else "no condition yet"
    return Health(Status.CURRENT, "scales its target" if able else "has not looked at its target yet", rule=rule)


def _conditions(body: Body) -> tuple[Mapping[str, Any], ...]:
    written = at(body, "metadata", "annotations", IN_V1)
    if not isinstance(written, str) or "conditions" in (at(body, "status") or {}):
        return items(body, "status", "conditions")
    try:
        return items({"conditions": json.loads(written)}, "conditions")
    except ValueError:
        return ()


def _words(entry: Mapping[str, Any]) -> str:
    return text(entry, "message") or text(entry, "reason") or "no reason is given"


KIND = Kind(
    GROUP_KIND,
    Rank.AUTOSCALER,
    assess,
    meaning=Meaning(
        current="it can scale its target; missing metrics are told",
        in_progress="its condition `AbleToScale` is False",
    ),
    source="https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/podautoscaler/horizontal.go",
)
