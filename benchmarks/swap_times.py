"""What a customer notices of a swap, a swap back and a canary: requests lost, and for how long the wrong pods answer.

Whole processes on the lab's real pods, while customers ask the Service all the time. ``make bench-swap`` runs it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.tools import kubectl
from examples.demo import running_lab

ROOT = Path(__file__).parent.parent
CUSTOMERS = 4
PAUSE = 0.01
"""How long a customer pauses between two requests, in seconds."""
MANIFEST = """\
apiVersion: v1
kind: ConfigMap
metadata: {{name: web}}
data: {{GREETING: "{message}"}}
---
apiVersion: v1
kind: Service
metadata: {{name: web}}
spec:
  selector: {{app: web}}
  ports: [{{port: 80, targetPort: 8080}}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: 3
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers:
      - name: web
        image: {image}
        envFrom: [{{configMapRef: {{name: web}}}}]
        lifecycle: {{preStop: {{sleep: {{seconds: 2}}}}}}
        readinessProbe: {{httpGet: {{path: /ready, port: 8080}}, periodSeconds: 1}}
"""


@dataclass
class Customers:
    """Several threads that ask an address and remember when which answer came."""

    address: str
    answers: list[tuple[float, str]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    closed: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Customers:
        self.threads = [threading.Thread(target=self._ask) for _ in range(CUSTOMERS)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closed.set()
        for thread in self.threads:
            thread.join()

    def last_of(self, message: str, since: float) -> float:
        """Seconds from a moment to the last answer with these words; 0.0 if there was none."""
        found = [at for at, said in self.answers if message in said and at > since]
        return max(found) - since if found else 0.0

    def _ask(self) -> None:
        while not self.closed.wait(PAUSE):
            try:
                with urllib.request.urlopen(f"http://{self.address}/", timeout=5) as answer:
                    said = answer.read().decode()
                self.answers.append((time.monotonic(), said))
            except OSError as error:
                self.lost.append(str(error))


@dataclass(frozen=True)
class Bench:
    """The lab, a namespace and a folder."""

    environment: Mapping[str, str]
    namespace: str
    folder: Path

    def lastgood(self, *arguments: str) -> float:
        """Type a command; how long it took, in seconds."""
        began = time.monotonic()
        command = [sys.executable, "-m", "lastgood", *arguments, "-n", self.namespace]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):
            raise SystemExit(done.stdout + done.stderr)
        return time.monotonic() - began

    def deploy(self, release: str, image: str, *flags: str) -> float:
        """Deploy a release whose pods answer with its name."""
        (self.folder / "web.yaml").write_text(MANIFEST.format(message=release, image=image))
        return self.lastgood("deploy", str(self.folder / "web.yaml"), "--name", "web", *flags)

    def kubectl(self, *arguments: str) -> Any:
        """What kubectl answers, as JSON where there is any."""
        answer = kubectl("-n", self.namespace, *arguments, environment=self.environment)
        return json.loads(answer) if "json" in arguments else answer

    def address(self) -> str:
        """Where customers go."""
        return str(self.kubectl("get", "service", "web", "-o", "json")["spec"]["clusterIP"])


def main(argv: list[str] | None = None) -> int:
    """Measure, and print a table and one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(argv)
    with running_lab(keep=False) as environment, tempfile.TemporaryDirectory() as folder:
        if environment["LAB_NODE"] != "real":
            raise SystemExit("this needs pods that answer, and a KWOK node has none")
        bench = Bench({**os.environ, **environment}, f"swap-{os.getpid()}", Path(folder))
        bench.kubectl("create", "namespace", bench.namespace)
        try:
            rows = measured(bench, environment["LAB_IMAGE_GOOD_1"], environment["LAB_IMAGE_MISSING"], options.rounds)
        finally:
            bench.kubectl("delete", "namespace", bench.namespace, "--wait=false")
    show(rows)
    return int(any(row["lost"] for row in rows))


def measured(bench: Bench, good: str, missing: str, rounds: int) -> list[dict[str, Any]]:
    """A row for each thing that customers live through, of so many rounds."""
    rows = []
    bench.deploy("one", good, "--strategy", "blue-green")
    with Customers(bench.address()) as customers:
        swaps = [one for turn in range(rounds) for one in swap_and_back(bench, customers, good, f"two-{turn}")]
        rows.append(row("swap", customers, [one for what, *one in swaps if what == "swap"]))
        rows.append(row("swap back", customers, [one for what, *one in swaps if what == "back"]))
    bench.lastgood("uninstall", "web")
    bench.deploy("one", good)
    with Customers(bench.address()) as customers:
        took = [bench.deploy(f"canary-{turn}", good, "--strategy", "canary") for turn in range(rounds)]
        rows.append(row("canary, then rolled out", customers, [(one, 0.0) for one in took]))
    with Customers(bench.address()) as customers:
        took = [bench.deploy("never", missing, "--strategy", "canary") for _ in range(rounds)]
        rows.append(row("canary that never starts", customers, [(one, 0.0) for one in took]))
    return rows


def swap_and_back(bench: Bench, customers: Customers, good: str, release: str) -> list[tuple[str, float, float]]:
    """Stage, swap, roll back; for each how long the command took, and when the wrong pods answered last."""
    bench.deploy(release, good, "--strategy", "blue-green", "--staged")
    began = time.monotonic()
    there = bench.lastgood("swap", "web")
    late = customers.last_of("one", began)
    began = time.monotonic()
    back = bench.lastgood("rollback", "web")
    return [("swap", there, late), ("back", back, customers.last_of(release, began))]


def row(what: str, customers: Customers, times: Sequence[Sequence[float]]) -> dict[str, Any]:
    """What is told of one thing."""
    took, late = ([one[place] for one in times] for place in (0, 1))
    return {
        "what": what,
        "rounds": len(times),
        "requests": len(customers.answers),
        "lost": len(customers.lost),
        "command": round(statistics.median(took), 2),
        "wrong until": round(max(late), 2),
    }


def show(rows: Sequence[Mapping[str, Any]]) -> None:
    """The table and the JSON line."""
    print("| | rounds | requests meanwhile | lost | the command, median | wrong pods answered until, at most |")
    print("| --- | --- | --- | --- | --- | --- |")
    for one in rows:
        late = f"{one['wrong until']} s" if one["wrong until"] else "-"
        print(f"| {one['what']} | {one['rounds']} | {one['requests']} | {one['lost']} | {one['command']} s | {late} |")
    print(json.dumps(rows))


if __name__ == "__main__":
    raise SystemExit(main())
