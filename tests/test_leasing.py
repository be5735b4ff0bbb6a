"""One run at a time: who holds the Lease works, who loses it stops."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from lastgood.errors import Conflict, Fenced, ReleaseBusy, Unreachable
from lastgood.leasing import CLOCK_SKEW, SECONDS, Leases
from lastgood.model.event import WaitingForLock
from lastgood.ports import Lease
from lastgood.testing import FakeClock, MemoryStore


class World:
    """A store, a clock, and runs that want the same Lease."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = MemoryStore("shop", self.clock)
        self.told: list[Any] = []

    def leases(self, holder: str = "me") -> Leases:
        return Leases(self.store, self.clock, holder, self.told.append)

    def run(self, work: Callable[[], Awaitable[Any]]) -> Any:
        async def run() -> Any:
            return await work()

        return self.clock.run(run())

    async def lease(self) -> Lease:
        found = await self.store.read_lease("web")
        assert found is not None
        return found


@pytest.fixture
def world() -> World:
    return World()


def test_it_is_held_while_the_work_runs_and_free_afterwards(world: World) -> None:
    async def work() -> tuple[str, str]:
        async with world.leases().hold("web", wait=0) as held:
            assert held.expired == ""
            during = (await world.lease()).holder
        return during, (await world.lease()).holder

    assert ("me", "") == world.run(work)


def test_it_is_free_afterwards_though_a_renewal_had_come_through_unheard(world: World) -> None:
    """The server took a renewal whose answer nobody heard: the version that the run knows is an old one."""

    async def work() -> str:
        async with world.leases().hold("web", wait=0):
            await world.store.write_lease("web", replace(await world.lease(), renewed=world.clock.now()))
        return (await world.lease()).holder

    assert world.run(work) == ""


def test_it_is_renewed_for_as_long_as_the_work_takes(world: World) -> None:
    async def work() -> float:
        async with world.leases().hold("web", wait=0) as held:
            await world.clock.sleep(300)
            await held.confirm()
            return (world.clock.now() - (await world.lease()).renewed).total_seconds()

    assert world.run(work) <= SECONDS / 2


def test_a_second_run_waits_its_turn_and_says_for_whom(world: World) -> None:
    order: list[str] = []

    async def one(holder: str, seconds: float) -> None:
        async with world.leases(holder).hold("web", wait=600):
            order.append(f"{holder} in")
            await world.clock.sleep(seconds)
            order.append(f"{holder} out")

    async def work() -> None:
        first = asyncio.create_task(one("first", 60))
        await world.clock.sleep(1)
        await asyncio.gather(first, one("second", 1))

    world.run(work)
    assert order == ["first in", "first out", "second in", "second out"]
    assert [WaitingForLock("web", "first")] == world.told


def test_who_waits_too_long_is_told_that_nothing_has_to_be_deleted(world: World) -> None:
    async def work() -> None:
        async with world.leases("first").hold("web", wait=0), world.leases("second").hold("web", wait=30):
            pytest.fail("two runs at once")

    with pytest.raises(ReleaseBusy, match="worked on by first") as raised:
        world.run(work)
    assert "nothing has to be deleted" in raised.value.hint


def _left_behind(world: World, *, seconds_ago: float) -> Callable[[], Awaitable[str]]:
    """Somebody died with the Lease so long ago; who comes next gets it, and learns of it."""

    async def work() -> str:
        from datetime import timedelta

        then = world.clock.now() - timedelta(seconds=seconds_ago)
        await world.store.write_lease("web", Lease("dead", then, SECONDS))
        async with world.leases().hold("web", wait=60) as held:
            return held.expired

    return work


def test_what_a_dead_run_left_is_taken_over_once_it_is_seen_not_to_move(world: World) -> None:
    before = world.clock.monotonic()
    assert "dead" == world.run(_left_behind(world, seconds_ago=1))
    assert SECONDS <= world.clock.monotonic() - before <= SECONDS + 2


def test_what_died_long_ago_is_taken_over_at_once(world: World) -> None:
    """Clocks may differ by some seconds, not by minutes."""
    before = world.clock.monotonic()
    assert "dead" == world.run(_left_behind(world, seconds_ago=SECONDS + CLOCK_SKEW + 1))
    assert world.clock.monotonic() - before < 1


def test_who_loses_it_is_stopped_and_does_not_give_back_what_is_not_his(world: World) -> None:
    async def work() -> None:
        async with world.leases().hold("web", wait=0):
            lease = await world.lease()
            await world.store.write_lease("web", replace(lease, holder="thief"))
            await world.clock.sleep(600)

    with pytest.raises(Fenced, match="thief took it over"):
        world.run(work)
    assert "thief" == world.run(world.lease).holder


def test_who_cannot_renew_is_stopped_before_anybody_may_take_it(world: World) -> None:
    started = world.clock.monotonic()

    async def work() -> None:
        async with world.leases().hold("web", wait=0):
            world.store.fail_next(Unreachable("no network"), verb="write lease", times=1000)
            await world.clock.sleep(600)

    with pytest.raises(Fenced, match="could not be kept"):
        world.run(work)
    assert world.clock.monotonic() - started < SECONDS + 3


def test_a_short_outage_does_not_stop_the_work(world: World) -> None:
    async def work() -> str:
        async with world.leases().hold("web", wait=0):
            world.store.fail_next(Unreachable("a moment"), verb="write lease", times=3)
            await world.clock.sleep(60)
            return (await world.lease()).holder

    assert "me" == world.run(work)


def test_who_loses_the_race_for_a_free_lease_waits(world: World) -> None:
    async def work() -> str:
        world.store.fail_next(Conflict("somebody was faster"), verb="write lease")
        async with world.leases().hold("web", wait=60):
            return (await world.lease()).holder

    assert "me" == world.run(work)


def test_an_interruption_is_passed_on_and_frees_the_lease(world: World) -> None:
    async def work() -> str:
        async def hold() -> None:
            async with world.leases().hold("web", wait=0):
                await world.clock.sleep(600)

        task = asyncio.create_task(hold())
        await world.clock.sleep(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return (await world.lease()).holder

    assert "" == world.run(work)
