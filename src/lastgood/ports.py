"""What the inside needs from outside: a cluster, a store for its records, and a clock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from lastgood.model.health import Observation
from lastgood.model.patching import Patch, Style
from lastgood.model.plan import Guard
from lastgood.model.release import Release, Summary
from lastgood.model.resource import Body, GroupKind, Ref
from lastgood.model.status import Listed

MANAGER = "lastgood"
"""The field manager of every write that makes a release."""
BESIDE = "lastgood-step"
"""The field manager of what is changed beside a release: a patch, a number of replicas, a restart."""
FENCE = "lastgood-fence"
"""The field manager of the label that makes an older run's writes stale."""


@dataclass(frozen=True, slots=True)
class Served:
    """How the cluster serves a kind: its preferred version, all versions, and whether it lives in namespaces.

    ``short`` are further names that people may use (``deploy``), ``parts`` its subresources (``scale``).
    """

    group_kind: GroupKind
    versions: tuple[str, ...]
    plural: str
    namespaced: bool
    short: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Right:
    """Something that one may or may not do: ``Right("patch", "apps", "deployments", "shop")``.

    Without a name it is about all of them.
    """

    verb: str
    group: str
    plural: str
    namespace: str
    name: str = ""

    def __str__(self) -> str:
        where = f" in namespace {self.namespace}" if self.namespace else ""
        name = f"/{self.name}" if self.name else ""
        plural, slash, part = self.plural.partition("/")
        return f"{self.verb} {plural}{'.' + self.group if self.group else ''}{slash}{part}{name}{where}"


class Cluster(Protocol):
    """The API server. Every method may raise ``Unreachable``, ``Forbidden`` or another ``ClusterError``."""

    async def served(self) -> Mapping[GroupKind, Served]:
        """Every kind that the server knows now; read once and again after ``forget_kinds``."""
        ...

    def forget_kinds(self) -> None:
        """Definitions were applied: ``served`` has to ask again."""
        ...

    async def read(self, refs: Collection[Ref], *, label: str = "") -> dict[Ref, Body]:
        """The live bodies of these refs; what is absent is left out.

        ``label`` is a selector that most of them are expected to carry: one LIST for each kind and namespace
        reads those, and what it lacks is read singly. A ref is read in its own version if that is served.
        """
        ...

    async def find(self, group_kinds: Collection[GroupKind], namespace: str, *, label: str) -> list[Body]:
        """The live bodies of these kinds in one namespace with that label selector."""
        ...

    async def apply(self, body: Body, guard: Guard, *, dry_run: bool = False) -> Body:
        """Server-side apply as ``MANAGER``, forced; the answer is the body as it now is, or would be.

        Raises ``Conflict`` when the live resource is not in the guarded state, ``Rejected`` when the API
        refuses the body, ``NotFound`` when its namespace or kind does not exist.
        """
        ...

    async def patch(
        self,
        ref: Ref,
        patch: Patch,
        *,
        style: Style = Style.JSON,
        part: str = "",
        dry_run: bool = False,
        manager: str = MANAGER,
    ) -> Body:
        """Change a live resource, or a subresource of it (``part``); the answer is what was patched, as it is then.

        Guard it with the ``resourceVersion`` in it: then it is ``Conflict`` where another is live. ``Conflict`` is also
        a ``test`` of a JSON patch that does not hold. Raises ``NotFound`` when there is nothing to patch.
        """
        ...

    async def label(self, ref: Ref, labels: Mapping[str, str | None], *, manager: str) -> Body | None:
        """Set or remove labels as another manager; None if the resource is gone."""
        ...

    async def delete(self, ref: Ref, guard: Guard, *, propagation: str, grace: int | None = None) -> None:
        """Delete exactly this uid; nothing happens if it is gone. Does not wait until it is.

        ``grace`` is how many seconds it may take to end, None what it has for that itself.
        """
        ...

    def observe(
        self, refs: Collection[Ref], dependents: Mapping[GroupKind, Collection[GroupKind]]
    ) -> AbstractAsyncContextManager[AsyncIterator[Observation]]:
        """Watch these resources and the dependents of their kinds.

        Yields a first whole observation, then another whenever something changed; several changes may
        arrive as one. Dependents are found by ownership, through any number of steps.
        """
        ...

    async def logs(self, pod: Ref, container: str, *, previous: bool, lines: int) -> str:
        """The last lines of a container; raises ``NotFound`` when there are none to be had."""
        ...

    async def denied(self, rights: Iterable[Right]) -> tuple[Right, ...]:
        """Which of these we do not have."""
        ...


@dataclass(frozen=True, slots=True)
class Lease:
    """Who works on a release. ``version`` is the store's mark of what was read; times are the holder's.

    ``seconds`` is how long it holds without being renewed; an empty holder means that it is free.
    """

    holder: str
    renewed: datetime
    seconds: int
    transitions: int = 0
    version: str = ""


class Store(Protocol):
    """The history and the Lease of releases, in one namespace."""

    async def summaries(self, name: str) -> tuple[Summary, ...]:
        """Every recorded attempt, newest first, without bodies."""
        ...

    async def listing(self, *, everywhere: bool = False) -> tuple[Listed, ...]:
        """Every name with its history, sorted by namespace and name; ``everywhere`` looks into all namespaces."""
        ...

    async def read(self, name: str, number: int) -> Release:
        """One record, whole and checked. Raises ``ReleaseNotFound`` or ``RecordCorrupt``.

        A release that restores another comes back with that one's resources.
        """
        ...

    async def create(self, release: Release) -> Release:
        """Record an attempt; raises ``Conflict`` if its number is taken. The answer carries its version."""
        ...

    async def update(self, release: Release) -> Release:
        """Write the same attempt again; raises ``Conflict`` if it was changed since it was read."""
        ...

    async def delete(self, name: str, number: int) -> None:
        """Forget an attempt; nothing happens if it is gone."""
        ...

    async def read_lease(self, name: str) -> Lease | None:
        """Who works on this release, if anybody ever did."""
        ...

    async def write_lease(self, name: str, lease: Lease) -> Lease:
        """Create the Lease (empty version) or replace exactly that version; raises ``Conflict`` otherwise."""
        ...

    async def delete_lease(self, name: str) -> None:
        """Take the Lease away if nobody holds it; else it stays."""
        ...


class Clock(Protocol):
    """Time. Seconds are floats."""

    def now(self) -> datetime:
        """The time of day, with a zone."""
        ...

    def monotonic(self) -> float:
        """Seconds from some moment; never goes back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let others work for so long."""
        ...
