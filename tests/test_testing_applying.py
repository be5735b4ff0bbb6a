"""Server-side apply in memory: who owns what, and what becomes of fields that are left out."""

from __future__ import annotations

from functools import partial
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lastgood.model.resource import Body, Ref, ref_of
from tests.testing_cast import World, config, deployment, owners, placed


def env(**values: str) -> dict[str, Any]:
    return {"env": [{"name": name, "value": value} for name, value in values.items()]}


def env_of(body: Body) -> dict[str, str]:
    return {one["name"]: one["value"] for one in body["spec"]["template"]["spec"]["containers"][0].get("env", ())}


def test_an_apply_owns_what_it_says_and_no_default() -> None:
    live = World().apply(config(a="1", b="2"))
    assert owners(live) == {"lastgood Apply": {"f:data": {"f:a": {}, "f:b": {}}}}


def test_items_of_a_list_are_owned_by_their_keys() -> None:
    live = World().apply(placed("v1", "Service", "web", spec={"ports": [{"port": 80}]}))
    assert owners(live)["lastgood Apply"]["f:spec"] == {
        "f:ports": {'k:{"port":80,"protocol":"TCP"}': {".": {}, "f:port": {}}}
    }


def test_what_only_we_owned_goes_when_it_is_left_out() -> None:
    world = World()
    world.apply(deployment(**env(A="1", B="2")))
    assert env_of(world.apply(deployment(**env(B="2")))) == {"B": "2"}


def test_what_somebody_else_set_stays_when_we_leave_it_out() -> None:
    world, body = World(), deployment(**env(A="1"))
    world.apply(body)

    def add(live: Body) -> None:
        live["spec"]["template"]["spec"]["containers"][0]["env"].append({"name": "Z", "value": "9"})

    world.cluster.edit(ref_of(body), add)
    assert env_of(world.apply(deployment())) == {"Z": "9"}


def test_what_a_client_side_apply_once_set_cannot_be_removed_by_leaving_it_out() -> None:
    """It is theirs, too, until somebody folds their entry into ours."""
    world = World()
    world.cluster.create(config(a="1"), manager="kubectl-client-side-apply")
    world.apply(config(a="1", b="2"))
    assert world.apply(config(b="2"))["data"] == {"a": "1", "b": "2"}


def test_a_forced_apply_takes_the_fields_that_it_changes() -> None:
    world = World()
    world.cluster.create(config(a="1", b="2"), manager="helm")
    live = world.apply(config(a="5"))
    assert owners(live) == {"lastgood Apply": {"f:data": {"f:a": {}}}, "helm Update": {"f:data": {".": {}, "f:b": {}}}}


def test_a_patch_of_ours_leaves_an_update_entry_and_may_rewrite_the_entries() -> None:
    world, ref = World(), Ref("", "ConfigMap", "default", "app")
    world.apply(config(a="1"))
    live = world.run(world.cluster.patch(ref, [{"op": "replace", "path": "/data/a", "value": "2"}]))
    assert owners(live) == {"lastgood Update": {"f:data": {"f:a": {}}}}
    ours = {**live["metadata"]["managedFields"][0], "operation": "Apply"}
    live = world.run(world.cluster.patch(ref, [{"op": "replace", "path": "/metadata/managedFields", "value": [ours]}]))
    assert owners(live) == {"lastgood Apply": {"f:data": {"f:a": {}}}}


def test_replicas_that_nobody_owns_any_more_fall_back_to_one() -> None:
    """The reason why an autoscaler's replicas have to be given up first, and not only left out."""
    world, body = World(), deployment(spec={"replicas": 3})
    world.apply(body)
    del body["spec"]["replicas"]
    assert world.apply(body)["spec"]["replicas"] == 1


def test_replicas_that_an_autoscaler_took_stay_with_it() -> None:
    world, body = World(), deployment(spec={"replicas": 3})
    world.apply(body)
    world.cluster.edit(ref_of(body), lambda live: live["spec"].update(replicas=7), manager="hpa", subresource="scale")
    del body["spec"]["replicas"]
    assert world.apply(body)["spec"]["replicas"] == 7


our_names, their_names = (st.lists(st.sampled_from(letters), unique=True) for letters in ("abc", "xyz"))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(our_names, their_names), min_size=1, max_size=4))
def test_after_any_applies_the_last_one_is_live_and_what_others_set_is_kept(
    rounds: list[tuple[list[str], list[str]]],
) -> None:
    """What we leave out goes, what others hold stays, and the same again changes nothing, not even the version."""
    world, set_by_others = World(), set[str]()
    for ours, theirs in rounds:
        world.apply(cron(dict.fromkeys(ours, "ours")))
        world.cluster.edit(ref_of(cron({})), partial(_set_env, dict.fromkeys(theirs, "theirs")), manager="someone")
        set_by_others |= set(theirs)
        live = world.apply(cron(dict.fromkeys(ours, "ours")))
        assert cron_env(live) == dict.fromkeys(set_by_others, "theirs") | dict.fromkeys(ours, "ours")
        assert world.apply(cron(dict.fromkeys(ours, "ours")))["metadata"] == live["metadata"]


def cron(variables: dict[str, str]) -> Body:
    """A CronJob, which no controller writes, with an environment."""
    env = [{"name": name, "value": value} for name, value in variables.items()]
    pod = {"restartPolicy": "Never", "containers": [{"name": "web", "image": "web:1", "env": env}]}
    spec = {"schedule": "0 1 * * *", "jobTemplate": {"spec": {"template": {"spec": pod}}}}
    return placed("batch/v1", "CronJob", "nightly", spec=spec)


def cron_env_list(live: Body) -> list[Body]:
    container = live["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
    found: list[Body] = container.setdefault("env", [])
    return found


def cron_env(live: Body) -> dict[str, str]:
    return {one["name"]: one["value"] for one in cron_env_list(live)}


def _set_env(variables: dict[str, str], live: Body) -> None:
    container = live["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
    both = cron_env(live) | variables
    container["env"] = [{"name": name, "value": value} for name, value in both.items()]


def test_items_keep_their_place_as_the_api_has_it() -> None:
    """Shared items stand in our order; what only others have keeps its place before the next shared one."""
    world = World()
    world.apply(cron(dict.fromkeys("ABCD", "1")))
    world.cluster.edit(ref_of(cron({})), lambda live: cron_env_list(live).insert(1, {"name": "Z", "value": "9"}))
    for applied, expected in (("DBEA", "ZDBEA"), ("XA", "ZXA")):
        assert "".join(cron_env(world.apply(cron(dict.fromkeys(applied, "1"))))) == expected
