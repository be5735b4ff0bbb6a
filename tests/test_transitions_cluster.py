"""Each transition on a real API server: an apply alone does not make the change, with the transition it does."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from lastgood.kinds import kind_of
from lastgood.model.resource import Body, ref_of
from lastgood.owning import fold
from tests.conftest import Lab

pytestmark = pytest.mark.cluster

INJECTOR = "cainjector"


@dataclass(frozen=True)
class Server:
    """The API server as seen from one namespace, written to as the tool does it."""

    lab: Lab
    namespace: str

    def apply(self, body: Body, manager: str = "lastgood") -> Body:
        words = ("apply", "--server-side", "--force-conflicts", f"--field-manager={manager}", "-o", "json", "-f", "-")
        return self._json(*words, stdin=json.dumps(body))

    def patch(self, body: Body, operations: list[dict[str, Any]]) -> Body:
        words = ("--type=json", "--field-manager=lastgood", "-o", "json", "-p", json.dumps(operations))
        return self._json("patch", *named(body), *words)

    def read(self, body: Body) -> Body:
        return self._json("get", *named(body), "--show-managed-fields", "-o", "json")

    def count(self, kind: str) -> int:
        return len(self._json("get", kind, "-o", "json")["items"])

    def change(self, desired: Body) -> Body:
        """As a release changes it: the transitions, guarded; the fold of what they leave; the apply.

        Each is decided anew when a controller wrote in between, as a release does.
        """
        while not self._guarded(desired, self._way(desired)):
            pass
        while not self._guarded(desired, fold(self.read(desired))):
            pass
        return self.apply(desired)

    def _way(self, desired: Body) -> list[dict[str, Any]]:
        live = self.read(desired)
        steps = kind_of(ref_of(live).group_kind).transitions(live, desired)
        assert steps, "the catalogue knows no transition for this"
        version = {"op": "replace", "path": "/metadata/resourceVersion", "value": live["metadata"]["resourceVersion"]}
        return [version, *({"op": "add", "path": one.pointer, "value": one.value} for one in steps)]

    def _guarded(self, desired: Body, operations: list[dict[str, Any]]) -> bool:
        """Whether the object was still as the operations were decided for."""
        try:
            self.patch(desired, operations)
        except AssertionError as error:
            if "the object has been modified" not in str(error):
                raise
            return False
        return True

    def _json(self, *words: str, stdin: str | None = None) -> Body:
        answer: Body = json.loads(self.lab.run_kubectl("-n", self.namespace, *words, stdin=stdin))
        return answer


def named(body: Body) -> tuple[str, str]:
    return str(ref_of(body).group_kind), body["metadata"]["name"]


@pytest.fixture
def server(lab: Lab, namespace: str) -> Server:
    return Server(lab, namespace)


def workload(kind: str, spec: dict[str, Any], volume: dict[str, Any] | None = None, image: str = "x") -> Body:
    """A workload that runs no pods."""
    volumes = {"volumes": [{"name": "v", **volume}]} if volume is not None else {}
    pods: Body = {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [{"name": "web", "image": image}], "nodeSelector": {"no": "node"}, **volumes},
    }
    own = {"replicas": 0} if kind != "DaemonSet" else {}
    shape = {"selector": {"matchLabels": {"app": "web"}}, "template": pods, **own, **spec}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "web"}, "spec": shape}


def accounted(kind: str, **accounts: str) -> Body:
    body = workload(kind, {})
    body["spec"]["template"]["spec"] |= accounts
    return body


def cron_job(volume: dict[str, Any]) -> Body:
    pods = {
        "spec": {
            "restartPolicy": "Never",
            "containers": [{"name": "web", "image": "x"}],
            "volumes": [{"name": "v", **volume}],
        }
    }
    spec = {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": {"template": pods}}}
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "web"}, "spec": spec}


CONFIG = {"configMap": {"name": "app"}}

CASES = {
    "a Deployment goes over to Recreate": (
        workload("Deployment", {}),
        workload("Deployment", {"strategy": {"type": "Recreate"}}),
        "may not be specified when strategy `type` is 'Recreate'",
    ),
    "a StatefulSet goes over to OnDelete": (
        workload("StatefulSet", {"serviceName": "web"}),
        workload("StatefulSet", {"serviceName": "web", "updateStrategy": {"type": "OnDelete"}}),
        "only allowed for updateStrategy 'RollingUpdate'",
    ),
    "a volume of a Deployment gets a source": (
        workload("Deployment", {}, volume={}),
        workload("Deployment", {}, volume=CONFIG),
        "may not specify more than 1 volume type",
    ),
    "a volume of a StatefulSet gets a source": (
        workload("StatefulSet", {"serviceName": "web"}, volume={}),
        workload("StatefulSet", {"serviceName": "web"}, volume=CONFIG),
        "may not specify more than 1 volume type",
    ),
    "a volume of a DaemonSet gets a source": (
        workload("DaemonSet", {}, volume={}),
        workload("DaemonSet", {}, volume=CONFIG),
        "may not specify more than 1 volume type",
    ),
    "a volume of a ReplicaSet gets a source": (
        workload("ReplicaSet", {}, volume={}),
        workload("ReplicaSet", {}, volume=CONFIG),
        "may not specify more than 1 volume type",
    ),
    "a volume of a CronJob gets a source": (
        cron_job({}),
        cron_job(CONFIG),
        "may not specify more than 1 volume type",
    ),
}


ACCOUNT = {"serviceAccountName": "reader"}

LEFT = {
    "an account": (ACCOUNT, {}),
    "an account by its deprecated name": ({"serviceAccount": "reader"}, {}),
    "an account by its deprecated name, for another": ({"serviceAccount": "reader"}, {"serviceAccount": "writer"}),
}


@pytest.mark.parametrize("kind", ["Deployment", "DaemonSet"])
@pytest.mark.parametrize(("before", "after"), LEFT.values(), ids=LEFT)
def test_what_would_come_back_from_its_copy(
    server: Server, kind: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """This is not refused: the account that was taken away is there again."""
    server.apply(accounted(kind, **before))
    assert server.apply(accounted(kind, **after))["spec"]["template"]["spec"]["serviceAccountName"] == "reader"
    server.apply(accounted(kind, **before))
    assert server.change(accounted(kind, **after))["spec"] == fresh(server, accounted(kind, **after))


@pytest.mark.parametrize(("before", "after", "refusal"), CASES.values(), ids=CASES)
def test_a_default_in_the_way(server: Server, before: Body, after: Body, refusal: str) -> None:
    """The server's default is nobody's: an apply leaves it, and the API refuses what comes out."""
    server.apply(before)
    with pytest.raises(AssertionError, match=refusal):
        server.apply(after)
    assert server.change(after)["spec"] == fresh(server, after)


@pytest.mark.parametrize(("before", "after"), [case[:2] for case in CASES.values()], ids=CASES)
def test_and_back_again(server: Server, before: Body, after: Body) -> None:
    """A restore meets the same change the other way round."""
    server.apply(before)
    server.change(after)
    live = server.read(before)
    steps = kind_of(ref_of(live).group_kind).transitions(live, before)
    there = server.change(before) if steps else server.apply(before)
    assert there["spec"] == fresh(server, before)


def test_one_rollout_and_no_more(server: Server) -> None:
    """The volume and the image change together: no ReplicaSet of half the change is ever made."""
    server.apply(workload("Deployment", {}, volume={}, image="x:1"))
    assert replica_sets(server, 1) == 1
    server.change(workload("Deployment", {}, volume=CONFIG, image="x:2"))
    assert replica_sets(server, 2) == 2


def test_the_types_of_a_network_policy(server: Server) -> None:
    """This one is not refused: the egress rules would just do nothing."""
    server.apply(policy(ingress=[{}]))
    wanted = policy(ingress=[{}], egress=[{}])
    assert server.apply(wanted)["spec"]["policyTypes"] == ["Ingress"]
    assert server.change(wanted)["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert server.apply(policy(ingress=[{}]))["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert server.change(policy(ingress=[{}]))["spec"]["policyTypes"] == ["Ingress"]


def test_a_definition_without_its_conversion_webhook(server: Server) -> None:
    name = f"widgets.{server.namespace}.example"
    webhook = {"strategy": "Webhook", "webhook": {"conversionReviewVersions": ["v1"], "clientConfig": SERVICE}}
    injected = definition(name) | {"spec": {"conversion": {"webhook": {"clientConfig": {"caBundle": ca(server)}}}}}
    with removed(server, definition(name)):
        server.apply(definition(name, conversion=webhook))
        server.apply(injected, INJECTOR)
        with pytest.raises(AssertionError, match="should not be set when strategy is not set to Webhook"):
            server.apply(definition(name))
        assert server.change(definition(name))["spec"]["conversion"] == {"strategy": "None"}


@pytest.mark.parametrize("kind", ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"])
def test_a_webhook_that_goes(server: Server, kind: str) -> None:
    part = [{"name": f"{one}.shop.example", "clientConfig": {"caBundle": ca(server)}} for one in "ab"]
    with removed(server, webhooks(server, kind, "a")):
        server.apply(webhooks(server, kind, "a", "b"))
        server.apply(webhooks(server, kind) | {"webhooks": part}, INJECTOR)
        with pytest.raises(AssertionError, match="Required value"):
            server.apply(webhooks(server, kind, "a"))
        there = server.change(webhooks(server, kind, "a"))["webhooks"]
        assert [(one["name"], "caBundle" in one["clientConfig"]) for one in there] == [("a.shop.example", True)]


def test_an_api_service_without_a_certificate(server: Server) -> None:
    with removed(server, api_service(server)):
        server.apply(api_service(server))
        server.apply(api_service(server, caBundle=ca(server)), INJECTOR)
        with pytest.raises(AssertionError, match="may not be true if caBundle is present"):
            server.apply(api_service(server, insecureSkipTLSVerify=True))
        assert "caBundle" not in server.change(api_service(server, insecureSkipTLSVerify=True))["spec"]


SERVICE = {"service": {"namespace": "shop", "name": "web"}}


def policy(**rules: Any) -> Body:
    spec = {"podSelector": {}, **rules}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "web"}, "spec": spec}


def definition(name: str, **spec: Any) -> Body:
    plural, _, group = name.partition(".")
    schema = {"openAPIV3Schema": {"type": "object"}}
    versions = [{"name": "v1", "served": True, "storage": True, "schema": schema}]
    names = {"plural": plural, "kind": "Widget"}
    shape = {"group": group, "scope": "Namespaced", "names": names, "versions": versions, **spec}
    api = "apiextensions.k8s.io/v1"
    return {"apiVersion": api, "kind": "CustomResourceDefinition", "metadata": {"name": name}, "spec": shape}


def webhooks(server: Server, kind: str, *names: str) -> Body:
    rule = {"apiGroups": ["shop.example"], "apiVersions": ["v1"], "resources": ["widgets"], "operations": ["CREATE"]}
    common = {"sideEffects": "None", "admissionReviewVersions": ["v1"], "failurePolicy": "Ignore", "rules": [rule]}
    listed = [{"name": f"{name}.shop.example", "clientConfig": SERVICE, **common} for name in names]
    api = "admissionregistration.k8s.io/v1"
    return {"apiVersion": api, "kind": kind, "metadata": {"name": server.namespace}, "webhooks": listed}


def api_service(server: Server, **spec: Any) -> Body:
    group = f"{server.namespace}.example"
    shape = {"group": group, "version": "v1", "groupPriorityMinimum": 1000, "versionPriority": 10, **SERVICE, **spec}
    api = "apiregistration.k8s.io/v1"
    return {"apiVersion": api, "kind": "APIService", "metadata": {"name": f"v1.{group}"}, "spec": shape}


def ca(server: Server) -> str:
    """Some certificate, as the API wants one that can be read."""
    config = json.loads(server.lab.run_kubectl("config", "view", "--raw", "-o", "json"))
    return str(config["clusters"][0]["cluster"]["certificate-authority-data"])


def fresh(server: Server, body: Body) -> Any:
    """The spec that the same body gets where there was nothing before."""
    return server.apply(body | {"metadata": {"name": "fresh"}})["spec"]


@contextmanager
def removed(server: Server, body: Body) -> Iterator[None]:
    """What lives in no namespace is taken away at the end."""
    try:
        yield
    finally:
        server.lab.run_kubectl("delete", *named(body), "--ignore-not-found", "--wait=false")


def replica_sets(server: Server, wanted: int) -> int:
    """How many there are, once there are as many as wanted and the controller had time to make one more."""
    end = time.monotonic() + 10
    while server.count("replicasets") < wanted and time.monotonic() < end:
        time.sleep(0.1)
    time.sleep(0.5)
    return server.count("replicasets")
