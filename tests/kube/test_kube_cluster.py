"""Reads, guarded writes and the rest, against an API that answers as scripted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

import httpx2
import pytest

from lastgood.errors import Conflict, Forbidden, NotFound, Rejected, Unreachable
from lastgood.kube.cluster import KubeCluster
from lastgood.model.patching import Style
from lastgood.model.plan import Guard
from lastgood.model.resource import Body, GroupKind, Ref
from lastgood.ports import Right
from tests.kube.api import Api, discovery, ok, page, play, query_of, serve, status, thing

T = TypeVar("T")

MAPS = "/api/v1/namespaces/shop/configmaps"
WEB_PATH = "/apis/apps/v1/namespaces/shop/deployments/web"
WEB = Ref("apps", "Deployment", "shop", "web", "v1")
BODY: Body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}}
LIVE = Guard("u1", "7")
GENERIC = "the server rejected our request due to an error in our request"


def config_map(name: str) -> Ref:
    return Ref("", "ConfigMap", "shop", name, "v1")


@pytest.fixture
def api() -> Api:
    api = Api()
    serve(api)
    return api


def act(api: Api, story: Callable[[KubeCluster], Awaitable[T]]) -> T:
    return play(api, lambda transport: story(KubeCluster(transport)))


# --- reading


def test_one_list_reads_the_labelled_and_only_the_others_are_read_singly(api: Api) -> None:
    api.on("GET", MAPS, page(thing("a"), thing("b"), thing("stranger")))
    api.on("GET", f"{MAPS}/c", ok({"kind": "ConfigMap", **thing("c")}))
    refs = [config_map(name) for name in ("a", "b", "c", "gone")]
    found = act(api, lambda cluster: cluster.read(refs, label="lastgood.dev/release=shop"))
    assert refs[:3] == list(found)
    assert sorted(one.removeprefix(f"GET {MAPS}") for one in api.asked if f"{MAPS}/" in one) == ["/c", "/gone"]
    assert api.queries("GET", MAPS)[0] == {"labelSelector": "lastgood.dev/release=shop", "limit": "500"}


def test_items_of_a_list_are_told_what_they_are(api: Api) -> None:
    api.on("GET", MAPS, page(thing("a", data={"k": "v"}), thing("b")))
    found = act(api, lambda cluster: cluster.read([config_map("a"), config_map("b")], label="x"))
    body = found[config_map("a")]
    assert (body["apiVersion"], body["kind"], body["data"]) == ("v1", "ConfigMap", {"k": "v"})


def test_a_single_one_is_not_listed(api: Api) -> None:
    api.on("GET", f"{MAPS}/a", ok({"kind": "ConfigMap", **thing("a")}))
    act(api, lambda cluster: cluster.read([config_map("a")], label="x"))
    assert f"GET {MAPS}" not in api.asked


def test_who_may_not_list_reads_singly(api: Api) -> None:
    api.on("GET", MAPS, status(403, 'User "bob" cannot list resource "configmaps" in API group ""', "Forbidden"))
    api.on("GET", f"{MAPS}/a", ok({"kind": "ConfigMap", **thing("a")}))
    found = act(api, lambda cluster: cluster.read([config_map("a"), config_map("b")], label="x"))
    assert [config_map("a")] == list(found)


def test_a_kind_that_is_not_served_has_no_live_bodies(api: Api) -> None:
    assert act(api, lambda cluster: cluster.read([Ref("x.io", "Thing", "shop", "a", "v1")], label="x")) == {}


def test_a_read_that_is_forbidden_is_not_taken_for_absence(api: Api) -> None:
    api.on("GET", f"{MAPS}/a", status(403, 'User "bob" cannot get resource "configmaps" in API group ""', "Forbidden"))
    with pytest.raises(Forbidden):
        act(api, lambda cluster: cluster.read([config_map("a")]))


def test_finding_passes_over_what_is_not_served_or_cannot_be_listed(api: Api) -> None:
    kinds = [GroupKind("", "ConfigMap"), GroupKind("x.io", "Thing"), GroupKind("", "Secret")]
    api.on("GET", MAPS, page(thing("a")))
    api.on("GET", "/api/v1/namespaces/shop/secrets", status(405, "not allowed", "MethodNotAllowed"))
    found = act(api, lambda cluster: cluster.find(kinds, "shop", label="x=y"))
    assert [(body["kind"], body["metadata"]["name"]) for body in found] == [("ConfigMap", "a")]


# --- applying


def applied(api: Api, guard: Guard, *, dry_run: bool = False) -> tuple[dict[str, str], Any]:
    api.on("PATCH", WEB_PATH, ok(BODY))
    act(api, lambda cluster: cluster.apply(BODY, guard, dry_run=dry_run))
    return api.queries("PATCH", WEB_PATH)[0], api.bodies("PATCH", WEB_PATH)[0]


def test_an_apply_is_forced_as_our_manager_and_carries_what_it_was_decided_on(api: Api) -> None:
    query, sent = applied(api, LIVE)
    assert query == {"fieldManager": "lastgood", "force": "true", "fieldValidation": "Warn"}
    assert sent["metadata"] == {"name": "web", "namespace": "shop", "uid": "u1", "resourceVersion": "7"}
    assert api.requests[-1].headers["Content-Type"] == "application/apply-patch+yaml"


def test_an_apply_of_something_absent_must_not_meet_anything(api: Api) -> None:
    """No live resource has version 1, and without a uid it is created where there is none."""
    _, sent = applied(api, Guard())
    assert sent["metadata"] == {"name": "web", "namespace": "shop", "resourceVersion": "1"}


def test_a_dry_run_is_strict_about_fields_that_nobody_knows(api: Api) -> None:
    query, _ = applied(api, LIVE, dry_run=True)
    assert (query["dryRun"], query["fieldValidation"]) == ("All", "Strict")


def test_the_body_handed_in_is_left_as_it_is(api: Api) -> None:
    applied(api, LIVE)
    assert BODY["metadata"] == {"name": "web", "namespace": "shop"}


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (status(409, "the object has been modified", "Conflict"), Conflict),
        (status(422, "no", "Invalid", causes=[{"field": "metadata.uid", "message": "immutable"}]), Conflict),
        (status(422, "no", "Invalid", causes=[{"field": "spec", "message": "immutable"}]), Rejected),
        (status(404, 'namespaces "shop" not found', "NotFound", kind="namespaces", name="shop"), NotFound),
    ],
)
def test_an_apply_fails_as_the_port_says(api: Api, reply: httpx2.Response, error: type[Exception]) -> None:
    api.on("PATCH", WEB_PATH, reply)
    with pytest.raises(error):
        act(api, lambda cluster: cluster.apply(BODY, LIVE))


@pytest.mark.parametrize("version", ["x.io/v1", "apps/v1beta1"])
def test_an_apply_of_what_is_not_served_is_not_even_sent(api: Api, version: str) -> None:
    for dry_run, times in ((True, 1), (False, 6)):
        api.requests.clear()
        with pytest.raises(NotFound, match=r"deployment\..*/web: the server"):
            act(api, partial(applying, {**BODY, "apiVersion": version}, dry_run))
        assert {"GET /api": times, "GET /apis": times} == {one: api.asked.count(one) for one in api.asked}


async def applying(body: Body, dry_run: bool, cluster: KubeCluster) -> Body:
    return await cluster.apply(body, LIVE, dry_run=dry_run)


def test_a_kind_that_was_defined_just_now_is_waited_for(api: Api) -> None:
    """A definition is established some moments before every server serves what it defines."""
    known, unknown = (
        ok(discovery(("apps", "v1", [("deployments", "Deployment", True)]))),
        ok({"kind": "APIGroupDiscoveryList", "items": []}),
    )
    api.on("GET", "/apis", unknown, unknown, known)
    api.on("PATCH", WEB_PATH, ok(BODY))
    assert BODY == act(api, lambda cluster: cluster.apply(BODY, Guard()))


def test_an_apply_whose_answer_was_lost_is_sent_again_since_its_guard_makes_that_safe(api: Api) -> None:
    api.on("PATCH", WEB_PATH, httpx2.ReadError("lost"), ok(BODY))
    assert act(api, lambda cluster: cluster.apply(BODY, LIVE)) == BODY


# --- patching, labelling, deleting

VERSION = {"op": "replace", "path": "/metadata/resourceVersion", "value": "7"}
TEST = {"op": "test", "path": "/metadata/uid", "value": "u1"}
REMOVE = {"op": "remove", "path": "/spec/paused"}


def test_a_patch_is_sent_as_our_manager(api: Api) -> None:
    api.on("PATCH", WEB_PATH, ok(BODY))
    act(api, lambda cluster: cluster.patch(WEB, [VERSION, REMOVE], dry_run=True))
    assert api.queries("PATCH", WEB_PATH) == [{"fieldManager": "lastgood", "dryRun": "All"}]
    assert api.bodies("PATCH", WEB_PATH) == [[VERSION, REMOVE]]
    assert api.requests[-1].headers["Content-Type"] == "application/json-patch+json"


def test_a_guarded_patch_is_repeated_and_an_unguarded_one_is_not(api: Api) -> None:
    api.on("PATCH", WEB_PATH, httpx2.ReadError("lost"), ok(BODY))
    act(api, lambda cluster: cluster.patch(WEB, [VERSION, REMOVE]))
    api.on("PATCH", WEB_PATH, httpx2.ReadError("lost"), ok(BODY))
    with pytest.raises(Unreachable):
        act(api, lambda cluster: cluster.patch(WEB, [REMOVE]))


def test_a_failed_test_in_a_patch_is_a_conflict(api: Api) -> None:
    """The API does not say which operation failed, only that one did."""
    api.on("PATCH", WEB_PATH, status(422, GENERIC, "Invalid"))
    with pytest.raises(Conflict):
        act(api, lambda cluster: cluster.patch(WEB, [TEST, VERSION, REMOVE]))
    with pytest.raises(Rejected):
        act(api, lambda cluster: cluster.patch(WEB, [VERSION, REMOVE]))


STYLES = {
    Style.MERGE: "application/merge-patch+json",
    Style.STRATEGIC: "application/strategic-merge-patch+json",
}


@pytest.mark.parametrize("style", STYLES, ids=str)
def test_a_patch_in_another_style_is_repeated_if_it_names_a_version(api: Api, style: Style) -> None:
    guarded, loose = {"metadata": {"resourceVersion": "7"}, "spec": {}}, {"spec": {"paused": True}}
    api.on("PATCH", WEB_PATH, httpx2.ReadError("lost"), ok(BODY))
    act(api, lambda cluster: cluster.patch(WEB, guarded, style=style, manager="step"))
    assert api.requests[-1].headers["Content-Type"] == STYLES[style]
    assert api.bodies("PATCH", WEB_PATH)[-1] == guarded
    api.on("PATCH", WEB_PATH, httpx2.ReadError("lost"), ok(BODY))
    with pytest.raises(Unreachable):
        act(api, lambda cluster: cluster.patch(WEB, loose, style=style))


def test_a_subresource_is_patched_under_its_own_path(api: Api) -> None:
    scale = {"kind": "Scale", "spec": {"replicas": 3}}
    api.on("PATCH", f"{WEB_PATH}/scale", ok(scale))
    assert act(api, lambda cluster: cluster.patch(WEB, scale, style=Style.MERGE, part="scale")) == scale


def test_labels_are_set_and_removed_as_another_manager(api: Api) -> None:
    api.on("PATCH", WEB_PATH, ok(BODY))
    assert act(api, lambda cluster: cluster.label(WEB, {"a": "b", "c": None}, manager="fence")) == BODY
    assert api.queries("PATCH", WEB_PATH) == [{"fieldManager": "fence"}]
    assert api.bodies("PATCH", WEB_PATH) == [{"metadata": {"labels": {"a": "b", "c": None}}}]


@pytest.mark.parametrize("ref", [WEB, Ref("x.io", "Thing", "shop", "a", "v1")])
def test_labelling_what_is_gone_is_no_error(api: Api, ref: Ref) -> None:
    assert act(api, lambda cluster: cluster.label(ref, {"a": "b"}, manager="fence")) is None


def deleted(api: Api, guard: Guard, *replies: httpx2.Response) -> list[Any]:
    api.on("DELETE", WEB_PATH, *replies)
    act(api, lambda cluster: cluster.delete(WEB, guard, propagation="Foreground"))
    return api.bodies("DELETE", WEB_PATH)


def test_a_delete_names_the_uid_and_what_becomes_of_dependents(api: Api) -> None:
    (options,) = deleted(api, Guard("u1"), ok({}))
    assert (options["preconditions"], options["propagationPolicy"]) == ({"uid": "u1"}, "Foreground")
    assert "gracePeriodSeconds" not in options


@pytest.mark.parametrize("grace", [0, 30])
def test_a_delete_may_say_how_long_it_takes(api: Api, grace: int) -> None:
    api.on("DELETE", WEB_PATH, ok({}))
    act(api, lambda cluster: cluster.delete(WEB, Guard("u1"), propagation="Background", grace=grace))
    assert [one["gracePeriodSeconds"] for one in api.bodies("DELETE", WEB_PATH)] == [grace]


def test_a_delete_may_name_the_version_as_well(api: Api) -> None:
    (options,) = deleted(api, LIVE, ok({}))
    assert options["preconditions"] == {"uid": "u1", "resourceVersion": "7"}


def test_deleting_what_is_absent_by_its_own_guard_sends_nothing(api: Api) -> None:
    assert deleted(api, Guard(), ok({})) == []


@pytest.mark.parametrize(
    "reply",
    [
        status(404, "gone", "NotFound"),
        status(409, "the UID in the precondition (a) does not match the UID in record (b).", "Conflict"),
        status(409, "Precondition failed: UID in precondition: a, UID in object meta: b", "Conflict"),
    ],
)
def test_what_is_gone_or_is_another_by_now_needs_no_delete(api: Api, reply: httpx2.Response) -> None:
    assert len(deleted(api, LIVE, reply)) == 1


def test_a_version_that_does_not_hold_is_a_conflict(api: Api) -> None:
    message = "the ResourceVersion in the precondition (2) does not match the ResourceVersion in record (3)"
    with pytest.raises(Conflict):
        deleted(api, LIVE, status(409, message, "Conflict"))


# --- logs and rights

POD = Ref("", "Pod", "shop", "web-1", "v1")
LOG = "/api/v1/namespaces/shop/pods/web-1/log"


def test_the_last_lines_of_a_container(api: Api) -> None:
    api.on("GET", LOG, httpx2.Response(200, content="h\xe9llo\n".encode() + b"\xff"))
    text = act(api, lambda cluster: cluster.logs(POD, "web", previous=True, lines=5))
    query = api.queries("GET", LOG)[0]
    assert (text, query["container"], query["tailLines"], query["previous"]) == ("héllo\n�", "web", "5", "true")


@pytest.mark.parametrize("code", [400, 404])
def test_a_container_without_a_log(api: Api, code: int) -> None:
    api.on("GET", LOG, status(code, 'previous terminated container "web" in pod "web-1" not found', "BadRequest"))
    with pytest.raises(NotFound, match="not found"):
        act(api, lambda cluster: cluster.logs(POD, "web", previous=True, lines=5))


def test_each_right_is_asked_once_and_those_denied_are_named(api: Api) -> None:
    may, may_not = Right("get", "", "pods/log", "shop"), Right("patch", "apps", "deployments", "shop")

    def review(request: httpx2.Request) -> httpx2.Response:
        return ok({"status": {"allowed": b"patch" not in request.content}}, 201)

    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    api.on("POST", path, review)
    assert (may_not,) == act(api, lambda cluster: cluster.denied([may, may_not, may]))
    attributes = [one["spec"]["resourceAttributes"] for one in api.bodies("POST", path)]
    assert len(attributes) == 2
    assert {"verb": "get", "group": "", "resource": "pods", "subresource": "log", "namespace": "shop"} in attributes


def test_a_right_on_one_resource_is_asked_by_its_name(api: Api) -> None:
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    api.on("POST", path, ok({"status": {"allowed": True}}, 201))
    assert () == act(api, lambda cluster: cluster.denied([Right("patch", "", "namespaces", "", "shop")]))
    (asked,) = (one["spec"]["resourceAttributes"] for one in api.bodies("POST", path))
    assert asked == {"verb": "patch", "group": "", "resource": "namespaces", "namespace": "", "name": "shop"}


def test_kinds_are_asked_for_again_when_they_have_to_be_forgotten(api: Api) -> None:
    async def story(cluster: KubeCluster) -> None:
        await cluster.served()
        cluster.forget_kinds()
        await cluster.served()

    act(api, story)
    assert len(api.asked) == 4


def test_no_query_is_sent_that_was_not_asked_for(api: Api) -> None:
    api.on("GET", f"{MAPS}/a", ok({"kind": "ConfigMap", **thing("a")}))
    act(api, lambda cluster: cluster.read([config_map("a")]))
    assert query_of(api.requests[-1]) == {}
