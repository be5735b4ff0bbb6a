"""APIServices: ready when available. An injected certificate stays in the way of doing without one.

The API server itself looks at each of them. One that serves no others does not; then a deploy goes on, and tells it.
https://github.com/kubernetes/kube-aggregator/blob/v0.36.0/pkg/apis/apiregistration/v1/types.go
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lastgood.model.health import Health, Observation, Status, condition, unsettled
from lastgood.model.kind import Kind, Meaning, Rank, Transition
from lastgood.model.reading import text
from lastgood.model.resource import Body, GroupKind
from lastgood.owning import stays
from lastgood.reasons import cause

GROUP_KIND = GroupKind("apiregistration.k8s.io", "APIService")

SILENCE = 30.0
"""Seconds in which the API server has looked at it."""


def assess(body: Body, _observation: Observation) -> Health:
    """Whether the API server reaches what it stands for."""
    early = unsettled(body)
    if early:
        return early
    said = condition(body, "Available")
    status = text(said, "status", default="not there")
    if status == "True":
        return Health(Status.CURRENT, "is available", rule="condition Available is True")
    detail = text(said, "message") or text(said, "reason")
    causes, silent = (cause("NotReady", detail=detail),) if detail else (), None if said else SILENCE
    rule = f"condition Available is {status}"
    return Health(Status.IN_PROGRESS, "is not available", causes, enough_after=silent, rule=rule)


def transitions(live: Mapping[str, Any], desired: Mapping[str, Any]) -> tuple[Transition, ...]:
    """``insecureSkipTLSVerify`` is refused beside a ``caBundle``, which is another manager's once it was injected."""
    wanted = desired.get("spec") or {}
    if not wanted.get("insecureSkipTLSVerify") or wanted.get("caBundle") or not stays(live, ("spec", "caBundle")):
        return ()
    why = "an apply leaves the caBundle that others put there, which insecureSkipTLSVerify does not go with"
    return (Transition("/spec", wanted, why),)


KIND = Kind(
    GROUP_KIND,
    Rank.EDGE,
    assess,
    transitions=transitions,
    meaning=Meaning(
        current="its condition `Available` is True",
        in_progress="it is not available",
        passes=f"one of which nothing is said for {SILENCE:g} s",
    ),
    source="https://github.com/kubernetes/kube-aggregator/blob/v0.36.0/pkg/apis/apiregistration/v1/types.go",
)
