"""Whole processes on the lab: killed, interrupted, and what the next command makes of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Lab
from tests.stories.test_bad_input import DEPLOYMENT, Person

pytestmark = pytest.mark.cluster

NOT_READY = "registry.lab/web:notready"
GOOD = "registry.lab/web:1"
PROBE = ", readinessProbe: {httpGet: {path: /ready, port: 8080}, periodSeconds: 1}"
PROBED = DEPLOYMENT.replace(f'image: "{GOOD}"', f'image: "{GOOD}"{PROBE}')


@pytest.fixture
def person(lab: Lab, namespace: str, tmp_path: Path) -> Person:
    return Person(lab, namespace, tmp_path)


def started_and_waiting(person: Person) -> subprocess.Popen[str]:
    """A deploy whose pods never get ready, at the moment when it waits for them."""
    (person.folder / "stuck.yaml").write_text(PROBED.replace(GOOD, NOT_READY))
    process = subprocess.Popen(
        [sys.executable, "-m", "lastgood", "deploy", "stuck.yaml", "--name", "shop", "-n", person.namespace],
        cwd=person.folder,
        env={**os.environ, "KUBECONFIG": str(person.lab.kubeconfig)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "deployment.apps/web updated" in line:
            break
    return process


def ended(process: subprocess.Popen[str]) -> str:
    """Everything it said until its end."""
    said, _ = process.communicate(timeout=60)
    return said


def states(person: Person) -> list[str]:
    answer = person.types("history", "shop", "-n", person.namespace, "-o", "json").answer
    releases: list[dict[str, Any]] = json.loads(answer)["items"]
    return [f"{one['state']}{'=' + str(one['restores']) if one.get('restores') else ''}" for one in releases]


def image(person: Person) -> str:
    path = "jsonpath={.spec.template.spec.containers[0].image}"
    return person.lab.run_kubectl("get", "deployment", "web", "-n", person.namespace, "-o", path)


def test_killed_in_the_wait_the_next_deploy_goes_on_and_still_comes_back(person: Person) -> None:
    """kill -9: the record stays pending, nobody has to clean up, and the last good release is still the one before."""
    assert 0 == person.deploys(DEPLOYMENT).code
    process = started_and_waiting(person)
    process.kill()
    ended(process)
    assert states(person) == ["pending", "good"]
    said = person.deploys(DEPLOYMENT.replace(GOOD, "registry.lab/web:missing"))
    assert 1 == said.code, said.text
    assert states(person) == ["good=1", "failed", "failed", "good"]
    assert GOOD == image(person)
    assert 0 == person.types("verify", "shop", "-n", person.namespace).code


def test_killed_in_the_wait_recover_brings_the_good_release_back(person: Person) -> None:
    assert 0 == person.deploys(DEPLOYMENT).code
    process = started_and_waiting(person)
    process.kill()
    ended(process)
    said = person.types("recover", "shop", "-n", person.namespace)
    assert 0 == said.code, said.text
    assert states(person) == ["good=1", "failed", "good"]
    assert GOOD == image(person)


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_it_writes_so_says_how_to_recover_and_leaves_at_once(person: Person, sent: int, code: int) -> None:
    assert 0 == person.deploys(DEPLOYMENT).code
    process = started_and_waiting(person)
    process.send_signal(sent)
    said = ended(process)
    assert code == process.returncode, said
    assert f"lastgood recover shop -n {person.namespace}" in said
    assert states(person) == ["failed", "good"]
    recovered = person.types("recover", "shop", "-n", person.namespace)
    assert 0 == recovered.code, recovered.text
    assert GOOD == image(person)


def test_the_last_line_alone_tells_the_outcome(person: Person) -> None:
    assert 0 == person.deploys(DEPLOYMENT).code
    said = person.deploys(DEPLOYMENT.replace(GOOD, "registry.lab/web:missing"))
    last = said.answer.strip().splitlines()[-1]
    words = ["shop: release 2 failed", "not found", "release 1 is back as release 3", "proved"]
    assert [word for word in words if word not in last] == [], last


def test_json_goes_into_jq(person: Person) -> None:
    """One document on stdout, whatever happened."""
    answers = [
        person.deploys(DEPLOYMENT, "-o", "json"),
        person.deploys(DEPLOYMENT.replace(GOOD, "registry.lab/web:missing"), "-o", "json"),
        person.types("verify", "shop", "-n", person.namespace, "-o", "json"),
        person.types("history", "shop", "-n", person.namespace, "-o", "json"),
    ]
    good, restored, proof, history = (json.loads(one.answer) for one in answers)
    assert ("good", 0) == (good["outcome"], good["exitCode"])
    assert ("restored", 1) == (restored["outcome"], restored["exitCode"])
    assert restored["failures"]
    assert proof["proof"]["holds"]
    assert len(history["items"]) == 3
