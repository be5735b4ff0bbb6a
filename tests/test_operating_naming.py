"""What people write for a resource, against what a cluster serves."""

from __future__ import annotations

import pytest

from lastgood.errors import SettingError
from lastgood.model.resource import GroupKind, Ref
from lastgood.operating.naming import name
from lastgood.ports import Served

SERVED = {
    one.group_kind: one
    for one in (
        Served(GroupKind("", "Event"), ("v1",), "events", namespaced=True, short=("ev",)),
        Served(GroupKind("", "Namespace"), ("v1",), "namespaces", namespaced=False, short=("ns",)),
        Served(GroupKind("apps", "Deployment"), ("v1",), "deployments", namespaced=True, short=("deploy",)),
        Served(GroupKind("events.k8s.io", "Event"), ("v1",), "events", namespaced=True, short=("ev",)),
    )
}
WEB = Ref("apps", "Deployment", "shop", "web")


@pytest.mark.parametrize(
    "text",
    [
        "Deployment/web",
        "deployment/web",
        "deployments/web",
        "deploy/web",
        "deployment.apps/web",
        "deployments.v1.apps/web",
        "shop/Deployment/web",
        " shop / deploy / web ",
    ],
)
def test_a_resource_is_named_as_for_kubectl(text: str) -> None:
    assert name(text, SERVED, "shop") == WEB


def test_a_namespace_in_the_name_goes_before_the_usual_one() -> None:
    assert name("other/deploy/web", SERVED, "shop").namespace == "other"


def test_what_lives_in_no_namespace_has_none_whatever_is_written() -> None:
    assert name("shop/ns/prod", SERVED, "shop") == Ref("", "Namespace", "", "prod")


def test_of_kinds_with_one_name_the_first_that_the_server_tells_is_meant_and_a_group_tells_them_apart() -> None:
    assert name("event/a", SERVED, "shop").group == ""
    assert name("event.events.k8s.io/a", SERVED, "shop").group == "events.k8s.io"


@pytest.mark.parametrize("text", ["web", "deploy/", "/web", "a/b/c/d", ""])
def test_what_is_no_name_says_what_is_expected(text: str) -> None:
    with pytest.raises(SettingError, match="expected Kind/Name"):
        name(text, SERVED, "shop")


@pytest.mark.parametrize(("text", "near"), [("Deploymnt/web", "Deployment"), ("namespac/x", "Namespace")])
def test_an_unknown_kind_is_told_with_what_is_near(text: str, near: str) -> None:
    with pytest.raises(SettingError, match="knows no kind") as caught:
        name(text, SERVED, "shop")
    assert caught.value.hint == f"did you mean {near}?"
