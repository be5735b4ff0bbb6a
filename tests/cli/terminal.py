"""A real terminal of a given size, and a deploy that plays in it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
CODES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")

PLAY = """
import fcntl, io, struct, sys, termios
from dataclasses import replace
from lastgood.cli.main import run
from lastgood.cli.outside import this_process
from lastgood.model.event import Ended, Recorded, Watched, Written
from lastgood.model.health import Held, Ruling, Verdict
from lastgood.model.plan import Op
from tests.cli.cast import DATA, GOOD, HISTORY, WEB, judged, release, verdict
from tests.cli.world import MANIFEST, FakeDeployer

WAITING = Watched(verdict(judged("old pods still to go: 1; container nginx is being created", 1),
                          judged("waiting for its claim", 0, ref=DATA)))
READY = Watched(verdict(judged("", 3, Ruling.PASS), judged("waiting for its claim", 0, ref=DATA)))
PASSED = tuple(judged("", 3, Ruling.PASS, ref=ref) for ref in (WEB, DATA))
HELD = Watched(Verdict(Ruling.WAIT, PASSED, held=Held(6, 30)))

async def narrower():
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 30, 0, 0))

begins = (Recorded(release(5)), Written(WEB, Op.UPDATE), WAITING)
story = (*begins, *([narrower] * NARROWER), READY, HELD, 2, HELD, Ended(GOOD))
deployer = FakeDeployer(story, GOOD, past=HISTORY)
with this_process() as outside:
    outside = replace(outside, connect=deployer.connect, stdin=io.StringIO(MANIFEST), monotonic=deployer.clock)
    code = run(sys.argv[1:], outside)
sys.exit(code)
"""


@dataclass(frozen=True)
class Played:
    """What came out of the terminal."""

    code: int
    raw: str

    @property
    def lines(self) -> list[str]:
        """Every line that was ever on the screen, without what steers it."""
        return [line for line in CODES.sub("", re.sub(r"\x1b\[2K|\r", "\n", self.raw)).split("\n") if line.strip()]


def program(*, narrower: bool = False) -> list[str]:
    """The deploy; while it waits, somebody may make the window 30 columns wide."""
    return [sys.executable, "-c", PLAY.replace("NARROWER", str(int(narrower)))]


def environment(**env: str) -> dict[str, str]:
    """Of this process, but for what says how to draw."""
    said = {"COLUMNS", "LINES", "TERM", "CI", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "PYTHONIOENCODING"}
    kept = {name: value for name, value in os.environ.items() if name not in said}
    return kept | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"} | env


def on_terminal(
    *arguments: str, columns: int = 80, rows: int = 24, narrower: bool = False, env: dict[str, str] | None = None
) -> Played:
    """Run it where a person looks at it."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    process = subprocess.Popen(
        [*program(narrower=narrower), *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=ROOT,
        env=environment(**({"TERM": "xterm"} if env is None else env)),
    )
    os.close(theirs)
    raw = b""
    with suppress(OSError):  # EIO: nobody has the other end any more
        while chunk := os.read(ours, 65536):
            raw += chunk
    os.close(ours)
    return Played(process.wait(), raw.decode())
