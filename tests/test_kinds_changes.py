"""What cannot be changed, and what cannot be changed back."""

from __future__ import annotations

from typing import Any

import pytest

from lastgood import kinds
from lastgood.kinds import KINDS, irreversible, kind_of, unchangeable
from lastgood.model.kind import Pruning, Rank
from lastgood.model.resource import Body, GroupKind

GROUPS = {
    "Deployment": "apps/v1",
    "StatefulSet": "apps/v1",
    "DaemonSet": "apps/v1",
    "Job": "batch/v1",
    "CustomResourceDefinition": "apiextensions.k8s.io/v1",
    "RoleBinding": "rbac.authorization.k8s.io/v1",
    "StorageClass": "storage.k8s.io/v1",
}


def a(kind: str, *, annotations: dict[str, str] | None = None, **fields: Any) -> Body:
    """A body of a kind."""
    metadata: Body = {"name": "web", **({"annotations": annotations} if annotations else {})}
    return {"apiVersion": GROUPS.get(kind, "v1"), "kind": kind, "metadata": metadata, **fields}


def claim(storage: str, **spec: Any) -> Body:
    return a("PersistentVolumeClaim", spec={"resources": {"requests": {"storage": storage}}, **spec})


def definition(*versions: str, storing: str, **more: Any) -> Body:
    listed = [{"name": version, "storage": version == storing} for version in versions]
    return a("CustomResourceDefinition", spec={"versions": listed, "scope": "Namespaced"}, **more)


def stateful_set(replicas: int | None = None, when_scaled: str = "Retain", **spec: Any) -> Body:
    policy = {"persistentVolumeClaimRetentionPolicy": {"whenScaled": when_scaled}}
    count = {} if replicas is None else {"replicas": replicas}
    return a("StatefulSet", spec={**count, **policy, **spec})


TEMPLATES: dict[str, Any] = {"volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {}}]}
IRREVERSIBLE = {"lastgood.dev/irreversible": "the orders were moved to another database"}


class TestComingBack:
    """Why going back from the new body to the old one would lose something or be refused."""

    def test_a_new_image_can_be_undone(self) -> None:
        old = a("Deployment", spec={"template": {"spec": {"containers": [{"image": "x:1"}]}}})
        new = a("Deployment", spec={"template": {"spec": {"containers": [{"image": "x:2"}]}}})
        assert irreversible(old, new) == ()

    def test_a_selector_cannot_be_changed_back(self) -> None:
        old = a("Deployment", spec={"selector": {"matchLabels": {"app": "web"}}})
        new = a("Deployment", spec={"selector": {"matchLabels": {"app": "www"}}})
        assert irreversible(old, new) == ("spec.selector cannot be changed back",)

    def test_a_claim_cannot_shrink(self) -> None:
        assert irreversible(claim("1Gi"), claim("2Gi")) == (
            "the claim grows from 1Gi to 2Gi, and a claim cannot shrink",
        )

    @pytest.mark.parametrize(("old", "new"), [("1Gi", "1024Mi"), ("2Gi", "1Gi"), ("1500M", "1.5G"), ("1k", "1e3")])
    def test_a_claim_that_does_not_grow_can_come_back(self, old: str, new: str) -> None:
        assert irreversible(claim(old), claim(new)) == ()

    def test_a_stored_version_cannot_be_taken_back(self) -> None:
        """What was stored as v2 could not be read by a definition that does not know v2."""
        old, new = definition("v1", storing="v1"), definition("v1", "v2", storing="v2")
        assert irreversible(old, new) == ("resources will be stored as v2, which the older definition does not have",)

    def test_a_served_version_can_be_taken_back(self) -> None:
        assert irreversible(definition("v1", storing="v1"), definition("v1", "v2", storing="v1")) == ()

    def test_claims_that_go_with_their_pods_do_not_come_back(self) -> None:
        old, new = stateful_set(3, "Delete", **TEMPLATES), stateful_set(1, "Delete", **TEMPLATES)
        said = "it goes from 3 to 1 pods, and the claims of those that go are deleted with their data"
        assert irreversible(old, new) == (said,)

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (stateful_set(3, **TEMPLATES), stateful_set(1, **TEMPLATES)),
            (stateful_set(1, "Delete", **TEMPLATES), stateful_set(3, "Delete", **TEMPLATES)),
            (stateful_set(3, "Delete"), stateful_set(1, "Delete")),
        ],
    )
    def test_other_changes_of_scale_can_be_undone(self, old: Body, new: Body) -> None:
        assert irreversible(old, new) == ()

    def test_an_address_cannot_be_given_back(self) -> None:
        normal, headless = a("Service", spec={"ports": []}), a("Service", spec={"ports": [], "clusterIP": "None"})
        assert irreversible(headless, normal) == ("spec.clusterIP cannot be changed back",)
        assert irreversible(normal, headless) == ("spec.clusterIP cannot be changed back",)

    def test_a_service_may_become_a_name_and_come_back(self) -> None:
        headless = a("Service", spec={"clusterIP": "None"})
        assert irreversible(headless, a("Service", spec={"type": "ExternalName", "externalName": "db"})) == ()

    def test_what_is_replaced_can_be_replaced_again(self) -> None:
        """Nothing is lost by deleting and making a Job, a binding or immutable configuration."""
        old, new = a("Job", spec={"template": {"a": 1}}), a("Job", spec={"template": {"a": 2}})
        assert irreversible(old, new) == ()
        assert irreversible(a("ConfigMap", data={"a": "1"}), a("ConfigMap", data={"a": "2"}, immutable=True)) == ()

    def test_a_person_knows_better(self) -> None:
        old, new = a("ConfigMap", data={"a": "1"}), a("ConfigMap", data={"a": "2"}, annotations=IRREVERSIBLE)
        assert irreversible(old, new) == ("the orders were moved to another database",)

    def test_what_does_not_change_is_not_irreversible(self) -> None:
        one = a("ConfigMap", data={"a": "1"}, annotations=IRREVERSIBLE)
        assert irreversible(one, dict(one)) == ()


class TestWhatCannotBeChanged:
    """The field paths that the API would refuse to change."""

    def test_defaults_are_no_change(self) -> None:
        """What the server filled in is not missing from what is wanted."""
        template = {"spec": {"containers": [{"name": "web", "image": "x"}]}}
        live = {"spec": {"containers": [{"name": "web", "image": "x", "imagePullPolicy": "Always"}], "dnsPolicy": "x"}}
        assert unchangeable(a("Job", spec={"template": live}), a("Job", spec={"template": template})) == ()

    def test_another_image_is_one(self) -> None:
        live = a("Job", spec={"template": {"spec": {"containers": [{"name": "web", "image": "x", "tty": False}]}}})
        wanted = a("Job", spec={"template": {"spec": {"containers": [{"name": "web", "image": "y"}]}}})
        assert unchangeable(live, wanted) == ("spec.template",)

    def test_a_selector_with_less_in_it_is_one(self) -> None:
        live = a("Deployment", spec={"selector": {"matchLabels": {"app": "web", "tier": "front"}}})
        wanted = a("Deployment", spec={"selector": {"matchLabels": {"app": "web"}}})
        assert unchangeable(live, wanted) == ("spec.selector",)

    def test_an_amount_in_other_words_is_none(self) -> None:
        live = stateful_set(
            volumeClaimTemplates=[{"spec": {"resources": {"requests": {"storage": "1Gi"}}}, "status": {}}]
        )
        wanted = stateful_set(volumeClaimTemplates=[{"spec": {"resources": {"requests": {"storage": "1024Mi"}}}}])
        assert unchangeable(live, wanted) == ()

    def test_another_amount_is_one(self) -> None:
        live = stateful_set(volumeClaimTemplates=[{"spec": {"resources": {"requests": {"storage": "1Gi"}}}}])
        wanted = stateful_set(volumeClaimTemplates=[{"spec": {"resources": {"requests": {"storage": "2Gi"}}}}])
        assert unchangeable(live, wanted) == ("spec.volumeClaimTemplates",)

    def test_immutable_configuration(self) -> None:
        live = a("ConfigMap", data={"a": "1"}, immutable=True)
        assert unchangeable(live, a("ConfigMap", data={"a": "2"}, immutable=True)) == ("data",)
        assert unchangeable(live, a("ConfigMap", data={"a": "1"})) == ("immutable",)
        assert unchangeable(live, a("ConfigMap", data={"a": "1"}, immutable=True)) == ()
        assert unchangeable(a("ConfigMap", data={"a": "1"}), a("ConfigMap", data={"a": "2"}, immutable=True)) == ()

    def test_the_type_of_a_secret(self) -> None:
        assert unchangeable(a("Secret", type="Opaque"), a("Secret", type="shop.example/x")) == ("type",)

    def test_the_address_of_a_service(self) -> None:
        """Leaving ``clusterIP: None`` out is no refusal, but the Service stays headless all the same."""
        live, headless = a("Service", spec={"clusterIP": "10.0.0.1"}), a("Service", spec={"clusterIP": "None"})
        assert unchangeable(live, a("Service", spec={})) == ()
        assert unchangeable(live, headless) == ("spec.clusterIP",)
        assert unchangeable(headless, a("Service", spec={})) == ("spec.clusterIP",)
        assert unchangeable(headless, a("Service", spec={"type": "ExternalName"})) == ()

    def test_the_class_of_a_load_balancer(self) -> None:
        one = {"type": "LoadBalancer", "clusterIP": "10.0.0.1", "loadBalancerClass": "a/b"}
        live = a("Service", spec=one)
        assert unchangeable(live, a("Service", spec={"type": "LoadBalancer"})) == ("spec.loadBalancerClass",)
        assert unchangeable(live, a("Service", spec={"type": "ClusterIP"})) == ()

    def test_a_smaller_claim(self) -> None:
        assert unchangeable(claim("2Gi"), claim("1Gi")) == ("spec.resources.requests.storage",)
        assert unchangeable(claim("1Gi"), claim("2Gi")) == ()

    def test_a_stored_version(self) -> None:
        live = definition("v1", "v2", storing="v2", status={"storedVersions": ["v1", "v2"]})
        assert unchangeable(live, definition("v1", storing="v1")) == ("spec.versions[name=v2]",)

    def test_a_pod_but_for_its_images(self) -> None:
        live = a(
            "Pod", spec={"nodeName": "n", "containers": [{"name": "web", "image": "x", "args": ["a"], "tty": False}]}
        )

        def wanted(**container: Any) -> Body:
            return a("Pod", spec={"containers": [{"name": "web", "args": ["a"], **container}]})

        assert unchangeable(live, wanted(image="y")) == ()
        assert unchangeable(live, wanted(args=["b"])) == ("spec.containers[name=web].args",)
        assert unchangeable(live, a("Pod", spec={"containers": [{"name": "www"}]})) == ("spec.containers",)
        assert unchangeable(live, a("Pod", spec={"nodeName": "m", "containers": [{"name": "web"}]})) == (
            "spec.nodeName",
        )


class TestCatalogue:
    """What is known of kinds without looking at bodies."""

    def test_an_unknown_kind_comes_last(self) -> None:
        assert kind_of(GroupKind("shop.example", "Widget")).rank is Rank.OTHER

    def test_the_order_of_a_release(self) -> None:
        """What others need comes before them."""
        names = {str(kind): entry.rank for kind, entry in KINDS.items()}
        road = (
            "Namespace",
            "CustomResourceDefinition.apiextensions.k8s.io",
            "ServiceAccount",
            "PersistentVolumeClaim",
            "ConfigMap",
            "Service",
            "Deployment.apps",
            "HorizontalPodAutoscaler.autoscaling",
            "Ingress.networking.k8s.io",
        )
        assert [names[name] for name in road] == sorted(Rank)[:-1]

    def test_what_holds_data_is_never_pruned(self) -> None:
        kept = {str(kind) for kind, entry in KINDS.items() if entry.pruning is Pruning.LIST}
        assert kept == {"Namespace", "CustomResourceDefinition.apiextensions.k8s.io", "PersistentVolumeClaim"}

    def test_only_jobs_run_once(self) -> None:
        assert [str(kind) for kind, entry in KINDS.items() if entry.runs_once] == ["Job.batch"]

    def test_each_kind_is_known_once(self) -> None:
        assert len(kinds._ENTRIES) == len(KINDS)
