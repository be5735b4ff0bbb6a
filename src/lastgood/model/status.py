"""How things stand with a release name, at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lastgood.model.plan import Change
from lastgood.model.proof import Proof
from lastgood.model.release import History, Release, Summary


@dataclass(frozen=True, slots=True)
class Status:
    """What is live, whether that holds, and what was tried last.

    ``live`` is the last good release and ``proof`` what was compared with it now; both are None when there is none.
    ``holder`` names the run that is at work on it; ``renewed`` is when that run was last heard of.
    """

    name: str
    namespace: str
    history: History
    live: Release | None = None
    proof: Proof | None = None
    holder: str = ""
    renewed: datetime | None = None

    @property
    def latest(self) -> Summary | None:
        """The newest attempt, however it ended."""
        return self.history.latest

    @property
    def holds(self) -> bool:
        """Whether the last good release is live, healthy and as recorded."""
        return self.proof is not None and self.proof.holds


@dataclass(frozen=True, slots=True)
class Listed:
    """One release name of a listing, with its history; ``damage`` says why there is none to be read."""

    name: str
    namespace: str
    history: History
    damage: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What would have to change for one side to become the other; each side is a number, or None for what is live."""

    name: str
    namespace: str
    before: int | None
    after: int | None
    changes: tuple[Change, ...]

    @property
    def differing(self) -> tuple[Change, ...]:
        """The resources in which the two sides differ."""
        return tuple(change for change in self.changes if change.writes)
