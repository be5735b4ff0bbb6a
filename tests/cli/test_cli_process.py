"""lastgood as a process: what it does when it is pressed or left alone; ``test_cli_imports`` has what it imports."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from lastgood import __version__

ROOT = Path(__file__).parent.parent.parent

STUBBORN = """
import asyncio, sys
from lastgood.cli.main import run
from lastgood.cli.outside import Outside
from lastgood.model.event import Recorded, Watched
from tests.cli.cast import judged, release, verdict
from tests.cli.world import FakeDeployer

async def hold_on():
    print("working", file=sys.stderr, flush=True)
    for _ in range(2):
        try:
            await asyncio.sleep(20)
        except asyncio.CancelledError:
            print("asked to stop", file=sys.stderr, flush=True)

class Screen:
    def __init__(self): self.write, self.flush, self.fileno = sys.stdout.write, sys.stdout.flush, sys.stdout.fileno
    isatty = lambda self: True
    encoding = "utf-8"

deployer = FakeDeployer((Recorded(release(5)), Watched(verdict(judged("waiting", 0))), hold_on))
outside = Outside(Screen(), sys.stderr, None, {"TERM": "xterm"}, deployer.clock, deployer.connect)
sys.exit(run(["recover", "shop"], outside))
"""


def test_every_spelling_of_the_version_gives_the_same() -> None:
    said = {
        subprocess.run(
            [sys.executable, "-m", "lastgood", *spelling], capture_output=True, text=True, check=True, cwd=ROOT
        ).stdout
        for spelling in (["version"], ["--version"], ["version", "-o", "text"], ["-v", "version"], ["-v", "--version"])
    }
    assert [one.split()[:2] for one in said] == [["lastgood", __version__]]


def test_a_reader_who_went_away_is_no_error() -> None:
    """``lastgood ... | head -1`` is quiet."""
    command = f"{sys.executable} -m lastgood --help | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["Usage: lastgood COMMAND [OPTIONS]", "0"]


def test_a_log_that_cannot_be_written_does_not_stop_a_command() -> None:
    command = f"{sys.executable} -m lastgood history shop --kubeconfig /nowhere -o json > /dev/full"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_the_second_ctrl_c_leaves_at_once_and_gives_the_cursor_back() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", STUBBORN],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "COLUMNS": "80", "LINES": "24"},
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "working\n"
    process.send_signal(signal.SIGINT)
    assert process.stderr.readline() == "asked to stop\n"
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=10)
    assert process.returncode == 130
    assert time.monotonic() - began < 5
    assert "stopping (SIGINT); a second one leaves at once" in out
    assert out.endswith("\x1b[?25h")
