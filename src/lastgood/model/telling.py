"""What a verdict says, as a sentence for people. Pure."""

from __future__ import annotations

from lastgood.model.health import Judged, Ruling, Status

TIMED_OUT = "not ready in time: "


def sentence_of(ruling: Ruling, judged: tuple[Judged, ...]) -> str:
    """One sentence for the whole release, with the first of those that it is about."""
    concerned = [one for one in judged if one.ruling is ruling]
    if ruling is Ruling.PASS:
        return _passed(judged)
    return f"{'waiting for ' if ruling is Ruling.WAIT else ''}{_first(concerned)}"


def _passed(judged: tuple[Judged, ...]) -> str:
    """All are healthy, but for those that nobody waits for."""
    rest = [one for one in judged if one.health.status is not Status.CURRENT]
    told = f"; not waited for: {_first(rest)}" if rest else ""
    return f"healthy: {len(judged) - len(rest)} of {len(judged)}{told}"


def _first(concerned: list[Judged]) -> str:
    more = f" (and {len(concerned) - 1} more)" if len(concerned) > 1 else ""
    return f"{concerned[0].ref}: {_words(concerned[0])}{more}"


def _words(one: Judged) -> str:
    """What stands in the way: the cause that condemned it, or else how it is and the first cause for it."""
    if one.cause and not one.health.sentence.startswith(TIMED_OUT):
        return one.cause.sentence
    first = f": {one.health.causes[0].sentence}" if one.health.causes else ""
    return f"{one.health.sentence}{first}"
