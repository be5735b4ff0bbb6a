"""Writes: guarded, decided anew on a conflict, and never made by a run that lost its Lease."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from lastgood.diffing import TOUCHED
from lastgood.errors import Conflict, Fenced, Rejected, Unreachable
from lastgood.executing import TRIES, Executor, Outcome
from lastgood.fencing import fence_off
from lastgood.model.event import NotWritten, Written
from lastgood.model.plan import Apply, Change, Op, Plan, Prune
from lastgood.model.resource import Body, Ref, Resource
from lastgood.testing import FakeClock, MemoryCluster
from tests.stories.cast import config, made

NAMESPACE = "shop"


class World:
    """A cluster, and an executor that may be fenced off."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.cluster = MemoryCluster(self.clock)
        self.cluster.add_namespace(NAMESPACE)
        self.told: list[Any] = []
        self.confirmed = 0
        self.fenced_after: int | None = None

    async def confirm(self) -> None:
        self.confirmed += 1
        if self.fenced_after is not None and self.confirmed > self.fenced_after:
            raise Fenced("another run took over")

    def run(self, *steps: Apply | Prune, going_back: bool = False) -> Outcome:
        executor = Executor(
            self.cluster, self.clock, self.confirm, self.told.append, until=600, stop_at_refusal=not going_back
        )
        changes = tuple(change for step in steps for change in step.changes)
        return self.clock.run(executor.run(Plan(steps, changes)))

    def live(self, name: str = "app") -> Body | None:
        return self.cluster.live(Ref("", "ConfigMap", NAMESPACE, name))


@pytest.fixture
def world() -> World:
    return World()


def wanted(name: str = "app", **data: str) -> Resource:
    resource = config(name, **data)
    resource.body["metadata"]["namespace"] = NAMESPACE
    return resource


def create(resource: Resource) -> Change:
    return Change(Op.CREATE, resource.ref, body=resource.body)


def update(resource: Resource, live: Body | None) -> Change:
    return Change(Op.UPDATE, resource.ref, body=resource.body, live=live)


def test_what_was_sent_and_what_we_own_since_is_agreed(world: World) -> None:
    outcome = world.run(Apply((create(wanted(a="1")),)))
    live = world.live()
    assert live is not None
    assert outcome.passed
    assert [live["metadata"]["uid"]] == [one.uid for one in outcome.sent]
    assert [Written] == [type(one) for one in world.told]


def test_somebody_else_s_write_in_between_is_a_conflict_and_is_decided_anew(world: World) -> None:
    """Status updates do it all the time: the Lease is read again, then the resource, and the wish stays the same."""
    world.run(Apply((create(wanted(a="1")),)))
    stale = world.live()
    world.cluster.edit(wanted().ref, lambda body: body["data"].update(b="theirs"), manager="some-controller")
    world.run(Apply((update(wanted(a="2"), stale),)))
    live = world.live()
    assert live is not None
    assert ({"a": "2", "b": "theirs"}, 1) == (live["data"], world.confirmed)


def test_what_was_deleted_in_between_is_made_again(world: World) -> None:
    world.run(Apply((create(wanted(a="1")),)))
    stale = world.live()
    world.run(Prune((Change(Op.DELETE, wanted().ref, live=stale),)))
    world.run(Apply((update(wanted(a="2"), stale),)))
    live = world.live()
    assert live is not None
    assert {"a": "2"} == live["data"]


@pytest.mark.parametrize("manager", ["kubectl-create", "ci"])
def test_what_somebody_made_in_between_is_taken_over(world: World, manager: str) -> None:
    """By whatever name it was deployed: what it says is what we say, and no more."""
    world.cluster.create(wanted(b="theirs").body, manager=manager)
    world.run(Apply((create(wanted(a="1")),)))
    live = world.live()
    assert live is not None
    assert {"a": "1"} == live["data"]


def test_conflicts_without_end_are_given_up(world: World) -> None:
    world.cluster.fail_next(Conflict("somebody else"), verb="apply", times=TRIES)
    outcome = world.run(Apply((create(wanted(a="1")),)))
    assert ["in a row" in str(one.error) for one in outcome.refused] == [True]


def test_a_run_that_lost_its_lease_stops_at_the_first_conflict(world: World) -> None:
    world.run(Apply((create(wanted(a="1")),)))
    stale = world.live()
    world.cluster.edit(wanted().ref, lambda body: body["data"].update(a="theirs"))
    world.fenced_after = 0
    with pytest.raises(Fenced):
        world.run(Apply((update(wanted(a="2"), stale),)))
    live = world.live()
    assert live is not None
    assert {"a": "theirs"} == live["data"]


def test_what_a_fenced_run_created_at_the_last_moment_it_takes_back(world: World) -> None:
    """A fence makes no create stale: nobody else would know of it."""
    world.run(Apply((create(wanted(a="1")),)))
    stale = world.live()
    world.cluster.edit(wanted().ref, lambda body: body["data"].update(a="theirs"))
    world.fenced_after = 0
    with pytest.raises(Fenced):
        world.run(Apply((update(wanted(a="2"), stale), create(wanted("late", a="1")))))
    assert world.live("late") is None


def test_of_that_it_leaves_what_is_never_deleted(world: World) -> None:
    """Namespaces, definitions and volume claims: nobody needs a right to delete them."""
    world.run(Apply((create(wanted(a="1")),)))
    stale = world.live()
    world.cluster.edit(wanted().ref, lambda body: body["data"].update(a="theirs"))
    world.fenced_after = 0
    space = made("v1", "Namespace", "late")
    with pytest.raises(Fenced):
        world.run(Apply((update(wanted(a="2"), stale), create(space))))
    assert world.cluster.live(space.ref) is not None


def test_going_forward_the_first_refusal_ends_it(world: World) -> None:
    world.cluster.fail_next(Rejected("no"), verb="apply")
    outcome = world.run(Apply((create(wanted("a")),)), Apply((create(wanted("b")),)))
    assert (False, None, None) == (outcome.passed, world.live("a"), world.live("b"))


def test_coming_back_everything_else_is_done_and_the_refusal_is_told(world: World) -> None:
    world.cluster.fail_next(Rejected("no"), verb="apply")
    outcome = world.run(Apply((create(wanted("a")),)), Apply((create(wanted("b")),)), going_back=True)
    assert (False, True) == (outcome.passed, world.live("b") is not None)
    assert 1 == sum(isinstance(one, NotWritten) for one in world.told)


def test_another_resource_by_the_same_name_is_not_deleted(world: World) -> None:
    """Only the uid that was seen is pruned."""
    world.run(Apply((create(wanted(a="1")),)))
    seen = world.live()
    world.run(Prune((Change(Op.DELETE, wanted().ref, live=seen),)))
    world.cluster.create(wanted(a="theirs").body)
    world.run(Prune((Change(Op.DELETE, wanted().ref, live=seen),)))
    assert world.live() is not None


def test_a_fence_makes_every_version_stale_that_an_older_run_has_read(world: World) -> None:
    world.run(Apply((create(wanted(a="1")),)))
    before = world.live()
    missing = wanted("not-there").ref

    def fenced() -> Awaitable[None]:
        return fence_off(world.cluster, [wanted().ref, missing], "mark")

    _run(world, fenced)
    after = world.live()
    assert before is not None
    assert after is not None
    assert "mark" == after["metadata"]["labels"][TOUCHED]
    assert before["metadata"]["resourceVersion"] != after["metadata"]["resourceVersion"]


def _run(world: World, work: Callable[[], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        return await work()

    return world.clock.run(run())


def test_that_it_lost_its_lease_is_said_before_anything_else_that_went_wrong(world: World) -> None:
    world.run(Apply((create(wanted(a="1")),)))
    stale = world.live()
    world.cluster.edit(wanted().ref, lambda body: body["data"].update(a="theirs"))
    world.fenced_after = 0
    world.cluster.fail_next(Unreachable("no network"), verb="apply", ref=wanted("first").ref, times=1)
    with pytest.raises(Fenced):
        world.run(Apply((create(wanted("first")), update(wanted(a="2"), stale))))
