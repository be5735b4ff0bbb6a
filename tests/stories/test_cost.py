"""Cost grows with the change, not with the release: requests are counted, not seconds."""

from __future__ import annotations

from collections import Counter
from typing import Any

from lastgood.errors import DeployFailed
from lastgood.kinds import kind_of
from lastgood.kube.observing import collections_of
from lastgood.model.resource import GroupKind, Ref, Resource
from lastgood.ports import Served
from tests.stories.cast import CRASH, GOOD_1, GOOD_2, MISSING, NOT_READY, config, web
from tests.stories.test_crashes import World

MANY = 1000
FEWER = 200


def release(*changed: Resource, size: int = FEWER) -> tuple[Resource, ...]:
    """Many ConfigMaps and a Deployment, with some of them otherwise."""
    names = {one.ref for one in changed}
    usual = (*(config(f"c{number}", a="1") for number in range(size)), web(GOOD_1))
    return (*(one for one in usual if one.ref not in names), *changed)


def requests_of(world: World, resources: tuple[Resource, ...]) -> Counter[str]:
    """How many requests of each verb a deploy makes of the cluster."""
    world.cluster.requests.clear()
    outcome = world.deploy(resources)
    assert not isinstance(outcome, Exception), outcome
    return Counter(f"dry {one.verb}" if one.dry_run else one.verb for one in world.cluster.requests)


def test_a_thousand_resources_of_which_none_changed_cost_some_tens_of_requests() -> None:
    world = World()
    world.deploy(release(size=MANY))
    found = requests_of(world, release(size=MANY))
    assert (0, 0) == (found["apply"], found["dry apply"])
    assert sum(found.values()) < 50, found


def test_one_change_among_many_costs_one_dry_run_and_one_apply() -> None:
    world = World()
    world.deploy(release())
    found = requests_of(world, release(web(GOOD_2)))
    assert (1, 1) == (found["apply"], found["dry apply"])
    assert sum(found.values()) < 60, found


def test_a_change_by_somebody_else_is_seen_without_asking_about_the_rest() -> None:
    world = World()
    world.deploy(release())
    ref = world.ref(config("c7").ref)
    world.cluster.edit(ref, lambda body: body["data"].update(a="2"))
    found = requests_of(world, release())
    assert (1, 1) == (found["apply"], found["dry apply"])


def test_what_is_written_otherwise_but_means_the_same_is_asked_about_once() -> None:
    """A quantity spelled in another way changes nothing; from then on it is known, and costs no request."""
    world = World()
    limits: dict[str, Any] = {"container": {"resources": {"limits": {"memory": "1024Mi"}}}}
    same: dict[str, Any] = {"container": {"resources": {"limits": {"memory": "1Gi"}}}}
    world.deploy((config("app", a="1"), web(GOOD_1, **limits)))
    world.deploy((config("app", a="2"), web(GOOD_1, **same)))
    found = requests_of(world, (config("app", a="3"), web(GOOD_1, **same)))
    assert (1, 1) == (found["apply"], found["dry apply"])


def workloads(image: str, **broken: str) -> tuple[Resource, ...]:
    """Many Deployments of one pod, some of them with another image."""
    names = (f"web-{number}" for number in range(FEWER))
    return tuple(web(broken.get(name.replace("-", "_"), image), name, replicas=1) for name in names)


def test_the_broken_one_of_two_hundred_is_named_first() -> None:
    """It is the last but some, and many others are still on their way."""
    world = World()
    world.deploy(workloads(GOOD_1))
    world.cluster.requests.clear()
    outcome = world.deploy(workloads(GOOD_2, web_173=MISSING))
    assert isinstance(outcome, DeployFailed)
    said = f"deployment.apps/web-173: container web cannot start: image {MISSING}: not found (ErrImagePull)"
    assert str(outcome).partition(" (and")[0] == said
    found = Counter(one.verb for one in world.cluster.requests)
    assert found["observe"] == 2, found  # one wait for the release, one for what comes back
    assert found["logs"] <= 2, found


def test_out_of_time_the_one_with_a_trouble_is_named_first() -> None:
    """The others have only not come to their turn."""
    world = World()
    outcome = world.deploy(workloads(NOT_READY, web_60=CRASH)[50:70])
    assert str(outcome).startswith("deployment.apps/web-60: container web crashed 3 times"), outcome


def test_two_hundred_workloads_are_watched_as_one_collection_for_each_kind_and_namespace() -> None:
    """A watch for each kind, however many there are of it."""
    kinds = (GroupKind("apps", "Deployment"), GroupKind("apps", "ReplicaSet"), GroupKind("", "Pod"))
    served = {kind: Served(kind, ("v1",), kind.kind.lower(), True) for kind in (*kinds, GroupKind("", "Event"))}
    dependents = {kinds[0]: kind_of(kinds[0]).dependents}
    refs = [Ref("apps", "Deployment", place, f"web-{number}") for place in ("a", "b") for number in range(FEWER)]
    assert len(collections_of(refs[:FEWER], dependents, served)) == 4
    assert len(collections_of(refs, dependents, served)) == 8
