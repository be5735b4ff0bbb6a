"""What kubectl remembers of its last apply."""

from __future__ import annotations

import json
from typing import Any

from lastgood.diffing import LAST_APPLIED
from lastgood.model.marks import CONFIG_HASH, RELEASE
from lastgood.model.resource import Body
from lastgood.owning import in_step, last_applied_back
from tests.stories.cast import GOOD_1, GOOD_2, altered, config, web


def applied(body: Body) -> Any:
    return json.loads(body["metadata"]["annotations"][LAST_APPLIED])


def carrying(body: Body, written: str = "{}") -> Body:
    """The same, once kubectl has applied something to it."""
    annotations = {**(body["metadata"].get("annotations") or {}), LAST_APPLIED: written}
    return {**body, "metadata": {**body["metadata"], "annotations": annotations}}


def test_where_kubectl_never_applied_nothing_is_added() -> None:
    body = config(a="1").body
    assert in_step(body, None) is body
    assert in_step(body, config(a="2").body) is body


def test_it_says_what_is_applied_as_kubectl_writes_it() -> None:
    body = config(a="1").body
    found = in_step(body, carrying(config(a="2").body))
    assert {**body, "metadata": {"annotations": {}, "name": "app"}} == applied(found)
    assert found["metadata"]["annotations"][LAST_APPLIED].endswith("}\n")


def test_the_marks_that_are_only_ours_are_not_in_it() -> None:
    """kubectl would take away what stands there and not in its own file."""
    marked = altered(
        web(GOOD_1),
        metadata__labels={RELEASE: "shop", "team": "red"},
        spec__template__metadata__annotations={CONFIG_HASH: "x"},
    )
    found = applied(in_step(marked.body, carrying(web(GOOD_1).body)))
    assert {"team": "red"} == found["metadata"]["labels"]
    assert "annotations" not in found["spec"]["template"]["metadata"]


def test_what_is_too_long_for_an_annotation_is_left_out() -> None:
    """kubectl could not have applied it either; without the annotation it begins anew."""
    big = config(a="x" * 260_000).body
    assert LAST_APPLIED not in in_step(big, carrying(config().body))["metadata"]["annotations"]


def test_after_an_undo_it_has_the_template_of_the_good_release_and_the_rest_of_the_failed_one() -> None:
    failed = in_step(web(GOOD_2, replicas=5).body, carrying(web(GOOD_1).body))
    back = last_applied_back(failed, web(GOOD_1).body, annotations=False)
    found = json.loads(back[LAST_APPLIED])
    assert (5, web(GOOD_1).body["spec"]["template"]) == (found["spec"]["replicas"], found["spec"]["template"])


def test_where_kubectl_never_applied_an_undo_adds_nothing() -> None:
    assert {} == last_applied_back(web(GOOD_2).body, web(GOOD_1).body, annotations=True)


def test_what_somebody_wrote_there_that_is_no_body_is_replaced() -> None:
    for nonsense in ("", "[]", '{"spec": 1}', "{"):
        back = last_applied_back(carrying(web(GOOD_2).body, nonsense), web(GOOD_1).body, annotations=True)
        assert web(GOOD_1).body["spec"] == json.loads(back[LAST_APPLIED])["spec"]
