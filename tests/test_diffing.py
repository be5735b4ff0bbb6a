"""Two bodies, the fields that differ."""

from __future__ import annotations

from typing import Any

from lastgood.diffing import LAST_APPLIED, MASK, TOUCHED, comparable, diff, differences, text
from lastgood.model.plan import MISSING
from lastgood.model.resource import Ref

DEPLOYMENT = Ref("apps", "Deployment", "shop", "web", "v1")
SECRET = Ref("", "Secret", "shop", "keys", "v1")


def told(before: Any, after: Any) -> list[tuple[str, Any, Any]]:
    return [(text(one.path), one.before, one.after) for one in differences(before, after)]


def test_equal_values_have_no_differences() -> None:
    assert told({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}) == []


def test_a_changed_field_is_named_by_its_path() -> None:
    assert told({"spec": {"replicas": 2}}, {"spec": {"replicas": 3}}) == [("spec.replicas", 2, 3)]


def test_an_absent_field_is_not_the_same_as_null() -> None:
    assert told({"a": None}, {}) == [("a", None, MISSING)]
    assert told({}, {"a": None}) == [("a", MISSING, None)]


def test_elements_of_a_list_are_known_by_name_not_by_place() -> None:
    """A container put before another is one difference, not two."""
    before = {"containers": [{"name": "web", "image": "a"}]}
    after = {"containers": [{"name": "log", "image": "l"}, {"name": "web", "image": "b"}]}
    assert told(before, after) == [
        ("containers[name=web].image", "a", "b"),
        ("containers[name=log]", MISSING, {"name": "log", "image": "l"}),
    ]


def test_elements_without_a_key_are_known_by_their_place() -> None:
    assert told({"args": ["-a", "-b"]}, {"args": ["-a", "-c", "-d"]}) == [
        ("args[1]", "-b", "-c"),
        ("args[2]", MISSING, "-d"),
    ]


def test_a_key_that_stands_twice_tells_nothing_apart() -> None:
    before = {"env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]}
    after = {"env": [{"name": "A", "value": "1"}, {"name": "A", "value": "3"}]}
    assert told(before, after) == [("env[1].value", "2", "3")]


def test_keys_with_dots_are_put_in_brackets() -> None:
    path = told({"annotations": {"a.b/c": "1"}}, {"annotations": {"a.b/c": "2"}})[0][0]
    assert path == "annotations[a.b/c]"


def test_what_the_server_keeps_for_itself_is_left_out() -> None:
    """Status, versions and bookkeeping are nobody's wish; labels and annotations of people are."""
    body = {
        "kind": "Deployment",
        "metadata": {
            "name": "web",
            "uid": "1",
            "resourceVersion": "7",
            "generation": 2,
            "managedFields": [{}],
            "labels": {TOUCHED: "x"},
            "annotations": {LAST_APPLIED: "{}", "team": "shop"},
        },
        "status": {"replicas": 1},
    }
    assert comparable(body) == {"kind": "Deployment", "metadata": {"name": "web", "annotations": {"team": "shop"}}}


def test_values_of_secrets_are_never_told() -> None:
    before = {"metadata": {}, "data": {"password": "b2xk"}, "type": "Opaque"}
    after = {"metadata": {}, "data": {"password": "bmV3", "token": "c2VjcmV0"}, "type": "Opaque"}
    changes = diff(SECRET, before, after)
    assert [(one.path, one.before, one.after) for one in changes] == [
        ("data.password", MASK, MASK),
        ("data.token", MISSING, MASK),
    ]


def test_a_whole_secret_map_that_appears_is_masked_key_by_key() -> None:
    (change,) = diff(SECRET, {"metadata": {}}, {"metadata": {}, "data": {"password": "bmV3"}})
    assert change.after == {"password": MASK}


def test_other_kinds_are_told_in_full() -> None:
    (change,) = diff(DEPLOYMENT, {"metadata": {}, "data": {"a": "1"}}, {"metadata": {}, "data": {"a": "2"}})
    assert (change.before, change.after) == ("1", "2")
