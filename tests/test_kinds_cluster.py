"""The API server refuses what the catalogue says that it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from lastgood.kinds import unchangeable
from lastgood.model.resource import Body
from tests.conftest import Lab
from tests.test_transitions_cluster import Server, definition, removed, workload

pytestmark = pytest.mark.cluster


def a(api_version: str, kind: str, **fields: Any) -> Body:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "web"}, **fields}


def claim(**spec: Any) -> Body:
    modes = {"accessModes": ["ReadWriteOnce"], "storageClassName": "none"}
    resources = {"resources": {"requests": {"storage": "1Gi"}}}
    return a("v1", "PersistentVolumeClaim", spec={**modes, **resources, **spec})


def job(image: str) -> Body:
    pods = {"spec": {"restartPolicy": "Never", "containers": [{"name": "web", "image": image}]}}
    return a("batch/v1", "Job", spec={"suspend": True, "template": pods})


def stateful_set(**spec: Any) -> Body:
    return workload("StatefulSet", {"serviceName": "web", **spec})


def selecting(kind: str, app: str) -> Body:
    body = workload(
        kind, {"selector": {"matchLabels": {"app": app}}} | ({"serviceName": "web"} if kind[0] == "S" else {})
    )
    body["spec"]["template"]["metadata"]["labels"] = {"app": app}
    return body


def service(**spec: Any) -> Body:
    return a("v1", "Service", spec={"ports": [{"port": 80}], **spec})


def binding(kind: str, role: str) -> Body:
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role}
    return a("rbac.authorization.k8s.io/v1", kind, roleRef=reference, subjects=[])


def volume(source: dict[str, Any], **spec: Any) -> Body:
    common = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"]}
    return a("v1", "PersistentVolume", spec={**common, **source, **spec})


def storage_class(**fields: Any) -> Body:
    return a("storage.k8s.io/v1", "StorageClass", **{"provisioner": "a.b/c", **fields})


QUOTA = ("v1", "ResourceQuota")


def template_of_claims(size: str) -> dict[str, Any]:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}
    return {"volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": spec}]}


PRIORITY, RUNTIME = ("scheduling.k8s.io/v1", "PriorityClass"), ("node.k8s.io/v1", "RuntimeClass")
INGRESS, SLICE = ("networking.k8s.io/v1", "IngressClass"), ("discovery.k8s.io/v1", "EndpointSlice")

CASES = {
    "spec.selector": [
        (selecting(kind, "web"), selecting(kind, "www"))
        for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
    ],
    "spec.serviceName": [(stateful_set(), stateful_set(serviceName="www"))],
    "spec.podManagementPolicy": [(stateful_set(), stateful_set(podManagementPolicy="Parallel"))],
    "spec.volumeClaimTemplates": [
        (stateful_set(**template_of_claims("1Gi")), stateful_set(**template_of_claims("2Gi")))
    ],
    "spec.template": [(job("x:1"), job("x:2"))],
    "spec.accessModes": [(claim(), claim(accessModes=["ReadWriteMany"]))],
    "spec.storageClassName": [(claim(), claim(storageClassName="other"))],
    "spec.volumeMode": [(claim(), claim(volumeMode="Block"))],
    "spec.clusterIP": [(service(), service(clusterIP="None"))],
    "roleRef": [(binding(kind, "view"), binding(kind, "edit")) for kind in ("RoleBinding", "ClusterRoleBinding")],
    "type": [(a("v1", "Secret", type="Opaque"), a("v1", "Secret", type="shop.example/x"))],
    "data": [
        (a("v1", kind, data={"a": "eA=="}, immutable=True), a("v1", kind, data={"a": "eQ=="}, immutable=True))
        for kind in ("ConfigMap", "Secret")
    ],
    "immutable": [(a("v1", "ConfigMap", data={"a": "x"}, immutable=True), a("v1", "ConfigMap", data={"a": "x"}))],
    "spec.scopes": [(a(*QUOTA, spec={"scopes": ["Terminating"]}), a(*QUOTA, spec={"scopes": ["NotTerminating"]}))],
    "value": [(a(*PRIORITY, value=5), a(*PRIORITY, value=6))],
    "preemptionPolicy": [(a(*PRIORITY, value=5), a(*PRIORITY, value=5, preemptionPolicy="Never"))],
    "handler": [(a(*RUNTIME, handler="runc"), a(*RUNTIME, handler="kata"))],
    "spec.controller": [(a(*INGRESS, spec={"controller": "a.b/c"}), a(*INGRESS, spec={"controller": "a.b/d"}))],
    "addressType": [(a(*SLICE, addressType="IPv4", endpoints=[]), a(*SLICE, addressType="IPv6", endpoints=[]))],
    "provisioner": [(storage_class(), storage_class(provisioner="a.b/d"))],
    "parameters": [(storage_class(parameters={"a": "b"}), storage_class(parameters={"a": "c"}))],
    "reclaimPolicy": [(storage_class(), storage_class(reclaimPolicy="Retain"))],
    "volumeBindingMode": [(storage_class(), storage_class(volumeBindingMode="WaitForFirstConsumer"))],
    "spec.hostPath": [(volume({"hostPath": {"path": "/a"}}), volume({"hostPath": {"path": "/b"}}))],
    "spec.nfs": [(volume({"nfs": {"server": "a", "path": "/"}}), volume({"nfs": {"server": "b", "path": "/"}}))],
}
PAIRS = [(path, *pair) for path, pairs in CASES.items() for pair in pairs]


@pytest.fixture
def server(lab: Lab, namespace: str) -> Server:
    return Server(lab, namespace)


@pytest.mark.parametrize(("path", "before", "after"), PAIRS, ids=[f"{one[0]} of {one[1]['kind']}" for one in PAIRS])
def test_what_cannot_be_changed(server: Server, path: str, before: Body, after: Body) -> None:
    """The path is named beforehand, the API refuses the change, and the body as it is changes nothing."""
    before, after = (one | {"metadata": {"name": server.namespace}} for one in (before, after))
    with removed(server, before):
        live = server.apply(before)
        assert (unchangeable(live, after), unchangeable(live, before)) == ((path,), ())
        with pytest.raises(AssertionError, match=r"immutable|forbidden|may not|cannot change|Invalid value"):
            server.apply(after)


def test_a_headless_service_stays_headless(server: Server) -> None:
    """No refusal, no change: what is left out stays."""
    live = server.apply(service(clusterIP="None"))
    assert unchangeable(live, service()) == ("spec.clusterIP",)
    assert server.apply(service())["spec"]["clusterIP"] == "None"


def test_a_stored_version_stays(server: Server) -> None:
    name = f"widgets.{server.namespace}.example"

    def versions(*names: str, storing: str) -> list[dict[str, Any]]:
        schema = {"schema": {"openAPIV3Schema": {"type": "object"}}, "served": True}
        return [{"name": one, "storage": one == storing, **schema} for one in names]

    wanted = definition(name, versions=versions("v1", storing="v1"))
    with removed(server, wanted):
        live = server.apply(definition(name, versions=versions("v1", "v2", storing="v2")))
        assert unchangeable(live, wanted) == ("spec.versions[name=v2]",)
        with pytest.raises(AssertionError, match="was previously a storage version"):
            server.apply(wanted)
