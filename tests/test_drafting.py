"""A request becomes a draft, or an error that names the place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lastgood.drafting import draft, numbered
from lastgood.errors import ManifestError, SettingError
from lastgood.model.marks import RELEASE, RELEASE_NAMESPACE
from lastgood.model.release import Mode
from lastgood.model.request import Request
from lastgood.model.resource import GroupKind, Origin, Ref, Resource
from lastgood.ports import Served
from lastgood.testing import FakeClock
from tests.stories.cast import GOOD_1, config, made, web

NOW = FakeClock().now()
SERVED = {
    kind.group_kind: kind
    for kind in (
        Served(GroupKind("", "ConfigMap"), ("v1",), "configmaps", namespaced=True),
        Served(GroupKind("", "Namespace"), ("v1",), "namespaces", namespaced=False),
        Served(GroupKind("apps", "Deployment"), ("v1",), "deployments", namespaced=True),
        Served(GroupKind("apiextensions.k8s.io", "CustomResourceDefinition"), ("v1",), "crds", namespaced=False),
    )
}


def request(*resources: Resource, **more: object) -> Request:
    return Request("web", "shop", resources, **more)  # type: ignore[arg-type]


def test_a_resource_without_a_namespace_gets_the_release_s_and_one_with_keeps_it() -> None:
    elsewhere = config("b")
    elsewhere.body["metadata"]["namespace"] = "other"
    found = draft(request(config("a"), elsewhere), SERVED, NOW)
    assert [one.ref.namespace for one in found.resources] == ["shop", "other"]


def test_what_lives_in_no_namespace_gets_none() -> None:
    found = draft(request(made("v1", "Namespace", "n")), SERVED, NOW)
    assert found.resources[0].ref == Ref("", "Namespace", "", "n")


def test_resources_are_labelled_on_themselves_never_in_templates() -> None:
    (found,) = draft(request(web(GOOD_1)), SERVED, NOW).resources
    assert {RELEASE: "web", RELEASE_NAMESPACE: "shop"} == found.labels
    assert {"app": "web"} == found.body["spec"]["template"]["metadata"]["labels"]
    assert {"app": "web"} == found.body["spec"]["selector"]["matchLabels"]


def test_labels_for_pods_are_put_on_templates_and_not_into_selectors() -> None:
    (found,) = draft(request(web(GOOD_1), pod_labels=(("harness.io/release-name", "web"),)), SERVED, NOW).resources
    assert found.body["spec"]["template"]["metadata"]["labels"] == {"app": "web", "harness.io/release-name": "web"}
    assert {"app": "web"} == found.body["spec"]["selector"]["matchLabels"]


def test_an_unknown_kind_is_refused_with_what_was_probably_meant() -> None:
    wrong = Resource(made("apps/v1", "Deploymnet", "x").body, Origin("a.yaml", 3))
    with pytest.raises(ManifestError, match=r"a.yaml:3.*knows no kind Deploymnet") as raised:
        draft(request(wrong), SERVED, NOW)
    assert "apps/v1 Deployment" in raised.value.hint


def test_a_version_that_is_not_served_is_refused_with_those_that_are() -> None:
    with pytest.raises(ManifestError, match="does not serve apps/v1beta1 Deployment") as raised:
        draft(request(made("apps/v1beta1", "Deployment", "x")), SERVED, NOW)
    assert "apps/v1" in raised.value.hint


def test_a_kind_that_the_release_itself_defines_is_known() -> None:
    spec = {
        "group": "shop.example",
        "scope": "Namespaced",
        "names": {"kind": "Cart", "plural": "carts"},
        "versions": [{"name": "v1", "served": True, "storage": True}],
    }
    definition = made("apiextensions.k8s.io/v1", "CustomResourceDefinition", "carts.shop.example", spec=spec)
    found = draft(request(definition, made("shop.example/v1", "Cart", "mine")), SERVED, NOW)
    assert found.resources[1].ref.namespace == "shop"


def test_the_same_resource_twice_is_refused_also_when_only_the_default_makes_it_so() -> None:
    spelled_out = config("a")
    spelled_out.body["metadata"]["namespace"] = "shop"
    with pytest.raises(ManifestError, match="is there twice"):
        draft(request(config("a"), spelled_out), SERVED, NOW)


def test_nothing_is_not_a_release() -> None:
    with pytest.raises(SettingError, match="nothing to deploy"):
        draft(request(), SERVED, NOW)


def test_a_rolling_release_that_is_to_wait_is_refused() -> None:
    """It would be live at once, and whoever typed --staged wanted to look first."""
    with pytest.raises(SettingError, match="staged: a rolling release takes the place of the live one"):
        draft(request(config("a"), staged=True), SERVED, NOW)


def test_the_inventory_remembers_what_earlier_attempts_may_have_left() -> None:
    """A chain of failures cannot make it forgotten: each attempt hands it on."""
    earlier = frozenset({Ref("", "ConfigMap", "shop", "old")})
    asked = request(config("a"))
    found = numbered(draft(asked, SERVED, NOW), asked, number=4, key="00" * 16, last_good=None, earlier=earlier)
    assert {ref.name for ref in found.inventory} == {"a", "old"}
    assert (4, "00" * 16) == (found.number, found.key)


def test_content_is_the_same_whatever_the_order_and_the_number() -> None:
    one = draft(request(config("a"), config("b")), SERVED, NOW)
    other = replace(draft(request(config("b"), config("a")), SERVED, NOW), number=7)
    assert one.content == other.content


@pytest.mark.parametrize(
    ("mode", "prune", "prunes"),
    [
        (Mode.DECLARATIVE, None, True),
        (Mode.STANDARD, None, False),
        (Mode.DECLARATIVE, False, False),
        (Mode.STANDARD, True, True),
    ],
)
def test_the_mode_decides_about_pruning_unless_it_is_said(mode: Mode, prune: bool | None, prunes: bool) -> None:
    assert prunes is draft(request(config("a"), mode=mode, prune=prune), SERVED, NOW).prune


def test_a_policy_that_is_none_is_refused_with_its_place() -> None:
    wrong = config("a")
    wrong.body["metadata"]["annotations"] = {"lastgood.dev/on-conflict": "spec.replicas=leave"}
    with pytest.raises(ManifestError, match=r'on-conflict: "spec\.replicas=leave" is none of'):
        draft(request(wrong), SERVED, NOW)


def test_a_standard_release_is_numbered_and_a_declarative_one_hashed() -> None:
    for mode, name in ((Mode.STANDARD, "a-3"), (Mode.DECLARATIVE, "a")):
        asked = request(config("a"), mode=mode)
        drafted = draft(asked, SERVED, NOW)
        found = numbered(drafted, asked, number=3, key="00" * 16, last_good=None, earlier=frozenset())
        assert [name] == [one.ref.name for one in found.resources]
        assert [name] == [ref.name for ref in found.inventory]
