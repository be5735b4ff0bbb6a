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


def test_a_map_of_nothing_but_our_marks_was_never_there_for_kubectl() -> None:
    """Were it told of a map of labels that its file does not have, it would remove ours with the map."""
    marked = altered(config(a="1"), metadata__labels={RELEASE: "shop"})
    found = applied(in_step(marked.body, carrying(config().body)))
    assert {"annotations": {}, "name": "app"} == found["metadata"]


def test_it_does_not_remember_itself_and_is_sent_beside_what_is_asked_for() -> None:
    body = carrying(altered(config(a="1"), metadata__annotations={"note": "1"}).body, "old")
    sent = in_step(body, carrying(config().body))
    assert {"note": "1"} == applied(sent)["metadata"]["annotations"]
    assert {"note", LAST_APPLIED} == set(sent["metadata"]["annotations"])
    assert "old" == body["metadata"]["annotations"][LAST_APPLIED]


def test_bytes_are_counted_not_letters() -> None:
    """Annotations together may have 262,144 bytes."""
    fits, does_not = (config(a="é" * count).body for count in (124_000, 125_500))
    assert LAST_APPLIED in in_step(fits, carrying(config().body))["metadata"]["annotations"]
    assert LAST_APPLIED not in in_step(does_not, carrying(config().body))["metadata"]["annotations"]


def test_annotations_are_back_where_an_undo_brings_them_back() -> None:
    stored, newer = (altered(web(GOOD_1), metadata__annotations={"note": note}).body for note in ("old", "new"))
    failed = in_step(newer, carrying(newer))
    notes = [
        json.loads(last_applied_back(failed, stored, annotations=back)[LAST_APPLIED])["metadata"]["annotations"]
        for back in (True, False)
    ]
    assert [{"note": "old"}, {"note": "new"}] == notes
