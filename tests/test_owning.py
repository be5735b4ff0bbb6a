"""Who owns which field, and folding."""

from __future__ import annotations

from typing import Any

import pytest

from lastgood.diffing import LAST_APPLIED
from lastgood.model.resource import Item
from lastgood.owning import fold, is_deploying, merged, owned_digest, owned_fields, owners, project, we_own


def entry(manager: str, operation: str, fields: dict[str, Any], subresource: str = "") -> dict[str, Any]:
    more = {"subresource": subresource} if subresource else {}
    return {"manager": manager, "operation": operation, "apiVersion": "apps/v1", "fieldsV1": fields, **more}


IMAGE: dict[str, Any] = {"f:spec": {"f:containers": {'k:{"name":"web"}': {".": {}, "f:name": {}, "f:image": {}}}}}


def body(*managed: dict[str, Any], image: str = "a") -> dict[str, Any]:
    return {
        "metadata": {"name": "web", "uid": "u", "resourceVersion": "7", "managedFields": list(managed)},
        "spec": {"containers": [{"name": "web", "image": image}], "replicas": 2},
    }


def test_what_is_ours_is_the_entry_of_our_applies_alone() -> None:
    live = body(
        entry("lastgood", "Update", {"f:a": {}}), entry("lastgood", "Apply", IMAGE), entry("kubectl", "Apply", {})
    )
    assert owned_fields(live) == IMAGE


def test_the_digest_moves_with_the_value_of_an_owned_field_only() -> None:
    ours = entry("lastgood", "Apply", IMAGE)
    same = body(ours)
    same["spec"]["replicas"] = 9
    assert owned_digest(same) == owned_digest(body(ours))
    assert owned_digest(body(ours, image="b")) != owned_digest(body(ours))


def test_the_digest_moves_when_a_field_is_lost_to_another() -> None:
    ours = entry("lastgood", "Apply", {"f:spec": {"f:replicas": {}, **IMAGE["f:spec"]}})
    assert owned_digest(body(ours)) != owned_digest(body(entry("lastgood", "Apply", IMAGE)))


def test_the_digest_does_not_speak_of_last_applied() -> None:
    fields = IMAGE | {"f:metadata": {"f:annotations": {f"f:{LAST_APPLIED}": {}, "f:team": {}}}}
    live = body(entry("lastgood", "Apply", fields))
    live["metadata"]["annotations"] = {LAST_APPLIED: "1", "team": "shop"}
    before = owned_digest(live)
    live["metadata"]["annotations"][LAST_APPLIED] = "2"
    assert owned_digest(live) == before


def test_elements_are_found_by_key_value_and_place() -> None:
    value = {"ports": [{"port": 80}, {"port": 81, "name": "b"}], "set": ["x", "y"], "atomic": [1, 2]}
    fields: dict[str, Any] = {
        "f:ports": {'k:{"port":81,"protocol":"TCP"}': {"f:name": {}}},
        "f:set": {'v:"y"': {}},
        "f:atomic": {},
    }
    assert project(value, fields) == {"ports": [{"name": "b"}], "set": ["y"], "atomic": [1, 2]}


def test_owners_of_a_field_are_the_others_who_hold_it() -> None:
    live = body(
        entry("lastgood", "Apply", IMAGE), entry("kubectl-set", "Update", IMAGE), entry("hpa", "Update", {"f:x": {}})
    )
    path = ("spec", "containers", Item("name", "web"), "image")
    assert owners(live, path) == ("kubectl-set",)
    assert we_own(live, path)
    assert not we_own(live, ("spec", "replicas"))
    assert not we_own(body(), path)


def test_an_atomic_list_is_held_as_a_whole() -> None:
    live = body(entry("someone", "Update", {"f:spec": {"f:args": {}}}))
    assert owners(live, ("spec", "args", 2)) == ("someone",)


def test_our_own_update_is_folded_into_our_apply() -> None:
    """What a patch of ours wrote can be removed by a later apply only when the apply owns it."""
    update = entry("lastgood", "Update", {"f:spec": {"f:strategy": {"f:type": {}}}})
    status = entry("lastgood", "Update", {"f:status": {}}, subresource="status")
    live = body(entry("lastgood", "Apply", IMAGE), update, status, entry("hpa", "Update", {"f:y": {}}))
    guard, write = fold(live)
    assert guard == {"op": "replace", "path": "/metadata/resourceVersion", "value": "7"}
    managed = {
        (one["manager"], one["operation"], one.get("subresource", "")): one["fieldsV1"] for one in write["value"]
    }
    assert managed == {
        ("lastgood", "Apply", ""): merged([IMAGE, update["fieldsV1"]]),
        ("lastgood", "Update", "status"): {"f:status": {}},
        ("hpa", "Update", ""): {"f:y": {}},
    }


def test_nothing_is_folded_when_there_is_nothing_of_ours_to_fold() -> None:
    assert fold(body(entry("lastgood", "Apply", IMAGE), entry("kubectl", "Update", {}))) == []


def test_a_union_of_field_sets_holds_what_each_holds() -> None:
    one: dict[str, Any] = {"f:a": {"f:b": {}}}
    other: dict[str, Any] = {"f:a": {".": {}, "f:c": {}}, "f:d": {}}
    assert merged([one, other]) == {"f:a": {".": {}, "f:b": {}, "f:c": {}}, "f:d": {}}


@pytest.mark.parametrize(
    ("manager", "deploys"),
    [
        ("kubectl-client-side-apply", True),
        ("kubectl-edit", True),
        ("helm", True),
        ("kube-controller-manager", False),
        ("cert-manager-cainjector", False),
        ("istio-sidecar-injector", False),
    ],
)
def test_people_and_pipelines_are_told_from_controllers(manager: str, *, deploys: bool) -> None:
    assert is_deploying(manager) is deploys
