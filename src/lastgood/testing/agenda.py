"""What is to be done later, in order of time: the ticking of everything that lives inside a cluster.

It outlives the event loop: what was not yet due when one run ended goes on when the next one first asks for something.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable

from lastgood.ports import Clock

_EXACT = 1e-9


class Agenda:
    """Callables, each with the moment at which it is due. They are called one after the other, never within another."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()
        self._timer: tuple[asyncio.AbstractEventLoop, float, asyncio.TimerHandle] | None = None

    @property
    def now(self) -> float:
        """The clock's time."""
        return self._clock.monotonic()

    def after(self, seconds: float, do: Callable[[], None]) -> None:
        """Do this so many seconds from now."""
        heapq.heappush(self._due, (self._clock.monotonic() + seconds, next(self._count), do))
        self.wake()

    def wake(self) -> None:
        """See to it that the running loop, if there is one, calls when the next is due."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        if self._due and not self._is_set(loop, self._due[0][0]):
            self._set(loop, self._due[0][0])

    def _is_set(self, loop: asyncio.AbstractEventLoop, at: float) -> bool:
        return self._timer is not None and self._timer[0] is loop and self._timer[1] <= at

    def _set(self, loop: asyncio.AbstractEventLoop, at: float) -> None:
        if self._timer is not None and self._timer[0] is loop:
            self._timer[2].cancel()
        self._timer = (loop, at, loop.call_later(max(0.0, at - self._clock.monotonic()), self._work))

    def _work(self) -> None:
        self._timer = None
        now = self._clock.monotonic() + _EXACT
        try:
            while self._due and self._due[0][0] <= now:
                heapq.heappop(self._due)[2]()
        finally:
            self.wake()
