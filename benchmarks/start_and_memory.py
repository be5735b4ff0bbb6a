"""How big lastgood is, how fast it starts, and how much memory a deploy takes. ``make bench-start`` runs it.

Whole processes of the wheel, installed as a person installs it (bytecode and all), beside ``helm`` and a Python that
does nothing; medians, and ratios, since machines differ. The deploys need the lab.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.tools import kubectl, tool
from examples.demo import running_lab  # the same lab, up for as long as it is needed

ROOT = Path(__file__).parent.parent
APPS = 10
"""Each has a ConfigMap, a Service and a Deployment: 30 resources."""

APP = """\
apiVersion: v1
kind: ConfigMap
metadata: {{name: {name}}}
data: {{GREETING: "{greeting}"}}
---
apiVersion: v1
kind: Service
metadata: {{name: {name}}}
spec: {{selector: {{app: {name}}}, ports: [{{port: 80, targetPort: 8080}}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  replicas: 1
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}, annotations: {{greeting: "{greeting}"}}}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: web
        image: {image}
        envFrom: [{{configMapRef: {{name: {name}}}}}]
"""

LAUNCHER = """
import os, sys, time
started = time.perf_counter()
process = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
_, status, used = os.wait4(process, 0)
seconds = time.perf_counter() - started
print(f"\\n[{os.waitstatus_to_exitcode(status)}, {seconds}, {used.ru_maxrss / 1024}]")
"""
"""Starts one command and measures it. Linux counts who starts a process into that one's peak: so this one is small."""

Deploy = Callable[[Path, str], list[str]]
"""The command line that deploys a folder into a namespace."""


@dataclass(frozen=True)
class Measured:
    """What one process took: seconds of wall time, and MiB of memory at its peak."""

    seconds: float
    peak: float


def measure(command: Sequence[str], environment: Mapping[str, str]) -> Measured:
    """Run one command, which must end well."""
    launcher = [sys.executable, "-I", "-S", "-c", LAUNCHER, *command]
    done = subprocess.run(
        launcher, env=dict(environment), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True,
    )  # fmt: skip
    said, _, found = done.stdout.rstrip().rpartition("\n")
    code, seconds, peak = json.loads(found)
    assert code == 0, f"{command}: exit {code}\n{said}"
    return Measured(seconds, peak)


@dataclass(frozen=True)
class Installed:
    """lastgood as the wheel has it, in an environment of its own."""

    wheel: Path
    venv: Path

    def program(self, name: str) -> str:
        """A program of that environment."""
        return str(self.venv / "bin" / name)

    @property
    def megabytes(self) -> float:
        """All that was installed, bytecode included."""
        return sum(path.stat().st_size for path in self.venv.rglob("*") if path.is_file()) / 1e6


def install(work: Path) -> Installed:
    """Build the wheel, and install it with the locked requirements."""
    uv, venv = str(Path(sys.executable).with_name("uv")), work / "venv"
    python, lock = str(venv / "bin" / "python"), str(ROOT / "requirements" / "runtime.txt")
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(work))
    (wheel,) = work.glob("*.whl")
    _run(uv, "venv", "-q", "--python", sys.executable, str(venv))
    _run(uv, "pip", "sync", "-q", "--python", python, "--compile-bytecode", "--require-hashes", lock)
    _run(uv, "pip", "install", "-q", "--python", python, "--compile-bytecode", "--no-deps", str(wheel))
    return Installed(wheel, venv)


def starts(installed: Installed, *, runs: int) -> dict[str, list[float]]:
    """Seconds of each start, all of them in turn, after one of each that does not count."""
    lastgood = installed.program("lastgood")
    commands = {
        "python -c pass": [installed.program("python"), "-c", "pass"],
        "lastgood version": [lastgood, "version"],
        "lastgood --help": [lastgood, "--help"],
        "lastgood deploy --help": [lastgood, "deploy", "--help"],
        "helm version": [str(tool("helm")), "version"],
    }
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, command in commands.items():
            seconds = measure(command, os.environ).seconds
            taken[name] += [seconds] if turn else []
    return taken


@dataclass(frozen=True)
class Stage:
    """The lab, and a folder to write manifests to."""

    environment: Mapping[str, str]
    work: Path

    def peaks(self, name: str, deploy: Deploy, run: int) -> tuple[float, float]:
        """MiB of a first deploy and of one that changes everything, in a namespace of its own."""
        namespace = f"bench-memory-{name}-{run}"
        self._kubectl("create", "namespace", namespace)
        try:
            first = measure(deploy(self._folder("one", "registry.lab/web:1"), namespace), self.environment)
            update = measure(deploy(self._folder("two", "registry.lab/web:2"), namespace), self.environment)
            return first.peak, update.peak
        finally:
            self._kubectl("delete", "namespace", namespace, "--wait=false")

    def _folder(self, greeting: str, image: str) -> Path:
        chart = self.work / greeting
        (chart / "templates").mkdir(parents=True, exist_ok=True)
        (chart / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 0.1.0\n")
        for number in range(APPS):
            name = f"web-{number}"
            (chart / "templates" / f"{name}.yaml").write_text(APP.format(name=name, greeting=greeting, image=image))
        return chart

    def _kubectl(self, *arguments: str) -> None:
        kubectl(*arguments, environment=self.environment)


def memory(installed: Installed, stage: Stage, *, runs: int) -> dict[str, list[tuple[float, float]]]:
    """MiB at the peak of a first deploy of 30 resources and of an update, several times."""
    lastgood, helm = installed.program("lastgood"), str(tool("helm"))
    deploys: dict[str, Deploy] = {
        "lastgood": lambda folder, where: [lastgood, "deploy", str(folder / "templates"), "--name", "web", "-n", where],
        "helm": lambda folder, where: [helm, "upgrade", "--install", "web", str(folder), "-n", where, "--wait"],
    }
    return {name: [stage.peaks(name, deploy, run) for run in range(runs)] for name, deploy in deploys.items()}


def main(argv: list[str] | None = None) -> int:
    """Measure, and print two tables and one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15, help="starts of each command")
    parser.add_argument("--deploys", type=int, default=3, help="deploys of each tool, twice; 0 needs no lab")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="lastgood-bench-") as folder:
        work = Path(folder)
        installed = install(work)
        _report_size(installed)
        taken = starts(installed, runs=options.runs)
        _report_starts(taken)
        peaks = _memory_on_the_lab(installed, work, runs=options.deploys) if options.deploys else {}
    print(json.dumps({"seconds": taken, "peakMiB": peaks}))
    return 0


def _memory_on_the_lab(installed: Installed, work: Path, *, runs: int) -> dict[str, list[tuple[float, float]]]:
    with running_lab(keep=False) as environment:
        peaks = memory(installed, Stage({**os.environ, **environment}, work), runs=runs)
    _report_memory(peaks, environment["LAB_NODE"])
    return peaks


def _report_size(installed: Installed) -> None:
    helm = tool("helm").stat().st_size / 1e6
    print(f"\nsize: wheel {installed.wheel.stat().st_size / 1e6:.2f} MB; installed with all it needs,")
    print(f"  besides Python, {installed.megabytes:.0f} MB; helm {helm:.0f} MB")


def _report_starts(taken: Mapping[str, list[float]]) -> None:
    floor = statistics.median(taken["python -c pass"])
    print("\nstart, whole process:")
    for name, found in taken.items():
        median = statistics.median(found)
        low, high = min(found) * 1000, max(found) * 1000
        print(f"  {name:24}{median * 1000:6.0f} ms  {median / floor:4.1f} x python", end="")
        print(f"  (median of {len(found)}; {low:.0f} to {high:.0f})")


def _report_memory(peaks: Mapping[str, list[tuple[float, float]]], node: str) -> None:
    print(f"\npeak memory, deploy of {3 * APPS} resources, {node} node, whole process:")
    for name, found in peaks.items():
        first, update = (statistics.median(each) for each in zip(*found, strict=True))
        print(f"  {name:24}{first:6.1f} MiB first, {update:6.1f} MiB update  (median of {len(found)})")


def _run(*command: str) -> None:
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)


if __name__ == "__main__":
    raise SystemExit(main())
