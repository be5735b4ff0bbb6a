"""Start the processes of a lab, find them again, and end them: its own ones only."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Process:
    """A process that was started: its number, and when it began, since numbers are used again."""

    pid: int
    born: str


def start(argv: Sequence[str], *, log: Path, environ: Mapping[str, str]) -> Process:
    """Start a process that outlives us and that our terminal's signals do not reach."""
    with log.open("ab") as output:
        child = subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=dict(environ),
            cwd="/",
            start_new_session=True,
        )
    child.returncode = 0  # it is meant to go on after us: no warning that it still runs
    return Process(child.pid, born(child.pid))


def says_ready(log: Path) -> bool:
    """Whether a process has printed the line "ready", as the lab's own programs do."""
    return "ready" in log.read_text(errors="replace").splitlines()


def born(pid: int) -> str:
    """Say when a process began, in the system's own words; empty if there is none."""
    if not _PROC.joinpath("self").exists():
        return _ask_ps("lstart=", pid)
    fields = _stat(pid)
    return "" if not fields or fields[0] == "Z" else fields[19]


def is_alive(process: Process) -> bool:
    """Whether the very process still runs; a zombie does not."""
    _reap(process.pid)
    return born(process.pid) == process.born != ""


def _stat(pid: int) -> list[str]:
    """Give the fields of /proc/PID/stat after the name: state first, start time twentieth."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _ask_ps(column: str, pid: int) -> str:
    answer = subprocess.run(["ps", "-o", column, "-p", str(pid)], capture_output=True, text=True, check=False)
    return answer.stdout.strip()


def _reap(pid: int) -> None:
    """Take a child's end, if it is ours and has ended."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def marked(mark: tuple[str, str], folder: Path) -> set[int]:
    """Find every process that has the mark in its environment.

    Where the system does not show environments, a process is known by the lab's folder in its command.
    """
    if not _PROC.joinpath("self").exists():
        return _with_argument(str(folder))
    wanted = "=".join(mark).encode()
    return {pid for pid in _all() if wanted in _environ(pid).split(b"\0")}


def _all() -> Iterable[int]:
    return (int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit())


def _environ(pid: int) -> bytes:
    try:
        return (_PROC / str(pid) / "environ").read_bytes()
    except OSError:  # it has ended, or it is another user's
        return b""


def _with_argument(text: str) -> set[int]:
    listing = subprocess.run(["ps", "-axwwo", "pid=,command="], capture_output=True, text=True, check=True)
    rows = (line.split(None, 1) for line in listing.stdout.splitlines())
    return {int(pid) for pid, command in rows if text in command and int(pid) != os.getpid()}


def end_all(find: Callable[[], set[int]], *, patience: float = 10.0) -> bool:
    """Kill what `find` finds until it finds nothing more; false if that took longer than the patience."""
    deadline = time.monotonic() + patience
    while pids := find():
        for pid in pids:
            send(pid, signal.SIGKILL)
            _reap(pid)
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def send(pid: int, number: int) -> None:
    """Send a signal to a process, which may have ended meanwhile."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
