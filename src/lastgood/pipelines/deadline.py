"""When something has to be over: what it is made of has no longer than what is left."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lastgood.ports import Clock


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment of the clock's monotonic time, in seconds; without a clock there is none."""

    clock: Clock | None = None
    at: float = math.inf

    @property
    def left(self) -> float:
        """Seconds until then, never less than 0."""
        return max(0.0, self.at - self.clock.monotonic()) if self.clock else math.inf

    @property
    def is_over(self) -> bool:
        """Whether there is no time left."""
        return self.left <= 0.0

    def within(self, seconds: float | None, clock: Clock) -> Deadline:
        """In so many seconds, but no later than this; None is no limit of its own."""
        return self if seconds is None else Deadline(clock, min(self.at, clock.monotonic() + seconds))
