"""What one field of a status says, and how all of them together decide. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lastgood.model.health import Status


@dataclass(frozen=True, slots=True)
class Signal:
    """One field that speaks: what it says, the rule by which it does, and what a person is told of it.

    ``detail`` is the controller's own message or reason. ``is_hint`` marks what counts only where nothing plainer says
    that all is well: a part of the whole, an error that may be over. ``is_of_now`` says that the controller vouches
    for the generation that it speaks of; other bad news may be older than the last change. ``is_as_asked`` marks what
    the spec wants so, and what no deploy has to wait for.
    """

    status: Status
    rule: str
    sentence: str
    detail: str = ""
    is_hint: bool = False
    is_of_now: bool = False
    has_given_up: bool = False
    is_as_asked: bool = False


ORDER = (
    (Status.FAILED, False),
    (Status.IN_PROGRESS, False),
    (Status.UNKNOWN, False),
    (Status.CURRENT, False),
    (Status.FAILED, True),
    (Status.IN_PROGRESS, True),
    (Status.CURRENT, True),
    (Status.UNKNOWN, True),
)
"""Which signals decide, the first that there is: a status, and whether it is only a hint.

Bad news counts before good news, so that no word of success hides a failure that the same status tells; a hint of
trouble counts only where no plain word says that all is well. A word that nobody knows counts last.
"""


def decide(signals: Iterable[Signal]) -> Signal | None:
    """The signal that counts; of those that are alike, the first one that tells more. None where nothing speaks."""
    heard = tuple(signals)
    for status, is_hint in ORDER:
        alike = [one for one in heard if one.status is status and one.is_hint is is_hint]
        if alike:
            return max(alike, key=lambda one: (one.is_as_asked, one.has_given_up, bool(one.detail)))
    return None
