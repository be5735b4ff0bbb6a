"""What a Wait step does: nothing, for some time."""

from __future__ import annotations

from lastgood.ports import Clock


async def wait(clock: Clock, seconds: float) -> None:
    """Let so much time go by; whoever cancels it ends it at once."""
    end = clock.monotonic() + seconds
    while (left := end - clock.monotonic()) > 0:  # a sleep may end a little early
        await clock.sleep(left)
