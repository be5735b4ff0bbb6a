"""Selectors: which labels they select, as the API has it, and how one more label gets into them."""

from __future__ import annotations

from typing import Any

import pytest

from lastgood.strategies.selecting import Selector, select_by, selector_of
from tests.stories.cast import made, service, web

WEB = {"app": "web", "tier": "front"}


@pytest.mark.parametrize(
    ("operator", "key", "values", "selects"),
    [
        ("In", "app", ["web", "api"], True),
        ("In", "app", ["api"], False),
        ("In", "none", ["web"], False),
        ("NotIn", "app", ["api"], True),
        ("NotIn", "app", ["web"], False),
        ("NotIn", "none", ["web"], True),  # who does not have the label has none of its values
        ("Exists", "app", [], True),
        ("Exists", "none", [], False),
        ("DoesNotExist", "app", [], False),
        ("DoesNotExist", "none", [], True),
        ("Like", "app", ["web"], False),
    ],
)
def test_an_expression_is_read_as_the_api_reads_it(
    operator: str, key: str, values: list[str], *, selects: bool
) -> None:
    """https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements"""
    expression = {"key": key, "operator": operator, "values": values}
    assert Selector({}, (expression,)).selects(WEB) is selects


def test_labels_and_expressions_have_to_be_true_together() -> None:
    one = {"key": "tier", "operator": "Exists"}
    assert Selector({"app": "web"}, (one,)).selects(WEB)
    assert not Selector({"app": "api"}, (one,)).selects(WEB)
    assert not Selector({"app": "web"}, (one,)).selects({"app": "web"})


def test_a_service_without_a_selector_selects_nothing() -> None:
    """Somebody else writes down where it leads."""
    assert selector_of(made("v1", "Service", "web", spec={"ports": []}).body) is None


def test_a_body_without_any_selector_has_none() -> None:
    assert selector_of(made("batch/v1", "Job", "web", spec={}).body) is None


def test_one_more_label_takes_the_place_of_what_was_said_of_it() -> None:
    selector: dict[str, Any] = {
        "matchLabels": {"app": "web"},
        "matchExpressions": [
            {"key": "track", "operator": "NotIn", "values": ["a"]},
            {"key": "x", "operator": "Exists"},
        ],
    }
    body = made("apps/v1", "Deployment", "web", spec={"selector": selector}).body
    select_by(body, "track", "b")
    assert body["spec"]["selector"] == {
        "matchLabels": {"app": "web", "track": "b"},
        "matchExpressions": [{"key": "x", "operator": "Exists"}],
    }


def test_one_more_label_goes_where_the_kind_has_its_labels() -> None:
    for body, where in ((service().body, ()), (web("registry.lab/web:1").body, ("matchLabels",))):
        select_by(body, "track", "b")
        found: Any = body["spec"]["selector"]
        for key in where:
            found = found[key]
        assert found == {"app": "web", "track": "b"}
