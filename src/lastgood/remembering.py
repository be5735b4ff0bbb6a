"""What was seen of each resource from look to look, and since when each of its troubles stands. Pure.

A trouble that is out of sight for a moment is still the same one, and one that moves to another pod goes on.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from lastgood.model.health import Cause, Health, Status, StuckPod, Young
from lastgood.model.resource import Ref
from lastgood.reasons import clock_of

LINGER = 2.0
"""Seconds for which a trouble may be out of sight and still be the same one: a pod is replaced, a status rewritten."""

CRASHES = 2
"""How many crashes make a loop of a container that has nothing of its release to wait for. The kubelet starts it again
at once after the first; after the second it has it wait, for ten seconds and more."""


@dataclass(frozen=True, slots=True)
class Written:
    """What our own write of a resource answered: older bodies say nothing about it."""

    uid: str
    generation: int


@dataclass(frozen=True, slots=True)
class Subject:
    """A resource to be judged. One that this run did not write is judged as it stands."""

    ref: Ref
    written: Written | None = None


Trouble = tuple[Ref, str, str]
"""Whose it is, in which container or pod, and the clock that its reasons share."""


@dataclass(frozen=True, slots=True)
class Stood:
    """Since when a trouble stands, and since when it is out of sight, if it is; seconds of the monotonic clock."""

    since: float
    lost: float | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """What earlier observations showed.

    ``cleared`` are resources, by ref and uid, which since our write had a status without a failing condition;
    ``done`` those that ran once and ended well. ``excused`` are crashes that came while something else was on its way,
    which it was last at ``busy`` of the monotonic clock.
    """

    troubles: Mapping[Trouble, Stood] = field(default_factory=dict)
    cleared: frozenset[tuple[Ref, str]] = frozenset()
    done: frozenset[Ref] = frozenset()
    excused: Mapping[Trouble, int] = field(default_factory=dict)
    busy: float = -math.inf


@dataclass(frozen=True, slots=True)
class Look:
    """One subject at one moment. ``causes`` are as its own annotation wants them counted."""

    subject: Subject
    health: Health
    causes: tuple[Cause, ...] = ()
    uid: str = ""
    is_answer: bool = False
    is_done: bool = False

    @property
    def ref(self) -> Ref:
        """Whose look this is."""
        return self.subject.ref


def remember(memory: Memory, looks: list[Look], at: float) -> Memory:
    """What is known once these looks were taken; ``at`` is in seconds of the monotonic clock, as in an Observation."""
    now = {trouble for look in looks for trouble in _troubles(look)}
    known = {trouble: stood for trouble, stood in memory.troubles.items() if not _is_over(stood, at)}
    lost = {trouble: _out_of_sight(stood, at) for trouble, stood in known.items() if trouble not in now}
    standing = {trouble: Stood(known[trouble].since if trouble in known else at) for trouble in now}
    seen = Memory(
        lost | standing,
        memory.cleared | {(look.ref, look.uid) for look in looks if _is_clear(look)},
        memory.done | {look.ref for look in looks if look.is_done},
    )
    is_busy = any(_is_on_its_way(look, seen, at) for look in looks)
    excused = {trouble: count for trouble, count in memory.excused.items() if trouble in known}
    excused |= _excused(looks, is_busy=is_busy)
    return replace(seen, excused=excused, busy=at if is_busy else memory.busy)


def _is_on_its_way(look: Look, memory: Memory, at: float) -> bool:
    """Whether it gets ready still, and does not itself wait for what does not come."""
    if look.health.status is Status.CURRENT:
        written = look.subject.written is not None
        return written and any(youth_left(look, one, memory, at) > 0 for one in look.health.young)
    return look.health.enough_after != 0 and not any(one.hopeless or one.crashes for one in look.causes)


def _excused(looks: list[Look], *, is_busy: bool) -> Mapping[Trouble, int]:
    """The crashes of what may be waiting for the rest of its release, or for another container of its pod."""
    found: dict[Trouble, int] = {}
    for look in looks:
        others = {one.container for one in look.causes if one.container and not one.crashes}
        for one in look.causes:
            if one.crashes and (is_busy or others - {one.container}):
                trouble = _trouble(look, one)
                found[trouble] = max(one.crashes, found.get(trouble, 0))
    return found


def _out_of_sight(stood: Stood, at: float) -> Stood:
    return replace(stood, lost=at) if stood.lost is None else stood


def _is_over(stood: Stood, at: float) -> bool:
    return stood.lost is not None and at - stood.lost > LINGER


def _troubles(look: Look) -> Iterator[Trouble]:
    if look.health.status is not Status.CURRENT:
        yield from (_trouble(look, one) for one in look.causes)
    yield from (_blocking(look, pod) for pod in look.health.stuck)
    yield from (_growing(look, one) for one in look.health.young)
    if look.health.enough_after is not None:
        yield _lasting(look)
    yield from (_trouble(look, one.because) for one in look.health.young if one.because)


def _trouble(look: Look, one: Cause) -> Trouble:
    # Not by pod: a pod that takes the place of another with the same trouble does not begin a new time.
    return look.ref, one.container, clock_of(one)


def _blocking(look: Look, pod: StuckPod) -> Trouble:
    return look.ref, pod.uid, "stuck"


def _growing(look: Look, one: Young) -> Trouble:
    return look.ref, one.key, "young"


def _lasting(look: Look) -> Trouble:
    return look.ref, look.uid, "enough"


def _is_clear(look: Look) -> bool:
    return look.is_answer and not look.health.condition_failed


# --- what is left of a time


def grace_left(look: Look, one: Cause, memory: Memory, at: float) -> float:
    """Seconds until this cause has stood for its grace; not above 0 once it has.

    What may be brought by something else of the release stands from when nothing else is on its way.
    """
    since = memory.troubles[_trouble(look, one)].since
    if not one.patience:
        return one.grace - (at - since)
    return min(one.grace - (at - max(since, memory.busy)), one.patience - (at - since))


def is_hopeless(look: Look, one: Cause, memory: Memory) -> bool:
    """Whether this cause ends the wait after its grace: by itself, or by crashes that nothing else excuses."""
    return one.hopeless or one.crashes - memory.excused.get(_trouble(look, one), 0) >= CRASHES


def wait_left(look: Look, pod: StuckPod, memory: Memory, at: float) -> float:
    """Seconds until this pod has been stuck for its grace."""
    return pod.grace - (at - memory.troubles[_blocking(look, pod)].since)


def youth_left(look: Look, one: Young, memory: Memory, at: float) -> float:
    """Seconds for which what is well has still to stay so."""
    return one.seconds - (at - memory.troubles[_growing(look, one)].since)


def silence_left(look: Look, seconds: float, memory: Memory, at: float) -> float:
    """Seconds until what may never come has been waited for long enough."""
    return seconds - (at - memory.troubles[_lasting(look)].since)
