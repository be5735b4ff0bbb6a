"""Annotations that are misspelled, or say neither true nor false, are refused before anything is deployed."""

from __future__ import annotations

from typing import Any

import pytest

from lastgood.loading.annotations import CONDITIONS, KNOWN, SWITCHES
from lastgood.loading.checking import problems
from lastgood.model.resource import Resource


def told(**annotations: Any) -> list[tuple[str, str, str]]:
    metadata = {"name": "a", "annotations": annotations}
    found = problems([Resource({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})])
    return [(one.steps[-1], one.sentence, one.hint) for one in found if isinstance(one.steps[-1], str)]


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize("value", [True, False, "true", "True", "false", "", None])
def test_true_and_false_may_be_written_in_any_way(name: str, value: object) -> None:
    assert told(**{name: value}) == []


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize("value", ["yes", "1", "ture"])
def test_what_is_neither_is_refused(name: str, value: str) -> None:
    assert told(**{name: value}) == [
        (name, f'is "{value}", and has to be true or false', 'write "true", or leave it out')
    ]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("harness.io/skip-pruning", "harness.io/skipPruning"),
        ("harness.io/skipVersioning", "harness.io/skip-versioning"),
        ("harness.io/direct_apply", "harness.io/direct-apply"),
        ("harness.io/managed-worklaod", "harness.io/managed-workload"),
        ("harness.io/steadystatecondition", "harness.io/steadyStateCondition"),
    ],
)
def test_what_looks_like_a_misspelled_one_is_refused(name: str, meant: str) -> None:
    assert told(**{name: "true"}) == [(name, "there is no such annotation", f"did you mean {meant}?")]


def test_what_skips_a_file_is_no_annotation() -> None:
    ((_, sentence, hint),) = told(**{"harness.io/skip-file-for-deploy": "true"})
    assert sentence == "is no annotation"
    assert hint == "write # harness.io/skip-file-for-deploy as the very first line of the file"


def test_others_are_left_alone() -> None:
    assert told(**{"harness.io/team": "shop", "example.com/skip-versioning": "maybe"}) == []
    assert set(KNOWN) == {*SWITCHES, *CONDITIONS}
