"""The lab on this machine: it comes up, and leaves nothing behind, however it ends."""

import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from lab import building, cgroups, hosting, processes, state
from lab.layout import Layout

ROOT = Path(__file__).parents[2]
SYSCTLS = ("vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops", "net/ipv4/ip_forward")
PLACES = ("/run", "/var/lib", "/var/log", "/etc", "/opt", "/usr/libexec")

pytestmark = [pytest.mark.cluster, pytest.mark.slow]
needs_real_node = pytest.mark.skipif(bool(hosting.why_not_real()), reason="no real node can run here")


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    """Build before any test, so that no test's time has it."""
    building.ensure()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder for a lab, which is down again in the end."""
    yield tmp_path / "lab"
    _lab("down", tmp_path / "lab")


def _lab(command: str, folder: Path, *more: str) -> "subprocess.CompletedProcess[str]":
    words = [sys.executable, "-m", "lab", command, "--dir", str(folder), *more]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)


def _up(folder: Path, *more: str) -> None:
    done = _lab("up", folder, *more)
    assert done.returncode == 0, done.stderr


@contextlib.contextmanager
def _coming_up(folder: Path, until: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Start `up` and wait until it has started a component."""
    words = [sys.executable, "-m", "lab", "up", "--dir", str(folder)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        _until(lambda: until in state.load(Layout.of(folder)).components)
        yield child


def _until(done: Callable[[], bool], *, patience: float = 40.0) -> None:
    deadline = time.monotonic() + patience
    while True:
        with contextlib.suppress(Exception):
            if done():
                return
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def _kubectl(folder: Path, *words: str, stdin: str = "") -> str:
    command = [str(folder / "bin" / "kubectl"), "--kubeconfig", str(folder / "kubeconfig"), *words]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _waiting_reasons(folder: Path, app: str) -> list[str]:
    pods: dict[str, Any] = json.loads(_kubectl(folder, "get", "pods", "-l", f"app={app}", "-o", "json"))
    statuses = [each for pod in pods["items"] for each in pod["status"].get("containerStatuses", ())]
    return [each["state"].get("waiting", {}).get("reason", "") for each in statuses]


def _machine() -> dict[str, object]:
    """What must be afterwards as it was before."""
    return {
        "tunables": [Path("/proc/sys", name).read_text() for name in SYSCTLS],
        "places": {place: sorted(Path(place).iterdir()) for place in PLACES if Path(place).is_dir()},
    }


def _remains(folder: Path) -> list[str]:
    """What a lab would leave behind: processes, mounts, links, cgroups, files."""
    layout = Layout.of(folder)
    mounts = [line for line in Path("/proc/self/mounts").read_text().splitlines() if str(folder) in line]
    found = {
        "processes": processes.marked(layout.mark, layout.run) | cgroups.processes(layout.cgroup),
        "mounts": mounts,
        "links": Path("/sys/class/net", layout.link).exists(),
        "cgroups": list(Path("/sys/fs/cgroup").glob(f"**/{layout.cgroup}")),
        "files": folder.exists(),
    }
    return [f"{kind}: {what}" for kind, what in found.items() if what]


@needs_real_node
def test_a_real_lab_comes_up_runs_pods_and_leaves_nothing_behind(folder: Path) -> None:
    before = _machine()
    _up(folder, "--node", "real")
    _kubectl(folder, "create", "deployment", "good", "--image=registry.lab/web:1", "--replicas=2")
    _kubectl(folder, "create", "deployment", "bad", "--image=registry.lab/web:missing")
    _kubectl(folder, "rollout", "status", "deployment/good", "--timeout=60s")
    _until(lambda: _waiting_reasons(folder, "bad") in (["ErrImagePull"], ["ImagePullBackOff"]))
    assert _lab("down", folder).returncode == 0
    assert _remains(folder) == []
    assert _machine() == before


@needs_real_node
def test_a_killed_up_is_cleared_by_the_next(folder: Path) -> None:
    with _coming_up(folder, until="controller-manager") as child:
        child.kill()
    assert _remains(folder) != []
    _up(folder)
    status = json.loads(_lab("status", folder, "-o", "json").stdout)
    assert (status["running"], status["node"]) == (True, "real")
    _lab("down", folder)
    assert _remains(folder) == []


def test_an_interrupted_up_undoes_itself(folder: Path) -> None:
    with _coming_up(folder, until="etcd") as child:
        child.send_signal(signal.SIGTERM)
        assert child.wait(timeout=20) == 128 + signal.SIGTERM
    logs = Layout.of(folder).logs
    assert logs.is_dir(), "kept, to see why it was slow"
    assert _remains(folder) == ["files: True"]


def test_a_kwok_lab_is_used_broken_mended_and_not_started_twice(folder: Path) -> None:
    _up(folder, "--node", "kwok")
    _says_how_it_is_used(folder)
    _kubectl(folder, "create", "deployment", "good", "--image=registry.lab/web:1", "--replicas=3")
    _kubectl(folder, "create", "deployment", "bad", "--image=registry.lab/web:missing")
    _kubectl(folder, "rollout", "status", "deployment/good", "--timeout=60s")
    _until(lambda: _waiting_reasons(folder, "bad") == ["ErrImagePull"])
    _is_idempotent(folder)
    _is_mended(folder)
    _up(folder)
    assert _lab("up", folder, "--kwok-nodes", "7").returncode == 1, "not what runs: said, not done"


def _says_how_it_is_used(folder: Path) -> None:
    exports = dict(shlex.split(line)[1].split("=", 1) for line in _lab("env", folder).stdout.splitlines())
    assert exports["KUBECONFIG"] == str(folder / "kubeconfig")
    assert exports["LAB_NODE"] == "kwok"
    assert exports["LAB_IMAGE_MISSING"] == "registry.lab/web:missing"
    assert os.access(exports["LAB_KUBECTL"], os.X_OK)


def _is_idempotent(folder: Path) -> None:
    before = state.load(Layout.of(folder))
    began = time.monotonic()
    _up(folder)
    assert time.monotonic() - began < 3, "a second at most, on an idle machine"
    assert state.load(Layout.of(folder)) == before


def _is_mended(folder: Path) -> None:
    assert _lab("kill", folder, "apiserver").returncode == 0
    assert _lab("status", folder).returncode == 1
    assert _lab("start", folder, "apiserver").returncode == 0
    assert _lab("status", folder).returncode == 0
    assert _lab("kill", folder, "nothing").returncode == 1


def test_two_labs_side_by_side(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    try:
        with ThreadPoolExecutor() as both:
            list(both.map(_up, folders))
        settings = [state.load(Layout.of(folder)).setting for folder in folders]
        assert settings[0].server != settings[1].server
        _lab("down", folders[0])
        assert _remains(folders[0]) == []
        assert _lab("status", folders[1]).returncode == 0
    finally:
        for folder in folders:
            _lab("down", folder)
    assert _remains(folders[1]) == []
