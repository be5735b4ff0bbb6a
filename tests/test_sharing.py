"""Fields that somebody else may hold."""

from __future__ import annotations

from typing import Any

import pytest

from lastgood.model.request import OnConflict
from lastgood.model.resource import Body, Item, Path, Ref
from lastgood.sharing import conflicts, is_scalable, policy, policy_problem, scale_target, scaled, without_fields
from tests.stories.cast import GOOD_1, GOOD_2, altered, config, job, made, web
from tests.test_owning import entry

TAKE, KEEP, FAIL = OnConflict
IMAGE: Path = ("spec", "template", "spec", "containers", Item("name", "web"), "image")


def scaler(target: dict[str, str], **spec: Any) -> Body:
    body: Body = made("x/v1", "Scaler", "s", spec={"scaleTargetRef": target, **spec}).body
    return body


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "db"}, Ref("apps", "StatefulSet", "", "db")),
        ({"name": "web"}, Ref("apps", "Deployment", "", "web")),
        (
            {"apiVersion": "v1", "kind": "ReplicationController", "name": "old"},
            Ref("", "ReplicationController", "", "old"),
        ),
    ],
)
def test_an_autoscaler_names_what_it_scales(target: dict[str, str], expected: Ref) -> None:
    """KEDA leaves the kind of a Deployment unsaid."""
    assert expected == scale_target(scaler(target))


def test_what_names_no_target_scales_nothing() -> None:
    assert scale_target(config().body) is None
    assert scale_target(scaler({})) is None


def test_the_least_size_of_what_is_scaled_is_known() -> None:
    """A workload that KEDA may scale to none is created with one."""
    web_ref, db_ref = Ref("apps", "Deployment", "", "web"), Ref("apps", "Deployment", "", "db")
    found = scaled([scaler({"name": "web"}, minReplicas=3), scaler({"name": "db"}, minReplicaCount=0)])
    assert {web_ref: 3, db_ref: 1} == found


def test_what_makes_pods_may_be_scaled_even_if_it_does_not_say_how_many_it_wants() -> None:
    without = web(GOOD_1)
    del without.body["spec"]["replicas"]
    assert is_scalable(without)
    assert is_scalable(made("example.com/v1", "Cache", "c", spec={"replicas": 2}))
    assert not is_scalable(config())


def test_fields_are_taken_out_of_a_body_and_the_body_is_left_as_it_was() -> None:
    wanted = web(GOOD_1, container={"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]})
    paths: list[Path] = [("spec", "replicas"), (*IMAGE[:-1], "env", Item("name", "A")), ("spec", "nothing", "there")]
    found = without_fields(wanted, paths).body["spec"]
    assert "replicas" not in found
    assert [{"name": "B", "value": "2"}] == found["template"]["spec"]["containers"][0]["env"]
    assert 2 == wanted.body["spec"]["replicas"]


def test_what_is_left_whole_is_the_same_resource() -> None:
    wanted = config()
    assert without_fields(wanted, [("spec", "replicas")]) is wanted


def live(manager: str, operation: str = "Update", subresource: str = "") -> Body:
    """A Deployment that lastgood applied, of which somebody else has set the image since."""
    body: Body = web(GOOD_1).body
    fields: dict[str, Any] = {
        "f:spec": {"f:template": {"f:spec": {"f:containers": {'k:{"name":"web"}': {"f:image": {}}}}}}
    }
    theirs = entry(manager, operation, fields, subresource)
    body["metadata"] |= {
        "uid": "u",
        "managedFields": [entry("lastgood", "Apply", {"f:spec": {"f:replicas": {}}}), theirs],
    }
    return body


@pytest.mark.parametrize("manager", ["kubectl-set", "kubectl-edit", "k9s", "some-controller"])
def test_what_people_and_controllers_set_conflicts(manager: str) -> None:
    (found,) = conflicts(web(GOOD_2), live(manager), web(GOOD_2).body)
    assert (IMAGE, manager) == (found.path, found.owner)
    assert f"deployment.apps/web: spec.template.spec.containers[name=web].image ({manager}'s)" == str(found)


@pytest.mark.parametrize("manager", ["kubectl-client-side-apply", "helm", "argocd-controller"])
def test_what_was_deployed_is_taken_over_without_a_conflict(manager: str) -> None:
    assert [] == list(conflicts(web(GOOD_2), live(manager), web(GOOD_2).body))


def test_what_is_the_same_does_not_conflict() -> None:
    assert [] == list(conflicts(web(GOOD_1), live("kubectl-set"), web(GOOD_1).body))


@pytest.mark.parametrize(
    ("written", "path", "expected"),
    [
        ("", IMAGE, FAIL),
        ("keep", IMAGE, KEEP),
        ("spec.template=take", IMAGE, TAKE),
        ("spec.template=take, spec.template.spec.containers[name=web]=keep", IMAGE, KEEP),
        ("spec.temp=take", IMAGE, FAIL),
        ("keep,spec.replicas=take", ("spec", "replicas"), TAKE),
        ("keep,spec.replicas=take", IMAGE, KEEP),
    ],
)
def test_the_nearest_field_above_says_what_is_to_be_done(written: str, path: Path, expected: OnConflict) -> None:
    resource = altered(web(GOOD_1), metadata__annotations={"lastgood.dev/on-conflict": written})
    assert expected is policy(resource, path, FAIL)


@pytest.mark.parametrize("written", ["leave", "spec.replicas", "spec.replicas=", "=", "spec=keep=3"])
def test_what_is_no_policy_is_told(written: str) -> None:
    body: Body = altered(config(), metadata__annotations={"lastgood.dev/on-conflict": written}).body
    assert written in policy_problem(body)


def test_a_resource_without_the_annotation_has_no_problem() -> None:
    assert "" == policy_problem(job(GOOD_1).body)


def held(manager: str, fields: dict[str, Any], *, subresource: str = "", **container: Any) -> Body:
    body: Body = web(GOOD_1, container=container).body
    ours = entry("lastgood", "Apply", {"f:metadata": {"f:labels": {"f:mine": {}}}})
    body["metadata"] |= {"managedFields": [ours, entry(manager, "Update", fields, subresource)]}
    return body


def test_what_is_scaled_by_hand_is_of_who_scaled_it() -> None:
    """Through a subresource, which deploys nothing, even if kubectl writes it."""
    by_hand = held("kubectl", {"f:spec": {"f:replicas": {}}}, subresource="scale")
    (found,) = conflicts(web(GOOD_1), by_hand, web(GOOD_1, replicas=5).body)
    assert (("spec", "replicas"), "kubectl") == (found.path, found.owner)


def test_a_field_that_nobody_else_holds_is_no_conflict() -> None:
    assert [] == list(conflicts(web(GOOD_2), held("kubectl-set", {"f:spec": {"f:paused": {}}}), web(GOOD_2).body))


def test_a_list_without_keys_is_one_field() -> None:
    """Of what is in it nothing can be left to somebody else."""
    args: dict[str, Any] = {
        "f:spec": {"f:template": {"f:spec": {"f:containers": {'k:{"name":"web"}': {"f:args": {}}}}}}
    }
    theirs = held("kubectl-edit", args, args=["1", "2"])
    (found,) = conflicts(web(GOOD_1), theirs, web(GOOD_1, container={"args": ["1", "3"]}).body)
    assert (*IMAGE[:-1], "args") == found.path


def test_a_variable_of_theirs_in_a_list_with_keys_is_a_field_of_its_own() -> None:
    variable: dict[str, Any] = {'k:{"name":"X"}': {".": {}, "f:name": {}, "f:value": {}}}
    containers = {'k:{"name":"web"}': {"f:env": variable}}
    theirs = held(
        "kubectl-set",
        {"f:spec": {"f:template": {"f:spec": {"f:containers": containers}}}},
        env=[{"name": "X", "value": "1"}, {"name": "Y", "value": "1"}],
    )
    wanted = web(GOOD_1, container={"env": [{"name": "X", "value": "2"}, {"name": "Y", "value": "2"}]})
    (found,) = conflicts(wanted, theirs, wanted.body)
    assert (*IMAGE[:-1], "env", Item("name", "X"), "value") == found.path
