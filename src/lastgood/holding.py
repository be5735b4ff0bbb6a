"""Whether what is healthy stays so for as long as it was asked to. Pure, as ``judging`` is, on which it stands.

A hold begins when everything is healthy. What ends by its own fault after that fails the release at once; what is not
ready for a while sets the hold back; pods that go and come for reasons outside of the release do neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from lastgood.judging import judge, time_out, worst_first
from lastgood.kinds import kind_of, revision_of
from lastgood.model.health import Cause, Health, Held, Judged, Observation, Ruling, Status, Verdict
from lastgood.model.plan import Plan, Wait
from lastgood.model.resource import Body, GroupKind, Ref
from lastgood.model.telling import sentence_of
from lastgood.reasons import (
    Ends,
    crashes_since,
    ends_of,
    graces,
    is_disrupted,
    is_ready,
    ready_since,
    with_grace,
)
from lastgood.remembering import Memory, Subject

STEPS = 5
"""In how many steps a hold is told, of a second at least."""

HASH = "controller-revision-hash"
POD = GroupKind("", "Pod")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a run asks of health, in seconds: how long it has to last, and the release's own graces by reason.

    ``patience`` is how long pods are waited for after a hold that came for a reason outside of the release.
    """

    hold: float = 0.0
    patience: float = 0.0
    graces: Mapping[str, float] = field(default_factory=dict)


USUAL = Terms()


@dataclass(frozen=True, slots=True)
class Well:
    """A pod that was ready: since when, by its Ready condition, and how often its containers had ended by then."""

    ready: str
    ends: Ends


@dataclass(frozen=True, slots=True)
class Vigil:
    """Since when everything is healthy, in seconds of the monotonic clock, and the pods that were, by uid."""

    since: float
    pods: Mapping[str, Well]


@dataclass(frozen=True, slots=True)
class Remembered:
    """What earlier observations showed. ``unsteady`` are those that set the hold back the last time."""

    memory: Memory = field(default_factory=Memory)
    vigil: Vigil | None = None
    unsteady: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class _Crew:
    """The pods of one subject that are of its live template. ``makes_pods`` says that its health is theirs."""

    ref: Ref
    pods: tuple[Body, ...]
    makes_pods: bool
    graces: Mapping[str, float]


def watch_over(
    observation: Observation, subjects: Iterable[Subject], before: Remembered, terms: Terms
) -> tuple[Verdict, Remembered]:
    """What this observation means for a release that has to stay healthy; without a hold, what ``judge`` says."""
    subjects = tuple(subjects)
    verdict, memory = judge(observation, subjects, before.memory, terms.graces)
    if not terms.hold or verdict.ruling is Ruling.FAIL:
        return verdict, Remembered(memory, before.vigil, before.unsteady)
    crews = [_crew(subject, observation, terms) for subject in subjects]
    crashes = dict(_crashes(crews, before.vigil, observation))
    if crashes:
        return _condemned(verdict, crashes), Remembered(memory, before.vigil)
    unsteady = tuple(_unsteady(verdict, crews, before.vigil))
    vigil = _vigil(verdict, crews, None if unsteady else before.vigil, observation.at)
    remembered = Remembered(memory, vigil, unsteady or before.unsteady)
    return (_holding(verdict, vigil, observation.at, terms) if vigil else verdict), remembered


def last_moment(remembered: Remembered, until: float, terms: Terms) -> float:
    """The moment at which waiting ends. ``until`` is the last one at which a hold may begin, or begin anew."""
    vigil = remembered.vigil
    if vigil is None or (remembered.unsteady and vigil.since > until):
        return until
    return vigil.since + terms.hold + terms.patience


def expired(verdict: Verdict, remembered: Remembered, terms: Terms) -> Verdict:
    """The same verdict when there is no more time."""
    if verdict.ruling is not Ruling.WAIT or not remembered.unsteady or verdict.waiting:
        return time_out(verdict)
    words = f"did not stay healthy for {terms.hold:g} s"
    judged = worst_first(_failing(one, words) if one.ref in remembered.unsteady else one for one in verdict.judged)
    return Verdict(Ruling.FAIL, judged, None, f"{remembered.unsteady[0]}: {words}")


def with_hold(plan: Plan, seconds: float) -> Plan:
    """The plan with so long a hold in its last wait."""
    last = max((place for place, step in enumerate(plan.steps) if isinstance(step, Wait)), default=-1)
    steps = [
        replace(step, hold=seconds) if isinstance(step, Wait) and place == last else step
        for place, step in enumerate(plan.steps)
    ]
    return replace(plan, steps=tuple(steps)) if seconds else plan


# --- who is held


def _crew(subject: Subject, observation: Observation, terms: Terms) -> _Crew:
    body = observation.bodies.get(subject.ref)
    makes_pods = bool(kind_of(subject.ref.group_kind).pod_template) or subject.ref.group_kind == POD
    if body is None:
        return _Crew(subject.ref, (), makes_pods=False, graces=terms.graces)
    return _Crew(subject.ref, _pods(body, observation), makes_pods, {**terms.graces, **graces(body)})


def _pods(body: Body, observation: Observation) -> tuple[Body, ...]:
    if body.get("kind") == "Pod":
        return (body,)
    revision = revision_of(body, observation)
    return tuple(pod for pod in observation.of(body["metadata"].get("uid", ""), "Pod") if _is_of(pod, revision))


def _is_of(pod: Body, revision: str) -> bool:
    """By the ReplicaSet that owns it, or by the label that names its ControllerRevision, whole or its end."""
    metadata = pod["metadata"]
    owners = [one.get("name") for one in metadata.get("ownerReferences") or ()]
    label = str((metadata.get("labels") or {}).get(HASH) or "")
    return not revision or revision in owners or label == revision or bool(label and revision.endswith(f"-{label}"))


# --- what has become of them


def _crashes(crews: Iterable[_Crew], vigil: Vigil | None, observation: Observation) -> Iterator[tuple[Ref, Cause]]:
    for crew in crews if vigil else ():
        for pod, well in _known(crew, vigil):
            events = observation.of(pod["metadata"].get("uid", ""), "Event")
            found = (with_grace(one, crew.graces) for one in crashes_since(pod, well.ends, well.ready, events))
            yield from ((crew.ref, one) for one in found if one.hopeless and not one.grace)


def _known(crew: _Crew, vigil: Vigil | None) -> Iterator[tuple[Body, Well]]:
    for pod in crew.pods:
        well = vigil.pods.get(pod["metadata"].get("uid", "")) if vigil else None
        if well is not None:
            yield pod, well


def _unsteady(verdict: Verdict, crews: Iterable[_Crew], vigil: Vigil | None) -> Iterator[Ref]:
    """Whose health came and went. Where it is that of pods, those count that were ready, and are wanted still."""
    for crew, judged in zip(crews, verdict.judged, strict=True) if vigil else ():
        waits_by_itself = judged.ruling is Ruling.WAIT and not crew.makes_pods
        if waits_by_itself or any(_was_unready(pod, well) for pod, well in _known(crew, vigil)):
            yield crew.ref


def _was_unready(pod: Body, well: Well) -> bool:
    return not is_disrupted(pod) and (not is_ready(pod) or ready_since(pod) != well.ready)


# --- the hold


def _vigil(verdict: Verdict, crews: Iterable[_Crew], vigil: Vigil | None, at: float) -> Vigil | None:
    """The hold goes on, with the pods that got ready meanwhile; or begins, when everything is healthy."""
    if vigil is None and verdict.ruling is not Ruling.PASS:
        return None
    known = vigil.pods if vigil else {}
    ready = (pod for crew in crews for pod in crew.pods if is_ready(pod) and pod["metadata"].get("uid") not in known)
    new = {pod["metadata"].get("uid", ""): Well(ready_since(pod), ends_of(pod)) for pod in ready}
    return Vigil(vigil.since if vigil else at, {**known, **new})


def _holding(verdict: Verdict, vigil: Vigil, at: float, terms: Terms) -> Verdict:
    elapsed, step = at - vigil.since, float(max(1, round(terms.hold / STEPS)))
    left = terms.hold - elapsed
    if left <= 0 and verdict.ruling is Ruling.PASS:
        whole = Held(terms.hold, terms.hold)
        return replace(verdict, sentence=f"{verdict.sentence}, for {terms.hold:g} s", held=whole)
    held = Held(min(elapsed // step * step, terms.hold), terms.hold)
    waits = [] if verdict.ruling is Ruling.PASS else [verdict.sentence]
    again = [] if verdict.look_again is None else [verdict.look_again]
    again += [left, step - elapsed % step] if left > 0 else []
    return Verdict(Ruling.WAIT, verdict.judged, min(again, default=None), "; ".join([str(held), *waits]), held)


def _condemned(verdict: Verdict, crashes: Mapping[Ref, Cause]) -> Verdict:
    judged = worst_first(
        Judged(one.ref, one.health, Ruling.FAIL, crashes[one.ref]) if one.ref in crashes else one
        for one in verdict.judged
    )
    return Verdict(Ruling.FAIL, judged, None, sentence_of(Ruling.FAIL, judged))


def _failing(one: Judged, words: str) -> Judged:
    return Judged(one.ref, Health(Status.FAILED, words, one.health.causes), Ruling.FAIL)
