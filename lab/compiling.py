"""Run the Go compiler, and show that it is alive: it says nothing for minutes."""

import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.errors import LabError
from lab.reporting import update

_SIGN_OF_LIFE = 10.0
_LAST_LINES = 25


def compile_packages(go: Path, module: Path, packages: Iterable[str], target: Path, link_flags: str) -> None:
    """Build packages of a module into a folder; raise LabError with the compiler's words."""
    command = [str(go), "build", "-v", "-trimpath", "-buildvcs=false", "-ldflags", link_flags, "-o", f"{target}/"]
    with _running([*command, *packages], module) as child:
        seen = _follow(child)
        if child.wait():
            raise LabError("the build failed:\n" + "\n".join(seen))


@contextmanager
def _running(command: list[str], folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """Run a compiler, which starts others; all of them end with us."""
    with subprocess.Popen(
        command,
        cwd=folder,
        env=_environment(),
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as child:
        try:
            yield child
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)


def _environment() -> dict[str, str]:
    """Pin what a user's settings could change: no other toolchain, no changed go.mod, no C compiler."""
    return {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "GOWORK": "off", "CGO_ENABLED": "0"}


def _follow(child: "subprocess.Popen[str]") -> deque[str]:
    """Read the packages as they are named, and tell of them from time to time; give the last lines."""
    seen: deque[str] = deque(maxlen=_LAST_LINES)
    lines = _Counted(child)
    with _telling(lines):
        seen.extend(lines)
    return seen


class _Counted:
    """The lines that a compiler prints, one for each package, and how many there were so far."""

    def __init__(self, child: "subprocess.Popen[str]") -> None:
        self._child = child
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        assert self._child.stderr is not None
        for line in self._child.stderr:
            self.number += 1
            yield line.rstrip()


@contextmanager
def _telling(lines: _Counted) -> Iterator[None]:
    """Give a sign of life from time to time."""
    ended = threading.Event()
    teller = threading.Thread(target=_tell, args=(lines, ended), daemon=True)
    teller.start()
    try:
        yield
    finally:
        ended.set()
        teller.join()


def _tell(lines: _Counted, ended: threading.Event) -> None:
    began = time.monotonic()
    while not ended.wait(_SIGN_OF_LIFE):
        update(f"    … {time.monotonic() - began:4.0f} s, {lines.number} packages so far")
