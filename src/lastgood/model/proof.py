"""The answer to: is what is live what was recorded?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lastgood.model.plan import FieldChange
from lastgood.model.resource import Ref


class Scope(StrEnum):
    """How much a proof speaks of."""

    WHOLE = "whole"
    WORKLOADS = "workloads"


class Match(StrEnum):
    """How one resource compares with what was recorded."""

    AS_RECORDED = "as recorded"
    DONE = "done"  # a Job that completed; its time to live may have removed it since
    TAKEN = "taken"  # only fields that another manager rewrote after us differ
    DIFFERS = "differs"
    MISSING = "missing"
    LEFT_OVER = "left over"
    NOT_READY = "not ready"


HOLDS = frozenset({Match.AS_RECORDED, Match.DONE, Match.TAKEN})


@dataclass(frozen=True, slots=True)
class Finding:
    """One resource in a proof. Secret values in ``fields`` are masked by whoever makes it."""

    ref: Ref
    match: Match
    fields: tuple[FieldChange, ...] = ()
    sentence: str = ""

    @property
    def holds(self) -> bool:
        """Whether this is as it should be."""
        return self.match in HOLDS


@dataclass(frozen=True, slots=True)
class Proof:
    """What was compared, when, and what came out. ``number`` is the release it speaks of.

    ``pods`` counts the ready ones; ``left`` is what earlier releases leave behind on purpose (what is never pruned);
    ``outside`` is what differs from the release beyond the scope of this proof, and does not count.
    """

    number: int
    scope: Scope
    findings: tuple[Finding, ...]
    at: datetime
    pods: int = 0
    left: tuple[Ref, ...] = ()
    outside: tuple[Finding, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether everything is as recorded."""
        return all(finding.holds for finding in self.findings)

    @property
    def failures(self) -> tuple[Finding, ...]:
        """What is not as recorded."""
        return tuple(finding for finding in self.findings if not finding.holds)
