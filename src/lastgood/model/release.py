"""Releases: one attempt each, and the history of one name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import takewhile

from lastgood.model.evidence import Evidence
from lastgood.model.health import Judged
from lastgood.model.proof import Proof
from lastgood.model.resource import Path, Ref, Resource, digest

FAILED_KEPT = 10
"""How many failed releases a history keeps; they are counted apart from the good ones."""


class State(StrEnum):
    """What a record says of its release."""

    PENDING = "pending"
    STAGED = "staged"
    GOOD = "good"
    FAILED = "failed"
    UNINSTALLED = "uninstalled"


class Strategy(StrEnum):
    """How a release takes the place of the one before."""

    ROLLING = "rolling"
    CANARY = "canary"
    BLUE_GREEN = "blue-green"


class Mode(StrEnum):
    """How a release is undone."""

    DECLARATIVE = "declarative"
    STANDARD = "standard"


@dataclass(frozen=True, slots=True)
class Sent:
    """What was agreed with the cluster about one resource: digests of the body sent and of what we own since."""

    ref: Ref
    uid: str
    body: str
    owned: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A field of a resource that is left to whoever holds it: it is not in the body, and not owned."""

    ref: Ref
    path: Path


@dataclass(frozen=True, slots=True)
class Workload:
    """A workload once it was healthy: its uid, and the ReplicaSet or ControllerRevision that holds its template.

    ``template`` is that pod template's digest; ``done`` says that a Job completed.
    """

    ref: Ref
    uid: str
    revision: str = ""
    template: str = ""
    done: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """What the labels and annotations of a record say, without its body."""

    number: int
    state: State
    created: datetime
    mode: Mode = Mode.DECLARATIVE
    strategy: str = "rolling"
    restores: int | None = None
    content: str = ""
    who: str = ""
    why: str = ""
    reason: str = ""
    colour: str = ""

    @property
    def content_number(self) -> int:
        """The number of the release whose resources these are."""
        return self.restores or self.number


@dataclass(frozen=True, slots=True)
class Release:
    """One attempt to make resources live, and how it ended.

    ``resources`` are final: rendered, named, labelled; a release that ``restores`` another carries that one's
    in memory and stores none of its own. ``inventory`` is every ref that this release may have created.
    ``key`` salts the hashes of configuration, hexadecimal; it is handed on from release to release.
    ``kept`` are fields that a policy left to others.
    ``found`` says that this is what ran before the first release: only what deploying managers had set.
    ``version`` is the store's own mark of what was last read or written.
    ``hold`` is how long it was asked to stay healthy before it counts as good, in seconds.

    A release of two phases has two pictures: ``staged`` is made live beside the live release, ``resources`` once it is
    ``promoted`` (which is recorded before the first write of that phase). ``colour`` is that of its pods, blue or
    green, ``routes`` are the Services that a swap changes, ``standby`` is what the other colour needs and therefore
    stays, ``beside`` what this and earlier attempts staged: what is not wanted of it goes, even without ``prune``.
    ``asked`` is a digest of the resources before either picture was made of them.
    """

    name: str
    namespace: str
    number: int
    created: datetime
    state: State = State.PENDING
    mode: Mode = Mode.DECLARATIVE
    prune: bool = True
    strategy: str = "rolling"
    resources: tuple[Resource, ...] = ()
    inventory: tuple[Ref, ...] = ()
    restores: int | None = None
    key: str = field(default="", repr=False)
    who: str = ""
    why: str = ""
    ended: datetime | None = None
    reason: str = ""
    kept: tuple[Kept, ...] = ()
    sent: tuple[Sent, ...] = ()
    workloads: tuple[Workload, ...] = ()
    judged: tuple[Judged, ...] = ()
    proof: Proof | None = None
    evidence: Evidence | None = None
    found: bool = False
    version: str = ""
    hold: float = 0.0
    staged: tuple[Resource, ...] = ()
    colour: str = ""
    promoted: bool = False
    routes: tuple[Ref, ...] = ()
    standby: tuple[Ref, ...] = ()
    beside: tuple[Ref, ...] = ()
    asked: str = ""

    @property
    def content(self) -> str:
        """A digest that two releases share when they want the same resources, in whatever order."""
        return content_of(self.resources)

    @property
    def undoes(self) -> bool:
        """Whether it brings back workloads only, by the pod templates that the cluster keeps."""
        return self.mode is Mode.STANDARD and self.restores is not None

    @property
    def uninstalls(self) -> bool:
        """Whether it wants nothing to be there any more."""
        return not self.resources and self.restores is None

    @property
    def swaps(self) -> bool:
        """Whether its promotion is a change of Services that was recorded: once begun, it is finished."""
        return self.promoted and bool(self.routes)

    @property
    def waits_to_be_promoted(self) -> bool:
        """Whether what is live of it so far is beside the live release."""
        return bool(self.staged) and not self.promoted

    @property
    def done_as(self) -> State:
        """What it is once everything it wants is so."""
        return State.UNINSTALLED if self.uninstalls else State.GOOD

    @property
    def summary(self) -> Summary:
        """What a listing shows of it."""
        return Summary(
            number=self.number,
            state=self.state,
            created=self.created,
            mode=self.mode,
            strategy=self.strategy,
            restores=self.restores,
            content=self.content,
            who=self.who,
            why=self.why,
            reason=self.reason,
            colour=self.colour,
        )

    @property
    def refs(self) -> frozenset[Ref]:
        """Who this release is made of."""
        return frozenset(resource.ref for resource in self.resources)

    @property
    def staged_refs(self) -> frozenset[Ref]:
        """Who it is made of before it is promoted."""
        return frozenset(resource.ref for resource in self.staged)

    def ended_as(self, state: State, at: datetime, *, reason: str = "") -> Release:
        """The same attempt, over."""
        return replace(self, state=state, ended=at, reason=reason)


@dataclass(frozen=True, slots=True)
class History:
    """The releases of one name, newest first."""

    summaries: tuple[Summary, ...] = ()

    @property
    def latest(self) -> Summary | None:
        """The newest attempt, however it ended."""
        return self.summaries[0] if self.summaries else None

    @property
    def next_number(self) -> int:
        """The number of the next attempt; numbers start at 1 and are never used twice."""
        return self.latest.number + 1 if self.latest else 1

    @property
    def last_good(self) -> Summary | None:
        """The newest good release: never simply "the previous one". After an uninstallation there is none."""
        since = takewhile(lambda one: one.state is not State.UNINSTALLED, self.summaries)
        return next((one for one in since if one.state is State.GOOD), None)

    def find(self, number: int) -> Summary | None:
        """The attempt with this number."""
        return next((one for one in self.summaries if one.number == number), None)

    def differing_good(self) -> Summary | None:
        """The newest good release whose content is not that of the last good one: what ``rollback`` goes to."""
        good = self.last_good
        if good is None:
            return None
        return next(
            (one for one in self.summaries if one.state is State.GOOD and one.content != good.content),
            None,
        )

    def superseded(self, *, good_kept: int, failed_kept: int = FAILED_KEPT) -> tuple[Summary, ...]:
        """What retention lets go: beyond ``good_kept`` distinct good contents and ``failed_kept`` failed attempts.

        The last good release and whatever it restores are never among them; a record that only restores
        another goes with its target.
        """
        kept = self._kept_numbers(good_kept=good_kept, failed_kept=failed_kept)
        return tuple(one for one in self.summaries if one.number not in kept)

    def _kept_numbers(self, *, good_kept: int, failed_kept: int) -> frozenset[int]:
        contents = list(_distinct(one.content_number for one in self._good()))[: max(good_kept, 1)]
        good = {one.number for one in self._good() if one.content_number in contents}
        failed = [one.number for one in self.summaries if one.state is State.FAILED][:failed_kept]
        unfinished = {one.number for one in self.summaries if one.state in (State.PENDING, State.STAGED)}
        ended = [one.number for one in self.summaries if one.state is State.UNINSTALLED][:1]
        kept = good | set(contents) | set(failed) | unfinished | set(ended)
        pinned = {one.restores for one in self.summaries if one.number in kept and one.restores}
        return frozenset(kept | pinned)

    def _good(self) -> tuple[Summary, ...]:
        return tuple(one for one in self.summaries if one.state is State.GOOD)


def content_of(resources: Iterable[Resource]) -> str:
    """A digest that resources share with the same ones in another order."""
    return digest(sorted((str(one.ref), one.ref.namespace, digest(one.body)) for one in resources))


def _distinct(numbers: Iterable[int]) -> Iterable[int]:
    return dict.fromkeys(numbers)
