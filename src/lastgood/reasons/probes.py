"""Probes that fail: which one, how often, what it said, and whether it had the container killed. Pure.

https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/kubelet/prober/prober.go
https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/kubelet/kuberuntime/kuberuntime_manager.go (computePodActions)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lastgood.model.resource import Body
from lastgood.reasons.events import happened, newest

STEPS = (1000, 300, 100, 30, 10, 3)
"""From three times on a count is told by these, so that a long wait does not say something new every second."""

ORDERLY = frozenset({0, 137, 143})
"""How a container ends that a probe had killed: it obeyed, or it had to be."""

_FAILED = re.compile(
    r"(Readiness|Liveness|Startup) probe (?:failed|errored and resulted in \w+ state): ?(.*)", re.DOTALL
)
_KILLING = re.compile(r"failed (liveness|startup) probe")


@dataclass(frozen=True, slots=True)
class Failing:
    """A probe that fails: ``readiness``, ``liveness`` or ``startup``; what it said last, and how often it did."""

    probe: str
    output: str
    times: int

    @property
    def said(self) -> str:
        """What it said, to stand after what came of that."""
        return f": {self.output}" if self.output else ""

    @property
    def words(self) -> str:
        """For a container that runs and is not ready."""
        return f"its {self.probe} probe failed {often(self.times)}{self.said}"


def failing(events: tuple[Body, ...]) -> Failing | None:
    """The probe that the newest word about a container's health is of."""
    told = newest(events, {"Unhealthy"})
    found = _FAILED.match(str((told or {}).get("message") or ""))
    return _of(found[1].lower(), found[2], events) if found else None


def killer(events: tuple[Body, ...], end: Mapping[str, Any]) -> Failing | None:
    """The probe that ended the container, if it was one; ``end`` is its last terminated state."""
    mine = tuple(event for event in events if _may_have_ended(event, end))
    killing = _KILLING.search(str((newest(mine, {"Killing"}) or {}).get("message") or ""))
    last = failing(mine)
    if killing:
        return _of(killing[1], last.output if last and last.probe == killing[1] else "", events)
    return last if last and last.probe == "liveness" and end.get("exitCode") in ORDERLY else None


def is_hook(events: tuple[Body, ...], end: Mapping[str, Any]) -> bool:
    """Whether its postStart hook failed, which ends a container as well."""
    mine = tuple(event for event in events if _may_have_ended(event, end))
    return newest(mine, {"FailedPostStartHook"}) is not None


def often(times: int) -> str:
    """``once``, ``twice``, and from there on by steps."""
    if times < STEPS[-1]:
        return {1: "once", 2: "twice"}.get(times, "")
    return f"at least {next(step for step in STEPS if step <= times)} times"


def _of(probe: str, output: str, events: tuple[Body, ...]) -> Failing:
    counts = (_count(event) for event in events if _is_failure(event, probe))
    return Failing(probe, " ".join(output.split()), max(sum(counts), 1))


def _is_failure(event: Body, probe: str) -> bool:
    found = _FAILED.match(str(event.get("message") or "")) if event.get("reason") == "Unhealthy" else None
    return found is not None and found[1].lower() == probe


def _count(event: Body) -> int:
    return int((event.get("series") or {}).get("count") or event.get("count") or 1)


def _may_have_ended(event: Body, end: Mapping[str, Any]) -> bool:
    """Whether it is of the same start, by the times of one kubelet, or of an earlier one that ended no worse.

    After some twenty events of a pod most are dropped, so that the newest may be older than the newest end.
    """
    started = end.get("startedAt")
    return not started or end.get("exitCode") in ORDERLY or happened(event) >= datetime.fromisoformat(started)
