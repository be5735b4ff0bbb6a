"""Which kinds the server serves."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from lastgood.errors import Forbidden
from lastgood.kube.discovery import Discovery, collection_path, not_served, resource_path, version_of
from lastgood.kube.transport import Transport
from lastgood.model.resource import GroupKind, Ref
from lastgood.ports import Served
from tests.kube.api import Api, ok, play, resource, serve, status

DEPLOYMENT = Served(GroupKind("apps", "Deployment"), ("v1",), "deployments", namespaced=True)
NAMESPACE = Served(GroupKind("", "Namespace"), ("v1",), "namespaces", namespaced=False)
HPA = GroupKind("autoscaling", "HorizontalPodAutoscaler")


def served(api: Api) -> dict[GroupKind, Served]:
    async def ask(transport: Transport) -> dict[GroupKind, Served]:
        return dict(await Discovery(transport).served())

    return play(api, ask)


def aggregated(*groups: tuple[str, dict[str, list[dict[str, Any]]]]) -> dict[str, Any]:
    items = [
        {
            "metadata": {"name": group},
            "versions": [{"version": version, "resources": resources} for version, resources in versions.items()],
        }
        for group, versions in groups
    ]
    return {"kind": "APIGroupDiscoveryList", "items": items}


def test_two_requests_tell_every_kind() -> None:
    api = Api()
    serve(api)
    kinds = served(api)
    assert sorted(api.asked) == ["GET /api", "GET /apis"]
    assert (kinds[DEPLOYMENT.group_kind], kinds[NAMESPACE.group_kind]) == (DEPLOYMENT, NAMESPACE)


def test_versions_come_in_the_order_that_the_server_prefers() -> None:
    api = Api()
    serve(api)
    one = [resource("horizontalpodautoscalers", HPA.kind, True)]
    api.on("GET", "/apis", ok(aggregated(("autoscaling", {"v2": one, "v1": one}))))
    assert served(api)[HPA].versions == ("v2", "v1")


def test_short_names_and_subresources_are_known() -> None:
    api = Api()
    serve(api)
    told = resource("deployments", "Deployment", True) | {
        "shortNames": ["deploy"],
        "subresources": [{"subresource": "scale", "verbs": ["patch"]}, {"subresource": "status", "verbs": ["get"]}],
    }
    api.on("GET", "/apis", ok(aggregated(("apps", {"v1": [told]}))))
    found = served(api)[DEPLOYMENT.group_kind]
    assert (found.short, found.parts) == (("deploy",), ("scale", "status"))


def test_an_aggregated_api_that_is_down_hides_nothing_else() -> None:
    """The server lists it as stale, without resources."""
    api = Api()
    serve(api)
    metrics = {"metadata": {"name": "metrics.k8s.io"}, "versions": [{"version": "v1beta1", "freshness": "Stale"}]}
    document = aggregated(("apps", {"v1": [resource("deployments", "Deployment", True)]}))
    api.on("GET", "/apis", ok(document | {"items": [metrics, *document["items"]]}))
    assert DEPLOYMENT.group_kind in served(api)


def test_what_can_be_read_counts_before_what_shares_its_kind() -> None:
    api = Api()
    serve(api)
    both = [resource("things/rotate", "Thing", True, ["create"]), resource("things", "Thing", True)]
    api.on("GET", "/apis", ok(aggregated(("x.io", {"v1": both}))))
    assert served(api)[GroupKind("x.io", "Thing")].plural == "things"


def old_server() -> Api:
    """One from before aggregated discovery."""
    api = Api()
    api.on("GET", "/api", ok({"kind": "APIVersions", "versions": ["v1"]}))
    api.on("GET", "/api/v1", ok({"resources": [{"name": "namespaces", "kind": "Namespace", "verbs": ["get"]}]}))
    versions = [{"version": "v1"}, {"version": "v2"}]
    groups = [
        {"name": "autoscaling", "versions": versions, "preferredVersion": {"version": "v2"}},
        {"name": "metrics.k8s.io", "versions": [{"version": "v1beta1"}]},
    ]
    api.on("GET", "/apis", ok({"kind": "APIGroupList", "groups": groups}))
    resources = [
        {
            "name": "horizontalpodautoscalers",
            "kind": HPA.kind,
            "namespaced": True,
            "verbs": ["get", "list"],
            "shortNames": ["hpa"],
        },
        {"name": "horizontalpodautoscalers/status", "kind": HPA.kind, "namespaced": True, "verbs": ["get"]},
    ]
    for version in ("v1", "v2"):
        api.on("GET", f"/apis/autoscaling/{version}", ok({"kind": "APIResourceList", "resources": resources}))
    api.on("GET", "/apis/metrics.k8s.io/v1beta1", status(503, "the server is currently unable to handle the request"))
    return api


def test_an_old_server_is_asked_group_by_group_and_a_broken_group_hides_no_other() -> None:
    api = old_server()
    kinds = served(api)
    hpa = Served(HPA, ("v2", "v1"), "horizontalpodautoscalers", namespaced=True, short=("hpa",), parts=("status",))
    assert hpa == kinds[HPA]
    assert kinds[NAMESPACE.group_kind] == NAMESPACE
    assert api.asked.count("GET /apis/metrics.k8s.io/v1beta1") == 1


def test_who_may_not_ask_is_told() -> None:
    api = Api()
    serve(api)
    api.on("GET", "/apis", status(403, 'forbidden: User "system:anonymous" cannot get path "/apis"', "Forbidden"))
    with pytest.raises(Forbidden):
        served(api)


def test_it_is_asked_once_and_again_when_it_has_to_forget() -> None:
    api = Api()
    serve(api)

    async def story(transport: Transport) -> None:
        discovery = Discovery(transport)
        await asyncio.gather(*(discovery.served() for _ in range(5)))
        discovery.forget()
        await discovery.served()

    play(api, story)
    assert len(api.asked) == 4


# --- paths


def test_paths_are_those_of_the_api() -> None:
    web = Ref("apps", "Deployment", "shop", "web", "v1")
    assert resource_path(DEPLOYMENT, web) == "/apis/apps/v1/namespaces/shop/deployments/web"
    assert collection_path(DEPLOYMENT, "v1", "") == "/apis/apps/v1/deployments"
    assert resource_path(NAMESPACE, Ref("", "Namespace", "", "shop")) == "/api/v1/namespaces/shop"


@pytest.mark.parametrize(("asked", "used"), [("v1", "v1"), ("v2", "v2"), ("v2beta2", "v2"), ("", "v2")])
def test_a_ref_is_read_in_its_own_version_if_that_is_served(asked: str, used: str) -> None:
    hpa = Served(HPA, ("v2", "v1"), "horizontalpodautoscalers", namespaced=True)
    assert used == version_of(hpa, Ref(*HPA, "shop", "web", asked))


def test_a_kind_that_is_not_there_and_a_version_that_is_not_there_are_told_apart() -> None:
    old = Ref("apps", "Deployment", "shop", "web", "v1beta1")
    assert "knows no kind Deployment.apps" in str(not_served(old, None))
    error = not_served(old, DEPLOYMENT)
    assert ("in version v1beta1" in str(error), "it serves v1") == (True, error.hint)
