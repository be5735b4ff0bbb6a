"""What the command line needs from outside: streams, environment, time, and the way to a cluster."""

from __future__ import annotations

import codecs
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


UNKNOWN_WIDTH = 80
PLAINER = {"…": "...", "→": "->", "✗": "x"}
"""For streams that have no such letters."""


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
    ``program`` is what was typed to come here, for help and for hints about the command line. All else says
    ``lastgood``, which is there wherever the plugin is: a log is read by others than the one who typed.
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
    program: str = "lastgood"

    @property
    def columns(self) -> int:
        """How wide a line may be: as ``COLUMNS`` says, else the terminal; 80 if neither knows."""
        said = self.env.get("COLUMNS", "")
        if said.isdecimal() and int(said):
            return int(said)
        try:
            return os.get_terminal_size(self.out.fileno()).columns or UNKNOWN_WIDTH
        except OSError:  # no terminal, or not even a file
            return UNKNOWN_WIDTH

    @property
    def is_terminal(self) -> bool:
        """Whether somebody watches: a terminal that can be drawn on, and not the log of a build."""
        return self.out.isatty() and self._can_be_steered and not self.env.get("CI")

    @property
    def is_unicode(self) -> bool:
        """Whether every letter can be written to stdout."""
        return (getattr(self.out, "encoding", None) or "utf-8").lower().startswith("utf")

    def in_utf8(self) -> TextIO:
        """Stdout for documents, which are UTF-8 whatever the locale."""
        if not self.is_unicode:
            self.out.reconfigure(encoding="utf-8")  # type: ignore[attr-defined]
        return self.out

    def has_colour(self, stream: TextIO) -> bool:
        """Whether a stream takes colours: a terminal does, and what is told to by the environment.

        ``NO_COLOR`` counts first (https://no-color.org), then ``FORCE_COLOR`` and ``CLICOLOR_FORCE``
        (https://bixense.com/clicolors), which give them to the log of a build too.
        """
        if self.env.get("NO_COLOR"):
            return False
        forced = any(self.env.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE"))
        return forced or (stream.isatty() and self._can_be_steered)

    @property
    def _can_be_steered(self) -> bool:
        """Nobody knows what a terminal without ``TERM`` understands; git and readline take it for a dumb one too."""
        return self.env.get("TERM") not in (None, "", "dumb")


def called_as(path: str) -> str:
    """What a person typed: kubectl runs ``kubectl-lastgood`` for ``kubectl lastgood``."""
    return "kubectl lastgood" if path.rpartition("/")[2] == "kubectl-lastgood" else "lastgood"


@contextmanager
def this_process() -> Iterator[Outside]:
    """The real thing. Letters that the streams cannot encode are spelled plainer; a reader who left is no error."""
    codecs.register_error("plainer", _plainer)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="plainer")  # type: ignore[union-attr]
    stdin = None if sys.stdin is None else sys.stdin.buffer
    yield Outside(sys.stdout, sys.stderr, stdin, os.environ, time.monotonic, program=called_as(sys.argv[0]))
    for stream in (sys.stdout, sys.stderr):
        _close_quietly(stream)


def _plainer(error: UnicodeError) -> tuple[str, int]:
    """What stands for letters that cannot be encoded, and where to go on (``codecs.register_error``)."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    plain = (PLAINER.get(one) or one.encode("ascii", "backslashreplace").decode() for one in letters)
    return "".join(plain), error.end


def _close_quietly(stream: TextIO) -> None:
    """Flush now: at exit the interpreter would complain about a pipe that nobody reads any more."""
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
