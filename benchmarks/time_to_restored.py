"""How long from the start of a deploy whose image cannot be pulled until the last good release is ready and proved.

Whole processes, on the lab's real pods, lastgood in both modes and ``helm upgrade --rollback-on-failure`` one after the
other in the same run; quoted as a ratio, since machines differ. ``make bench`` runs it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.tools import kubectl, tool
from examples.demo import running_lab  # the same lab, up for as long as it is needed

ROOT = Path(__file__).parent.parent

MANIFEST = """\
apiVersion: v1
kind: ConfigMap
metadata: {{name: web}}
data: {{GREETING: "{greeting}"}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers:
      - name: web
        image: {image}
        envFrom: [{{configMapRef: {{name: web}}}}]
        env: {env}
        readinessProbe: {{httpGet: {{path: /ready, port: 8080}}, periodSeconds: 1}}
"""


@dataclass(frozen=True)
class Contender:
    """A tool: how it deploys a folder of manifests, and how long a broken deploy took it, each in seconds."""

    name: str
    deploy: Callable[[Path, str], list[str]]


def lastgood(folder: Path, namespace: str) -> list[str]:
    """What a person types."""
    return [sys.executable, "-m", "lastgood", "deploy", str(folder / "templates"), "--name", "web", "-n", namespace]


def standard(folder: Path, namespace: str) -> list[str]:
    """The same in standard mode."""
    return [*lastgood(folder, namespace), "--mode", "standard"]


def helm(folder: Path, namespace: str, timeout: str) -> list[str]:
    """What a person types."""
    return [
        str(tool("helm")), "upgrade", "--install", "web", str(folder), "-n", namespace,
        "--rollback-on-failure", "--wait", "--timeout", timeout,
    ]  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    """Measure, and print a table and one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--runs", type=int, default=5, help="runs of lastgood; helm waits for its timeout and runs once"
    )
    parser.add_argument("--helm-timeout", default="5m", help="helm's default is 5m; it waits for all of it")
    options = parser.parse_args(argv)
    with running_lab(keep=False) as environment, tempfile.TemporaryDirectory() as work:
        bench = Bench({**os.environ, **environment}, Path(work))
        ours = bench.measure(Contender("lastgood", lastgood), runs=options.runs)
        undone = bench.measure(Contender("standard", standard), runs=options.runs)
        theirs = bench.measure(
            Contender("helm", lambda folder, namespace: helm(folder, namespace, options.helm_timeout)), runs=1
        )
    _report(ours, undone, theirs, options.helm_timeout, environment["LAB_NODE"])
    return 0


@dataclass(frozen=True)
class Bench:
    """Where it is measured."""

    environment: dict[str, str]
    work: Path

    def measure(self, contender: Contender, *, runs: int) -> list[float]:
        """Seconds from start to end of a broken deploy, after which the good one must be live and ready."""
        namespace = f"bench-{contender.name}"
        good = self._folder("good", self.environment["LAB_IMAGE_GOOD_1"], "one")
        bad = self._folder("bad", self.environment["LAB_IMAGE_MISSING"], "two")
        self._kubectl("create", "namespace", namespace)
        try:
            self._run(contender.deploy(good, namespace), expect=0)
            return [self._broken(contender, bad, namespace) for _ in range(runs)]
        finally:
            self._kubectl("delete", "namespace", namespace, "--wait=false")

    def _broken(self, contender: Contender, bad: Path, namespace: str) -> float:
        started = time.monotonic()
        self._run(contender.deploy(bad, namespace), expect=1)
        took = time.monotonic() - started
        self._kubectl("rollout", "status", "deployment/web", "-n", namespace, "--timeout=5s")
        image = self._kubectl(
            "get", "deployment", "web", "-n", namespace, "-o", "jsonpath={.spec.template.spec.containers[0].image}"
        )
        assert image == self.environment["LAB_IMAGE_GOOD_1"], f"{contender.name} left {image}"
        return took

    def _folder(self, name: str, image: str, greeting: str) -> Path:
        chart = self.work / name
        (chart / "templates").mkdir(parents=True, exist_ok=True)
        (chart / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 0.1.0\n")
        (chart / "templates" / "all.yaml").write_text(
            MANIFEST.format(image=image, greeting=greeting, env="[]", replicas=2)
        )
        return chart

    def _run(self, command: list[str], *, expect: int) -> None:
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == expect, f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}"

    def _kubectl(self, *arguments: str) -> str:
        return kubectl(*arguments, environment=self.environment)


def _report(ours: list[float], undone: list[float], theirs: list[float], helm_timeout: str, node: str) -> None:
    median = statistics.median(ours)
    print(
        textwrap.dedent(f"""
        time to restored, image cannot be pulled, 2 replicas, {node} node, whole process:
          lastgood                    {_spread(ours)}
          lastgood --mode standard    {_spread(undone)}
          helm --rollback-on-failure  {theirs[0]:6.1f} s  (--timeout {helm_timeout})
          helm / lastgood             {theirs[0] / median:6.1f}
        """)
    )
    print(json.dumps({"node": node, "lastgood": ours, "standard": undone, "helm": theirs, "helmTimeout": helm_timeout}))


def _spread(found: list[float]) -> str:
    return f"{statistics.median(found):6.1f} s  (median of {len(found)}; {min(found):.1f} to {max(found):.1f})"


if __name__ == "__main__":
    raise SystemExit(main())
