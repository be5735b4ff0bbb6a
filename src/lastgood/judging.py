"""An Observation becomes a Verdict. Pure: what has to be remembered between two looks is handed in and out.

What must not happen: that news from before our own write condemns a release, or acquits it; or that pods which are
ready only until their first crash do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from lastgood.kinds import assess, kind_of
from lastgood.model.health import (
    Health,
    Judged,
    Observation,
    Ruling,
    Status,
    Verdict,
    condition_is,
    seen_by_controller,
)
from lastgood.model.resource import Body, Ref
from lastgood.model.telling import TIMED_OUT, sentence_of
from lastgood.reasons import cause, graces, weight, with_grace
from lastgood.remembering import (
    Look,
    Memory,
    Subject,
    Written,
    grace_left,
    is_hopeless,
    remember,
    silence_left,
    wait_left,
    youth_left,
)

TABLES: Mapping[str, float] = MappingProxyType({})
"""No graces but those of the table of reasons."""


def judge(
    observation: Observation, subjects: Iterable[Subject], memory: Memory, own: Mapping[str, float] = TABLES
) -> tuple[Verdict, Memory]:
    """What this observation means for the release, and what to remember for the next one.

    FAIL as soon as one resource is condemned, PASS when all are as they should be, else WAIT; ``look_again`` is the
    time until the earliest grace runs out. In a FAIL the worst stands first.
    ``own`` are the release's graces by reason, which a workload's go before.
    """
    looks = [_look(subject, observation, memory, own) for subject in subjects]
    memory = remember(memory, looks, observation.at)
    judged = tuple(_rule(look, memory, observation.at) for look in looks)
    ruling = _together(judged)
    again = min(_due(looks, judged, memory, observation.at), default=None) if ruling is Ruling.WAIT else None
    ordered = worst_first(judged)
    return Verdict(ruling, ordered if ruling is Ruling.FAIL else judged, again, sentence_of(ruling, ordered)), memory


def time_out(verdict: Verdict) -> Verdict:
    """The same verdict when there is no more time: what was waited for has failed, but for what may never come."""
    if verdict.ruling is not Ruling.WAIT:
        return verdict
    judged = worst_first(_too_late(one) if one.ruling is Ruling.WAIT else one for one in verdict.judged)
    ruling = _together(judged) if judged else Ruling.FAIL
    return Verdict(ruling, judged, None, sentence_of(ruling, judged) if judged else "not ready in time")


def worst_first(judged: Iterable[Judged]) -> tuple[Judged, ...]:
    """Of hundreds that are not ready, the broken one has the most to say."""
    return tuple(sorted(judged, key=lambda one: (one.ruling is not Ruling.FAIL, weight(one.cause, *one.health.causes))))


# --- what is seen


def _look(subject: Subject, observation: Observation, memory: Memory, own: Mapping[str, float]) -> Look:
    body = observation.bodies.get(subject.ref)
    if body is None:
        return _absent(subject, memory)
    stale = _stale(body, subject.written)
    if stale:
        return Look(subject, stale, stale.causes)
    health = _assessed(body, subject.ref, observation)
    counted = {**own, **graces(body)}
    causes = tuple(with_grace(one, counted) for one in health.causes)
    is_done = kind_of(subject.ref.group_kind).runs_once and condition_is(body, "Complete", "True")
    uid = body["metadata"].get("uid", "")
    return Look(subject, health, causes, uid, is_answer=seen_by_controller(body), is_done=is_done)


def _absent(subject: Subject, memory: Memory) -> Look:
    if subject.ref in memory.done:
        return Look(subject, Health(Status.CURRENT, "ended well, and is gone since"))
    gone = cause("Deleted")
    return Look(subject, Health(Status.NOT_FOUND, "is not there", (gone,)), (gone,))


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


# --- what it means


def _rule(look: Look, memory: Memory, at: float) -> Judged:
    if look.health.status is Status.CURRENT:
        return _ready(look, memory, at)
    stuck = tuple(pod for pod in look.health.stuck if wait_left(look, pod, memory, at) <= 0)
    health = replace(look.health, stuck=stuck)
    final = (one for one in look.causes if is_hopeless(look, one, memory))
    condemned = next((one for one in final if grace_left(look, one, memory, at) <= 0), None)
    if condemned or _is_failed(look, memory, at):
        return Judged(look.ref, health, Ruling.FAIL, condemned)
    return Judged(look.ref, health, Ruling.PASS if _is_enough(look, memory, at) else Ruling.WAIT)


def _is_enough(look: Look, memory: Memory, at: float) -> bool:
    """Whether to go on with what may stay so for ever; what this run did not write has stood so before."""
    if look.health.enough_after is None:
        return False
    return look.subject.written is None or silence_left(look, look.health.enough_after, memory, at) <= 0


def _ready(look: Look, memory: Memory, at: float) -> Judged:
    """Ready is enough for what this run did not write, or once no pod is too young to tell."""
    left = max((youth_left(look, one, memory, at) for one in look.health.young), default=0.0)
    if look.subject.written is None or left <= 0:
        return Judged(look.ref, look.health, Ruling.PASS)
    seconds = max(one.seconds for one in look.health.young)
    words = f"{look.health.sentence}; this has to last {seconds:g} s"
    return Judged(look.ref, replace(look.health, sentence=words), Ruling.WAIT)


def _is_failed(look: Look, memory: Memory, at: float) -> bool:
    """Whether the status itself condemns; where hopeless causes come with it, their graces are what counts.

    A failing condition may be older than our write although it carries the present generation: a Deployment that was
    just reverted shows ProgressDeadlineExceeded for some 20 ms. It counts once a status without it was seen, and the
    graces of what comes with it are over.
    """
    if look.health.status is not Status.FAILED:
        return False
    if look.health.condition_failed:
        is_news = look.subject.written is None or (look.ref, look.uid) in memory.cleared
        return is_news and all(grace_left(look, one, memory, at) <= 0 for one in look.causes)
    return not any(one.hopeless for one in look.health.causes)


def _due(looks: list[Look], judged: tuple[Judged, ...], memory: Memory, at: float) -> Iterator[float]:
    """The seconds until each grace that still runs is over."""
    for look, one in zip(looks, judged, strict=True):
        if one.ruling is not Ruling.WAIT:
            continue
        counting = (one for one in look.causes if is_hopeless(look, one, memory) or look.health.condition_failed)
        grace = (grace_left(look, because, memory, at) for because in counting)
        stuck = (wait_left(look, pod, memory, at) for pod in look.health.stuck)
        young = (youth_left(look, pod, memory, at) for pod in look.health.young)
        yield from (wait for wait in (*grace, *stuck, *young) if wait > 0)
        if look.health.enough_after is not None:
            yield silence_left(look, look.health.enough_after, memory, at)


def _together(judged: tuple[Judged, ...]) -> Ruling:
    rulings = {one.ruling for one in judged}
    return next((ruling for ruling in (Ruling.FAIL, Ruling.WAIT) if ruling in rulings), Ruling.PASS)


def _too_late(one: Judged) -> Judged:
    if one.health.enough_after is not None:
        return replace(one, ruling=Ruling.PASS)
    because = one.health.causes[0] if one.health.causes else None
    words = f"{TIMED_OUT}{one.health.sentence}"
    return Judged(one.ref, replace(one.health, sentence=words), Ruling.FAIL, because)
