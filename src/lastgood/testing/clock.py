"""A clock that stands still while anybody works, and jumps to the next timer when everybody waits.

``FakeClock.run`` runs a coroutine in an event loop whose time is the clock's. Everything of asyncio that waits
(``sleep``, ``timeout``, ``call_later``, ``wait_for``) waits in that time, so ten minutes pass in milliseconds, and the
order of what happens is the same in every run. An error in a callback ends the run. Work in threads is waited for in
real time, while the clock stands.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import selectors
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")

DAY = 86_400.0
EPOCH = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


class Deadlock(Exception):
    """Everybody waits, and nothing is left that could end it; the message lists the tasks and where they stand."""


class FakeClock:
    """Time that passes only when every task of ``run`` waits.

    It starts at ``start`` and goes on from one ``run`` to the next. A run that takes more than ``longest`` seconds
    of its time ends with ``Deadlock``: something waits for ever while something else keeps ticking.
    """

    def __init__(self, start: datetime = EPOCH, *, longest: float = DAY) -> None:
        self._start, self._longest = start, longest
        self._elapsed = 0.0
        self._limit = longest

    def now(self) -> datetime:
        """The time of day, in UTC."""
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        """Seconds since the clock was made."""
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        """Let others work for so long. Only inside ``run``: no other loop knows this time."""
        loop = asyncio.get_running_loop()
        if not isinstance(loop, _Loop) or loop.clock is not self:
            raise RuntimeError("a FakeClock sleeps only in its own run(); use clock.run(work) instead of asyncio.run")
        await asyncio.sleep(seconds)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run this to its end, as ``asyncio.run`` does, in the time of this clock."""
        self._limit = self._elapsed + self._longest
        with asyncio.Runner(loop_factory=lambda: _Loop(self)) as runner:
            return runner.run(work)

    def jump(self, seconds: float) -> None:
        """Let so many seconds pass at once, as if the process had slept."""
        self._elapsed += seconds

    def _pass(self, seconds: float) -> None:
        if self._elapsed > self._limit:
            self._limit = self._elapsed + self._longest  # so that the work can still be cancelled
            raise Deadlock(f"{self._longest:.0f} seconds have passed and the work is not done\n{_where_all_stand()}")
        self._elapsed += seconds


def clock_here() -> FakeClock | None:
    """The clock of the loop that runs here, if it is the loop of one."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return None
    return loop.clock if isinstance(loop, _Loop) else None


def virtual_time(test: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """A decorator that lets an ``async def`` be called as a plain function, in the time of a new clock.

    pytest needs no plugin to run such a test; fixtures and parameters reach it as ever.
    """

    @functools.wraps(test)
    def called(*arguments: P.args, **named: P.kwargs) -> T:
        return FakeClock().run(test(*arguments, **named))

    return called


def virtual_run(work: Coroutine[Any, Any, T]) -> T:
    """Run this to its end in the time of a new clock."""
    return FakeClock().run(work)


class _Selector(selectors.BaseSelector):
    """Instead of waiting for a timeout it moves the clock; instead of waiting for nothing it says so."""

    def __init__(self, pass_time: Callable[[float], None]) -> None:
        self._pass = pass_time
        self._real = selectors.DefaultSelector()
        self.threads = 0
        self.broken: BaseException | None = None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self.broken is not None:
            error, self.broken = self.broken, None
            raise error
        ready = self._real.select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if self.threads:
            return self._real.select(None)
        if timeout is not None:
            self._pass(timeout)
            return []
        if len(self._real.get_map()) > 1:  # more than the loop's own wake-up: a socket may still speak
            return self._real.select(None)
        raise Deadlock(f"every task waits and no timer is set\n{_where_all_stand()}")

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()

    def close(self) -> None:
        self._real.close()


class _Loop(asyncio.SelectorEventLoop):
    """An event loop in the time of a clock."""

    def __init__(self, clock: FakeClock) -> None:
        self._fake = _Selector(clock._pass)  # noqa: SLF001 - the loop is the clock's other half
        self.clock = clock
        self._pool: concurrent.futures.ThreadPoolExecutor | None = None
        super().__init__(self._fake)
        self.set_exception_handler(self._break)

    def _break(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What goes wrong in a callback, with nobody to catch it, ends the run instead of a line in a log."""
        if "handle" in context:
            self._fake.broken = context["exception"]
        else:
            loop.default_exception_handler(context)

    def time(self) -> float:
        return self.clock.monotonic()

    def run_in_executor(self, executor: Any, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:  # type: ignore[override]
        if executor is None:
            executor = self._pool = self._pool or concurrent.futures.ThreadPoolExecutor()
        self._fake.threads += 1
        future: asyncio.Future[T] = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._came_back)
        return future

    def _came_back(self, _done: asyncio.Future[Any]) -> None:
        self._fake.threads -= 1

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 - asyncio's name
        """Wait in real time: asyncio's own waits with a timeout, which this clock would let pass at once."""
        if self._pool is not None:
            self._pool.shutdown(wait=True)


def _where_all_stand() -> str:
    return "\n".join(sorted(_where(task) for task in asyncio.all_tasks(asyncio.get_event_loop())))


def _where(task: asyncio.Task[Any]) -> str:
    frames = task.get_stack()
    place = f"{frames[-1].f_code.co_filename}:{frames[-1].f_lineno}" if frames else "not started"
    return f"  {task.get_name()} ({getattr(task.get_coro(), '__qualname__', '?')}) at {place}"
