"""What the API server refuses: the sentences of its 422s, for the mistakes and transitions that matter here. Pure.

https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/apis/apps/validation/validation.go and its like
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lastgood.model.resource import Body

Problems = Iterator[str]
Check = Callable[[Body, Body | None], Problems]

_IMMUTABLE = "field is immutable"
_NAME_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    "and must start and end with an alphanumeric character"
)
_LABEL_RULE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character"
)
_POD_CHANGES = (
    "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` "
    "(only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it "
    "was previously negative)"
)
_STATEFUL_SET_CHANGES = (
    "'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', "
    "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds'"
)
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LABEL = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
_KEY = re.compile(r"[-._a-zA-Z0-9]+")


def problems(new: Body, old: Body | None) -> list[str]:
    """Why this body is refused, where ``old`` is the live one; nothing when it is good."""
    found = [*_metadata(new, old)]
    for check in CHECKS.get(new["kind"], ()):
        found += check(new, old)
    return found


def _metadata(new: Body, _old: Body | None) -> Problems:
    name = str(new["metadata"].get("name", ""))
    if not new["kind"].startswith(("Role", "ClusterRole")) and not _NAME.fullmatch(name):
        yield f'metadata.name: Invalid value: "{name}": {_NAME_RULE}'
    yield from _labels(new["metadata"].get("labels") or {}, "metadata.labels")


def _labels(labels: Mapping[str, Any], at: str) -> Problems:
    for value in labels.values():
        if len(str(value)) > 63 or not _LABEL.fullmatch(str(value)):
            yield f'{at}: Invalid value: "{value}": {_LABEL_RULE}'


def _same(path: str, *, said: str = _IMMUTABLE) -> Check:
    def check(new: Body, old: Body | None) -> Problems:
        if old is not None and _at(new, path) != _at(old, path):
            value = json.dumps(_at(new, path), separators=(",", ":"))
            yield f"{path}: Invalid value: {value}: {said}"

    return check


def _at(body: Any, path: str) -> Any:
    for name in path.split("."):
        body = body.get(name) if isinstance(body, dict) else None
    return body


def _template(new: Body, _old: Body | None) -> Problems:
    spec, template = new["spec"], new["spec"].get("template") or {}
    labels = (template.get("metadata") or {}).get("labels") or {}
    wanted = (spec.get("selector") or {}).get("matchLabels") or {}
    if not spec.get("selector"):
        yield "spec.selector: Required value"
    elif any(labels.get(name) != value for name, value in wanted.items()):
        text = json.dumps(labels, separators=(",", ":"))
        yield f"spec.template.metadata.labels: Invalid value: {text}: `selector` does not match template `labels`"
    yield from _labels(labels, "spec.template.metadata.labels")
    yield from _pod_spec(template.get("spec") or {}, "spec.template.spec")


def _pod(new: Body, old: Body | None) -> Problems:
    if old is None:
        yield from _pod_spec(new.get("spec") or {}, "spec")
    elif _unchangeable(new) != _unchangeable(old):
        yield f"spec: Forbidden: pod updates may not change fields other than {_POD_CHANGES}"


def _unchangeable(pod: Body) -> Any:
    spec = {name: value for name, value in pod["spec"].items() if name not in ("tolerations", "activeDeadlineSeconds")}
    lists = {
        name: [{key: value for key, value in one.items() if key != "image"} for one in spec.get(name) or []]
        for name in ("containers", "initContainers")
    }
    return spec | lists


def _pod_spec(spec: Mapping[str, Any], at: str) -> Problems:
    if not spec.get("containers"):
        yield f"{at}.containers: Required value"
    volumes = {volume.get("name") for volume in spec.get("volumes") or []}
    for name in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(name) or []):
            yield from _container(container, f"{at}.{name}[{index}]", volumes)
    for index, volume in enumerate(spec.get("volumes") or []):
        if len([key for key, value in volume.items() if value is not None]) > 2:
            yield f"{at}.volumes[{index}]: Forbidden: may not specify more than 1 volume type"


def _container(container: Mapping[str, Any], at: str, volumes: set[Any]) -> Problems:
    if not container.get("image"):
        yield f"{at}.image: Required value"
    for index, mount in enumerate(container.get("volumeMounts") or []):
        if mount.get("name") not in volumes and not str(mount.get("name", "")).startswith("kube-api-access"):
            yield f'{at}.volumeMounts[{index}].name: Not found: "{mount.get("name")}"'


def _strategy(new: Body, _old: Body | None) -> Problems:
    strategy = new["spec"].get("strategy") or {}
    if strategy.get("type") == "Recreate" and strategy.get("rollingUpdate") is not None:
        yield "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"


def _stateful_set(new: Body, old: Body | None) -> Problems:
    free = {"minReadySeconds", "ordinals", "persistentVolumeClaimRetentionPolicy", "replicas", "revisionHistoryLimit"}
    free |= {"template", "updateStrategy"}
    if old is not None and _less(new["spec"], free) != _less(old["spec"], free):
        others = f"updates to statefulset spec for fields other than {_STATEFUL_SET_CHANGES} are forbidden"
        yield f"spec: Forbidden: {others}"


def _less(spec: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in spec.items() if name not in names}


def _configuration(new: Body, old: Body | None) -> Problems:
    for name in [*(new.get("data") or {}), *(new.get("binaryData") or {})]:
        if not _KEY.fullmatch(name):
            yield f'data[{name}]: Invalid value: "{name}": a valid config key must match [-._a-zA-Z0-9]+'
    if old is None or not old.get("immutable"):
        return
    if not new.get("immutable"):
        yield "immutable: Forbidden: field is immutable when `immutable` is set"
    if any(new.get(name) != old.get(name) for name in ("data", "binaryData")):
        yield "data: Forbidden: field is immutable when `immutable` is set"


def _service(new: Body, old: Body | None) -> Problems:
    spec = new["spec"]
    if not spec.get("ports") and spec.get("type") != "ExternalName" and spec.get("clusterIP") != "None":
        yield "spec.ports: Required value"
    before = old["spec"].get("clusterIP") if old else None
    if before and new["spec"].get("type") != "ExternalName" and new["spec"].get("clusterIP") != before:
        yield f'spec.clusterIPs[0]: Invalid value: ["{new["spec"].get("clusterIP")}"]: may not change once set'


def _claim(new: Body, old: Body | None) -> Problems:
    free = {"resources", "volumeAttributesClassName", "volumeName", "storageClassName"}
    if old is not None and _less(new["spec"], free) != _less(old["spec"], free):
        rule = "except resources.requests and volumeAttributesClassName for bound claims"
        yield f"spec: Forbidden: spec is immutable after creation {rule}"


CHECKS: Mapping[str, tuple[Check, ...]] = {
    "ClusterRoleBinding": (_same("roleRef", said="cannot change roleRef"),),
    "ConfigMap": (_configuration,),
    "DaemonSet": (_template, _same("spec.selector")),
    "Deployment": (_template, _strategy, _same("spec.selector")),
    "Job": (_same("spec.selector"), _same("spec.template"), _same("spec.completions"), _same("spec.completionMode")),
    "PersistentVolumeClaim": (_claim,),
    "Pod": (_pod,),
    "ReplicaSet": (_template, _same("spec.selector")),
    "RoleBinding": (_same("roleRef", said="cannot change roleRef"),),
    "Secret": (_configuration, _same("type")),
    "Service": (_service,),
    "StatefulSet": (_template, _stateful_set),
    "StorageClass": (_same("provisioner"), _same("parameters"), _same("reclaimPolicy")),
}
"""The kinds that have rules of their own."""
