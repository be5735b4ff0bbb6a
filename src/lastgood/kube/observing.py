"""Many collections, followed at once, become one stream of observations."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Self

from lastgood.kube import watching
from lastgood.kube.discovery import version_of
from lastgood.kube.kinship import Entry, Family
from lastgood.kube.transport import Transport
from lastgood.kube.watching import Change, Follower, Pace
from lastgood.model.health import Observation
from lastgood.model.resource import GroupKind, Ref
from lastgood.ports import Clock, Served

PACE = Pace()


@asynccontextmanager
async def observe(
    transport: Transport,
    served: Callable[[], Awaitable[Mapping[GroupKind, Served]]],
    refs: Collection[Ref],
    dependents: Mapping[GroupKind, Collection[GroupKind]],
    pace: Pace,
) -> AsyncIterator[AsyncIterator[Observation]]:
    """Watch these resources and their dependents as long as the context is open.

    A failure of a watch comes out of the iterator. Watching begins when a second observation is asked for, so that
    a single look costs no more than its lists.
    """
    collections = collections_of(refs, dependents, await served())
    observations = Observations(Family(refs), collections, transport.clock, pace)
    tasks = [asyncio.create_task(observations.follower(transport, one).run()) for one in collections]
    for task in tasks:
        task.add_done_callback(observations.note_end)
    try:
        yield observations
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Observations:
    """What is known now, whenever it has changed. Asking again after a cancelled ``anext`` loses nothing."""

    def __init__(self, family: Family, collections: Collection[watching.Collection], clock: Clock, pace: Pace) -> None:
        self._family, self._clock, self._pace = family, clock, pace
        self._unread = set(collections)
        self._changed = asyncio.Event()
        self._again = asyncio.Event()
        self._failure: BaseException | None = None
        self._shown: float | None = None
        if not collections:
            self._changed.set()

    def follower(self, transport: Transport, collection: watching.Collection) -> Follower:
        """Who brings in the news of one collection."""
        return Follower(
            transport,
            collection,
            self._pace,
            tell_all=self._take_all,
            tell_one=self._take_one,
            watch_from=self._again,
        )

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Observation:
        if self._shown is not None:
            self._again.set()
        await self._changed.wait()
        await self._gather_more()
        if self._failure is not None:
            raise self._failure
        self._changed.clear()
        self._shown = self._clock.monotonic()
        return self._family.observation(self._shown)

    async def _gather_more(self) -> None:
        """The first change is shown at once; those that follow it closely are shown together."""
        if self._shown is None:
            return
        wait = self._shown + self._pace.gather - self._clock.monotonic()
        if wait > 0 and self._failure is None:
            await self._clock.sleep(wait)

    def note_end(self, task: asyncio.Task[None]) -> None:
        """A follower that ends by itself has nothing to tell, or has failed."""
        if not task.cancelled() and task.exception() is not None:
            self._failure = self._failure or task.exception()
            self._changed.set()

    def _take_all(self, collection: watching.Collection, entries: list[Entry]) -> None:
        first = collection in self._unread
        self._unread.discard(collection)
        matters = self._family.replace(collection, entries)
        if (matters or first) and not self._unread:
            self._changed.set()

    def _take_one(self, collection: watching.Collection, change: Change) -> None:
        entry = collection.entry(change.raw)
        take = self._family.remove if change.type == "DELETED" else self._family.put
        if take(collection, entry):
            self._changed.set()


def collections_of(
    refs: Collection[Ref],
    dependents: Mapping[GroupKind, Collection[GroupKind]],
    served: Mapping[GroupKind, Served],
) -> tuple[watching.Collection, ...]:
    """What has to be followed: one collection for each kind and namespace. Kinds that nobody serves have no items."""
    names: dict[tuple[Served, str, str], set[str]] = {}
    whole: set[tuple[Served, str, str]] = set()
    for ref in refs:
        if kind := served.get(ref.group_kind):
            names.setdefault((kind, version_of(kind, ref), ref.namespace), set()).add(ref.name)
            below = [served[one] for one in dependents.get(ref.group_kind, ()) if one in served]
            whole |= {(one, one.versions[0], ref.namespace if one.namespaced else "") for one in below}
    keys = dict.fromkeys([*names, *sorted(whole, key=str)])
    return tuple(watching.Collection(*key, frozenset(names.get(key, ())), key in whole) for key in keys)
