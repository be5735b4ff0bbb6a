"""What the API server fills in where a body says nothing. Each function changes the body it is given.

https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/apis/core/v1/defaults.go and its like for other groups
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

from lastgood.model.resource import Body

Fill = Callable[[Body], None]

_POD_SPEC: Mapping[str, Any] = {
    "restartPolicy": "Always",
    "terminationGracePeriodSeconds": 30,
    "dnsPolicy": "ClusterFirst",
    "securityContext": {},
    "schedulerName": "default-scheduler",
}
_CONTAINER: Mapping[str, Any] = {
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
    "resources": {},
}
_PROBE: Mapping[str, Any] = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_HANDLERS: Mapping[str, Mapping[str, Any]] = {
    "httpGet": {"path": "/", "scheme": "HTTP"},
    "grpc": {"service": ""},
}
_VOLUMES: Mapping[str, Mapping[str, Any]] = {
    "configMap": {"defaultMode": 420},
    "secret": {"defaultMode": 420},
    "downwardAPI": {"defaultMode": 420},
    "projected": {"defaultMode": 420},
    "hostPath": {"type": ""},
}

_ALL_AT_ONCE = {"type": "Percent", "value": 100, "periodSeconds": 15}
_BEHAVIOR: Mapping[str, Any] = {
    "scaleUp": {
        "stabilizationWindowSeconds": 0,
        "selectPolicy": "Max",
        "policies": [{"type": "Pods", "value": 4, "periodSeconds": 15}, _ALL_AT_ONCE],
    },
    "scaleDown": {"selectPolicy": "Max", "policies": [_ALL_AT_ONCE]},
}


def fill(place: dict[str, Any], values: Mapping[str, Any]) -> None:
    """Set what is not there; a map that is there is filled inside."""
    for name, value in values.items():
        here = place.get(name)
        if here is None:
            place[name] = _copied(value)
        elif isinstance(here, dict) and isinstance(value, Mapping):
            fill(here, value)


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _copied(inside) for name, inside in value.items()}
    return list(value) if isinstance(value, list) else value


def pod_spec(spec: dict[str, Any]) -> None:
    """The spec of a pod or of a pod template."""
    fill(spec, _POD_SPEC)
    account = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if account:
        spec |= {"serviceAccountName": account, "serviceAccount": account}
    for container in [*(spec.get("containers") or []), *(spec.get("initContainers") or [])]:
        _container(container)
    for volume in spec.get("volumes") or []:
        _volume(volume)


def _container(container: dict[str, Any]) -> None:
    fill(container, _CONTAINER)
    fill(container, {"imagePullPolicy": _pull_policy(str(container.get("image", "")))})
    for port in container.get("ports") or []:
        fill(port, {"protocol": "TCP"})
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        if container.get(name):
            fill(container[name], _PROBE)
            _handler(container[name])
    for variable in container.get("env") or []:
        if (variable.get("valueFrom") or {}).get("fieldRef"):
            fill(variable["valueFrom"]["fieldRef"], {"apiVersion": "v1"})


def _handler(probe: dict[str, Any]) -> None:
    for name, values in _HANDLERS.items():
        if probe.get(name) is not None:
            fill(probe[name], values)


def _pull_policy(image: str) -> str:
    tag = image.rpartition("/")[2].partition(":")[2]
    return "IfNotPresent" if "@" in image or tag not in ("", "latest") else "Always"


def _volume(volume: dict[str, Any]) -> None:
    if len(volume) == 1:
        volume["emptyDir"] = {}
    for name, values in _VOLUMES.items():
        if volume.get(name) is not None:
            fill(volume[name], values)


def _template(body: Body) -> None:
    template = body["spec"].setdefault("template", {})
    template.setdefault("metadata", {})
    pod_spec(template.setdefault("spec", {}))


def _pod(body: Body) -> None:
    spec = body.setdefault("spec", {})
    for container in [*(spec.get("containers") or []), *(spec.get("initContainers") or [])]:
        resources = container.get("resources") or {}
        if resources.get("limits"):
            fill(resources, {"requests": resources["limits"]})
    pod_spec(spec)
    fill(spec, {"enableServiceLinks": True, "preemptionPolicy": "PreemptLowerPriority", "priority": 0})
    fill(spec, {"serviceAccountName": "default", "serviceAccount": spec.get("serviceAccountName", "default")})


def _deployment(body: Body) -> None:
    spec = body.setdefault("spec", {})
    fill(spec, {"replicas": 1, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600})
    strategy = spec.setdefault("strategy", {})
    fill(strategy, {"type": "RollingUpdate"})
    if strategy["type"] == "RollingUpdate":
        fill(strategy, {"rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}})
    _template(body)


def _replica_set(body: Body) -> None:
    fill(body.setdefault("spec", {}), {"replicas": 1})
    _template(body)


def _stateful_set(body: Body) -> None:
    spec = body.setdefault("spec", {})
    fill(
        spec,
        {
            "podManagementPolicy": "OrderedReady",
            "replicas": 1,
            "serviceName": "",
            "revisionHistoryLimit": 10,
            "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
            "updateStrategy": {"type": "RollingUpdate"},
        },
    )
    if spec["updateStrategy"]["type"] == "RollingUpdate":
        fill(spec["updateStrategy"], {"rollingUpdate": {"partition": 0}})
    for claim in spec.get("volumeClaimTemplates") or []:
        fill(claim, {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "status": {"phase": "Pending"}})
        _claim(claim)
    _template(body)


def _daemon_set(body: Body) -> None:
    spec = body.setdefault("spec", {})
    fill(spec, {"revisionHistoryLimit": 10, "updateStrategy": {"type": "RollingUpdate"}})
    if spec["updateStrategy"]["type"] == "RollingUpdate":
        fill(spec["updateStrategy"], {"rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}})
    _template(body)


def _job_spec(spec: dict[str, Any]) -> None:
    if spec.get("completions") is None and spec.get("parallelism") is None:
        fill(spec, {"completions": 1})
    values = {"parallelism": 1, "completionMode": "NonIndexed", "suspend": False}
    fill(spec, values | {"podReplacementPolicy": "TerminatingOrFailed"})
    fill(spec, {"backoffLimit": 6})


def _job(body: Body) -> None:
    _job_spec(body.setdefault("spec", {}))
    _template(body)


def _cron_job(body: Body) -> None:
    spec = body.setdefault("spec", {})
    fill(
        spec,
        {"concurrencyPolicy": "Allow", "suspend": False, "successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 1},
    )
    template = spec.setdefault("jobTemplate", {})
    template.setdefault("metadata", {})
    template.setdefault("spec", {})
    _template(template)


def _service(body: Body) -> None:
    spec = body.setdefault("spec", {})
    fill(spec, {"type": "ClusterIP", "sessionAffinity": "None"})
    for port in spec.get("ports") or []:
        fill(port, {"protocol": "TCP", "targetPort": port.get("port")})
    if spec["type"] == "ExternalName":
        return
    fill(spec, {"internalTrafficPolicy": "Cluster"})
    if spec["type"] in ("NodePort", "LoadBalancer"):
        fill(spec, {"externalTrafficPolicy": "Cluster"})
    if spec["type"] == "LoadBalancer":
        fill(spec, {"allocateLoadBalancerNodePorts": True})


def _secret(body: Body) -> None:
    fill(body, {"type": "Opaque"})
    plain = body.pop("stringData", None) or {}
    if plain:
        encoded = {name: base64.b64encode(str(value).encode()).decode() for name, value in plain.items()}
        body["data"] = (body.get("data") or {}) | encoded


def _claim(body: Body) -> None:
    fill(body.setdefault("spec", {}), {"volumeMode": "Filesystem"})


def _namespace(body: Body) -> None:
    fill(body["metadata"], {"labels": {"kubernetes.io/metadata.name": body["metadata"]["name"]}})
    fill(body.setdefault("spec", {}), {"finalizers": ["kubernetes"]})


def _autoscaler(body: Body) -> None:
    cpu = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}
    fill(body.setdefault("spec", {}), {"minReplicas": 1})
    if not body["spec"].get("metrics"):
        body["spec"]["metrics"] = [{"type": "Resource", "resource": cpu}]
    if "behavior" in body["spec"]:
        fill(body["spec"]["behavior"], _BEHAVIOR)


def _network_policy(body: Body) -> None:
    spec = body.setdefault("spec", {})
    types = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]
    fill(spec, {"policyTypes": types})
    for rule in [*(spec.get("ingress") or []), *(spec.get("egress") or [])]:
        for port in rule.get("ports") or []:
            fill(port, {"protocol": "TCP"})


def _binding(body: Body) -> None:
    fill(body.setdefault("roleRef", {}), {"apiGroup": "rbac.authorization.k8s.io"})
    for subject in body.get("subjects") or []:
        if subject.get("kind") in ("User", "Group"):
            fill(subject, {"apiGroup": "rbac.authorization.k8s.io"})


def _definition(body: Body) -> None:
    names = body["spec"]["names"]
    fill(names, {"listKind": names["kind"] + "List", "singular": names["kind"].lower()})
    fill(body["spec"], {"conversion": {"strategy": "None"}})


def _storage_class(body: Body) -> None:
    fill(body, {"reclaimPolicy": "Delete", "volumeBindingMode": "Immediate"})


FILLS: Mapping[str, Fill] = {
    "ClusterRoleBinding": _binding,
    "CronJob": _cron_job,
    "CustomResourceDefinition": _definition,
    "DaemonSet": _daemon_set,
    "Deployment": _deployment,
    "HorizontalPodAutoscaler": _autoscaler,
    "Job": _job,
    "Namespace": _namespace,
    "NetworkPolicy": _network_policy,
    "PersistentVolumeClaim": _claim,
    "Pod": _pod,
    "ReplicaSet": _replica_set,
    "RoleBinding": _binding,
    "Secret": _secret,
    "Service": _service,
    "StatefulSet": _stateful_set,
    "StorageClass": _storage_class,
}
"""The kinds that have defaults."""
