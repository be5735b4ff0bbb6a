"""One command at a time: locks that end with the process that holds them, however it ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from lab import reporting
from lab.layout import cache_directory


@contextmanager
def lock(name: str, *, waiting: str) -> Iterator[None]:
    """Hold a lock; while another process has it, say what is waited for, and wait."""
    folder = cache_directory() / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            reporting.say(waiting)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
