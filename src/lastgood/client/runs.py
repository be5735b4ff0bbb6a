"""A run as a value: await it for its result, iterate over it for its events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast

from lastgood.model.event import Event

T_co = TypeVar("T_co", covariant=True)
Tell = Callable[[Event], None]


class Run(Coroutine[Any, Any, T_co]):
    """One call at work: ``await run`` for its result, ``async for event in run`` for what it tells.

    Nothing happens before either. Awaited, it works in the task that awaits it: what cancels that task stops the run,
    as Ctrl-C stops a command. Iterated over, it works in a task of its own, which goes on when the iteration is broken
    off; leaving the ``async with`` of the connection waits for it, or stops it when an exception is on its way.

    It may be awaited and iterated over as often as one likes: the result is the same, and each iteration begins with
    the first event, and ends by raising what the run raises. Events are kept as long as the run is, so that a slow
    reader holds nobody up. It is a coroutine, so that ``TaskGroup.create_task(run)`` takes it.
    """

    def __init__(self, what: str, work: Callable[[Tell], Awaitable[T_co]], home: Home) -> None:
        self._what, self._work, self._home = what, work, home
        self._told: list[Event] = []
        self._news = asyncio.Event()
        self._begun = self._taken = False
        self._task: asyncio.Task[T_co] | None = None  # its own, when it has one
        self._worker: asyncio.Task[Any] | None = None  # the one it works in
        self._end: _End | None = None
        self._steps: Coroutine[Any, Any, T_co] | None = None

    @property
    def events(self) -> tuple[Event, ...]:
        """What it has told so far."""
        return tuple(self._told)

    @property
    def done(self) -> bool:
        """Whether it is over, however it ended."""
        return self._end is not None

    async def stop(self) -> None:
        """Stop it as Ctrl-C stops a command, and return once that is written down; awaited, it is cancelled then.

        With ``on_interrupt="restore"`` the last good release is brought back first, unless this is called once more.
        A run that is over stays as it is; one that has not begun never will.
        """
        if not self._begun:
            self._begun, self._end = True, _End(error=asyncio.CancelledError())
        self.cancel()
        await self.over()

    # --- awaited

    def __await__(self) -> Generator[Any, Any, T_co]:
        """Work, or wait for whoever works on it; the result, or what it ended with is raised."""
        return self._result().__await__()

    async def _result(self) -> T_co:
        self._taken = True
        if not self._begun:
            self._begin()
            self._worker = asyncio.current_task()
            return await self._do()
        if self._task is not None:
            return await self._task
        await self.over()
        return cast("T_co", self._ended().result)

    def send(self, value: Any, /) -> Any:
        """As a coroutine, for whoever makes a task of it."""
        self._steps = self._steps or self._result()
        return self._steps.send(value)

    def throw(self, *error: Any) -> Any:
        """As a coroutine, for whoever makes a task of it."""
        self._steps = self._steps or self._result()
        return self._steps.throw(*error)

    def close(self) -> None:
        """As a coroutine, for an event loop that ends; ``stop`` is for people."""
        if self._steps is not None:
            self._steps.close()

    # --- iterated over

    def __aiter__(self) -> AsyncIterator[Event]:
        """Every event from the first one on."""
        return _Events(self._event)

    async def _event(self, place: int) -> Event | None:
        """The event at this place, once it is told; None after the last. Raises what the run ended with."""
        if not self._begun:
            self._go_by_itself()
        while place >= len(self._told):
            if self.done:
                self._taken = True
                self._ended()
                return None
            await self._news.wait()
        return self._told[place]

    # --- for its connection

    @property
    def unknown_error(self) -> Exception | None:
        """What it failed with, if nobody has been told of that."""
        error = self._end.error if self._end else None
        return error if isinstance(error, Exception) and not self._taken else None

    def cancel(self) -> None:
        """Ask the task that it works in to stop, as ``asyncio.Task.cancel`` does, and do not wait."""
        if self._worker is not None and not self.done:
            self._worker.cancel()

    async def over(self) -> None:
        """Wait for its end, whatever that is."""
        while not self.done:
            await self._news.wait()

    # --- at work

    def _begin(self) -> None:
        self._home.begin(self)
        self._begun = True

    def _go_by_itself(self) -> None:
        self._begin()
        self._worker = self._task = asyncio.create_task(self._do(), name=self._what)
        self._task.add_done_callback(self._close_up)

    def _close_up(self, task: asyncio.Task[T_co]) -> None:
        """A task that is cancelled before its first step has done nothing, not even written down its end."""
        if not task.cancelled():
            task.exception()  # it is told by the run; asyncio need not
        self._end = self._end or _End(error=asyncio.CancelledError())
        self._wake()

    async def _do(self) -> T_co:
        try:
            result = await self._work(self._tell)
        except BaseException as error:
            self._end = _End(error=error)
            raise
        else:
            self._end = _End(result)
            return result
        finally:
            self._wake()

    def _tell(self, event: Event) -> None:
        self._told.append(event)
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def _ended(self) -> _End:
        """How it ended; raises the error if it was one."""
        assert self._end is not None
        if isinstance(self._end.error, asyncio.CancelledError):
            raise asyncio.CancelledError
        if self._end.error is not None:
            raise self._end.error
        return self._end

    def __repr__(self) -> str:
        state = "over" if self.done else "at work" if self._begun else "not begun"
        return f"<Run: {self._what}, {state}>"


class Home(Protocol):
    """Where runs belong, and which none of them outlives."""

    def begin(self, run: Run[Any]) -> None:
        """Know that it works from now on. Raises ``RuntimeError`` when it may not."""
        ...


@dataclass(frozen=True, slots=True)
class _End:
    """How a run ended: its result, or an error."""

    result: object = None
    error: BaseException | None = None


class _Events(AsyncIterator[Event]):
    """One reader of a run's events."""

    def __init__(self, event: Callable[[int], Awaitable[Event | None]]) -> None:
        self._event, self._place = event, 0

    async def __anext__(self) -> Event:
        event = await self._event(self._place)
        if event is None:
            raise StopAsyncIteration
        self._place += 1
        return event
