"""Any kind that is not in the catalogue, by the conventions that controllers share. Pure.

https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#typical-status-properties
and https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lastgood.kinds.generic.condition import conditions_of
from lastgood.kinds.generic.conditions import conditions_say
from lastgood.kinds.generic.counts import counts_say
from lastgood.kinds.generic.facts import Facts, facts_of
from lastgood.kinds.generic.fields import fields_say
from lastgood.kinds.generic.signals import Signal, decide
from lastgood.model.health import Cause, Health, Observation, Status, Young
from lastgood.model.resource import Body
from lastgood.reasons import cause

__all__ = ["assess", "assess_unheard_of"]

SILENCE = 30.0
"""Seconds after which a deploy goes on without an answer: the operator may be yet to come, or not be there at all."""

ANSWER = 5.0
"""Seconds that a controller of an unknown kind has to say that something is wrong with a change, where its status does
not tell of which change it speaks: what it said of the one before is still there, or it has not said anything yet."""


def assess(body: Body, _observation: Observation) -> Health:
    """What its status says: failed before in progress before current, and nothing that it does not say.

    Never current where a condition of the present generation says otherwise. What says nothing at all is there, as
    with kstatus; what contradicts itself, or speaks in words that nobody knows, is unknown. Raises nothing, whatever
    the body holds.
    """
    return _assessed(facts_of(body))


def _assessed(facts: Facts) -> Health:
    if facts.metadata.get("deletionTimestamp"):
        return Health(Status.TERMINATING, "is being deleted", rule="metadata.deletionTimestamp is set")
    if facts.is_behind:
        return _behind(facts)
    signal = decide(_signals(facts))
    if signal is not None:
        return _health(signal)
    if facts.known.answers:
        words, rule = "its controller has not answered yet", "no status that is known"
        return Health(Status.IN_PROGRESS, words, enough_after=SILENCE, rule=rule)
    return Health(
        Status.CURRENT, "is there", rule="nothing in its status says otherwise" if facts.status else "no status"
    )


def assess_unheard_of(body: Body, _observation: Observation) -> Health:
    """The same for a kind that the catalogue does not have: good news must be of now, or last for a while."""
    facts = facts_of(body)
    health = _assessed(facts)
    if health.status is not Status.CURRENT or _is_vouched_for(facts):
        return health
    return replace(health, young=(Young(str(facts.metadata.get("uid") or ""), ANSWER),))


def _is_vouched_for(facts: Facts) -> bool:
    generations = (one.generation for one in conditions_of(facts.status))
    return facts.is_of_now or any(one is not None and one == facts.generation for one in generations)


def _signals(facts: Facts) -> Iterator[Signal]:
    yield from conditions_say(facts)
    yield from fields_say(facts)
    yield from counts_say(facts)


def _behind(facts: Facts) -> Health:
    suspended = next((one for one in fields_say(facts) if one.rule.startswith("spec.")), None)
    if suspended:
        return _health(suspended)
    return Health(
        Status.IN_PROGRESS, "its controller has not seen this change yet", rule="observedGeneration is behind"
    )


def _health(signal: Signal) -> Health:
    if signal.status is not Status.FAILED:
        causes = (cause("NotReady", detail=signal.detail),) if signal.detail else ()
        enough = 0.0 if signal.is_as_asked else None
        return Health(signal.status, signal.sentence, causes, enough_after=enough, rule=signal.rule)
    return Health(
        signal.status, signal.sentence, (_trouble(signal),), condition_failed=not signal.is_of_now, rule=signal.rule
    )


def _trouble(signal: Signal) -> Cause:
    """Hopeless once its grace is over: controllers try again. What may be older than our write has to be seen anew."""
    return cause(
        "Stalled" if signal.has_given_up else "ReportedFailure",
        detail=signal.detail or signal.sentence,
        hopeless=signal.is_of_now,
    )
