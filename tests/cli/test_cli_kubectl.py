"""``kubectl lastgood``, with the real kubectl."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.tools import tool

pytestmark = pytest.mark.cluster  # no lab is needed, but a download is

PROGRAMS = {"kubectl-lastgood": "main", "kubectl_complete-lastgood": "complete_for_kubectl"}


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with kubectl, and what installing lastgood puts beside it."""
    (tmp_path / "kubectl").symlink_to(tool("kubectl"))
    for name, function in PROGRAMS.items():
        path = tmp_path / name
        path.write_text(f"#!{sys.executable}\nfrom lastgood.__main__ import {function}\n{function}()\n")
        path.chmod(0o755)
    return tmp_path


def kubectl(programs: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(programs)}
    return subprocess.run([programs / "kubectl", *arguments], capture_output=True, text=True, check=False, env=env)


def test_kubectl_finds_the_plugin(programs: Path) -> None:
    assert str(programs / "kubectl-lastgood") in kubectl(programs, "plugin", "list").stdout


def test_the_plugin_answers_as_the_program_it_was_called(programs: Path) -> None:
    assert kubectl(programs, "lastgood", "version").stdout.startswith("lastgood ")
    page = kubectl(programs, "lastgood", "history", "--help").stdout
    assert page.startswith("Usage: kubectl lastgood history [NAME] [OPTIONS]\n")
    wrong = kubectl(programs, "lastgood", "histroy")
    assert wrong.stderr == "error: there is no command histroy\nhint: did you mean kubectl lastgood history?\n"


@pytest.mark.parametrize(
    ("typed", "code"), [("version", 0), ("plan -f nowhere --name shop", 2), ("history shop --context none", 2)]
)
def test_exit_codes_come_through(typed: str, code: int, programs: Path) -> None:
    assert kubectl(programs, "lastgood", *typed.split()).returncode == code


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        (("hist",), "history\tList the releases of a name, newest first.\n:4\n"),
        (("deploy", "--mode="), "--mode=declarative\n--mode=standard\n:4\n"),
        (("deploy", "-f", ""), ":0\n"),
    ],
)
def test_completion_of_kubectl_asks_the_plugin(typed: tuple[str, ...], answer: str, programs: Path) -> None:
    assert kubectl(programs, "__complete", "lastgood", *typed).stdout == answer
