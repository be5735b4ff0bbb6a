"""Say what the lab does and how long each part took. The only module that prints, with cli."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

_WIDTH = 40


def say(line: str) -> None:
    """Print one line for a person, at once."""
    print(line, file=sys.stderr, flush=True)


def _erase() -> str:
    return "\r\x1b[K" if sys.stderr.isatty() else ""


def update(line: str) -> None:
    """Give a sign of life: on a terminal it takes the place of the one before, elsewhere it is a line."""
    print(f"{_erase()}{line}", file=sys.stderr, flush=True, end="" if sys.stderr.isatty() else "\n")


@contextmanager
def part(name: str) -> Iterator[None]:
    """Print the name of a part of the work, and how long it took when it is done."""
    began = time.monotonic()
    yield
    say(f"{_erase()}  {name:<{_WIDTH}} {time.monotonic() - began:5.2f} s")
