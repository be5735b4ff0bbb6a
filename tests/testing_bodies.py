"""The bodies of the cases in which two clusters are compared; without pods, as these are not the point."""

from __future__ import annotations

import uuid
from typing import Any

from lastgood.model.resource import Body
from tests.testing_twins import SOME_UID


def made(kind: str, api_version: str = "v1", **rest: Any) -> Body:
    metadata = {"name": "it", **rest.pop("metadata", {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **rest}


def template(image: str = "registry.lab/web:1", pod: Body | None = None, **container: Any) -> Body:
    spec = {"containers": [{"name": "web", "image": image, **container}], **(pod or {})}
    return {"metadata": {"labels": {"app": "web"}}, "spec": spec}


def workload(kind: str, image: str = "registry.lab/web:1", *, spec: Body | None = None, **rest: Any) -> Body:
    metadata, pod = rest.pop("metadata", {}), rest.pop("pod", None)
    wanted = {"selector": {"matchLabels": {"app": "web"}}, "template": template(image, pod, **rest)}
    return made(kind, "apps/v1", metadata=metadata, spec=wanted | (spec or {}))


def deployment(image: str = "registry.lab/web:1", *, spec: Body | None = None, **rest: Any) -> Body:
    return workload("Deployment", image, spec={"replicas": 0} | (spec or {}), **rest)


def without_replicas() -> Body:
    body = deployment()
    del body["spec"]["replicas"]
    return body


def env(**values: str) -> Body:
    return {"env": [{"name": name, "value": value} for name, value in values.items()]}


def config(data: Body | None, **rest: Any) -> Body:
    return made("ConfigMap", **rest) if data is None else made("ConfigMap", data=data, **rest)


def service(**spec: Any) -> Body:
    return made("Service", spec={"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}], **spec})


def job(image: str = "registry.lab/web:done", **spec: Any) -> Body:
    pod = {"restartPolicy": "Never", "containers": [{"name": "j", "image": image}]}
    return made("Job", "batch/v1", spec={"suspend": True, "template": {"spec": pod}, **spec})


def autoscaler(**spec: Any) -> Body:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "none"}
    return made("HorizontalPodAutoscaler", "autoscaling/v2", spec={"maxReplicas": 5, "scaleTargetRef": target, **spec})


def claims(size: str) -> Body:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}
    return {"replicas": 0, "volumeClaimTemplates": [{"metadata": {"name": "d"}, "spec": spec}]}


def claim(mode: str = "ReadWriteOnce") -> Body:
    spec = {"accessModes": [mode], "storageClassName": "none", "resources": {"requests": {"storage": "1024Mi"}}}
    return made("PersistentVolumeClaim", spec=spec)


GROUP = f"x{uuid.uuid4().hex[:8]}.test"
PARTS = {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["id"]}
PART = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "v": {"type": "string"}}}
THING_SPEC = {
    "type": "object",
    "x-kubernetes-preserve-unknown-fields": True,
    "properties": {
        "a": {"type": "string"},
        "n": {"type": "integer", "default": 3},
        "parts": PARTS | {"items": PART},
        "set": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
        "plain": {"type": "array", "items": {"type": "string"}},
        "whole": {"type": "object", "x-kubernetes-map-type": "atomic", "additionalProperties": {"type": "string"}},
    },
}


def definition(kind: str, **version: Any) -> Body:
    status = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    schema = {"openAPIV3Schema": {"type": "object", "properties": {"spec": THING_SPEC, "status": status}}}
    served = {"name": "v1", "served": True, "storage": True, "schema": schema, **version}
    names = {"plural": f"{kind.lower()}s", "kind": kind}
    spec = {"group": GROUP, "scope": "Namespaced", "names": names, "versions": [served]}
    name = f"{names['plural']}.{GROUP}"
    return made("CustomResourceDefinition", "apiextensions.k8s.io/v1", metadata={"name": name}, spec=spec)


def thing(kind: str, spec: Body, **rest: Any) -> Body:
    return made(kind, f"{GROUP}/v1", spec=spec, **rest)


FULL_CONTAINER: Body = {
    "ports": [{"containerPort": 8080}, {"containerPort": 9090, "name": "m", "protocol": "TCP"}],
    "env": [
        {"name": "A", "value": "1"},
        {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "C", "valueFrom": {"configMapKeyRef": {"name": "x", "key": "y", "optional": True}}},
    ],
    "envFrom": [{"configMapRef": {"name": "x", "optional": True}}],
    "args": ["a", "b"],
    "resources": {"limits": {"cpu": "1000m", "memory": "1024Mi"}, "requests": {"cpu": "0.1", "memory": "1Gi"}},
    "readinessProbe": {"httpGet": {"port": 8080}},
    "startupProbe": {"grpc": {"port": 1}},
    "livenessProbe": {"tcpSocket": {"port": 8080}, "periodSeconds": 5},
    "volumeMounts": [{"name": "e", "mountPath": "/e"}, {"name": "c", "mountPath": "/c", "readOnly": True}],
    "lifecycle": {"preStop": {"exec": {"command": ["true"]}}},
    "securityContext": {"runAsUser": 1},
}
FULL_POD: Body = {
    "volumes": [
        {"name": "e", "emptyDir": {}},
        {"name": "c", "configMap": {"name": "x", "optional": True}},
        {"name": "p", "projected": {"sources": [{"secret": {"name": "s", "optional": True}}]}},
    ],
    "tolerations": [{"key": "a", "operator": "Exists"}],
    "nodeSelector": {"kubernetes.io/os": "linux"},
    "imagePullSecrets": [{"name": "r"}],
    "topologySpreadConstraints": [
        {
            "maxSkew": 1,
            "topologyKey": "kubernetes.io/hostname",
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": {"app": "web"}},
        }
    ],
    "initContainers": [{"name": "i", "image": "registry.lab/web", "restartPolicy": "Always"}],
    "serviceAccountName": "default",
}
FULL = {**FULL_CONTAINER, "pod": FULL_POD}
RECREATE = {"strategy": {"type": "Recreate"}}
ADD_Z = {"op": "add", "path": "/spec/template/spec/containers/0/env/1", "value": {"name": "Z", "value": "9"}}
OWNER = {"apiVersion": "v1", "kind": "ConfigMap", "name": "none", "uid": SOME_UID}
FULL_THING: Body = {
    "a": "1",
    "parts": [{"id": "x", "v": "1"}, {"id": "y"}],
    "set": ["p", "q"],
    "plain": ["1"],
    "whole": {"k": "v"},
    "extra": {"deep": [1, 2]},
}
