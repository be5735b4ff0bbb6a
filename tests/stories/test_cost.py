"""Cost grows with the change, not with the release: requests are counted, not seconds."""

from __future__ import annotations

from collections import Counter
from typing import Any

from lastgood.model.resource import Resource
from tests.stories.cast import GOOD_1, GOOD_2, config, web
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
