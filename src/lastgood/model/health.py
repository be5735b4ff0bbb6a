"""How a resource is, in kstatus' words, and what all of them together mean for a release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from lastgood.model.reading import at, count, items, part
from lastgood.model.resource import Body, Ref
from lastgood.model.rule import Rules


class Status(StrEnum):
    """The statuses of kstatus.

    https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md
    """

    CURRENT = "Current"
    IN_PROGRESS = "InProgress"
    TERMINATING = "Terminating"
    NOT_FOUND = "NotFound"
    UNKNOWN = "Unknown"
    FAILED = "Failed"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something is not well, as found in one place (a pod, a maker of pods, a condition).

    ``reason`` is the API's word (``ErrImagePull``); ``hopeless`` ends the wait once it has stood
    for ``grace`` seconds; what is not hopeless only explains the wait.
    ``source`` is the resource that shows it, ``container`` one inside it. ``crashes`` says how often that has ended by
    its own fault, where more of that ends the wait although it is not hopeless yet. ``patience`` is how long it may
    stand while something else of the release is on its way, if that is longer.
    """

    reason: str
    sentence: str
    hopeless: bool = False
    grace: float = 0.0
    source: Ref | None = None
    container: str = ""
    crashes: int = 0
    patience: float = 0.0


@dataclass(frozen=True, slots=True)
class StuckPod:
    """A pod that blocks its StatefulSet: not ready, on a revision that is not the wanted one.

    ``grace`` is how many seconds it must have stood so before it may be deleted; a verdict names it no sooner.
    """

    ref: Ref
    uid: str
    revision: str
    grace: float = 0.0


@dataclass(frozen=True, slots=True)
class Young:
    """What is well with nothing more to show for it than that nothing is wrong yet: it counts after some ``seconds``.

    A pod without a probe, by a ``key`` that stays the same as long as its containers do; ``because`` is the trouble
    that may not be over yet. Or a resource of which nobody has said yet that it saw the last change.
    """

    key: str
    seconds: float
    because: Cause | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """How one resource is: a status, a sentence, and the causes behind it, the worst first.

    ``condition_failed`` says that the status rests on a failing *condition* of the resource
    itself, which a write has to clear before it can count again (it may be older than the write).
    ``done`` and ``wanted`` count ready and desired pods of the wanted revision, where that means anything.
    ``young`` is what a healthy status rests on and what may be well only until it is looked at for longer.
    ``enough_after`` is for what may never become Current, since nobody has to answer for it: the seconds that it has
    to stand so for a deploy to go on all the same. None where it has to become Current.
    ``rule`` is what says so, in a few words: ``condition Ready is False``, ``status.phase is Bound``.
    """

    status: Status
    sentence: str = ""
    causes: tuple[Cause, ...] = ()
    condition_failed: bool = False
    done: int | None = None
    wanted: int | None = None
    stuck: tuple[StuckPod, ...] = ()
    young: tuple[Young, ...] = ()
    enough_after: float | None = None
    rule: str = ""

    @property
    def suffices(self) -> bool:
        """Whether a release may be good with it: it is as it should be, or nobody waits until it is."""
        return self.status is Status.CURRENT or self.enough_after is not None


class Ruling(StrEnum):
    """What a verdict tells the one who waits."""

    PASS = "pass"
    WAIT = "wait"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Judged:
    """The health of one resource inside a verdict. ``cause`` is what condemned it, if anything did."""

    ref: Ref
    health: Health
    ruling: Ruling
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """For how long everything has stayed healthy, in whole steps, of how long it has to; in seconds."""

    seconds: float
    of: float

    def __str__(self) -> str:
        return f"healthy for {self.seconds:g} of {self.of:g} s"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The whole release at one moment. ``look_again`` is in seconds, None when only a change matters.

    ``held`` is there from when everything was healthy on, where it has to stay so.
    """

    ruling: Ruling
    judged: tuple[Judged, ...] = ()
    look_again: float | None = None
    sentence: str = ""
    held: Held | None = None

    @property
    def failures(self) -> tuple[Judged, ...]:
        """What condemned the release."""
        return tuple(one for one in self.judged if one.ruling is Ruling.FAIL)

    @property
    def waiting(self) -> tuple[Judged, ...]:
        """What is not ready yet."""
        return tuple(one for one in self.judged if one.ruling is Ruling.WAIT)


@dataclass(frozen=True, slots=True)
class Observation:
    """Everything read by one moment: resources by ref, and their dependents by the owner's uid.

    ``at`` is the monotonic clock's, in seconds. Bodies of different kinds come from different watches:
    they were not read at one instant, and whoever judges has to bear it. ``rules`` are those of the user.
    ``whole`` is False where more dependents may be there than somebody has shown.
    """

    at: float
    bodies: Mapping[Ref, Body]
    dependents: Mapping[str, tuple[Body, ...]] = field(default_factory=dict)
    rules: Rules = field(default_factory=dict)
    whole: bool = True

    def of(self, owner_uid: str, kind: str) -> tuple[Body, ...]:
        """The dependents of one kind that a uid owns (for an Event: that it is about)."""
        return tuple(body for body in self.dependents.get(owner_uid, ()) if body.get("kind") == kind)


def condition(body: Mapping[str, Any], kind: str) -> Mapping[str, Any] | None:
    """The entry of ``status.conditions`` with this type; a custom resource may use the word otherwise."""
    return next((entry for entry in items(body, "status", "conditions") if entry.get("type") == kind), None)


def condition_is(body: Mapping[str, Any], kind: str, value: str) -> bool:
    """Whether that condition is there with this status (``True``, ``False``, ``Unknown``)."""
    entry = condition(body, kind)
    return entry is not None and entry.get("status") == value


def seen_by_controller(body: Mapping[str, Any]) -> bool:
    """Whether the status speaks of the present generation (true where a kind does not count them)."""
    observed = observed_generation(body)
    return observed is None or observed >= count(body, "metadata", "generation")


def observed_generation(body: Mapping[str, Any]) -> int | None:
    """``status.observedGeneration``, or None where there is none to rely on."""
    observed = at(body, "status", "observedGeneration")
    return observed if isinstance(observed, int) and not isinstance(observed, bool) else None


NOT_SEEN = Health(
    Status.IN_PROGRESS, "its controller has not seen this change yet", rule="status.observedGeneration is behind"
)


def unsettled(body: Mapping[str, Any]) -> Health | None:
    """What goes before the own rule of any kind: it is being deleted, or its controller has not seen it as it is."""
    if part(body, "metadata").get("deletionTimestamp"):
        return Health(Status.TERMINATING, "is being deleted", rule="metadata.deletionTimestamp is set")
    return None if seen_by_controller(body) else NOT_SEEN


def unanswered(body: Mapping[str, Any]) -> Health | None:
    """The same for kinds whose controllers always say which generation they have seen, as those of workloads do."""
    return unsettled(body) or (NOT_SEEN if observed_generation(body) is None else None)
