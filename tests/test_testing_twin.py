"""The API server in memory against a real one: the same requests get the same answers, field owners included.

Each case is a list of steps; after each the bodies (or the refusals) are compared, but for what differs by nature:
uids, versions, times and addresses.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from lastgood.model.patching import Style
from tests.conftest import Lab
from tests.testing_bodies import (
    ADD_Z,
    FULL,
    FULL_THING,
    GROUP,
    OWNER,
    RECREATE,
    autoscaler,
    claim,
    claims,
    config,
    definition,
    deployment,
    env,
    job,
    made,
    service,
    thing,
    without_replicas,
    workload,
)
from tests.testing_twins import (
    Step,
    absent,
    applied,
    created,
    deleted,
    edited,
    in_memory,
    labelled,
    merged,
    on_the_lab,
    other,
    patched,
    settled,
    stale,
    whatever,
)

pytestmark = pytest.mark.cluster

POD_PATCHES: list[dict[str, Any]] = [
    {"containers": [{"name": "b", "image": "x:2", "env": [{"name": "A", "value": "1"}]}]},
    {"containers": [{"name": "new", "image": "x:1"}, {"name": "b", "env": [{"name": "B", "value": "1"}]}]},
    {"containers": [{"name": "c", "image": "x:3"}, {"name": "a", "image": "x:3"}]},
    {"containers": [{"name": "a", "$patch": "delete"}]},
    {"containers": [{"name": "b", "ports": [{"containerPort": 80}, {"containerPort": 81}]}]},
    {"containers": [{"name": "b", "ports": [{"containerPort": 80, "name": "web"}]}]},
    {"containers": [{"name": "b", "command": ["x"], "env": None}]},
    {"volumes": [{"name": "v", "emptyDir": {}}], "nodeSelector": {"a": "b"}},
    {"volumes": [{"name": "w", "emptyDir": {}}], "nodeSelector": {"$patch": "replace", "c": "d"}},
    {"volumes": [{"name": "v", "$retainKeys": ["name", "configMap"], "configMap": {"name": "c"}}]},
    {"containers": [{"$patch": "replace"}, {"name": "only", "image": "x:9"}]},
    {"containers": [], "nodeSelector": None},
]


def strategic(changes: dict[str, Any]) -> Step:
    """A strategic merge patch of a pod's spec."""
    return merged(deployment(), {"spec": {"template": {"spec": changes}}}, style=Style.STRATEGIC)


CASES: dict[str, list[Step]] = {
    # who owns what
    "everything in a pod template": [applied(deployment(**FULL))],
    "everything, created by somebody": [created(deployment(**FULL))],
    "a variable is dropped": [
        applied(deployment(**env(A="1", B="2"))),
        applied(deployment(**env(B="2"))),
        applied(deployment()),
    ],
    "a variable of somebody else": [
        applied(deployment(**env(A="1", C="3"))),
        edited(deployment(), ADD_Z),
        applied(deployment(**env(C="3"))),
        applied(deployment()),
    ],
    "the order of variables": [
        applied(deployment(**env(A="1", B="1", C="1", D="1"))),
        edited(deployment(), ADD_Z),
        applied(deployment(**env(D="1", B="1", E="1", A="1"))),
        applied(deployment(**env(X="1", A="1"))),
    ],
    "replicas go to an autoscaler and back": [
        applied(deployment(spec={"replicas": 0})),
        edited(
            deployment(), {"op": "replace", "path": "/spec/replicas", "value": 2}, manager="hpa", subresource="scale"
        ),
        applied(without_replicas()),
        applied(deployment()),
        applied(without_replicas()),
    ],
    "an adopted object": [
        created(deployment(**env(A="1"))),
        applied(deployment("registry.lab/web:2", **env(B="2"))),
        applied(deployment("registry.lab/web:2")),
    ],
    "labels of several": [
        applied(deployment(metadata={"labels": {"a": "1", "b": "2"}})),
        labelled(deployment(), x="1"),
        applied(deployment(metadata={"labels": {"a": "1"}})),
        labelled(deployment(), x=None, a="5"),
        applied(deployment(metadata={"labels": {"a": "1"}})),
        applied(deployment()),
    ],
    "nothing changes": [
        applied(config({"a": "1"})),
        applied(config({"a": "1"})),
        applied(config({"a": "1"}), dry_run=True),
    ],
    "what is only asked": [
        applied(config({"a": "1"})),
        applied(config({"a": "2"}), dry_run=True),
        applied(config({"a": "1"})),
    ],
    "empty values": [applied(deployment(env=[], args=[], metadata={"labels": {}, "annotations": {}}, resources={}))],
    "nulls": [applied(deployment(env=None, metadata={"labels": None, "creationTimestamp": None}))],
    "status is not ours to write": [applied({**deployment(), "status": {"replicas": 5}})],
    "owners and annotations": [
        applied(config({}, metadata={"annotations": {"a": "b", "c/d": "e"}, "ownerReferences": [OWNER]}))
    ],
    "config loses a key": [
        applied(config({"a": "1", "b": "2"})),
        applied(config({"b": "2"})),
        edited(config({}), {"op": "add", "path": "/data/c", "value": "3"}),
        applied(config({})),
        applied(config(None)),
    ],
    "config of somebody": [created(config({"a": "1", "b": "2"})), applied(config({"a": "5"}))],
    "two containers": [
        applied(deployment(pod={"containers": [{"name": "a", "image": "x"}, {"name": "b", "image": "y:1"}]})),
        applied(deployment(pod={"containers": [{"name": "b", "image": "y:2"}]})),
    ],
    "patches of ours": [
        applied(config({"a": "1"})),
        patched(
            config({}),
            {"op": "replace", "path": "/data/a", "value": "2"},
            {"op": "add", "path": "/data/b", "value": "2"},
        ),
        patched(config({}), {"op": "replace", "path": "/data/z", "value": "2"}),
        patched(config({}), {"op": "remove", "path": "/data/none"}),
        patched(config({}), {"op": "test", "path": "/metadata/uid", "value": "x"}),
        patched(config({}), {"op": "replace", "path": "/metadata/resourceVersion", "value": "1"}),
        applied(config({"a": "1"})),
        patched(config({}), {"op": "replace", "path": "/metadata/managedFields", "value": [{}]}),
        applied(config({"q": "1"})),
    ],
    "merge patches": [
        applied(config({"a": "1", "b": "1"})),
        merged(config({}), {"data": {"a": None, "b": "2", "c": "3"}, "metadata": {"annotations": {"x": "y"}}}),
        merged(config({}), {"data": {"c": "3"}}),
        merged(config({}), {"metadata": {"resourceVersion": "1"}, "data": {"d": "1"}}),
        merged(config({}), {"metadata": {"uid": "x"}, "data": {"d": "1"}}),
        merged(config({}), {"data": None}),
        merged(deployment(), {"spec": {"paused": True}}),
        applied(deployment(**FULL)),
        merged(deployment(), {"spec": {"paused": True, "template": {"metadata": {"annotations": {"again": "1"}}}}}),
        merged(deployment(), {"spec": {"paused": None}}),
        merged(deployment(), {"spec": {"template": {"spec": {"containers": [{"name": "one", "image": "x:2"}]}}}}),
        applied(deployment(**FULL)),
    ],
    "strategic merge patches": [
        applied(deployment(pod={"containers": [{"name": name, "image": "x:1"} for name in "abc"]})),
        *map(strategic, POD_PATCHES),
        merged(deployment(), {"metadata": {"resourceVersion": "1"}, "spec": {"paused": True}}, style=Style.STRATEGIC),
        merged(deployment(), {"metadata": {"finalizers": ["a.io/x"]}}, style=Style.STRATEGIC),
        merged(deployment(), {"metadata": {"finalizers": ["b.io/x", "a.io/x"]}}, style=Style.STRATEGIC),
        merged(deployment(), {"metadata": {"finalizers": None}}, style=Style.STRATEGIC),
    ],
    "scales": [
        applied(deployment()),
        merged(deployment(), {"spec": {"replicas": 1}}, part="scale"),
        applied(without_replicas(), dry_run=True),
        merged(deployment(), {"metadata": {"resourceVersion": "1"}, "spec": {"replicas": 4}}, part="scale"),
        merged(deployment(), {"metadata": {"uid": "x"}, "spec": {"replicas": 4}}, part="scale"),
        applied(deployment()),
        merged(config({}), {"spec": {"replicas": 3}}, part="scale"),
    ],
    # guards
    "guards": [
        applied(config({"a": "1"}), guard=absent),
        applied(config({"a": "2"}), guard=absent),
        applied(config({"a": "2"}), guard=other),
        applied(config({"a": "2"}), guard=stale),
        applied(config({"a": "2"}), guard=whatever),
        deleted(config({})),
        applied(config({"a": "3"}), guard=whatever),
        applied(config({"a": "3"}), guard=other),
        applied(config({"a": "3"}), guard=absent, dry_run=True),
        applied(config({"a": "3"}), guard=absent),
    ],
    "a finalizer": [
        applied(config({"a": "1"}, metadata={"finalizers": ["a.b/c"]})),
        deleted(config({})),
        labelled(config({}), x="1"),
        applied(config({"a": "2"})),
    ],
    # what is refused
    "the strategy": [
        applied(deployment()),
        applied(deployment(spec=RECREATE)),
        patched(deployment(), {"op": "replace", "path": "/spec/strategy", "value": {"type": "Recreate"}}),
        applied(deployment(spec=RECREATE)),
        applied(deployment(spec={"strategy": {"type": "RollingUpdate"}})),
        applied(deployment()),
    ],
    "a volume gets another source": [
        applied(deployment(pod={"volumes": [{"name": "e"}]})),
        applied(deployment(pod={"volumes": [{"name": "e", "configMap": {"name": "x"}}]})),
    ],
    "a volume of ours gets another source": [
        applied(deployment(pod={"volumes": [{"name": "e", "emptyDir": {}}]})),
        applied(deployment(pod={"volumes": [{"name": "e", "configMap": {"name": "x"}}]})),
    ],
    "a selector that selects nothing": [applied(deployment(spec={"selector": {"matchLabels": {"app": "x"}}}))],
    "a variable twice": [applied(deployment(env=[{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]))],
    "a port twice": [applied(deployment(ports=[{"containerPort": 80}, {"containerPort": 80, "name": "b"}]))],
    "a variable without a name": [applied(deployment(env=[{"value": "1"}]))],
    "a quantity that is none": [applied(deployment(resources={"limits": {"cpu": "much"}}))],
    "a mount of nothing": [applied(deployment(volumeMounts=[{"name": "nope", "mountPath": "/x"}]))],
    "immutable": [
        applied(config({"a": "1"}, immutable=True)),
        applied(config({"a": "2"}, immutable=True)),
        applied(config({"a": "1"})),
    ],
    "names": [applied(config({}, metadata={"name": "Bad_Name"})), applied(config({"a b": "c"}))],
    "labels that are none": [applied(config({}, metadata={"labels": {"a": "not valid"}}))],
    "a kind that is not there": [applied(made("Nope", "no.such/v1"))],
    # kinds
    "a service changes its ports and its type": [
        applied(service()),
        applied(service(ports=[{"port": 80, "targetPort": 8080, "name": "a"}, {"port": 81, "name": "b"}])),
        applied(service(ports=[{"port": 81, "name": "b"}])),
        applied(service(type="NodePort")),
        applied(service()),
        applied(service(clusterIP="None")),
    ],
    "a headless service": [applied(service(clusterIP="None"))],
    "a load balancer": [applied(service(type="LoadBalancer"))],
    "a name for a service": [applied(made("Service", spec={"type": "ExternalName", "externalName": "a.b"}))],
    "a service of somebody": [created(service()), applied(service(selector={"app": "x"}))],
    "a secret": [
        applied(made("Secret", data={"a": "MQ=="})),
        applied(made("Secret", data={"b": "MQ=="}, type="Opaque")),
        applied(made("Secret", data={"b": "MQ=="}, type="x/y")),
    ],
    "a secret in plain text": [applied(made("Secret", stringData={"a": "1"}))],
    "a stateful set": [
        applied(workload("StatefulSet", spec=claims("1Gi"))),
        applied(workload("StatefulSet", spec=claims("2Gi"))),
        applied(workload("StatefulSet", spec={"replicas": 0, "podManagementPolicy": "Parallel"})),
    ],
    "a stateful set that waits": [
        applied(workload("StatefulSet", spec={"replicas": 0, "updateStrategy": {"type": "OnDelete"}})),
        applied(workload("StatefulSet", spec={"replicas": 0})),
    ],
    "a daemon set": [
        applied(workload("DaemonSet", pod={"nodeSelector": {"no": "node"}})),
        applied(workload("DaemonSet", "registry.lab/web:2", pod={"nodeSelector": {"no": "node"}})),
    ],
    "a job": [
        applied(job()),
        applied(job("registry.lab/web:fail")),
        applied(job(backoffLimit=3, ttlSecondsAfterFinished=9)),
    ],
    "a parallel job": [applied(job(parallelism=2))],
    "a cron job": [
        applied(made("CronJob", "batch/v1", spec={"schedule": "* 1 * * *", "jobTemplate": {"spec": job()["spec"]}}))
    ],
    "an autoscaler": [
        applied(autoscaler()),
        applied(autoscaler(minReplicas=2, behavior={"scaleDown": {"stabilizationWindowSeconds": 60}})),
    ],
    "a network policy": [
        applied(
            made(
                "NetworkPolicy",
                "networking.k8s.io/v1",
                spec={"podSelector": {}, "ingress": [{"ports": [{"port": 80}]}]},
            )
        )
    ],
    "a disruption budget": [
        applied(
            made(
                "PodDisruptionBudget",
                "policy/v1",
                spec={"minAvailable": count, "selector": {"matchLabels": {"a": "b"}}},
            )
        )
        for count in (1, 2)
    ],
    "a claim": [applied(claim()), applied(claim("ReadWriteMany"))],
    # definitions
    "a custom resource": [
        applied(definition("Thing")),
        settled,
        applied(thing("Thing", FULL_THING)),
        applied(thing("Thing", {"a": "1", "parts": [{"id": "y", "v": "2"}], "set": ["q", "r"], "whole": {"l": "v"}})),
        applied(thing("Thing", {"parts": [], "set": [], "plain": [], "whole": {}, "extra": {}})),
        applied(thing("Thing", {})),
        applied(thing("Thing", {"a": "1"}, status={"x": "y"})),
        edited(thing("Thing", {}), {"op": "add", "path": "/spec/a", "value": "7"}),
    ],
    "a custom resource with a status of its own": [
        applied(definition("Other", subresources={"status": {}})),
        settled,
        applied(thing("Other", {"a": "1"}, status={"x": "y"})),
        edited(
            thing("Other", {}),
            {"op": "add", "path": "/status", "value": {"ok": True}},
            manager="c",
            subresource="status",
        ),
        applied(thing("Other", {"a": "2"})),
    ],
}


@pytest.fixture(scope="module")
def space(lab: Lab) -> Iterator[str]:
    """Namespaces of this module begin with this; each case makes its own."""
    name = f"twin-{uuid.uuid4().hex[:6]}"
    yield name
    spaces = lab.run_kubectl("get", "namespaces", "-o", "name").split()
    ours = [one for one in spaces if one.startswith(f"namespace/{name}")]
    lab.run_kubectl("delete", "--wait=false", "--ignore-not-found", *ours)
    definitions = [f"{plural}.{GROUP}" for plural in ("things", "others")]
    lab.run_kubectl("delete", "crd", "--ignore-not-found", "--wait=false", *definitions)


@pytest.mark.parametrize("case", CASES)
def test_the_same_requests_get_the_same_answers(case: str, lab: Lab, space: str) -> None:
    namespace = f"{space}-{list(CASES).index(case)}"
    lab.run_kubectl("create", "namespace", namespace)
    assert on_the_lab(CASES[case], lab, namespace) == in_memory(CASES[case], namespace)
