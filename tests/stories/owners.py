"""Who deployed something before lastgood did: kubectl in its ways, and Helm. On the lab the real ones are run.

In memory each leaves what the real one leaves: the fields under its name, and its marks.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.tools import tool
from lastgood.diffing import LAST_APPLIED
from lastgood.model.plan import Guard
from lastgood.model.resource import Body, Resource, ref_of
from lastgood.testing.api import By
from tests.stories.stage import Scene

HELM_MARKS = {"meta.helm.sh/release-name": "theirs", "meta.helm.sh/release-namespace": "stories"}


@dataclass(frozen=True)
class Owner:
    """Somebody who deploys: ``first`` makes what is not there, ``again`` deploys another version of it.

    ``manager`` and ``operation`` are what the API writes down of them.
    """

    name: str
    manager: str
    operation: str
    first: Callable[[Scene, tuple[Resource, ...]], None]
    again: Callable[[Scene, tuple[Resource, ...]], str]

    def __str__(self) -> str:
        return self.name


def on_the_lab(work: Callable[[Scene, tuple[Resource, ...]], str], **remembered: Any) -> Any:
    """What the real tool does on the lab; in memory what it leaves."""

    def first(scene: Scene, resources: tuple[Resource, ...]) -> None:
        if scene.memory is None:
            work(scene, resources)
            return
        for resource in resources:
            _leave(scene, resource, **remembered)

    return first


def _leave(scene: Scene, resource: Resource, *, manager: str, apply: bool = False, marks: bool = False) -> None:
    assert scene.memory is not None
    metadata = {**resource.body["metadata"], "namespace": scene.namespace}
    if manager == "kubectl-client-side-apply":
        metadata["annotations"] = {**(metadata.get("annotations") or {}), LAST_APPLIED: as_kubectl_says(resource.body)}
    if marks:
        metadata["annotations"] = {**(metadata.get("annotations") or {}), **HELM_MARKS}
        metadata["labels"] = {**(metadata.get("labels") or {}), "app.kubernetes.io/managed-by": "Helm"}
    body = {**resource.body, "metadata": metadata}
    if apply:
        scene.memory.machinery.api.apply(body, Guard(), By(manager))
        return
    if manager != "kubectl-replace":
        scene.memory.create(body, manager=manager)
        return
    scene.memory.create(_bare(Resource(body)).body)
    scene.memory.edit(
        ref_of(body), lambda live: live["metadata"].update(labels=metadata.get("labels", {})), manager=manager
    )


def as_kubectl_says(body: Body) -> str:
    """The annotation that kubectl writes: what it was given."""
    return json.dumps({**body, "metadata": {"annotations": {}, **body["metadata"]}}, separators=(",", ":")) + "\n"


def listed(resources: tuple[Resource, ...]) -> str:
    """A file of all of them."""
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": [one.body for one in resources]})


def kubectl(*arguments: str) -> Callable[[Scene, tuple[Resource, ...]], str]:
    """A person types this, with the file as ``-f -``, and once more when a controller wrote in between."""

    def type_it(scene: Scene, resources: tuple[Resource, ...]) -> str:
        while True:
            try:
                return scene.kubectl(*arguments, "-f", "-", stdin=listed(resources))
            except AssertionError as error:
                if "the object has been modified" not in str(error):
                    raise

    return type_it


def create_and_replace(scene: Scene, resources: tuple[Resource, ...]) -> str:
    """Made without labels, then replaced by what has them, so that ``kubectl-replace`` has written."""
    created = kubectl("create")(scene, tuple(map(_bare, resources)))
    return created + kubectl("replace")(scene, resources)


def _bare(resource: Resource) -> Resource:
    metadata = {key: value for key, value in resource.body["metadata"].items() if key != "labels"}
    return resource.with_body({**resource.body, "metadata": metadata})


def helm(program: str, *more: str) -> Callable[[Scene, tuple[Resource, ...]], str]:
    """``helm upgrade --install`` of a chart with these in it."""

    def run(scene: Scene, resources: tuple[Resource, ...]) -> str:
        with tempfile.TemporaryDirectory() as folder:
            done = run_helm(scene, program, "upgrade", "--install", "theirs", chart(Path(folder), resources), *more)
        if done.returncode:
            raise AssertionError(done.stderr)
        return done.stdout

    return run


def run_helm(scene: Scene, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What a person types, whatever comes of it."""
    assert scene.lab is not None
    environment: Mapping[str, str] = {**os.environ, "KUBECONFIG": str(scene.lab.kubeconfig)}
    command = [str(tool(program)), *arguments, "-n", scene.namespace]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def chart(folder: Path, resources: tuple[Resource, ...]) -> str:
    """A chart that makes these."""
    (folder / "templates").mkdir()
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: theirs\nversion: 0.1.0\n")
    for number, resource in enumerate(resources):
        (folder / "templates" / f"{number}.yaml").write_text(json.dumps(resource.body))
    return str(folder)


def _owner(name: str, manager: str, operation: str, first: Any, again: Any, **left: Any) -> Owner:
    return Owner(name, manager, operation, on_the_lab(first, manager=manager, **left), again)


def _applying(name: str, manager: str, *arguments: str) -> Owner:
    command = kubectl("apply", "--server-side", *arguments)
    return _owner(name, manager, "Apply", command, command, apply=True)


CLIENT_SIDE = _owner("kubectl-apply", "kubectl-client-side-apply", "Update", kubectl("apply"), kubectl("apply"))
SERVER_SIDE = _applying("kubectl-apply-server-side", "kubectl")
UNKNOWN = _applying("an-unknown-manager", "ci", "--field-manager=ci")
CREATE = _owner("kubectl-create", "kubectl-create", "Update", kubectl("create"), kubectl("replace"))
REPLACE = _owner("kubectl-replace", "kubectl-replace", "Update", create_and_replace, kubectl("replace"))
HELM_3 = _owner("helm-3", "helm", "Update", helm("helm3"), helm("helm3"), marks=True)
HELM_4 = _owner("helm-4", "helm", "Apply", helm("helm"), helm("helm"), apply=True, marks=True)

OWNERS = (CLIENT_SIDE, SERVER_SIDE, UNKNOWN, CREATE, REPLACE, HELM_3, HELM_4)
