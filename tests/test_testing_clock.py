"""The clock of tests: time passes only while everybody waits, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest

from lastgood.testing import Deadlock, FakeClock, virtual_run
from lastgood.testing.clock import EPOCH


def test_ten_minutes_of_waiting_take_no_time() -> None:
    clock, started = FakeClock(), time.monotonic()
    clock.run(clock.sleep(600))
    assert (clock.monotonic(), clock.now()) == (600.0, EPOCH + timedelta(minutes=10))
    assert time.monotonic() - started < 5


def test_sleepers_wake_in_the_order_of_their_time() -> None:
    clock, woken = FakeClock(), list[tuple[float, str]]()

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((clock.monotonic(), name))

    async def work() -> None:
        async with asyncio.TaskGroup() as group:
            for name, seconds in (("late", 30.0), ("first", 1.0), ("middle", 5.5)):
                group.create_task(sleeper(name, seconds))

    clock.run(work())
    assert woken == [(1.0, "first"), (5.5, "middle"), (30.0, "late")]


def test_the_timeouts_of_asyncio_run_in_this_time() -> None:
    async def work() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(45):
                await asyncio.Event().wait()
        return asyncio.get_running_loop().time()

    assert virtual_run(work()) == 45.0


def test_cancelling_reaches_a_sleeper_at_once() -> None:
    clock = FakeClock()

    async def work() -> None:
        sleeper = asyncio.create_task(clock.sleep(3600))
        await clock.sleep(1)
        sleeper.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sleeper

    clock.run(work())
    assert clock.monotonic() == 1.0


def test_waiting_for_nothing_is_an_error_that_says_who_waits() -> None:
    async def waits_for_nobody() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Deadlock, match=r"every task waits and no timer is set\n.*waits_for_nobody"):
        virtual_run(waits_for_nobody())


def test_a_run_that_never_ends_because_something_ticks_is_an_error() -> None:
    clock = FakeClock(longest=100)

    async def ticks() -> None:
        while True:
            await clock.sleep(1)

    with pytest.raises(Deadlock, match="100 seconds have passed and the work is not done"):
        clock.run(ticks())
    clock.run(clock.sleep(50))  # the next run has its own hundred seconds


def test_time_stands_still_while_a_thread_works() -> None:
    clock = FakeClock()

    def slow() -> str:
        time.sleep(0.05)
        return "done"

    async def work() -> str:
        asyncio.get_running_loop().call_later(10, lambda: None)
        return await asyncio.to_thread(slow)

    assert (clock.run(work()), clock.monotonic()) == ("done", 0.0)


def test_time_goes_on_from_one_run_to_the_next() -> None:
    clock = FakeClock()
    clock.run(clock.sleep(5))
    clock.jump(60)
    clock.run(clock.sleep(5))
    assert clock.monotonic() == 70.0


def test_an_error_in_a_callback_ends_the_run() -> None:
    async def work() -> None:
        asyncio.get_running_loop().call_later(1, lambda: 1 // 0)
        await asyncio.sleep(2)

    with pytest.raises(ZeroDivisionError):
        virtual_run(work())


def test_in_another_loop_it_refuses_to_sleep() -> None:
    with pytest.raises(RuntimeError, match=r"use clock\.run"):
        asyncio.run(FakeClock().sleep(1))
