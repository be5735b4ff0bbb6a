"""Watch, judge, tell, until the verdict is final."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace

from lastgood.holding import USUAL, Remembered, Terms, expired, last_moment, watch_over
from lastgood.kinds import assess, kind_of, revision_of
from lastgood.model.health import Health, Observation, Ruling, Verdict, condition_is
from lastgood.model.release import Workload
from lastgood.model.resource import Body, GroupKind, Ref
from lastgood.ports import Clock, Cluster
from lastgood.remembering import Subject
from lastgood.undoing import template_digest
from lastgood.versioning import pod_template

OnVerdict = Callable[[Verdict], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Watched:
    """How a wait ended, and the last that was seen."""

    verdict: Verdict
    observation: Observation


async def watch(
    cluster: Cluster,
    clock: Clock,
    subjects: tuple[Subject, ...],
    *,
    until: float,
    on_verdict: OnVerdict,
    terms: Terms = USUAL,
) -> Watched:
    """Wait until the subjects pass or fail, at the latest until a moment of the monotonic clock.

    A hold that ``terms`` ask for comes on top of that. ``on_verdict`` is called with each verdict that differs from the
    one before.
    """
    refs = tuple(subject.ref for subject in subjects)
    async with cluster.observe(refs, dependents_of(refs)) as observations:
        return await _follow(observations, clock, subjects, until=until, on_verdict=on_verdict, terms=terms)


async def look(cluster: Cluster, refs: Collection[Ref]) -> Observation:
    """One whole observation."""
    async with cluster.observe(tuple(refs), dependents_of(refs)) as observations:
        return await anext(observations)


def healths(observation: Observation) -> dict[Ref, Health]:
    """How each observed resource is, as it stands."""
    return {ref: assess(ref, body, observation) for ref, body in observation.bodies.items()}


def workloads(observation: Observation) -> tuple[Workload, ...]:
    """What is recorded of each observed workload: its uid, and what keeps its pod template."""
    found = (_workload(ref, body, observation) for ref, body in sorted(observation.bodies.items(), key=_by_ref))
    return tuple(one for one in found if one is not None)


def _by_ref(item: tuple[Ref, Body]) -> Ref:
    return item[0]


def _workload(ref: Ref, body: Body, observation: Observation) -> Workload | None:
    template = pod_template(body)
    if template is None:
        return None
    done = kind_of(ref.group_kind).runs_once and condition_is(body, "Complete", "True")
    return Workload(ref, body["metadata"]["uid"], revision_of(body, observation), template_digest(template), done)


def dependents_of(refs: Collection[Ref]) -> Mapping[GroupKind, tuple[GroupKind, ...]]:
    """What else has to be watched to know how these are."""
    return {ref.group_kind: kind_of(ref.group_kind).dependents for ref in refs}


async def _follow(
    observations: AsyncIterator[Observation],
    clock: Clock,
    subjects: tuple[Subject, ...],
    *,
    until: float,
    on_verdict: OnVerdict,
    terms: Terms,
) -> Watched:
    memory, told = Remembered(), None
    seen = _Latest(observations, clock)
    try:
        while True:
            observation = await seen.next(until=last_moment(memory, until, terms))
            verdict, memory = watch_over(observation, subjects, memory, terms)
            if verdict.ruling is Ruling.WAIT and clock.monotonic() >= last_moment(memory, until, terms):
                verdict = expired(verdict, memory, terms)
            seen.look_again_in(verdict.look_again)
            if (verdict.judged, verdict.held) != told:
                told = (verdict.judged, verdict.held)
                await on_verdict(verdict)
            if verdict.ruling is not Ruling.WAIT:
                return Watched(verdict, observation)
    finally:
        await seen.close()


class _Latest:
    """The newest observation: a new one when something changed, the same one again when time alone may change it."""

    def __init__(self, observations: AsyncIterator[Observation], clock: Clock) -> None:
        self._observations, self._clock = observations, clock
        self._coming: asyncio.Future[Observation] | None = None
        self._last: Observation | None = None
        self._again: float | None = None

    def look_again_in(self, seconds: float | None) -> None:
        """When to look at the same observation again, if nothing changes."""
        self._again = seconds

    async def next(self, *, until: float) -> Observation:
        """Wait for a change, for the time to look again, or for the end."""
        while True:
            if self._coming is None:
                self._coming = asyncio.ensure_future(anext(self._observations))
            done, _ = await asyncio.wait({self._coming}, timeout=self._patience(until))
            if done:
                self._last, self._coming = self._coming.result(), None
                return self._last
            if self._last is not None:
                return replace(self._last, at=self._clock.monotonic())
            if self._clock.monotonic() >= until:
                return Observation(self._clock.monotonic(), {})

    async def close(self) -> None:
        """Stop waiting for more."""
        if self._coming is not None:
            self._coming.cancel()
            await asyncio.gather(self._coming, return_exceptions=True)

    def _patience(self, until: float) -> float:
        left = max(until - self._clock.monotonic(), 0.0)
        return left if self._again is None or self._last is None else min(left, max(self._again, 0.01))
