"""What will be done, as data: changes, arranged into steps, made before anything is touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from lastgood.model.kind import Transition
from lastgood.model.resource import Body, Path, Ref


class Op(StrEnum):
    """What happens to one resource."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    UNDO = "undo"
    DELETE = "delete"
    KEEP = "keep"


class Missing:
    """The value of a field that is not there (``None`` is a value of its own in JSON)."""

    def __repr__(self) -> str:
        return "(none)"


MISSING = Missing()


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that differs; ``owner`` is the manager who holds it now, when that is not us.

    ``path`` is written for people: ``spec.template.spec.containers[name=web].image``.
    """

    path: str
    before: Any = MISSING
    after: Any = MISSING
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Guard:
    """Which state of a live resource a write was decided on; a write to any other is refused.

    An empty uid means: only if it is absent.
    """

    uid: str = ""
    resource_version: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """An earlier pod template, and the ReplicaSet or ControllerRevision that keeps it.

    ``annotations`` are those that the workload had with it; None for kinds whose revisions keep none.
    """

    ref: Ref
    template: Body = field(repr=False)
    annotations: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one resource. ``body`` is what is sent; none for a delete.

    ``live`` is what was found; ``unchecked`` says why there was no dry run. ``note`` explains an op that is not obvious
    (a replace, or why nothing is done). ``kept`` are fields that stay with whoever holds them: they are neither sent
    nor owned. ``size`` is the number of replicas to create a workload with that an autoscaler scales from then on.
    ``revision`` is what an undo goes back to.
    """

    op: Op
    ref: Ref
    body: Body | None = field(default=None, repr=False)  # there may be a Secret's data in these
    live: Body | None = field(default=None, repr=False)
    fields: tuple[FieldChange, ...] = ()
    transitions: tuple[Transition, ...] = ()
    note: str = ""
    unchecked: str = ""
    kept: tuple[Path, ...] = ()
    size: int | None = None
    revision: Revision | None = None

    @property
    def guard(self) -> Guard:
        """The state of the resource that this change was decided on."""
        metadata: Mapping[str, Any] = (self.live or {}).get("metadata") or {}
        return Guard(metadata.get("uid", ""), metadata.get("resourceVersion", ""))

    @property
    def writes(self) -> bool:
        """Whether anything is sent to the cluster for it."""
        return self.op is not Op.KEEP


@dataclass(frozen=True, slots=True)
class Apply:
    """Create, update or replace these, all at once."""

    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """Point these Services at other pods, all at once; no pod is touched."""

    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Undo:
    """Give these their earlier pod templates back, as ``kubectl rollout undo`` does."""

    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait until these are healthy, and have stayed so for ``hold`` seconds."""

    refs: tuple[Ref, ...]
    hold: float = 0.0


@dataclass(frozen=True, slots=True)
class Prune:
    """Delete these. With ``must_go`` it is a failure when one of them is still there at the end of the run's time."""

    changes: tuple[Change, ...]
    must_go: bool = False


Step = Apply | Route | Undo | Wait | Prune


@dataclass(frozen=True, slots=True)
class Irreversible:
    """A change after which the last good release could not come back whole, and why."""

    ref: Ref
    sentence: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All that one run will do, in order.

    ``left`` names what is left behind on purpose, and why; ``outside`` what differs from the release and is not
    touched, since an undo brings back workloads only. A release of several phases has a plan for each: ``phase`` says
    which this is, ``then`` is the plan of the next. ``notes`` are sentences of what else a person should know.
    """

    steps: tuple[Step, ...]
    changes: tuple[Change, ...]
    irreversible: tuple[Irreversible, ...] = ()
    left: tuple[Change, ...] = ()
    outside: tuple[Change, ...] = ()
    phase: str = ""
    then: Plan | None = None
    notes: tuple[str, ...] = ()

    @property
    def phases(self) -> tuple[Plan, ...]:
        """The plans of all phases from this one on, in order."""
        return (self, *(self.then.phases if self.then else ()))

    @property
    def writes(self) -> tuple[Change, ...]:
        """The changes that touch the cluster."""
        return tuple(change for change in self.changes if change.writes)
