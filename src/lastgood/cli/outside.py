"""What the command line needs from outside: streams, environment, time, and the way to a cluster."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager


def connect_to_cluster(**where: Any) -> AbstractAsyncContextManager[Any]:
    """``connecting.connect_deployer``, imported when somebody really connects."""
    from lastgood.connecting import connect_deployer  # noqa: PLC0415

    return connect_deployer(**where)


def the_time() -> datetime:
    """By the clock of this machine."""
    return datetime.now(UTC)


def run_in_loop(work: Coroutine[Any, Any, Any]) -> Any:
    """``asyncio.run``, imported when there is something to run."""
    import asyncio  # noqa: PLC0415

    return asyncio.run(work)


@dataclass(frozen=True, slots=True)
class Outside:
    """Everything a command touches that is not its arguments. ``monotonic`` is in seconds; ``now`` is only told.

    ``run_loop`` runs a coroutine to its end; ``leave`` is what a second signal calls, with the exit code. ``finals``
    leaves out of a run's progress what is on its way, as a terminal does once it is over.
    """

    out: TextIO
    err: TextIO
    stdin: IO[Any] | None
    env: Mapping[str, str]
    monotonic: Callable[[], float]
    connect: Callable[..., AbstractAsyncContextManager[Any]] = field(default=connect_to_cluster)
    now: Callable[[], datetime] = field(default=the_time)
    run_loop: Callable[[Coroutine[Any, Any, Any]], Any] = field(default=run_in_loop)
    leave: Callable[[int], object] = field(default=os._exit)
    finals: bool = False

    @property
    def is_terminal(self) -> bool:
        """Whether somebody watches: a terminal that can be drawn on, and not the log of a build."""
        return self.out.isatty() and self.env.get("TERM") != "dumb" and not self.env.get("CI")

    def has_colour(self, stream: TextIO) -> bool:
        """Whether a stream takes colours (https://no-color.org)."""
        return stream.isatty() and self.env.get("TERM") != "dumb" and not self.env.get("NO_COLOR")


@contextmanager
def this_process() -> Iterator[Outside]:
    """The real thing. Letters that the streams cannot encode are escaped; a reader who left is no error."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    stdin = None if sys.stdin is None else sys.stdin.buffer
    yield Outside(sys.stdout, sys.stderr, stdin, os.environ, time.monotonic)
    for stream in (sys.stdout, sys.stderr):
        _close_quietly(stream)


def _close_quietly(stream: TextIO) -> None:
    """Flush now: at exit the interpreter would complain about a pipe that nobody reads any more."""
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
