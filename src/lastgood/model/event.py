"""What the deployer tells whoever listens: a union of small values, each with only its own fields.

``str()`` of one is a sentence for a log; no data of a Secret is in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from lastgood.model.evidence import Evidence
from lastgood.model.health import Judged, Verdict
from lastgood.model.plan import FieldChange, Op, Plan
from lastgood.model.proof import Proof
from lastgood.model.release import Mode, Release
from lastgood.model.resource import Ref

DONE = {
    Op.CREATE: "created",
    Op.UPDATE: "updated",
    Op.REPLACE: "replaced",
    Op.UNDO: "undone",
    Op.DELETE: "deleted",
    Op.KEEP: "unchanged",
}


@dataclass(frozen=True, slots=True)
class WaitingForLock:
    """Another run works on this release; ``holder`` says who."""

    name: str
    holder: str

    def __str__(self) -> str:
        return f"waiting: another run works on {self.name} ({self.holder})"


@dataclass(frozen=True, slots=True)
class Settled:
    """An earlier run had died, or had only staged its release (``aborted``); that is now recorded as failed."""

    number: int
    aborted: bool = False

    def __str__(self) -> str:
        if self.aborted:
            return f"release {self.number} was staged and not promoted: it is aborted"
        return f"an earlier run had died: its release {self.number} is now recorded as failed"


@dataclass(frozen=True, slots=True)
class Planned:
    """What will be done, before anything is done; ``last_good`` is where one could come back to."""

    release: Release
    plan: Plan
    last_good: Release | None = None

    def __str__(self) -> str:
        return f"{self.release.name}: release {self.release.number}: {len(self.plan.writes) or 'nothing'} to change"


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Nothing is to be done: the release asked for is live and proved."""

    number: int
    proof: Proof

    def __str__(self) -> str:
        return f"release {self.number} is live already, and proved"


@dataclass(frozen=True, slots=True)
class Recorded:
    """The attempt is in the history, pending."""

    release: Release

    def __str__(self) -> str:
        return f"release {self.release.number} is recorded as pending"


@dataclass(frozen=True, slots=True)
class Written:
    """One resource was written. ``taken`` are fields that other managers held until now.

    ``note`` explains what is not obvious, as in the plan.
    """

    ref: Ref
    op: Op
    taken: tuple[FieldChange, ...] = ()
    note: str = ""

    def __str__(self) -> str:
        return f"{self.ref} {DONE[self.op]}" + (f": {self.note}" if self.note else "")


@dataclass(frozen=True, slots=True)
class NotWritten:
    """A restore could not write this one and went on; ``sentence`` says why."""

    ref: Ref
    op: Op
    sentence: str

    def __str__(self) -> str:
        return f"{self.ref} could not be {DONE[self.op]}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class Left:
    """Something is left as it is, and why: what no release wants any more, or what an undo does not go back for.

    ``fields`` are those in which it differs from the release that is brought back.
    """

    ref: Ref
    why: str
    fields: tuple[FieldChange, ...] = ()

    def __str__(self) -> str:
        return f"{self.ref} is left: {self.why}"


@dataclass(frozen=True, slots=True)
class Watched:
    """The verdict changed while waiting."""

    verdict: Verdict

    def __str__(self) -> str:
        if self.verdict.held is not None and not self.verdict.failures:
            return str(self.verdict.held)
        waiting = self.verdict.failures or self.verdict.waiting
        return "; ".join(f"{one.ref}: {_state(one)}" for one in waiting) or "everything is ready"


@dataclass(frozen=True, slots=True)
class Unblocked:
    """A broken pod that kept its StatefulSet from coming back was deleted."""

    pod: Ref
    owner: Ref

    def __str__(self) -> str:
        return f"{self.pod} deleted: broken, it kept {self.owner} from coming back"


@dataclass(frozen=True, slots=True)
class Gathered:
    """Evidence of the failure is kept."""

    number: int
    evidence: Evidence

    def __str__(self) -> str:
        return f"evidence of release {self.number} is kept"


@dataclass(frozen=True, slots=True)
class Failed:
    """The attempt failed; ``sentence`` says why. What happens next is told by the next event."""

    release: Release
    sentence: str

    def __str__(self) -> str:
        return f"release {self.release.number} failed: {self.sentence}"


@dataclass(frozen=True, slots=True)
class Restoring:
    """The last good release is being brought back; ``mode`` says how, ``why`` when it is not as one would expect."""

    failed: int
    number: int
    mode: Mode = Mode.DECLARATIVE
    why: str = ""

    def __str__(self) -> str:
        return f"bringing back release {self.number}" + (f": {self.why}" if self.why else "")


@dataclass(frozen=True, slots=True)
class AsFound:
    """What runs already is healthy, and is recorded as the first release: one can come back to it."""

    release: Release

    def __str__(self) -> str:
        return f"what runs already is recorded as release {self.release.number}"


@dataclass(frozen=True, slots=True)
class Proved:
    """Live was compared with what is recorded."""

    proof: Proof

    def __str__(self) -> str:
        findings, failures = self.proof.findings, self.proof.failures
        if not failures:
            return f"proved: {len(findings)} as recorded"
        return f"not proved: {len(failures)} of {len(findings)} not as recorded, first {failures[0].ref}"


@dataclass(frozen=True, slots=True)
class Staged:
    """The release is healthy beside the live one, and waits to be promoted."""

    release: Release

    def __str__(self) -> str:
        return f"release {self.release.number} is staged"


@dataclass(frozen=True, slots=True)
class Ended:
    """The release is good."""

    release: Release

    def __str__(self) -> str:
        return f"release {self.release.number} is good"


@dataclass(frozen=True, slots=True)
class Stepped:
    """A node of a pipeline began or ended: ``path`` is its stage, the groups around it and itself, by identifiers.

    ``state`` is what has become of it; ``sentence`` says what was done, or what went wrong; ``tried`` counts the tries.
    """

    path: tuple[str, ...]
    state: str
    sentence: str = ""
    tried: int = 1

    def __str__(self) -> str:
        return f"{'/'.join(self.path)}: {self.state}" + (f": {self.sentence}" if self.sentence else "")


@dataclass(frozen=True, slots=True)
class Printed:
    """A step of a pipeline has something to show: a line of a script, or of what it was asked to tell."""

    path: tuple[str, ...]
    line: str

    def __str__(self) -> str:
        return f"{'/'.join(self.path)}| {self.line}"


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
    | Staged
    | Ended
    | Stepped
    | Printed
)


def _state(judged: Judged) -> str:
    if judged.cause is not None:
        return judged.cause.sentence
    return judged.health.sentence or str(judged.health.status)
