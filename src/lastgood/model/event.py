"""What the deployer tells whoever listens: a union of small values, each with only its own fields."""

from __future__ import annotations

from dataclasses import dataclass

from lastgood.model.evidence import Evidence
from lastgood.model.health import Verdict
from lastgood.model.plan import FieldChange, Op, Plan
from lastgood.model.proof import Proof
from lastgood.model.release import Release
from lastgood.model.resource import Ref


@dataclass(frozen=True, slots=True)
class WaitingForLock:
    """Another run works on this release; ``holder`` says who."""

    name: str
    holder: str


@dataclass(frozen=True, slots=True)
class Settled:
    """An earlier run had died; its attempt is now recorded as failed."""

    number: int


@dataclass(frozen=True, slots=True)
class Planned:
    """What will be done, before anything is done."""

    release: Release
    plan: Plan


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Nothing is to be done: the release asked for is live and proved."""

    number: int
    proof: Proof


@dataclass(frozen=True, slots=True)
class Recorded:
    """The attempt is in the history, pending."""

    release: Release


@dataclass(frozen=True, slots=True)
class Written:
    """One resource was written. ``taken`` are fields that other managers held until now."""

    ref: Ref
    op: Op
    taken: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class NotWritten:
    """A restore could not write this one and went on; ``sentence`` says why."""

    ref: Ref
    op: Op
    sentence: str


@dataclass(frozen=True, slots=True)
class Left:
    """Something that no release wants any more is left where it is, and why."""

    ref: Ref
    why: str


@dataclass(frozen=True, slots=True)
class Watched:
    """The verdict changed while waiting."""

    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Unblocked:
    """A broken pod that kept its StatefulSet from coming back was deleted."""

    pod: Ref
    owner: Ref


@dataclass(frozen=True, slots=True)
class Gathered:
    """Evidence of the failure is kept."""

    number: int
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Failed:
    """The attempt failed; ``sentence`` says why. What happens next is told by the next event."""

    release: Release
    sentence: str


@dataclass(frozen=True, slots=True)
class Restoring:
    """The last good release is being brought back."""

    failed: int
    number: int


@dataclass(frozen=True, slots=True)
class Proved:
    """Live was compared with what is recorded."""

    proof: Proof


@dataclass(frozen=True, slots=True)
class Ended:
    """The release is good."""

    release: Release


Event = (
    WaitingForLock
    | Settled
    | Planned
    | Unchanged
    | Recorded
    | Written
    | NotWritten
    | Left
    | Watched
    | Unblocked
    | Gathered
    | Failed
    | Restoring
    | Proved
    | Ended
)
