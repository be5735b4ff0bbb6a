"""An Observation becomes a Verdict. Pure: what has to be remembered between two looks is handed in and out.

What must not happen: that news from before our own write condemns a release, or acquits it; or that pods which are
ready only until their first crash do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from lastgood.kinds import assess, kind_of
from lastgood.model.health import (
    Cause,
    Health,
    Judged,
    Observation,
    Ruling,
    Status,
    StuckPod,
    Verdict,
    YoungPod,
    condition_is,
    seen_by_controller,
)
from lastgood.model.resource import Body, Ref
from lastgood.model.telling import TIMED_OUT, sentence_of
from lastgood.reasons import cause, clock_of, graces, weight, with_grace

LINGER = 2.0
"""Seconds for which a trouble may be out of sight and still be the same one: a pod is replaced, a status rewritten."""


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
    ``done`` those that ran once and ended well.
    """

    troubles: Mapping[Trouble, Stood] = field(default_factory=dict)
    cleared: frozenset[tuple[Ref, str]] = frozenset()
    done: frozenset[Ref] = frozenset()


@dataclass(frozen=True, slots=True)
class _Look:
    """One subject at one moment. ``causes`` are as its own annotation wants them counted."""

    subject: Subject
    health: Health
    causes: tuple[Cause, ...] = ()
    uid: str = ""
    is_answer: bool = False
    is_done: bool = False

    @property
    def ref(self) -> Ref:
        return self.subject.ref


def judge(observation: Observation, subjects: Iterable[Subject], memory: Memory) -> tuple[Verdict, Memory]:
    """What this observation means for the release, and what to remember for the next one.

    FAIL as soon as one resource is condemned, PASS when all are as they should be, else WAIT; ``look_again`` is the
    time until the earliest grace runs out. In a FAIL the worst stands first.
    """
    looks = [_look(subject, observation, memory) for subject in subjects]
    memory = _remembering(memory, looks, observation.at)
    judged = tuple(_rule(look, memory, observation.at) for look in looks)
    ruling = _together(judged)
    again = min(_due(looks, judged, memory, observation.at), default=None) if ruling is Ruling.WAIT else None
    ordered = _worst_first(judged)
    return Verdict(ruling, ordered if ruling is Ruling.FAIL else judged, again, sentence_of(ruling, ordered)), memory


def time_out(verdict: Verdict) -> Verdict:
    """The same verdict when there is no more time: what was waited for has failed, but for what may never come."""
    if verdict.ruling is not Ruling.WAIT:
        return verdict
    judged = _worst_first(_too_late(one) if one.ruling is Ruling.WAIT else one for one in verdict.judged)
    ruling = _together(judged) if judged else Ruling.FAIL
    return Verdict(ruling, judged, None, sentence_of(ruling, judged) if judged else "not ready in time")


# --- what is seen


def _look(subject: Subject, observation: Observation, memory: Memory) -> _Look:
    body = observation.bodies.get(subject.ref)
    if body is None:
        return _absent(subject, memory)
    stale = _stale(body, subject.written)
    if stale:
        return _Look(subject, stale, stale.causes)
    health = _assessed(body, subject.ref, observation)
    own = graces(body)
    causes = tuple(with_grace(one, own) for one in health.causes)
    is_done = kind_of(subject.ref.group_kind).runs_once and condition_is(body, "Complete", "True")
    uid = body["metadata"].get("uid", "")
    return _Look(subject, health, causes, uid, is_answer=seen_by_controller(body), is_done=is_done)


def _absent(subject: Subject, memory: Memory) -> _Look:
    if subject.ref in memory.done:
        return _Look(subject, Health(Status.CURRENT, "ended well, and is gone since"))
    gone = cause("Deleted")
    return _Look(subject, Health(Status.NOT_FOUND, "is not there", (gone,)), (gone,))


def _stale(body: Body, written: Written | None) -> Health | None:
    """What to say of a body that is older than our write, or of another resource by the same name."""
    if written is None:
        return None
    metadata = body["metadata"]
    if metadata.get("uid") != written.uid:
        return Health(Status.UNKNOWN, "what was written is not seen yet", (cause("Replaced"),))
    if (metadata.get("generation") or 0) < written.generation:
        return Health(Status.UNKNOWN, "what was written is not seen yet")
    return None


def _assessed(body: Body, ref: Ref, observation: Observation) -> Health:
    health = assess(ref, body, observation)
    if health.status is Status.TERMINATING:
        return replace(health, causes=(cause("Deleted"),))
    return health


# --- what is remembered


def _remembering(memory: Memory, looks: list[_Look], at: float) -> Memory:
    now = {trouble for look in looks for trouble in _troubles(look)}
    known = {trouble: stood for trouble, stood in memory.troubles.items() if not _is_over(stood, at)}
    lost = {trouble: _out_of_sight(stood, at) for trouble, stood in known.items() if trouble not in now}
    standing = {trouble: Stood(known[trouble].since if trouble in known else at) for trouble in now}
    return Memory(
        lost | standing,
        memory.cleared | {(look.ref, look.uid) for look in looks if _is_clear(look)},
        memory.done | {look.ref for look in looks if look.is_done},
    )


def _out_of_sight(stood: Stood, at: float) -> Stood:
    return replace(stood, lost=at) if stood.lost is None else stood


def _is_over(stood: Stood, at: float) -> bool:
    return stood.lost is not None and at - stood.lost > LINGER


def _troubles(look: _Look) -> Iterator[Trouble]:
    if look.health.status is not Status.CURRENT:
        yield from (_trouble(look, one) for one in look.causes)
    yield from (_blocking(look, pod) for pod in look.health.stuck)
    yield from (_growing(look, pod) for pod in look.health.young)
    if look.health.enough_after is not None:
        yield _lasting(look)
    yield from (_trouble(look, pod.because) for pod in look.health.young if pod.because)


def _trouble(look: _Look, one: Cause) -> Trouble:
    # Not by pod: a pod that takes the place of another with the same trouble does not begin a new time.
    return look.ref, one.container, clock_of(one)


def _blocking(look: _Look, pod: StuckPod) -> Trouble:
    return look.ref, pod.uid, "stuck"


def _growing(look: _Look, pod: YoungPod) -> Trouble:
    return look.ref, pod.key, "young"


def _lasting(look: _Look) -> Trouble:
    return look.ref, look.uid, "enough"


def _is_clear(look: _Look) -> bool:
    return look.is_answer and not look.health.condition_failed


# --- what it means


def _rule(look: _Look, memory: Memory, at: float) -> Judged:
    if look.health.status is Status.CURRENT:
        return _ready(look, memory, at)
    health = replace(look.health, stuck=tuple(pod for pod in look.health.stuck if _wait(look, pod, memory, at) <= 0))
    condemned = next((one for one in look.causes if one.hopeless and _left(look, one, memory, at) <= 0), None)
    if condemned or _is_failed(look, memory, at):
        return Judged(look.ref, health, Ruling.FAIL, condemned)
    return Judged(look.ref, health, Ruling.PASS if _is_enough(look, memory, at) else Ruling.WAIT)


def _is_enough(look: _Look, memory: Memory, at: float) -> bool:
    """Whether to go on with what may stay so for ever; what this run did not write has stood so before."""
    if look.health.enough_after is None:
        return False
    return look.subject.written is None or _silence(look, look.health.enough_after, memory, at) <= 0


def _ready(look: _Look, memory: Memory, at: float) -> Judged:
    """Ready is enough for what this run did not write, or once no pod is too young to tell."""
    left = max((_youth(look, pod, memory, at) for pod in look.health.young), default=0.0)
    if look.subject.written is None or left <= 0:
        return Judged(look.ref, look.health, Ruling.PASS)
    seconds = max(pod.seconds for pod in look.health.young)
    words = f"{look.health.sentence}; they have to stay so for {seconds:g} s"
    return Judged(look.ref, replace(look.health, sentence=words), Ruling.WAIT)


def _is_failed(look: _Look, memory: Memory, at: float) -> bool:
    """Whether the status itself condemns; where hopeless causes come with it, their graces are what counts.

    A failing condition may be older than our write although it carries the present generation: a Deployment that was
    just reverted shows ProgressDeadlineExceeded for some 20 ms. It counts once a status without it was seen, and the
    graces of what comes with it are over.
    """
    if look.health.status is not Status.FAILED:
        return False
    if look.health.condition_failed:
        is_news = look.subject.written is None or (look.ref, look.uid) in memory.cleared
        return is_news and all(_left(look, one, memory, at) <= 0 for one in look.causes)
    return not any(one.hopeless for one in look.health.causes)


def _left(look: _Look, one: Cause, memory: Memory, at: float) -> float:
    return one.grace - (at - memory.troubles[_trouble(look, one)].since)


def _wait(look: _Look, pod: StuckPod, memory: Memory, at: float) -> float:
    return pod.grace - (at - memory.troubles[_blocking(look, pod)].since)


def _youth(look: _Look, pod: YoungPod, memory: Memory, at: float) -> float:
    return pod.seconds - (at - memory.troubles[_growing(look, pod)].since)


def _silence(look: _Look, seconds: float, memory: Memory, at: float) -> float:
    return seconds - (at - memory.troubles[_lasting(look)].since)


def _due(looks: list[_Look], judged: tuple[Judged, ...], memory: Memory, at: float) -> Iterator[float]:
    """The seconds until each grace that still runs is over."""
    for look, one in zip(looks, judged, strict=True):
        if one.ruling is not Ruling.WAIT:
            continue
        counting = (one for one in look.causes if one.hopeless or look.health.condition_failed)
        grace = (_left(look, because, memory, at) for because in counting)
        stuck = (_wait(look, pod, memory, at) for pod in look.health.stuck)
        young = (_youth(look, pod, memory, at) for pod in look.health.young)
        yield from (wait for wait in (*grace, *stuck, *young) if wait > 0)
        if look.health.enough_after is not None:
            yield _silence(look, look.health.enough_after, memory, at)


def _together(judged: tuple[Judged, ...]) -> Ruling:
    rulings = {one.ruling for one in judged}
    return next((ruling for ruling in (Ruling.FAIL, Ruling.WAIT) if ruling in rulings), Ruling.PASS)


def _worst_first(judged: Iterable[Judged]) -> tuple[Judged, ...]:
    """Of hundreds that are not ready, the broken one has the most to say."""
    return tuple(sorted(judged, key=lambda one: (one.ruling is not Ruling.FAIL, weight(one.cause, *one.health.causes))))


def _too_late(one: Judged) -> Judged:
    if one.health.enough_after is not None:
        return replace(one, ruling=Ruling.PASS)
    because = one.health.causes[0] if one.health.causes else None
    words = f"{TIMED_OUT}{one.health.sentence}"
    return Judged(one.ref, replace(one.health, sentence=words), Ruling.FAIL, because)
