"""Patches do what their standards say, and what the API server makes of it."""

from __future__ import annotations

from typing import Any

import pytest

from lastgood.errors import Conflict, NotFound, Rejected
from lastgood.model.patching import Style
from lastgood.testing.patching import editing, merge, patch
from lastgood.testing.strategic import merge_strategically

Operation = dict[str, Any]


def op(name: str, path: str, **rest: Any) -> Operation:
    return {"op": name, "path": path, **rest}


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (op("add", "/b", value=1), {"a": [1, 2], "b": 1}),
        (op("add", "/a/1", value=9), {"a": [1, 9, 2]}),
        (op("add", "/a/-", value=9), {"a": [1, 2, 9]}),
        (op("add", "/a~1b~0c", value=1), {"a": [1, 2], "a/b~c": 1}),
        (op("remove", "/a/0"), {"a": [2]}),
        (op("remove", "/a"), {}),
        (op("replace", "/a/0", value={"x": None}), {"a": [{"x": None}, 2]}),
        (op("replace", "/new", value=1), {"a": [1, 2], "new": 1}),
        (op("copy", "/b", **{"from": "/a"}), {"a": [1, 2], "b": [1, 2]}),
        (op("move", "/b", **{"from": "/a/1"}), {"a": [1], "b": 2}),
        (op("test", "/a/0", value=1), {"a": [1, 2]}),
    ],
)
def test_an_operation(operation: Operation, expected: Any) -> None:
    document: Any = {"a": [1, 2]}
    patch(document, [operation])
    assert document == expected


@pytest.mark.parametrize(
    "operation",
    [
        op("remove", "/none"),
        op("add", "/none/deep", value=1),
        op("add", "/a/7", value=1),
        op("replace", "/a/7", value=1),
        op("turn", "/a"),
    ],
)
def test_what_cannot_be_done_is_rejected(operation: Operation) -> None:
    with pytest.raises(Rejected, match="the server rejected our request"):
        patch({"a": [1, 2]}, [operation])


def test_a_test_that_does_not_hold_is_a_conflict() -> None:
    with pytest.raises(Conflict, match="/a is not what it was"):
        patch({"a": 1}, [op("test", "/a", value=2)])


def test_what_was_put_in_is_a_copy() -> None:
    value, document = {"x": [1]}, dict[str, Any]()
    patch(document, [op("add", "/v", value=value)])
    value["x"].append(2)
    assert document == {"v": {"x": [1]}}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"a": None}, {"b": {"c": 1}}),
        ({"b": {"d": 2}}, {"a": [1], "b": {"c": 1, "d": 2}}),
        ({"b": {"c": None}}, {"a": [1], "b": {}}),
        ({"a": [2, 3], "b": 1}, {"a": [2, 3], "b": 1}),
        ({"a": {"x": {"y": None, "z": 1}}}, {"a": {"x": {"z": 1}}, "b": {"c": 1}}),
    ],
)
def test_a_merge(changes: Any, expected: Any) -> None:
    document: Any = {"a": [1], "b": {"c": 1}}
    merge(document, changes)
    assert document == expected


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ([{"name": "B", "value": "2"}], ["A=1", "B=2", "C=1"]),
        ([{"name": "D", "value": "4"}], ["D=4", "A=1", "B=1", "C=1"]),
        ([{"name": "C", "value": "3"}, {"name": "A", "value": "3"}], ["B=1", "C=3", "A=3"]),
        ([{"name": "A", "$patch": "delete"}], ["B=1", "C=1"]),
        ([{"$patch": "replace"}, {"name": "X", "value": "1"}], ["X=1"]),
    ],
)
def test_a_strategic_merge_of_things_with_names(env: Any, expected: list[str]) -> None:
    """The order is the API server's; ``test_testing_twin`` compares it with a real one."""
    document: Any = {"env": [{"name": name, "value": "1"} for name in "ABC"]}
    merge_strategically(document, {"env": env})
    assert [f"{one['name']}={one['value']}" for one in document["env"]] == expected


def test_a_part_that_is_no_scale_cannot_be_patched() -> None:
    with pytest.raises(NotFound, match="subresource log"):
        editing({}, Style.MERGE, "log")
