"""Events in the order in which they happened. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from lastgood.model.resource import Body

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def happened(event: Body) -> datetime:
    """When it happened last, by the clock of whoever told it. Events leave out one or another of these times."""
    series = event.get("series") or {}
    times = (event.get("lastTimestamp"), series.get("lastObservedTime"), event.get("eventTime"))
    known = [datetime.fromisoformat(time) for time in times if time]
    made = (event.get("metadata") or {}).get("creationTimestamp")
    return max(known) if known else datetime.fromisoformat(made) if made else LONG_AGO


def by_time(events: Iterable[Body]) -> tuple[Body, ...]:
    """The oldest first."""
    return tuple(sorted(events, key=happened))


def newest(events: Iterable[Body], reasons: Collection[str]) -> Body | None:
    """The last that happened with one of these reasons."""
    found = [event for event in events if event.get("reason") in reasons]
    return max(found, key=happened) if found else None
