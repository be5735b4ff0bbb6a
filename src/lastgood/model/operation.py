"""What an operation beside a release did, as values. Nothing of it is recorded, and nothing of it is rolled back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lastgood.model.health import Ruling, Verdict
from lastgood.model.plan import Change, Op, Revision
from lastgood.model.resource import Ref
from lastgood.model.telling import TIMED_OUT


class Propagation(StrEnum):
    """What becomes of that which a deleted resource owns.

    https://kubernetes.io/docs/concepts/architecture/garbage-collection/#cascading-deletion
    """

    BACKGROUND = "Background"
    FOREGROUND = "Foreground"
    ORPHAN = "Orphan"


@dataclass(frozen=True, slots=True)
class Going:
    """How something is deleted; without a propagation as its kind has it, without a grace in its own time (seconds)."""

    propagation: Propagation | None = None
    grace: int | None = None


AS_USUAL = Going()


class Command(StrEnum):
    """What ``kubectl rollout`` can do to workloads; ``history`` is ``operating.look_back``."""

    RESTART = "restart"
    RESUME = "resume"
    PAUSE = "pause"
    STATUS = "status"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Amount:
    """How many pods: a number, or percent of those that are wanted now, rounded up."""

    value: int
    percent: bool = False

    def of(self, replicas: int) -> int:
        """The number of pods that this is when so many are wanted now."""
        return -(-replicas * self.value // 100) if self.percent else self.value


@dataclass(frozen=True, slots=True)
class Touched:
    """What became of one resource; ``keep`` says that it was so already."""

    ref: Ref
    op: Op
    note: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """How an operation ended. What is in ``touched`` was done, whether the rest went well or not.

    ``failure`` says what did not: a write that was refused, or what is not healthy; empty when all went well.
    """

    touched: tuple[Touched, ...] = ()
    verdict: Verdict = field(default_factory=lambda: Verdict(Ruling.PASS))
    failure: str = ""

    @property
    def ok(self) -> bool:
        """Whether everything was done, and is healthy where it was waited for."""
        return not self.failure

    @property
    def timed_out(self) -> bool:
        """Whether it failed for want of time alone."""
        return any(one.health.sentence.startswith(TIMED_OUT) for one in self.verdict.failures)

    @property
    def changed(self) -> tuple[Touched, ...]:
        """What is not as it was."""
        return tuple(one for one in self.touched if one.op is not Op.KEEP)


@dataclass(frozen=True, slots=True)
class Preview:
    """What resources would become, as YAML with what Secrets hold masked.

    ``unchecked`` says of some why the API could not be asked: these stand as they were written.
    """

    text: str = field(repr=False)
    unchecked: Mapping[Ref, str]


@dataclass(frozen=True, slots=True)
class Compared:
    """What an apply would change; the values of Secrets are masked."""

    changes: tuple[Change, ...]

    @property
    def differs(self) -> bool:
        """Whether anything would change."""
        return any(one.writes for one in self.changes)


@dataclass(frozen=True, slots=True)
class Numbered:
    """One revision of a workload: its number, why it came to be (``kubernetes.io/change-cause``), what keeps it."""

    number: int
    revision: Revision
    cause: str = ""
    is_live: bool = False
