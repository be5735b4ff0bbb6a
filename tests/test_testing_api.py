"""The API server in memory: which writes are refused, and what becomes of what is deleted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lastgood.errors import Conflict, Forbidden, NotFound, Rejected
from lastgood.model.plan import Guard
from lastgood.model.resource import Body, GroupKind, Ref, ref_of
from lastgood.ports import Right
from tests.testing_cast import World, config, deployment, guard_of, placed, workload

# --- guards


def test_only_if_absent() -> None:
    world = World()
    world.run(world.cluster.apply(config(a="1"), Guard()))
    with pytest.raises(Conflict):
        world.run(world.cluster.apply(config(a="1"), Guard()))


def test_a_stale_version_another_uid_and_a_deleted_object_are_conflicts() -> None:
    world = World()
    old = world.apply(config(a="1"))
    new = world.apply(config(a="2"))
    uid, version = guard_of(new).uid, guard_of(new).resource_version
    for guard in (guard_of(old), Guard("another", version), Guard(uid, "1")):
        with pytest.raises(Conflict):
            world.run(world.cluster.apply(config(a="3"), guard))
    world.run(world.cluster.delete(ref_of(old), guard_of(new), propagation="Background"))
    for guard in (guard_of(new), Guard(uid)):
        with pytest.raises(Conflict):
            world.run(world.cluster.apply(config(a="3"), guard))


def test_a_patch_is_guarded_by_its_version_and_by_its_tests() -> None:
    world, ref = World(), Ref("", "ConfigMap", "default", "app")
    live = world.apply(config(a="1"))
    change = {"op": "replace", "path": "/data/a", "value": "2"}
    right = {"op": "replace", "path": "/metadata/resourceVersion", "value": live["metadata"]["resourceVersion"]}
    for guard in (right | {"value": "1"}, {"op": "test", "path": "/metadata/uid", "value": "another"}):
        with pytest.raises(Conflict):
            world.run(world.cluster.patch(ref, [guard, change]))
    assert world.run(world.cluster.patch(ref, [right, change]))["data"] == {"a": "2"}


def test_a_dry_run_answers_and_keeps_nothing() -> None:
    world = World()
    world.apply(config(a="1"))
    assert world.apply(config(a="2"), dry_run=True)["data"] == {"a": "2"}
    assert world.live(config())["data"] == {"a": "1"}
    assert world.apply(config("new"), dry_run=True)["metadata"]["name"] == "new"
    assert world.cluster.live(ref_of(config("new"))) is None


# --- versions and generations


def test_every_write_that_changes_something_moves_the_version_and_only_the_spec_the_generation() -> None:
    world, body = World(), deployment()
    first = world.apply(body)
    assert first["metadata"]["generation"] == 1
    assert world.apply(body)["metadata"]["generation"] == 1
    labelled = world.run(world.cluster.label(ref_of(body), {"x": "1"}, manager="someone"))
    assert labelled is not None
    assert (labelled["metadata"]["generation"], labelled["metadata"]["labels"]) == (1, {"x": "1"})
    assert labelled["metadata"]["resourceVersion"] != first["metadata"]["resourceVersion"]
    body["metadata"]["annotations"] = {"a": "b"}
    assert world.apply(body)["metadata"]["generation"] == 2  # a Deployment counts its annotations
    assert world.apply(deployment("web:2"))["metadata"]["generation"] == 3
    assert "generation" not in world.apply(config())["metadata"]


def test_a_label_on_what_is_gone_is_no_error() -> None:
    world = World()
    assert world.run(world.cluster.label(ref_of(config()), {"x": "1"}, manager="someone")) is None


# --- what is refused


@pytest.mark.parametrize(
    ("first", "then", "sentence"),
    [
        (deployment(), deployment(spec={"strategy": {"type": "Recreate"}}), "spec.strategy.rollingUpdate: Forbidden"),
        (
            deployment(),
            deployment(spec={"selector": {"matchLabels": {"x": "y"}}}),
            "does not match template `labels`",
        ),
        (
            deployment(pod={"volumes": [{"name": "v"}]}),
            deployment(pod={"volumes": [{"name": "v", "secret": {}}]}),
            "more than 1",
        ),
        (workload("StatefulSet"), workload("StatefulSet", spec={"serviceName": "x"}), "updates to statefulset spec"),
        (
            placed("v1", "ConfigMap", "c", immutable=True, data={"a": "1"}),
            placed("v1", "ConfigMap", "c", immutable=True),
            "immutable",
        ),
        (placed("v1", "Secret", "s"), placed("v1", "Secret", "s", type="x/y"), "type: Invalid value"),
    ],
)
def test_transitions_that_the_api_does_not_allow(first: Body, then: Body, sentence: str) -> None:
    world = World()
    world.apply(first)
    with pytest.raises(Rejected, match=sentence):
        world.apply(then)


def test_a_deployment_gets_to_recreate_by_a_patch_of_the_whole_strategy() -> None:
    world, body = World(), deployment(spec={"strategy": {"type": "Recreate"}})
    world.apply(deployment())
    change = {"op": "replace", "path": "/spec/strategy", "value": {"type": "Recreate"}}
    world.run(world.cluster.patch(ref_of(body), [change]))
    assert world.apply(body)["spec"]["strategy"] == {"type": "Recreate"}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (deployment(env=[{"name": "A"}, {"name": "A"}]), r'env: duplicate entries for key \[name="A"\]'),
        (deployment(resources={"limits": {"cpu": "much"}}), "quantities must match"),
        (deployment(volumeMounts=[{"name": "none", "mountPath": "/x"}]), r'volumeMounts\[0\].name: Not found: "none"'),
        (deployment(spec={"selector": {"matchLabels": {"app": "other"}}}), "does not match template `labels`"),
        (config("Wrong_Name"), "lowercase RFC 1123"),
    ],
)
def test_bodies_that_the_api_does_not_take(body: Body, sentence: str) -> None:
    with pytest.raises(Rejected, match=sentence):
        World().apply(body)


def test_a_namespace_and_a_kind_have_to_exist() -> None:
    world = World()
    with pytest.raises(NotFound, match="no namespace elsewhere"):
        world.run(world.cluster.apply(config() | {"metadata": {"name": "x", "namespace": "elsewhere"}}, Guard()))
    with pytest.raises(NotFound, match='no matches for kind "Thing"'):
        world.apply(placed("x.test/v1", "Thing", "t"))
    world.cluster.add_namespace("elsewhere")
    world.run(world.cluster.apply(config() | {"metadata": {"name": "x", "namespace": "elsewhere"}}, Guard()))


def test_a_right_that_was_taken_away() -> None:
    world, right = World(), Right("patch", "", "configmaps", "default")
    world.cluster.deny(right)
    assert world.run(world.cluster.denied([right, Right("get", "", "configmaps", "default")])) == (right,)
    named = replace(right, name="app")
    assert world.run(world.cluster.denied([named])) == (named,)
    with pytest.raises(Forbidden, match="patch configmaps in namespace default"):
        world.apply(config())


# --- deleting


def test_what_an_owner_owned_goes_with_it_unless_it_is_orphaned() -> None:
    for propagation, left in (("Background", 0), ("Foreground", 0), ("Orphan", 1)):
        world, body = World(), deployment()
        world.apply(body)
        world.pass_time(1)
        world.run(world.cluster.delete(ref_of(body), guard_of(world.live(body)), propagation=propagation))
        world.pass_time(5)
        assert world.cluster.live(ref_of(body)) is None
        assert len(world.run(world.cluster.find([GroupKind("", "Pod")], "default", label=""))) == left


def test_a_finalizer_keeps_an_object_until_somebody_takes_it_away() -> None:
    world, body = World(), config(a="1")
    body["metadata"]["finalizers"] = ["some.where/else"]
    live = world.apply(body)
    world.run(world.cluster.delete(ref_of(body), guard_of(live), propagation="Background"))
    assert "deletionTimestamp" in world.live(body)["metadata"]
    world.cluster.edit(ref_of(body), lambda live: live["metadata"].update(finalizers=[]))
    assert world.cluster.live(ref_of(body)) is None


def test_deleting_another_uid_or_nothing_does_nothing() -> None:
    world, body = World(), config(a="1")
    live = world.apply(body)
    world.run(world.cluster.delete(ref_of(body), Guard("another"), propagation="Background"))
    assert world.live(body)["metadata"]["uid"] == live["metadata"]["uid"]
    world.run(world.cluster.delete(ref_of(config("none")), Guard("any"), propagation="Background"))


def test_a_namespace_goes_with_all_that_is_in_it() -> None:
    world = World()
    world.apply(deployment())
    world.apply(config(a="1"))
    world.pass_time(1)
    space = Ref("", "Namespace", "", "default")
    live = world.cluster.live(space)
    assert live is not None
    world.run(world.cluster.delete(space, Guard(live["metadata"]["uid"]), propagation="Background"))
    with pytest.raises(Forbidden, match="being terminated"):
        world.apply(config("late"))
    world.pass_time(10)
    assert world.cluster.live(space) is None
    assert world.cluster.live(ref_of(config())) is None


def test_a_claim_that_a_pod_uses_goes_with_the_pod() -> None:
    world = World()
    claim = placed("v1", "PersistentVolumeClaim", "data", spec={"resources": {"requests": {"storage": "1Gi"}}})
    body = deployment(pod={"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]})
    world.apply(claim)
    world.apply(body)
    world.pass_time(2)
    assert world.live(claim)["status"]["phase"] == "Bound"
    world.run(world.cluster.delete(ref_of(claim), guard_of(world.live(claim)), propagation="Background"))
    world.pass_time(60)
    assert "deletionTimestamp" in world.live(claim)["metadata"]
    world.run(world.cluster.delete(ref_of(body), guard_of(world.live(body)), propagation="Background"))
    world.pass_time(10)
    assert world.cluster.live(ref_of(claim)) is None


# --- reading


def test_one_list_for_each_kind_and_singly_what_it_lacks() -> None:
    world = World()
    labelled = [config(name) for name in ("a", "b", "c")]
    for body in labelled[:2]:
        world.apply(body | {"metadata": body["metadata"] | {"labels": {"mine": "yes"}}})
    world.apply(labelled[2])
    world.cluster.requests.clear()
    refs = [ref_of(body) for body in labelled]
    assert set(world.run(world.cluster.read(refs, label="mine=yes"))) == set(refs)
    assert [request.verb for request in world.cluster.requests] == ["list", "read"]


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("a=1", {"x", "y"}),
        ("a==1,b!=2", {"y"}),
        ("b in (2, 3)", {"x", "z"}),
        ("b notin (2,3)", {"y"}),
        ("!b", {"y"}),
        ("b,a", {"x"}),
        ("", {"x", "y", "z"}),
    ],
)
def test_label_selectors(selector: str, found: set[str]) -> None:
    world = World()
    for name, labels in {"x": {"a": "1", "b": "2"}, "y": {"a": "1"}, "z": {"b": "3"}}.items():
        body = config(name)
        world.apply(body | {"metadata": body["metadata"] | {"labels": labels}})
    bodies = world.run(world.cluster.find([GroupKind("", "ConfigMap")], "default", label=selector))
    assert {body["metadata"]["name"] for body in bodies} == found
