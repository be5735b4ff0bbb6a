"""What becomes of a body that no rule can read. Not an entry of the catalogue; entries do not know it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache, wraps

from lastgood.model.health import Health, Observation, Status
from lastgood.model.kind import Assess, Kind
from lastgood.model.resource import Body

UNREAD = "no rule can read it"
WORDS = "cannot be judged: it, or something of its making, has another form than its API documents"


def readable(kind: Kind) -> Kind:
    """The entry, with a rule that gives Unknown rather than an error.

    Rules leave out of a body what is of another type than it should be. What depends on it (pods, events) they take as
    the API documents it; a server that sends something else must not end a deploy halfway.
    """
    return replace(kind, assess=_at_the_door(kind.assess))


@cache
def _at_the_door(assess: Assess) -> Callable[[Body, Observation], Health]:
    @wraps(assess)
    def assessed(body: Body, observation: Observation) -> Health:
        try:
            return assess(body, observation)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            return Health(Status.UNKNOWN, WORDS, rule=UNREAD)

    return assessed
