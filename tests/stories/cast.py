"""The resources that stories are about."""

from __future__ import annotations

import copy
from typing import Any

from lastgood.model.resource import Body, Resource

GOOD_1 = "registry.lab/web:1"
GOOD_2 = "registry.lab/web:2"
GOOD_3 = "registry.lab/web:3"
MISSING = "registry.lab/web:missing"
CRASH = "registry.lab/web:crash"
NOT_READY = "registry.lab/web:notready"
STUBBORN = "registry.lab/web:stubborn"
DONE = "registry.lab/web:done"
FAILS = "registry.lab/web:fail"


def config(name: str = "app", **data: str) -> Resource:
    """A ConfigMap."""
    return made("v1", "ConfigMap", name, data=data)


def secret(name: str, **data: str) -> Resource:
    """A Secret; the values are base64 already."""
    return made("v1", "Secret", name, data=data)


def service(name: str = "web") -> Resource:
    """A Service on port 80."""
    return made("v1", "Service", name, spec={"selector": {"app": name}, "ports": [{"port": 80, "targetPort": 8080}]})


def web(image: str, name: str = "web", *, replicas: int = 2, reads: str = "", **pod: Any) -> Resource:
    """A Deployment; ``reads`` names the ConfigMap it takes its environment from, ``pod`` adds to the pod's spec."""
    spec = {
        "replicas": replicas,
        "selector": {"matchLabels": {"app": name}},
        "template": template(image, name, reads, pod),
    }
    return made("apps/v1", "Deployment", name, spec=spec)


def stateful(image: str, name: str = "db", *, replicas: int = 2, reads: str = "", **pod: Any) -> Resource:
    """A StatefulSet without volumes."""
    spec = {
        "replicas": replicas,
        "serviceName": name,
        "selector": {"matchLabels": {"app": name}},
        "template": template(image, name, reads, pod),
    }
    return made("apps/v1", "StatefulSet", name, spec=spec)


def daemon(image: str, name: str = "agent", **pod: Any) -> Resource:
    """A DaemonSet."""
    spec = {"selector": {"matchLabels": {"app": name}}, "template": template(image, name, "", pod)}
    return made("apps/v1", "DaemonSet", name, spec=spec)


def job(image: str, name: str = "migrate", **spec: Any) -> Resource:
    """A Job that runs once."""
    pod = {"restartPolicy": "Never", "containers": [{"name": "job", "image": image}]}
    return made("batch/v1", "Job", name, spec={"backoffLimit": 0, "template": {"spec": pod}, **spec})


def template(image: str, name: str, reads: str, pod: dict[str, Any]) -> dict[str, Any]:
    """A pod template with one container, ready when it answers."""
    container: dict[str, Any] = {
        "name": "web",
        "image": image,
        "ports": [{"containerPort": 8080}],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}, "periodSeconds": 1},
    }
    if reads:
        container["envFrom"] = [{"configMapRef": {"name": reads}}]
    container |= pod.pop("container", {})
    return {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container], **pod}}


def made(api_version: str, kind: str, name: str, **rest: Any) -> Resource:
    """Any resource."""
    return Resource({"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, **rest})


def altered(resource: Resource, **changes: Any) -> Resource:
    """The same with values put at paths written as ``spec__replicas``."""
    body: Body = copy.deepcopy(resource.body)
    for path, value in changes.items():
        *parents, last = path.split("__")
        place: Any = body
        for key in parents:
            place = place[int(key)] if key.isdigit() else place.setdefault(key, {})
        place[last] = value
    return resource.with_body(body)
