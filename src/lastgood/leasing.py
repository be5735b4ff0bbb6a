"""One run at a time: hold a Lease while the work runs, stop the work when it is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from lastgood.errors import ClusterError, Conflict, Fenced, ReleaseBusy
from lastgood.model.event import Event, WaitingForLock
from lastgood.ports import Clock, Lease, Store

SECONDS = 15
RENEW_EVERY = 5.0
GIVE_UP_AFTER = 10.0
"""Renewal that has failed for so long ends the work: well before anybody else may take the Lease."""
CLOCK_SKEW = 30.0
"""A Lease this much older than its end is taken at once; a younger one only after it was seen not to move."""
POLL_EVERY = 1.0
RELEASE_WITHIN = 2.0


@dataclass(frozen=True, slots=True)
class Held:
    """A Lease that is ours. ``expired`` names the holder who was never seen to let go, if there was one."""

    name: str
    holder: str
    expired: str
    store: Store

    async def confirm(self) -> None:
        """Raise ``Fenced`` unless the Lease still is ours."""
        lease = await self.store.read_lease(self.name)
        if lease is None or lease.holder != self.holder:
            raise _fenced(self.name, lease)


@dataclass(frozen=True, slots=True)
class Leases:
    """Takes and keeps Leases. ``holder`` names this run for others to read; it must be unique."""

    store: Store
    clock: Clock
    holder: str
    tell: Callable[[Event], None]

    @asynccontextmanager
    async def hold(self, name: str, *, wait: float) -> AsyncIterator[Held]:
        """Work on a release alone. Raises ``ReleaseBusy`` after ``wait`` seconds in the queue.

        The work is cancelled, and ends as ``Fenced``, when the Lease cannot be renewed or another run took it.
        """
        lease, expired = await self._acquire(name, wait=wait)
        keeper = _Keeper(self, name, lease, worker=_current_task())
        renewal = asyncio.create_task(keeper.keep())
        try:
            yield Held(name, self.holder, expired, self.store)
        except asyncio.CancelledError:
            if keeper.lost is None:
                raise
            _current_task().uncancel()
            raise keeper.lost from None
        finally:
            renewal.cancel()
            await self._let_go(name, keeper)

    async def _acquire(self, name: str, *, wait: float) -> tuple[Lease, str]:
        patience = self.clock.monotonic() + wait
        watched = _Watched(self.clock)
        while True:
            lease = await self.store.read_lease(name)
            if lease is None or not lease.holder or watched.is_over(lease):
                with suppress(Conflict):
                    return await self._take(name, lease), lease.holder if lease else ""
                continue
            if self.clock.monotonic() >= patience:
                raise _busy(name, lease)
            if watched.first_time(lease):
                self.tell(WaitingForLock(name, lease.holder))
            await self.clock.sleep(POLL_EVERY)

    async def _take(self, name: str, lease: Lease | None) -> Lease:
        version, transitions = (lease.version, lease.transitions + 1) if lease else ("", 0)
        return await self.store.write_lease(
            name, Lease(self.holder, self.clock.now(), SECONDS, transitions=transitions, version=version)
        )

    async def _let_go(self, name: str, keeper: _Keeper) -> None:
        if keeper.lost is not None:
            return
        with suppress(ClusterError, TimeoutError):
            async with asyncio.timeout(RELEASE_WITHIN):
                await asyncio.shield(self._give_back(name, keeper.lease))

    async def _give_back(self, name: str, lease: Lease) -> None:
        """Free it. A renewal of ours whose answer was not awaited may have moved it: as long as it is ours, again."""
        try:
            await self.store.write_lease(name, replace(lease, holder=""))
        except Conflict:
            live = await self.store.read_lease(name)
            if live is not None and (live.holder, live.transitions) == (lease.holder, lease.transitions):
                await self.store.write_lease(name, replace(live, holder=""))


class _Watched:
    """What was seen of somebody else's Lease while queueing: clocks differ, so it is seen not to move."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: tuple[str, float] | None = None
        self._holder = ""

    def first_time(self, lease: Lease) -> bool:
        """Whether this holder was not met before."""
        first, self._holder = lease.holder != self._holder, lease.holder
        return first

    def is_over(self, lease: Lease) -> bool:
        """Whether the holder has not renewed it for its whole length."""
        if self._seen is None or self._seen[0] != lease.version:
            self._seen = (lease.version, self._clock.monotonic())
        unmoved = self._clock.monotonic() - self._seen[1]
        end = lease.renewed + timedelta(seconds=lease.seconds + CLOCK_SKEW)
        return unmoved >= lease.seconds or self._clock.now() > end


class _Keeper:
    """Renews a Lease until it is cancelled, or lost: then it cancels the worker."""

    def __init__(self, leases: Leases, name: str, lease: Lease, *, worker: asyncio.Task[Any]) -> None:
        self.lease = lease
        self.lost: Fenced | None = None
        self._leases, self._name, self._worker = leases, name, worker

    async def keep(self) -> None:
        """Renew for ever."""
        renewed = self._leases.clock.monotonic()
        while self.lost is None:
            await self._leases.clock.sleep(RENEW_EVERY if self._is_fresh(renewed) else POLL_EVERY)
            renewed = await self._renew(renewed)

    def _is_fresh(self, renewed: float) -> bool:
        return self._leases.clock.monotonic() - renewed < RENEW_EVERY

    async def _renew(self, renewed: float) -> float:
        try:
            self.lease = await self._leases.store.write_lease(
                self._name, replace(self.lease, renewed=self._leases.clock.now())
            )
        except Conflict:
            self._lose(await self._leases.store.read_lease(self._name))
        except ClusterError:
            if self._leases.clock.monotonic() - renewed >= GIVE_UP_AFTER:
                self._lose(None)
            return renewed
        return self._leases.clock.monotonic()

    def _lose(self, lease: Lease | None) -> None:
        self.lost = _fenced(self._name, lease)
        self._worker.cancel()


def _current_task() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    assert task is not None
    return task


def _fenced(name: str, lease: Lease | None) -> Fenced:
    who = f"{lease.holder} took it over" if lease and lease.holder else "its Lease could not be kept"
    return Fenced(
        f"this run no longer holds {name}: {who}; it has stopped writing",
        hint="lastgood history shows what became of it",
    )


def _busy(name: str, lease: Lease) -> ReleaseBusy:
    return ReleaseBusy(
        f"{name} is being worked on by {lease.holder}",
        hint="wait longer with --wait-lock; a run that died is taken over by itself after "
        f"{SECONDS} seconds, and nothing has to be deleted",
    )
