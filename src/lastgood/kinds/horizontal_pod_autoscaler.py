"""HorizontalPodAutoscalers: ready unless they cannot reach what they scale. Missing metrics are told, no more."""

from __future__ import annotations

from lastgood.model.health import Health, Observation, Status, condition, unsettled
from lastgood.model.kind import Kind, Rank
from lastgood.model.resource import Body, GroupKind
from lastgood.reasons import cause

GROUP_KIND = GroupKind("autoscaling", "HorizontalPodAutoscaler")

UNREACHED = {"FailedGetScale", "FailedUpdateScale"}


def assess(body: Body, _observation: Observation) -> Health:
    """Whether it can do its work. It looks only every 15 s: an autoscaler that has not looked yet is not waited for."""
    early = unsettled(body)
    if early:
        return early
    able = condition(body, "AbleToScale") or {}
    if able.get("status") == "False" and able.get("reason") in UNREACHED:
        because = cause("FailedGetScale", detail=str(able.get("message") or ""))
        return Health(Status.IN_PROGRESS, "cannot scale its target", (because,))
    active = condition(body, "ScalingActive") or {}
    if active.get("status") == "False":
        return Health(Status.CURRENT, f"does not scale now: {active.get('message') or active.get('reason')}")
    return Health(Status.CURRENT, "scales its target" if able else "has not looked at its target yet")


KIND = Kind(GROUP_KIND, Rank.AUTOSCALER, assess)
