"""The demo is a test: it stops with exit code 1 when anything is not as it says."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import ROOT, Lab

pytestmark = pytest.mark.cluster


def test_the_demo_shows_what_it_says(lab: Lab) -> None:
    """Refused, good, broken, back, proved, in both modes: on real pods over HTTP, on KWOK nodes by their objects."""
    command = [sys.executable, "-m", "examples.demo", "--namespace", "demo-test"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    shown = "answers:" if lab.node == "real" else "configured with"
    assert done.stdout.count(shown) == 4
    assert "Noticed, undone and proved" in done.stdout
    assert "not rolled back: configmap/nginx-config-2" in done.stdout
