"""What a connection knows of its runs: none of them outlives it."""

from __future__ import annotations

import asyncio
from typing import Any

from lastgood.client.runs import Run


class Runs:
    """The runs of one connection that have begun, and whether it is still open."""

    def __init__(self) -> None:
        self._open = True
        self._runs: list[Run[Any]] = []

    def begin(self, run: Run[Any]) -> None:
        """Remember it, and forget those that nobody has to hear of any more. Raises ``RuntimeError`` when closed."""
        if not self._open:
            raise RuntimeError(f"{run!r}: the connection is closed; await or iterate inside the async with")
        self._runs = [one for one in self._runs if not one.done or one.unknown_error] + [run]

    async def finish(self) -> None:
        """Wait for all; raise what one failed with of which nobody has heard yet, with the others' as its notes."""
        self._open = False
        try:
            for run in self._runs:
                await run.over()
        except BaseException:
            await self.stop()
            raise
        errors = self.unknown_errors
        if errors:
            _note(errors[0], errors[1:])
            raise errors[0]

    async def stop(self, because: BaseException | None = None) -> None:
        """Stop all, and wait until all are over; what they failed with is noted on the error that is the cause.

        A cancellation meanwhile stops them once more, and is raised when all are over.
        """
        self._open = False
        cancelled: asyncio.CancelledError | None = None
        while going := [run for run in self._runs if not run.done]:
            try:
                await _stop(going)
            except asyncio.CancelledError as error:
                cancelled = error
        if because is not None:
            _note(because, self.unknown_errors)
        if cancelled is not None:
            raise cancelled

    @property
    def unknown_errors(self) -> list[Exception]:
        """What runs failed with, where nobody has been told."""
        return [error for run in self._runs if (error := run.unknown_error) is not None]


async def _stop(runs: list[Run[Any]]) -> None:
    for run in runs:
        run.cancel()
    for run in runs:
        await run.over()


def _note(error: BaseException, others: list[Exception]) -> None:
    for other in others:
        error.add_note(f"meanwhile: {other}")
