"""What the README says of ``kubectl rollout undo`` and ``helm --rollback-on-failure``, tried with the real ones.

What it says of lastgood is in the other stories.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from benchmarks.time_to_restored import MANIFEST
from benchmarks.tools import tool
from tests.conftest import Lab

pytestmark = pytest.mark.cluster

X = "[{name: X, value: '1'}]"
WAITS = 12.0


@dataclass(frozen=True)
class Rival:
    """Somebody at a shell with kubectl and helm."""

    lab: Lab
    namespace: str
    folder: Path

    def manifest(self, tag: str, greeting: str = "one", env: str = "[]") -> str:
        return MANIFEST.format(image=f"registry.lab/web:{tag}", greeting=greeting, env=env, replicas=1)

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        done = self._run(str(tool("kubectl")), *arguments, stdin=stdin)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def applies(self, manifest: str, *, waits: bool) -> None:
        self.kubectl("apply", "-f", "-", stdin=manifest)
        if waits:
            self.kubectl("rollout", "status", "deployment/web", "--timeout=60s")

    def helm(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._run(str(tool("helm")), *arguments)

    def chart(self, name: str, manifest: str) -> str:
        templates = self.folder / name / "templates"
        templates.mkdir(parents=True)
        (templates.parent / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 0.1.0\n")
        (templates / "all.yaml").write_text(manifest)
        return str(templates.parent)

    def upgrade(self, chart: str, *more: str) -> list[str]:
        return ["upgrade", "--install", "web", chart, "--wait", "--timeout", f"{WAITS:.0f}s", *more]

    def live(self, kind: str, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.kubectl("get", kind, name, "-o", "json"))
        return found

    def container(self) -> dict[str, Any]:
        found: dict[str, Any] = self.live("deployment", "web")["spec"]["template"]["spec"]["containers"][0]
        return found

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "KUBECONFIG": str(self.lab.kubeconfig), "HELM_NAMESPACE": self.namespace}

    def _run(self, *command: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        more = ("-n", self.namespace)
        return subprocess.run(
            [*command, *more],
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@pytest.fixture
def rival(lab: Lab, namespace: str, tmp_path: Path) -> Rival:
    return Rival(lab, namespace, tmp_path)


ADDED = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: added}\n"


def test_rollout_undo_leaves_the_configuration_of_the_failed_release_and_what_it_added(rival: Rival) -> None:
    rival.applies(rival.manifest("1", "one"), waits=True)
    rival.applies(rival.manifest("missing", "two") + ADDED, waits=False)
    rival.kubectl("rollout", "undo", "deployment/web")
    assert rival.live("configmap", "added")
    assert ("registry.lab/web:1", "two") == (
        rival.container()["image"],
        rival.live("configmap", "web")["data"]["GREETING"],
    )


def test_rollout_undo_goes_to_the_previous_revision_good_or_not(rival: Rival) -> None:
    rival.applies(rival.manifest("1"), waits=True)
    rival.applies(rival.manifest("missing"), waits=False)
    rival.applies(rival.manifest("missing", env=X), waits=False)
    rival.kubectl("rollout", "undo", "deployment/web")
    assert "registry.lab/web:missing" == rival.container()["image"]


def test_after_rollout_undo_what_the_next_apply_drops_stays(rival: Rival) -> None:
    rival.applies(rival.manifest("1", env=X), waits=True)
    rival.applies(rival.manifest("missing"), waits=False)
    rival.kubectl("rollout", "undo", "deployment/web")
    rival.applies(rival.manifest("2"), waits=False)
    assert [{"name": "X", "value": "1"}] == rival.container()["env"]


def test_helm_sits_out_its_whole_timeout_on_an_image_that_is_not_there_then_brings_config_back(rival: Rival) -> None:
    assert 0 == rival.helm(*rival.upgrade(rival.chart("good", rival.manifest("1")))).returncode
    started = time.monotonic()
    done = rival.helm(*rival.upgrade(rival.chart("bad", rival.manifest("missing", "two")), "--rollback-on-failure"))
    assert (1, True) == (done.returncode, time.monotonic() - started >= WAITS)
    assert "one" == rival.live("configmap", "web")["data"]["GREETING"]


def test_helm_rollback_goes_to_the_previous_revision_good_or_not(rival: Rival) -> None:
    assert 0 == rival.helm(*rival.upgrade(rival.chart("good", rival.manifest("1")))).returncode
    for name, tag in (("second", "missing"), ("third", "notready")):
        rival.helm("upgrade", "web", rival.chart(name, rival.manifest(tag)), "--wait", "--timeout", "3s")
    rival.helm("rollback", "web")
    assert "registry.lab/web:missing" == rival.container()["image"]


def test_helm_that_was_killed_blocks_the_next_upgrade(rival: Rival) -> None:
    assert 0 == rival.helm(*rival.upgrade(rival.chart("good", rival.manifest("1")))).returncode
    command = [str(tool("helm")), *rival.upgrade(rival.chart("bad", rival.manifest("notready")))]
    with subprocess.Popen(command, env=rival.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        _until(lambda: rival.container()["image"].endswith("notready"))
        process.kill()
    done = rival.helm(*rival.upgrade(rival.chart("next", rival.manifest("2"))))
    assert (1, True) == (done.returncode, "another operation" in done.stderr)


def _until(is_so: Any) -> None:
    end = time.monotonic() + WAITS
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.1)
