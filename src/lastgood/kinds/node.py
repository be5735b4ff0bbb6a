"""Nodes: ready when the kubelet says so and nothing presses. A release at most labels them: nobody waits for one.

https://kubernetes.io/docs/reference/node/node-status/#condition
"""

from __future__ import annotations

from lastgood.model.health import Health, Observation, Status, condition, condition_is, unsettled
from lastgood.model.kind import Kind, Meaning, Rank
from lastgood.model.reading import at, text
from lastgood.model.resource import Body, GroupKind
from lastgood.reasons import cause

GROUP_KIND = GroupKind("", "Node")

TROUBLES = ("NetworkUnavailable", "MemoryPressure", "DiskPressure", "PIDPressure")
"""Conditions that a healthy node has not."""


def assess(body: Body, _observation: Observation) -> Health:
    """What its conditions say; one that is cordoned is told."""
    early = unsettled(body)
    if early:
        return early
    ready = text(condition(body, "Ready"), "status", default="not there")
    if ready != "True":
        return _amiss(body, "Ready", "is not ready", ready)
    trouble = next((kind for kind in TROUBLES if condition_is(body, kind, "True")), "")
    if trouble:
        return _amiss(body, trouble, f"is ready, but has {trouble}", "True")
    cordoned = "; new pods are kept away from it (cordoned)" if at(body, "spec", "unschedulable") is True else ""
    return Health(Status.CURRENT, f"is ready{cordoned}", rule="condition Ready is True")


def _amiss(body: Body, kind: str, words: str, status: str) -> Health:
    detail = text(condition(body, kind), "message") or text(condition(body, kind), "reason")
    causes = (cause("NotReady", detail=detail),) if detail else ()
    return Health(Status.IN_PROGRESS, words, causes, enough_after=0.0, rule=f"condition {kind} is {status}")


KIND = Kind(
    GROUP_KIND,
    Rank.OTHER,
    assess,
    meaning=Meaning(
        current="its condition `Ready` is True, and no other tells of trouble",
        in_progress="it is not ready, under pressure or without a network",
        passes="one that is not ready: a release does not make nodes",
    ),
    source="https://kubernetes.io/docs/reference/node/node-status/#condition",
)
