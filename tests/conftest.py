"""The lab for the tests that need a cluster: started once for the whole run, taken down at its end if we started it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.hosting import why_not_real

ROOT = Path(__file__).parent.parent
STARTED = "LASTGOOD_TESTS_STARTED_LAB"


@dataclass(frozen=True)
class Lab:
    """A running lab: its kubeconfig, its sort of node (``real`` or ``kwok``), and the kubectl built for it."""

    kubeconfig: Path
    node: str
    kubectl: Path

    def run_kubectl(self, *args: str, stdin: str | None = None) -> str:
        """What a person would type."""
        done = subprocess.run(
            [self.kubectl, "--kubeconfig", self.kubeconfig, *args],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise AssertionError(f"kubectl {' '.join(args)}: {done.stderr}")
        return done.stdout


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The one who ends the run takes down what the run started."""
    if not hasattr(session.config, "workerinput") and _started().exists():
        _started().unlink()
        _lab("down")


@pytest.fixture(scope="session")
def lab() -> Lab:
    """A running lab. It is the person's own if one is up, else one that this run starts."""
    if _lab("status").returncode != 0:
        _started().parent.mkdir(exist_ok=True)
        _started().write_text(str(os.getpid()))
        up = _lab("up")
        assert up.returncode == 0, f"the lab does not start:\n{up.stdout}\n{up.stderr}"
    values = _environment(_lab("env").stdout)
    kubectl = Path(values["KUBECONFIG"]).parent / "bin" / "kubectl"
    return Lab(Path(values["KUBECONFIG"]), values["LAB_NODE"], kubectl)


@pytest.fixture
def namespace(lab: Lab, request: pytest.FixtureRequest) -> Iterator[str]:
    """A namespace of the test's own."""
    name = f"t-{abs(hash(request.node.nodeid)) % 16**10:x}"
    lab.run_kubectl("create", "namespace", name)
    yield name
    lab.run_kubectl("delete", "namespace", name, "--ignore-not-found", "--wait=false")


def pytest_report_header() -> list[str]:
    """Say on which sort of node the stories are played."""
    why_not = why_not_real()
    return [f"lab: KWOK nodes, without real pods: {why_not}" if why_not else "lab: a real node, with real pods"]


def _lab(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "lab", *args], cwd=ROOT, capture_output=True, text=True, check=False)


def _started() -> Path:
    return ROOT / ".pytest_cache" / STARTED


def _environment(exports: str) -> dict[str, str]:
    pairs = (line.removeprefix("export ").split("=", 1) for line in exports.splitlines() if "=" in line)
    return {name: value.strip("'\"") for name, value in pairs}
