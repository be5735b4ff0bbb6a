"""A cluster in memory: the API server's answers, and controllers that do what a test says."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

from lastgood.errors import Forbidden, LastgoodError, NotFound, Rejected
from lastgood.model.health import Observation
from lastgood.model.patching import Patch, Style
from lastgood.model.plan import Guard
from lastgood.model.resource import Body, GroupKind, Ref, ref_of
from lastgood.ports import MANAGER, Clock, Right, Served
from lastgood.testing.answering import answers
from lastgood.testing.api import By, Edit
from lastgood.testing.behaviour import NOTHING_SAID, Behaviours
from lastgood.testing.clock import FakeClock, clock_here
from lastgood.testing.faults import LATENCY, Faults, Hook, Request
from lastgood.testing.labels import labels_of, selecting
from lastgood.testing.machinery import Machinery
from lastgood.testing.patching import editing, scale_of
from lastgood.testing.store import MemoryStore
from lastgood.testing.values import copied
from lastgood.testing.watching import observing


class MemoryCluster:
    """Implements ``lastgood.ports.Cluster``.

    ``behaviours`` says what containers do, by image or by a function; the defaults go by the tag: ``web:missing``
    cannot be pulled, ``web:crash`` crashes, and so on (see ``Behaviour``), everything else is good.
    Time is the ``clock``'s, a ``FakeClock`` whose ``run`` does the work; without one, that of the loop it is made in,
    or a new one. The histories of releases are kept with it, a ``store`` for each namespace.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        behaviours: Behaviours = NOTHING_SAID,
        nodes: int = 1,
    ) -> None:
        clock = clock or clock_here() or FakeClock()
        self._clock = clock
        self._holders = itertools.count(1)
        self._stores: dict[str, MemoryStore] = {}
        self._faults = Faults()
        self._denied: set[Right] = set()
        self.machinery = Machinery(clock, behaviours)
        self.machinery.furnish(nodes)

    def add_namespace(self, name: str) -> None:
        """Make a namespace; ``default`` is there from the start."""
        self.machinery.add_namespace(name)

    @property
    def clock(self) -> Clock:
        """Whose time it is."""
        return self._clock

    def new_holder(self) -> str:
        """A name for a run that no other run on this cluster has."""
        return f"memory-{next(self._holders)}"

    def store(self, namespace: str) -> MemoryStore:
        """Where the histories of the releases of a namespace are: always the same one."""
        return self._stores.setdefault(namespace, MemoryStore(namespace, self._clock, beside=self._stores))

    @property
    def requests(self) -> list[Request]:
        """Every request so far; clear it to count anew."""
        return self._faults.requests

    @property
    def on_request(self) -> Hook | None:
        """Called before each request; what it raises, the caller gets."""
        return self._faults.hook

    @on_request.setter
    def on_request(self, hook: Hook | None) -> None:
        self._faults.hook = hook

    def fail_next(self, error: LastgoodError, *, verb: str = "", ref: Ref | None = None, times: int = 1) -> None:
        """Let the next so many requests of this verb about this ref fail with this error."""
        self._faults.plan(error, verb=verb, ref=ref, times=times)

    def deny(self, *rights: Right) -> None:
        """Take these rights away."""
        self._denied |= set(rights)

    def create(self, body: Body, *, manager: str = "kubectl-create") -> Body:
        """Somebody makes a resource, not by an apply."""
        return copied(self.machinery.api.create(copied(body), By(manager)))

    def edit(self, ref: Ref, edit: Edit, *, manager: str = "kubectl-edit", subresource: str = "") -> Body:
        """Somebody changes a live resource: ``edit`` changes the body that it is given.

        An autoscaler is ``subresource="scale"``; kubectl, a person or another tool has none.
        """
        return copied(self.machinery.api.edit(ref, edit, By(manager, subresource)))

    def live(self, ref: Ref) -> Body | None:
        """A live body, or None."""
        return copied(self.machinery.objects.get(ref))

    def answers(self, ref: Ref) -> list[dict[str, str]]:
        """What the ready pods behind a Service, of a workload, or one pod answer when they are called."""
        return answers(self.machinery.objects, self.machinery.pods, ref)

    async def served(self) -> Mapping[GroupKind, Served]:
        """Every kind that is served now."""
        await self._request("served")
        return self.machinery.api.served()

    def forget_kinds(self) -> None:
        """Nothing is remembered here."""

    async def read(self, refs: Collection[Ref], *, label: str = "") -> dict[Ref, Body]:
        """The live bodies of these; a list for each kind and namespace of several, then what it lacks singly."""
        found: dict[Ref, Body] = {}
        for (kind, namespace), count in Counter((ref.group_kind, ref.namespace) for ref in refs).items():
            if label and count > 1:
                await self._request("list", Ref(*kind, namespace, ""))
                found |= {ref_of(body): body for body in self._listed(kind, namespace, label)}
        return {ref: body for ref in refs if (body := found.get(ref) or await self._read_one(ref)) is not None}

    async def _read_one(self, ref: Ref) -> Body | None:
        await self._request("read", ref)
        body = self.machinery.objects.get(ref)
        return copied(self._in_version(body, ref.version)) if body is not None else None

    def _in_version(self, body: Body, version: str) -> Body:
        """As the server converts a custom resource: by name only."""
        facts = self.machinery.api.kinds.get(ref_of(body).group_kind)
        if facts is None or not facts.custom:
            return body
        served = facts.served
        return body | {"apiVersion": f"{served.group_kind.group}/{version or served.versions[0]}"}

    async def find(self, group_kinds: Collection[GroupKind], namespace: str, *, label: str) -> list[Body]:
        """The live bodies of these kinds in one namespace, and of those that live in none."""
        found: list[Body] = []
        for kind in group_kinds:
            await self._request("list", Ref(*kind, namespace, ""))
            found += self._listed(kind, namespace, label)
        return found

    def _listed(self, kind: GroupKind, namespace: str, label: str) -> list[Body]:
        facts, matches = self.machinery.api.kinds.get(kind), selecting(label)
        if facts is None:
            return []
        held = self.machinery.objects.of_kind(kind, namespace if facts.served.namespaced else "")
        return [copied(body) for body in held if matches(labels_of(body))]

    async def apply(self, body: Body, guard: Guard, *, dry_run: bool = False) -> Body:
        """Server-side apply as ``MANAGER``, forced."""
        await self._request("apply", ref_of(body), dry_run=dry_run)
        return copied(self.machinery.api.apply(copied(body), guard, By(MANAGER, dry_run=dry_run)))

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
        """A patch of a resource, or a merge patch of its ``scale``. Custom resources take no strategic one."""
        await self._request("patch", ref, dry_run=dry_run)
        facts = self.machinery.api.facts(ref)
        if facts.custom and style is Style.STRATEGIC:
            raise Rejected(
                "the body of the request was in an unknown format - accepted media types include: json, merge"
            )
        body = self.machinery.api.edit(ref, editing(patch, style, part), By(manager, part, dry_run=dry_run))
        return copied(scale_of(body) if part else body)

    async def label(self, ref: Ref, labels: Mapping[str, str | None], *, manager: str) -> Body | None:
        """Set or remove labels as another manager."""
        await self._request("label", ref)
        if self.machinery.objects.get(ref) is None:
            return None
        return copied(self.machinery.api.edit(ref, lambda body: _relabel(body, labels), By(manager)))

    async def delete(self, ref: Ref, guard: Guard, *, propagation: str, grace: int | None = None) -> None:
        """Delete exactly this uid; another one means that this one is gone."""
        await self._request("delete", ref)
        if guard.uid:
            self.machinery.collector.delete(ref, guard, propagation, grace)

    def observe(
        self, refs: Collection[Ref], dependents: Mapping[GroupKind, Collection[GroupKind]]
    ) -> AbstractAsyncContextManager[AsyncIterator[Observation]]:
        """Watch these and what stands below them."""
        return self._observe(frozenset(refs), dependents)

    @asynccontextmanager
    async def _observe(
        self, refs: frozenset[Ref], dependents: Mapping[GroupKind, Collection[GroupKind]]
    ) -> AsyncIterator[AsyncIterator[Observation]]:
        await self._request("observe")
        async with observing(self.machinery.objects, self._clock, refs, dependents) as observations:
            yield observations

    async def logs(self, pod: Ref, container: str, *, previous: bool, lines: int) -> str:
        """The last lines of a container."""
        await self._request("logs", pod)
        body = self.machinery.objects.get(pod)
        life = self.machinery.pods.life(body) if body else None
        one = life.container(container) if life else None
        written = one.logs[: -1 if previous and one.running else None] if one else []
        if not written:
            raise NotFound(f'container "{container}" in pod "{pod.name}" has written no log that is still to be had')
        return "".join(f"{line}\n" for line in written[-1][-lines:])

    async def denied(self, rights: Iterable[Right]) -> tuple[Right, ...]:
        """Which of these were taken away."""
        await self._request("denied")
        return tuple(right for right in rights if {right, replace(right, name="")} & self._denied)

    async def _request(self, verb: str, ref: Ref | None = None, *, dry_run: bool = False) -> None:
        """Take its time, write it down, and meet what a test has planned for it."""
        self._faults.meet(Request(verb, ref, dry_run))
        self.machinery.agenda.wake()
        await self._clock.sleep(LATENCY)
        if ref is not None:
            self._check_right(verb, ref)

    def _check_right(self, verb: str, ref: Ref) -> None:
        facts = self.machinery.api.kinds.get(ref.group_kind)
        right = Right(_API_VERBS.get(verb, verb), ref.group, facts.served.plural if facts else "", ref.namespace)
        if right in self._denied:
            raise Forbidden(f'{right.plural} "{ref.name}" is forbidden: the user of this test cannot {right}')


_API_VERBS = {"apply": "patch", "label": "patch", "read": "get"}


def _relabel(body: Body, labels: Mapping[str, str | None]) -> None:
    kept = {name: value for name, value in labels_of(body).items() if name not in labels}
    body["metadata"]["labels"] = kept | {name: value for name, value in labels.items() if value is not None}
