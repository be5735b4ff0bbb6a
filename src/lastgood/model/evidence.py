"""What a failure looked like before it was undone."""

from __future__ import annotations

from dataclasses import dataclass

from lastgood.model.resource import Ref


@dataclass(frozen=True, slots=True)
class ContainerEvidence:
    """One container: its state in the API's words, and its last lines (the previous instance's, if it crashed).

    ``previous`` says that they are those; ``other_logs`` are the last lines of the other instance, where there are two
    to be had: the one that was started since, or else the one before.
    """

    name: str
    image: str
    state: str
    reason: str = ""
    message: str = ""
    exit_code: int | None = None
    restarts: int = 0
    logs: str = ""
    init: bool = False
    previous: bool = False
    other_logs: str = ""


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
class ConditionLine:
    """What a resource says of itself: one of its conditions. ``at`` is the API's time stamp, since when."""

    about: Ref
    type: str
    status: str
    reason: str = ""
    message: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything kept of one failure; capped, secrets masked."""

    pods: tuple[PodEvidence, ...] = ()
    events: tuple[EventLine, ...] = ()
    notes: tuple[str, ...] = ()  # what could not be read, and why
    conditions: tuple[ConditionLine, ...] = ()

    @property
    def last_words(self) -> tuple[PodEvidence, ContainerEvidence] | None:
        """The first container that left anything to read: of those that failed, else of those that are no init ones."""
        found = [(pod, one) for pod in self.pods for one in pod.containers if one.logs.strip()]
        return min(found, key=lambda pair: (not pair[1].exit_code, pair[1].init), default=None)
