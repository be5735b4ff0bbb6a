"""``lastgood demo --context``, as a whole process on the lab: played as told, or stopped, it leaves nothing there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Lab

pytestmark = pytest.mark.cluster

DEMO = ("demo", "--context", "lab", "--yes", "--image", "registry.lab/web:1",
        "--broken-image", "registry.lab/web:missing")  # fmt: skip


def started(lab: Lab, folder: Path) -> subprocess.Popen[str]:
    """The demo, with nothing in its folder for temporary files but what it makes."""
    return subprocess.Popen(
        [sys.executable, "-m", "lastgood", *DEMO],
        env={**os.environ, "KUBECONFIG": str(lab.kubeconfig), "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def left_in(lab: Lab, said: str) -> list[str]:
    """The demo's own namespace, if it is there."""
    spaces = json.loads(lab.run_kubectl("get", "namespaces", "-o", "json"))["items"]
    return [name for space in spaces if (name := space["metadata"]["name"]) in said and name.startswith("lastgood-")]


def test_the_demo_goes_as_it_is_told_and_leaves_nothing(lab: Lab, tmp_path: Path) -> None:
    process = started(lab, tmp_path)
    said, _ = process.communicate(timeout=180)
    assert process.returncode == 0, said
    assert "release 1 is back as release 3" in said
    assert 'live "registry.lab/web:missing" (kubectl-set\'s)' in said
    assert left_in(lab, said) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_in_a_deploy_it_leaves_nothing(lab: Lab, tmp_path: Path, number: signal.Signals, code: int) -> None:
    process = started(lab, tmp_path)
    assert process.stdout is not None
    begun = ""
    while "deployment.apps/web created" not in begun:
        begun += process.stdout.readline()
    process.send_signal(number)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == code, said
    assert "interrupted in release 1" in said
    assert left_in(lab, begun + said) == []
    assert list(tmp_path.iterdir()) == []
