"""The demo: a good release, a broken one, and the way back, in both modes, on a real cluster. ``make demo`` runs it.

It types the commands a person would type, shows what they print, and asks the pods over HTTP what they run. It stops
with exit code 1 when anything is not as it says, so it is a test as well.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
NGINX = ROOT / "examples" / "nginx"
VALUES = "values.yaml"
DECLARATIVE, STANDARD = "enableDeclarativeRollback: true", "enableDeclarativeRollback: false"
HELLO, BROKEN = "hello from release 1", "hello from a release that never worked"
ANSWER_WITHIN = 10.0


class NotAsExpectedError(Exception):
    """The demo showed something else than it says."""


@dataclass(frozen=True)
class Demo:
    """A stage for the demo: the lab's environment, a namespace, a folder to work in, and the service's file."""

    environment: dict[str, str]
    namespace: str
    folder: Path
    service: str = str((NGINX / "service.yaml").relative_to(ROOT))

    @property
    def on_real_pods(self) -> bool:
        """Whether there is somebody to answer over HTTP."""
        return self.environment["LAB_NODE"] == "real"

    def play(self) -> None:
        """The story in declarative mode, as the service asks for it: all of a release comes back."""
        good, broken = self._file_store("good", HELLO), self._file_store("broken", BROKEN)
        image, missing = self.environment["LAB_IMAGE_GOOD_1"], self.environment["LAB_IMAGE_MISSING"]

        say("The service asks for memory: 1Gb. That is not a quantity: refused before anything is touched.")
        self._deploy(good, image, expect=2, shows=["1Gb", "memory", "1Gi"])

        say("With a sensible size, release 1 goes live.")
        self._deploy(good, image, "--set-variable", "memory=64Mi", expect=0, shows=["release 1"])
        self._show_what_runs(image, HELLO)

        say("Release 2: an image that is not in the registry, and another configuration. It cannot work.")
        started = time.monotonic()
        self._deploy(broken, missing, "--set-variable", "memory=64Mi", expect=1, shows=["not found", "release 1"])
        say(f"Noticed, undone and proved in {time.monotonic() - started:.1f} seconds, with the configuration:")
        self._show_what_runs(image, HELLO)

        say("What happened is in the history, and the proof can be made again at any time.")
        self._lastgood("history", "k8s", "-n", self.namespace, expect=0, shows=["failed", "good"])
        self._lastgood("verify", "k8s", "-n", self.namespace, expect=0, shows=["as recorded"])

    def play_standard(self) -> None:
        """The story in standard mode: workloads come back, as by ``kubectl rollout undo``, and the rest is named."""
        good, broken = self._file_store("good", HELLO), self._file_store("broken", BROKEN)
        image, missing = self.environment["LAB_IMAGE_GOOD_1"], self.environment["LAB_IMAGE_MISSING"]

        say("The same service in standard mode (enableDeclarativeRollback: false): configuration is numbered.")
        self._deploy(good, image, "--set-variable", "memory=64Mi", expect=0, shows=["nginx-config-1 created"])
        self._show_what_runs(image, HELLO, config="nginx-config-1")

        say("The broken release again. Only the workload comes back, with the configuration that its pods had.")
        self._deploy(broken, missing, "--set-variable", "memory=64Mi", expect=1, shows=["undone", "not rolled back"])
        self._show_what_runs(image, HELLO, config="nginx-config-1")
        self._lastgood("verify", "k8s", "-n", self.namespace, expect=0, shows=["workloads only"])

    def _file_store(self, name: str, greeting: str) -> Path:
        store = self.folder / name
        shutil.copytree(NGINX / "file-store", store)
        values = store / VALUES
        lines = values.read_text().splitlines()
        values.write_text("".join(f"{self._greeting(line, greeting)}\n" for line in lines))
        return store

    def _greeting(self, line: str, greeting: str) -> str:
        return f"greeting: {greeting}" if line.startswith("greeting:") else line

    def _deploy(self, store: Path, image: str, *more: str, expect: int, shows: list[str]) -> None:
        arguments = ["deploy", "--service", self.service, "--file-store", str(store), "--artifact", image, *more]
        self._lastgood(*arguments, "-n", self.namespace, "--create-namespace", expect=expect, shows=shows)

    def _lastgood(self, *arguments: str, expect: int, shows: list[str]) -> None:
        print(f"\n$ lastgood {shlex.join(arguments)}", flush=True)
        done = subprocess.run(
            [sys.executable, "-m", "lastgood", *arguments],
            cwd=ROOT, env=self._env(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        print(done.stdout, end="", flush=True)
        print(f"(exit {done.returncode})", flush=True)
        missing = [text for text in shows if text not in done.stdout]
        if done.returncode != expect or missing:
            raise NotAsExpectedError(f"expected exit {expect} and the words {shows}; missing: {missing}")

    def _show_what_runs(self, image: str, greeting: str, config: str = "nginx-config") -> None:
        if self.on_real_pods:
            self._ask_pods(image, greeting)
        else:
            self._look_at_objects(image, greeting, config)

    def _ask_pods(self, image: str, greeting: str) -> None:
        for pod in self._ready_pods():
            address = pod["status"]["podIP"]
            answer = _get(f"http://{address}:8080/")
            print(f"  {pod['metadata']['name']} at {address} answers: {answer}", flush=True)
            if greeting not in answer or image.rpartition(":")[2] not in answer:
                raise NotAsExpectedError(f"expected {image} and {greeting!r}")

    def _look_at_objects(self, image: str, greeting: str, name: str) -> None:
        config = self._get("configmap", name)
        for pod in self._ready_pods():
            runs = pod["spec"]["containers"][0]["image"]
            print(f"  {pod['metadata']['name']} runs {runs}, configured with {config['data']}", flush=True)
            if runs != image or greeting not in config["data"].values():
                raise NotAsExpectedError(f"expected {image} and {greeting!r}")

    def _ready_pods(self) -> list[dict[str, Any]]:
        pods = [pod for pod in self._get("pods")["items"] if not pod["metadata"].get("deletionTimestamp")]
        if not pods or not all(_is_ready(pod) for pod in pods):
            raise NotAsExpectedError("there is a pod that is not ready")
        return pods

    def _get(self, *what: str) -> dict[str, Any]:
        done = self._kubectl("get", *what, "-n", self.namespace, "-o", "json")
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def _kubectl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        kubectl = Path(self.environment["KUBECONFIG"]).parent / "bin" / "kubectl"
        return subprocess.run([kubectl, *arguments], env=self._env(), capture_output=True, text=True, check=False)

    def _env(self) -> dict[str, str]:
        return {**os.environ, **self.environment}

    def remove(self) -> None:
        """Leave nothing of the demo in the cluster."""
        self._kubectl("delete", "namespace", self.namespace, "--ignore-not-found")


def main(argv: list[str] | None = None) -> int:
    """Run the demo; a lab that it starts is taken down again unless ``--keep``."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave the cluster and what was deployed for a look around")
    parser.add_argument("--namespace", default="demo")
    options = parser.parse_args(argv)
    with running_lab(keep=options.keep) as environment, tempfile.TemporaryDirectory(prefix="lastgood-demo-") as folder:
        demo, standard = both_modes(environment, options.namespace, Path(folder))
        try:
            for stage, play in ((demo, demo.play), (standard, standard.play_standard)):
                stage.remove()
                play()
        except NotAsExpectedError as error:
            print(f"\nThe demo is not as it should be: {error}", file=sys.stderr)
            return 1
        for stage in () if options.keep else (demo, standard):
            stage.remove()
        return 0


def both_modes(environment: dict[str, str], namespace: str, folder: Path) -> tuple[Demo, Demo]:
    """A stage for each mode; the service of the second asks for the other."""
    service = folder / "standard.yaml"
    service.write_text((NGINX / "service.yaml").read_text().replace(DECLARATIVE, STANDARD))
    standard = f"{namespace}-standard"
    return (
        Demo(environment, namespace, folder / "declarative"),
        Demo(environment, standard, folder / "standard", str(service)),
    )


def say(sentence: str) -> None:
    """Tell what comes next."""
    print(f"\n# {sentence}", flush=True)


@contextlib.contextmanager
def running_lab(*, keep: bool) -> Iterator[dict[str, str]]:
    """What the lab sets in the environment, while it runs; it is taken down if this started it."""
    was_up = _run_lab("status", quiet=True) == 0
    if not was_up and _run_lab("up") != 0:
        raise SystemExit("the lab did not start")
    try:
        yield _lab_environment()
    finally:
        if not (was_up or keep):
            print(flush=True)
            _run_lab("down")


def _run_lab(*arguments: str, quiet: bool = False) -> int:
    output = subprocess.DEVNULL if quiet else None
    return subprocess.run([sys.executable, "-m", "lab", *arguments], cwd=ROOT, stdout=output, check=False).returncode


def _lab_environment() -> dict[str, str]:
    done = subprocess.run([sys.executable, "-m", "lab", "env"], cwd=ROOT, capture_output=True, text=True, check=True)
    words = [word for line in done.stdout.splitlines() for word in shlex.split(line.removeprefix("export "))]
    pairs = dict(word.split("=", 1) for word in words if "=" in word)
    return {name: value for name, value in pairs.items() if name == "KUBECONFIG" or name.startswith("LAB_")}


def _is_ready(pod: dict[str, Any]) -> bool:
    conditions = pod["status"].get("conditions") or []
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def _get(url: str) -> str:
    """What is answered, once somebody does: routes to a new pod take a moment."""
    end = time.monotonic() + ANSWER_WITHIN
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2) as response:
                return str(response.read().decode().strip())
        except (urllib.error.URLError, TimeoutError):
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


if __name__ == "__main__":
    raise SystemExit(main())
