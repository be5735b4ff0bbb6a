"""What a failure looked like before it was undone."""

from __future__ import annotations

from dataclasses import dataclass

from lastgood.model.resource import Ref


@dataclass(frozen=True, slots=True)
class ContainerEvidence:
    """One container: its state in the API's words, and its last lines (the previous instance's, if it crashed)."""

    name: str
    image: str
    state: str
    reason: str = ""
    message: str = ""
    exit_code: int | None = None
    restarts: int = 0
    logs: str = ""


@dataclass(frozen=True, slots=True)
class PodEvidence:
    """One pod of the failed revision."""

    ref: Ref
    phase: str
    containers: tuple[ContainerEvidence, ...] = ()


@dataclass(frozen=True, slots=True)
class EventLine:
    """One event of the cluster about something that failed. ``at`` is the API's time stamp."""

    about: Ref
    type: str
    reason: str
    message: str
    count: int = 1
    at: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything kept of one failure; capped, secrets masked."""

    pods: tuple[PodEvidence, ...] = ()
    events: tuple[EventLine, ...] = ()
    notes: tuple[str, ...] = ()  # what could not be read, and why

    @property
    def last_words(self) -> tuple[PodEvidence, ContainerEvidence] | None:
        """The first container that left anything to read."""
        found = ((pod, one) for pod in self.pods for one in pod.containers if one.logs.strip())
        return next(found, None)
