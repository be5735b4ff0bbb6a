"""Bad input, as a whole process: a clear sentence, the right exit code, and nothing was written."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, Lab

pytestmark = pytest.mark.cluster

EXAMPLE = ROOT / "examples" / "nginx"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\n"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: "registry.lab/web:1"}]
"""


@dataclass(frozen=True)
class Said:
    """What a process said at its end."""

    code: int
    text: str
    answer: str = ""


@dataclass(frozen=True)
class Person:
    """Somebody at a shell, in a folder, with a namespace."""

    lab: Lab
    namespace: str
    folder: Path

    def types(self, *arguments: str, kubeconfig: Path | None = None) -> Said:
        """Run lastgood; a traceback is never what a person sees."""
        environment = {**os.environ, "KUBECONFIG": str(kubeconfig or self.lab.kubeconfig)}
        done = subprocess.run(
            [sys.executable, "-m", "lastgood", *arguments],
            cwd=self.folder, env=environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        text = done.stdout + done.stderr
        assert "Traceback" not in text
        return Said(done.returncode, text, done.stdout)

    def deploys(self, text: str, *more: str, name: str = "app.yaml") -> Said:
        """Deploy one file with this text."""
        (self.folder / name).write_text(text)
        return self.types("deploy", name, "--name", "shop", "-n", self.namespace, *more)

    def wrote_nothing(self) -> bool:
        """Whether there is neither a record nor a resource."""
        found = self.lab.run_kubectl("get", "secrets,configmaps,deployments", "-n", self.namespace, "-o", "json")
        names = [item["metadata"]["name"] for item in json.loads(found)["items"]]
        return [name for name in names if name != "kube-root-ca.crt"] == []


@pytest.fixture
def person(lab: Lab, namespace: str, tmp_path: Path) -> Person:
    return Person(lab, namespace, tmp_path)


REFUSED: dict[str, tuple[str, int, list[str]]] = {
    "broken YAML": (CONFIG + "data: {a: [}\n", 2, ["app.yaml:4"]),
    "duplicate keys": (CONFIG + "data:\n  a: '1'\n  a: '2'\n", 2, ["app.yaml", "a", "5", "6"]),
    "unknown kind": (CONFIG.replace("ConfigMap", "ConfigMapp"), 2, ["app.yaml", "ConfigMapp", "ConfigMap"]),
    "unknown version": (DEPLOYMENT.replace("apps/v1", "apps/v1beta1"), 2, ["apps/v1beta1", "apps/v1"]),
    "missing namespace": (CONFIG.replace("{name: app}", "{name: app, namespace: not-there}"), 4, ["not-there"]),
    "invalid quantity": (
        DEPLOYMENT.replace('"registry.lab/web:1"', '"registry.lab/web:1", resources: {limits: {memory: 1Gb}}'),
        2,
        ["app.yaml", "deployment.apps/web", "containers[name=web].resources.limits.memory", "1Gb", "1Gi"],
    ),
    "refused by the API": (DEPLOYMENT.replace("replicas: 1", "replicas: -1"), 4, ["app.yaml", "spec.replicas"]),
    "an unknown field": (DEPLOYMENT.replace("replicas: 1", "replica: 1"), 4, ["app.yaml", "replica"]),
    "nothing in it": ("# only a comment\n", 2, ["no resource in app.yaml"]),
    "generateName": (CONFIG.replace("name: app", "generateName: app-"), 2, ["generateName"]),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_bad_manifest_is_refused_before_the_first_write(person: Person, what: str) -> None:
    text, code, words = REFUSED[what]
    said = person.deploys(text)
    assert [word for word in words if word not in said.text] == [], said.text
    assert code == said.code, said.text
    assert person.wrote_nothing()


def test_a_good_resource_beside_a_bad_one_is_not_written_either(person: Person) -> None:
    said = person.deploys(CONFIG + "---\n" + DEPLOYMENT.replace("replicas: 1", "replicas: -1"))
    assert 4 == said.code, said.text
    assert person.wrote_nothing()


def test_a_file_that_cannot_be_read_is_named(person: Person) -> None:
    said = person.types("deploy", "not-there.yaml", "--name", "shop", "-n", person.namespace)
    assert (2, True) == (said.code, "not-there.yaml" in said.text)


def test_a_namespace_that_is_not_there_is_refused_unless_it_may_be_made(person: Person) -> None:
    (person.folder / "app.yaml").write_text(CONFIG)
    missing = f"{person.namespace}-x"
    said = person.types("deploy", "app.yaml", "--name", "shop", "-n", missing)
    assert (4, True) == (said.code, "--create-namespace" in said.text), said.text
    said = person.types("deploy", "app.yaml", "--name", "shop", "-n", missing, "--create-namespace")
    assert 0 == said.code, said.text
    person.lab.run_kubectl("delete", "namespace", missing, "--wait=false")


def test_a_context_that_is_not_there_is_refused_with_those_that_are(person: Person) -> None:
    (person.folder / "app.yaml").write_text(CONFIG)
    said = person.types("deploy", "app.yaml", "--name", "shop", "--context", "elsewhere")
    assert 2 == said.code, said.text
    assert "elsewhere" in said.text
    assert "lab" in said.text


def test_a_server_out_of_reach_is_named(person: Person) -> None:
    config = json.loads(person.lab.run_kubectl("config", "view", "--raw", "-o", "json"))
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    nowhere = person.folder / "nowhere"
    nowhere.write_text(json.dumps(config))
    (person.folder / "app.yaml").write_text(CONFIG)
    said = person.types("deploy", "app.yaml", "--name", "shop", "-n", person.namespace, kubeconfig=nowhere)
    assert (4, True) == (said.code, "127.0.0.1:1" in said.text), said.text


def test_who_may_not_is_told_verb_and_resource(person: Person) -> None:
    """A service account that may keep records and read, but not write Deployments."""
    limited = _kubeconfig_of_somebody(person)
    (person.folder / "app.yaml").write_text(DEPLOYMENT)
    said = person.types("deploy", "app.yaml", "--name", "shop", "-n", person.namespace, kubeconfig=limited)
    assert 4 == said.code, said.text
    assert "deployments" in said.text
    assert "patch" in said.text or "create" in said.text
    assert person.namespace in said.text
    assert person.wrote_nothing()


def _kubeconfig_of_somebody(person: Person) -> Path:
    namespace, kubectl = person.namespace, person.lab.run_kubectl
    kubectl("create", "serviceaccount", "somebody", "-n", namespace)
    kubectl("create", "role", "records", "--verb=*", "--resource=secrets,leases.coordination.k8s.io", "-n", namespace)
    kubectl("create", "role", "look", "--verb=get,list,watch", "--resource=deployments.apps,pods", "-n", namespace)
    for role in ("records", "look"):
        kubectl(
            "create", "rolebinding", role, f"--role={role}", f"--serviceaccount={namespace}:somebody", "-n", namespace
        )
    token = kubectl("create", "token", "somebody", "-n", namespace).strip()
    config = json.loads(kubectl("config", "view", "--raw", "-o", "json"))
    config["users"][0]["user"] = {"token": token}
    path = person.folder / "somebody"
    path.write_text(json.dumps(config))
    return path


def test_a_record_that_was_tampered_with_stops_the_deploy(person: Person) -> None:
    """It is named, nothing is written on its word, and what is live stays as it is."""
    assert 0 == person.deploys(DEPLOYMENT).code
    name = "lastgood.shop.v1"
    found = json.loads(person.lab.run_kubectl("get", "secret", name, "-n", person.namespace, "-o", "json"))
    key, value = max(found["data"].items(), key=lambda pair: len(pair[1]))
    raw = bytearray(base64.b64decode(value))
    raw[len(raw) // 2] ^= 0xFF
    patch = json.dumps({"data": {key: base64.b64encode(bytes(raw)).decode()}})
    person.lab.run_kubectl("patch", "secret", name, "-n", person.namespace, "--type=merge", "-p", patch)
    said = person.deploys(DEPLOYMENT.replace("replicas: 1", "replicas: 2"))
    assert (5, True) == (said.code, name in said.text), said.text
    live = json.loads(person.lab.run_kubectl("get", "deployment", "web", "-n", person.namespace, "-o", "json"))
    assert 1 == live["spec"]["replicas"]


# --- the service YAML of the specification


def _service(person: Person, *more: str, change: tuple[str, str, str] | None = None) -> Said:
    store = person.folder / "file-store"
    shutil.copytree(EXAMPLE / "file-store", store)
    shutil.copy(EXAMPLE / "service.yaml", person.folder)
    if change:
        path = min(person.folder.rglob(change[0]), key=lambda one: len(one.parts))
        path.write_text(path.read_text().replace(change[1], change[2]))
    arguments = ["deploy", "--service", "service.yaml", "--file-store", "file-store", "-n", person.namespace]
    return person.types(*arguments, *more)


def test_the_memory_of_the_specification_is_refused_with_the_variable_it_came_from(person: Person) -> None:
    """``memory: 1Gb`` is not a quantity: file, resource, field, variable, and what to write instead."""
    said = _service(person, "--artifact", "registry.lab/web:1")
    assert 2 == said.code
    words = ["deployment.yaml", "deployment.apps/nginx", "resources.limits.memory", "1Gb", "variable memory", "1Gi"]
    assert [word for word in words if word not in said.text] == [], said.text
    assert person.wrote_nothing()


SERVICE_MISTAKES: dict[str, tuple[tuple[str, str, str], list[str]]] = {
    "an unknown expression": (
        ("values.yaml", "<+serviceVariables.replica>", "<+serviceVariables.replicas>"),
        ["<+serviceVariables.replicas>", "values.yaml", "replica"],
    ),
    "a template error": (("deployment.yaml", "{{", "{{ nosuchfunction "), ["deployment.yaml", "nosuchfunction"]),
    "a mode that is neither": (
        ("service.yaml", "enableDeclarativeRollback: true", "enableDeclarativeRollback: perhaps"),
        ["enableDeclarativeRollback", "perhaps", "neither true nor false"],
    ),
}


@pytest.mark.parametrize("what", SERVICE_MISTAKES)
def test_a_mistake_in_the_service_is_refused(person: Person, what: str) -> None:
    change, words = SERVICE_MISTAKES[what]
    said = _service(person, "--artifact", "registry.lab/web:1", "--set-variable", "memory=64Mi", change=change)
    assert 2 == said.code, said.text
    assert [word for word in words if word not in said.text] == [], said.text
    assert person.wrote_nothing()


def test_an_artifact_that_is_asked_for_has_to_be_given(person: Person) -> None:
    said = _service(person, "--set-variable", "memory=64Mi")
    assert 2 == said.code
    assert "artifact" in said.text
    assert person.wrote_nothing()


def test_in_json_mode_an_error_is_a_document(person: Person) -> None:
    (person.folder / "app.yaml").write_text(CONFIG + "data: {a: [}\n")
    said = person.types("deploy", "app.yaml", "--name", "shop", "-n", person.namespace, "-o", "json")
    document: dict[str, Any] = json.loads(said.answer)
    assert ("ManifestError", 2) == (document["error"]["type"], document["exitCode"])
