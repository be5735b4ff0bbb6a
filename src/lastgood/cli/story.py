"""What the deployer has told so far in this run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

from lastgood.model.event import Event, Planned, Recorded, Watched, Written

Told = TypeVar("Told")


@dataclass(slots=True)
class Story:
    """Every event of a run but the verdicts, which are many and tell of moments. ``name`` is the release's."""

    name: str = ""
    where: str = ""
    began: float = 0.0
    events: list[Event] = field(default_factory=list)

    def tell(self, event: Event) -> None:
        """Remember an event."""
        if not isinstance(event, Watched):
            self.events.append(event)

    def last(self, kind: type[Told]) -> Told | None:
        """The newest event of one type."""
        return next((event for event in reversed(self.events) if isinstance(event, kind)), None)

    def all(self, kind: type[Told]) -> tuple[Told, ...]:
        """Every event of one type, in order."""
        return tuple(event for event in self.events if isinstance(event, kind))

    @property
    def touched(self) -> bool:
        """Whether a resource of the release was written, by all that was told."""
        return self.last(Written) is not None

    @property
    def namespace(self) -> str:
        """Where the release lives; empty until it is known."""
        planned, recorded = self.last(Planned), self.last(Recorded)
        told = recorded or planned
        return told.release.namespace if told else ""
