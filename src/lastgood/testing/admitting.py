"""What the API server makes of a body before it holds it: normal form, defaults, what it assigns, and the checks. Pure.

https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lastgood.errors import Rejected
from lastgood.model.resource import Body, ref_of
from lastgood.testing.defaults import FILLS, fill
from lastgood.testing.quantities import canonised
from lastgood.testing.served import KindFacts
from lastgood.testing.validating import problems
from lastgood.testing.values import copied

_EMPTY_MEANS_ABSENT = frozenset(
    {"annotations", "binaryData", "data", "labels", "limits", "matchLabels", "nodeSelector", "requests", "stringData"}
)


def normal(body: Body, facts: KindFacts) -> Body:
    """The body as it comes back out of the server: nulls and empty lists gone, quantities canonical, defaults filled.

    Raises ``Rejected`` for a quantity that is none.
    """
    whole: Body = _without_nulls(body) if facts.custom else _canonical(body)
    if not facts.custom and whole["kind"] in FILLS:
        FILLS[whole["kind"]](whole)
    return whole


def _canonical(body: Body) -> Any:
    try:
        return canonised(_compacted(body))
    except ValueError as error:
        raise Rejected(f"{body['kind']} in version {body['apiVersion']} cannot be handled: {error}") from error


def fill_defaults(value: Any, schema: Mapping[str, Any]) -> None:
    """Set what a custom resource leaves out and the schema of its definition has a default for."""
    if isinstance(value, dict):
        for name, inside in (schema.get("properties") or {}).items():
            if "default" in inside:
                value.setdefault(name, copied(inside["default"]))
            fill_defaults(value.get(name), inside)
    for item in value if isinstance(value, list) else ():
        fill_defaults(item, schema.get("items") or {})


def _compacted(value: Any) -> Any:
    if isinstance(value, dict):
        parts = {name: _compacted(inside) for name, inside in value.items()}
        return {name: inside for name, inside in parts.items() if not _is_absent(name, inside)}
    return [_compacted(item) for item in value] if isinstance(value, list) else value


def _without_nulls(value: Any) -> Any:
    """A copy in which no field is null."""
    if isinstance(value, dict):
        return {name: _without_nulls(inside) for name, inside in value.items() if inside is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _is_absent(name: str, value: Any) -> bool:
    return value is None or value == [] or (value == {} and name in _EMPTY_MEANS_ABSENT)


def checked(new: Body, old: Body | None, facts: KindFacts) -> Body:
    """The same body. Raises ``Rejected`` with the API's sentence when it is not allowed."""
    found = [] if facts.custom else problems(new, old)
    if found:
        ref = ref_of(new)
        said = found[0] if len(found) == 1 else f"[{', '.join(found)}]"
        kind = f"{ref.kind}.{ref.group}" if ref.group else ref.kind
        raise Rejected(f'{kind} "{ref.name}" is invalid: {said}', ref=ref)
    return new


def counted(new: Body, old: Body | None, facts: KindFacts) -> Body:
    """The body with its generation: 1 at first, one more when what the kind counts has changed."""
    if not facts.counts:
        return new
    before = old["metadata"].get("generation", 1) if old else 0
    moved = old is None or _counted(new, facts) != _counted(old, facts)
    return new | {"metadata": new["metadata"] | {"generation": before + 1 if moved else before}}


def _counted(body: Body, facts: KindFacts) -> list[Any]:
    if facts.counts == ("*",):
        outside = ("metadata", "apiVersion", "status") if facts.status else ("metadata", "apiVersion")
        return [{name: value for name, value in body.items() if name not in outside}]
    return [body["metadata"].get(part) if part == "annotations" else body.get(part) for part in facts.counts]


def with_status_of(new: Body, live: Body | None, facts: KindFacts) -> Body:
    """The body with the live one's status, where status is not written this way."""
    if not facts.status:
        return new
    whole = {name: value for name, value in new.items() if name != "status"}
    status = live.get("status") if live else FIRST_STATUS.get(new["kind"]) if not facts.custom else None
    return whole | ({"status": copied(status)} if status is not None else {})


FIRST_STATUS: dict[str, Body] = {
    "CronJob": {},
    "DaemonSet": {"currentNumberScheduled": 0, "desiredNumberScheduled": 0, "numberMisscheduled": 0, "numberReady": 0},
    "Deployment": {},
    "HorizontalPodAutoscaler": {"currentMetrics": None, "desiredReplicas": 0},
    "Ingress": {"loadBalancer": {}},
    "Job": {},
    "Namespace": {"phase": "Active"},
    "PersistentVolumeClaim": {"phase": "Pending"},
    "Pod": {"phase": "Pending"},
    "PodDisruptionBudget": {"currentHealthy": 0, "desiredHealthy": 0, "disruptionsAllowed": 0, "expectedPods": 0},
    "ReplicaSet": {"replicas": 0},
    "ResourceQuota": {},
    "Service": {"loadBalancer": {}},
    "StatefulSet": {"availableReplicas": 0, "replicas": 0},
}
"""The status that a new object of a kind begins with."""


def assigned(new: Body, old: Body | None, number: int) -> Body:
    """The body with what only the server can give: addresses of Services, selectors of Jobs, and their like.

    ``number`` is one that no other object has.
    """
    if new["apiVersion"] in ("v1", "apps/v1", "batch/v1"):
        assign = _ASSIGN.get(new["kind"])
        if assign is not None:
            assign(new, old, number)
    return new


def _addresses(service: Body, _old: Body | None, number: int) -> None:
    spec = service["spec"]
    if spec["type"] == "ExternalName":
        return
    address = spec.get("clusterIP") or f"10.96.{number // 250 % 250}.{number % 250 + 1}"
    fill(spec, {"clusterIP": address, "clusterIPs": [address], "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack"})
    if spec["type"] == "ClusterIP":
        spec.pop("externalTrafficPolicy", None)
    for index, port in enumerate(spec.get("ports") or []):
        if spec["type"] == "ClusterIP":
            port.pop("nodePort", None)
        else:
            fill(port, {"nodePort": 30_000 + (number * 7 + index) % 2_700})


def _own_selector(job: Body, old: Body | None, _number: int) -> None:
    if old is not None or job["spec"].get("manualSelector"):
        return
    name, uid = job["metadata"]["name"], job["metadata"]["uid"]
    own = {"batch.kubernetes.io/controller-uid": uid}
    labels = own | {"batch.kubernetes.io/job-name": name, "controller-uid": uid, "job-name": name}
    fill(job["spec"], {"manualSelector": False, "selector": {"matchLabels": own}})
    fill(job["spec"]["template"]["metadata"], {"labels": labels})
    fill(job["metadata"], {"labels": job["spec"]["template"]["metadata"]["labels"]})


def _template_count(daemon_set: Body, old: Body | None, _number: int) -> None:
    """A count of its own for the template, in an annotation that outlived its field."""
    before = int((old or {}).get("metadata", {}).get("annotations", {}).get(TEMPLATE_COUNT, 0))
    moved = old is None or old["spec"]["template"] != daemon_set["spec"]["template"]
    annotations = daemon_set["metadata"].setdefault("annotations", {})
    annotations[TEMPLATE_COUNT] = str(before + 1 if moved else before)


def _protection(claim: Body, old: Body | None, _number: int) -> None:
    if old is None:
        fill(claim["metadata"], {"finalizers": [CLAIM_IN_USE]})


TEMPLATE_COUNT = "deprecated.daemonset.template.generation"
CLAIM_IN_USE = "kubernetes.io/pvc-protection"
_ASSIGN: Mapping[str, Callable[[Body, Body | None, int], None]] = {
    "DaemonSet": _template_count,
    "Job": _own_selector,
    "PersistentVolumeClaim": _protection,
    "Service": _addresses,
}
