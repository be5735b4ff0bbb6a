"""What the fields of a resource say beside its conditions. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from lastgood.kinds.generic.facts import Facts
from lastgood.kinds.generic.inner import inner_say
from lastgood.kinds.generic.own import holds_a_word, own_say
from lastgood.kinds.generic.reading import plain
from lastgood.kinds.generic.signals import Signal
from lastgood.kinds.generic.words import listed
from lastgood.model.health import Status

SUSPENDED = "is suspended, and goes no further until it is resumed"


def fields_say(facts: Facts) -> Iterator[Signal]:
    """Everything but conditions and counts: what its spec holds back, its status, and the parts of that."""
    yield from _suspended(facts)
    yield from _begun(facts)
    yield from own_say(facts)
    yield from inner_say(facts)


def _suspended(facts: Facts) -> Iterator[Signal]:
    if facts.keeps_time:  # a schedule that is suspended is as it was asked to be
        return
    for key in ("suspend", "suspended", "paused", "pause"):
        if facts.spec.get(key) is True:
            yield Signal(Status.IN_PROGRESS, f"spec.{key} is true", SUSPENDED, is_as_asked=True)


STARTS = listed("startat startedat starttime starttimestamp")


def _begun(facts: Facts) -> Iterator[Signal]:
    """What comes to an end, and says by its times alone how far it is."""
    says_more = "conditions" in facts.status or any(map(holds_a_word, facts.status))
    started = next((key for key in facts.status if plain(key) in STARTS), "")
    if facts.comes_to_an_end and started and not facts.has_ended and not says_more:
        sentence = "has started, and not ended yet"
        yield Signal(Status.IN_PROGRESS, f"status.{started} is set", sentence, is_hint=True)
