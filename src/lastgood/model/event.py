"""What the deployer tells whoever listens: a union of small values, each with only its own fields."""

from __future__ import annotations

from dataclasses import dataclass

from lastgood.model.evidence import Evidence
from lastgood.model.health import Verdict
from lastgood.model.plan import FieldChange, Op, Plan
from lastgood.model.proof import Proof
from lastgood.model.release import Mode, Release
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
    """What will be done, before anything is done; ``last_good`` is where one could come back to."""

    release: Release
    plan: Plan
    last_good: Release | None = None


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
    """One resource was written. ``taken`` are fields that other managers held until now.

    ``note`` explains what is not obvious, as in the plan.
    """

    ref: Ref
    op: Op
    taken: tuple[FieldChange, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class NotWritten:
    """A restore could not write this one and went on; ``sentence`` says why."""

    ref: Ref
    op: Op
    sentence: str


@dataclass(frozen=True, slots=True)
class Left:
    """Something is left as it is, and why: what no release wants any more, or what an undo does not go back for.

    ``fields`` are those in which it differs from the release that is brought back.
    """

    ref: Ref
    why: str
    fields: tuple[FieldChange, ...] = ()


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
    """The last good release is being brought back; ``mode`` says how, ``why`` when it is not as one would expect."""

    failed: int
    number: int
    mode: Mode = Mode.DECLARATIVE
    why: str = ""


@dataclass(frozen=True, slots=True)
class AsFound:
    """What runs already is healthy, and is recorded as the first release: one can come back to it."""

    release: Release


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
    | AsFound
    | Proved
    | Ended
)
