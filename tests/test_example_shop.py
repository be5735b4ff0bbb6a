"""The pipeline of ``examples/shop`` on real pods, by the one command that users type, while somebody asks the shop."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Lab

pytestmark = [pytest.mark.cluster, pytest.mark.pods]
ROOT = Path(__file__).parent.parent
PIPELINE = "examples/shop/pipeline.yaml"


@dataclass
class Shop:
    """The example, with namespaces of its own."""

    lab: Lab
    suffix: str

    @property
    def production(self) -> str:
        return f"shop-production{self.suffix}"

    def run(self, image: str, *arguments: str) -> tuple[int, dict[str, Any]]:
        command = [sys.executable, "-m", "lastgood", "run", PIPELINE, "--artifact", image, "-o", "json"]
        more = ["--kubeconfig", str(self.lab.kubeconfig), "--create-namespace", "--var", f"suffix={self.suffix}"]
        done = subprocess.run([*command, *more, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    def read(self, *words: str) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.lab.run_kubectl("-n", self.production, "get", *words, "-o", "json"))
        return answer

    def pods(self) -> dict[str, tuple[int, str]]:
        """By uid: how often their containers were restarted, and when they were made."""
        found = self.read("pods", "-l", "app=shop")["items"]
        return {
            one["metadata"]["uid"]: (
                sum(status["restartCount"] for status in one["status"]["containerStatuses"]),
                one["metadata"]["creationTimestamp"],
            )
            for one in found
        }

    def colour(self) -> str:
        return str(self.read("service", "shop")["spec"]["selector"]["harness.io/color"])


@dataclass
class Customer(threading.Thread):
    """Asks the shop's Service for as long as it is open, and counts answers and failures."""

    address: str
    answers: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.closed = threading.Event()

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        while not self.closed.is_set():
            try:
                with urllib.request.urlopen(f"http://{self.address}/", timeout=5) as answer:
                    self.answers[answer.read().decode()] += 1
            except OSError as error:
                self.failures.append(str(error))

    def __enter__(self) -> Customer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closed.set()
        self.join()


@pytest.fixture
def shop(lab: Lab, namespace: str) -> Iterator[Shop]:
    if lab.node != "real":
        pytest.skip("only real pods answer")
    shop = Shop(lab, f"-{namespace.removeprefix('t-')}")
    yield shop
    spaces = (f"shop-staging{shop.suffix}", shop.production)
    lab.run_kubectl("delete", "namespace", *spaces, "--ignore-not-found", "--wait=false")


def test_one_command_ships_through_staging_and_comes_back_from_production(shop: Shop) -> None:
    code, first = shop.run("registry.lab/web:1")
    assert (code, first["state"], shop.colour()) == (0, "Succeeded", "blue")
    blue = shop.pods()
    assert shop.read("replicaset", "-l", "app=shop")["items"][1:] == [], "the first swap restarted the pods"
    address = shop.read("service", "shop")["spec"]["clusterIP"]
    with Customer(address) as customer:
        code, second = shop.run("registry.lab/web:2", "--var", "smokeTest=echo no sale; false")
    assert (code, second["state"], shop.colour()) == (1, "RolledBack", "blue")
    assert blue.items() <= shop.pods().items(), "a swap and a swap back touch no pod"
    assert customer.failures == []
    assert sum(customer.answers.values()) > 50
    states = {"/".join(node["path"]): node["state"] for node in second["nodes"]}
    assert states["production/rollback/rollbackBgSwapServices"] == "Succeeded"
    assert states["staging"] == "Succeeded"
    assert first["run"].startswith("ship-shop-")
    assert second["notRolledBack"] == ["what the script tell did", "what the script smokeTest did"]
