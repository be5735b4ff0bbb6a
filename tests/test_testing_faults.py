"""Requests are written down, fail when a test wants it, and stop where a run is killed."""

from __future__ import annotations

import asyncio

import pytest

from lastgood.errors import Unreachable
from lastgood.model.plan import Guard
from lastgood.model.resource import ref_of
from lastgood.testing import Killed, KillSwitch, Request
from tests.testing_cast import World, config


def test_every_request_is_written_down_with_what_it_is_about() -> None:
    world, ref = World(), ref_of(config())
    world.apply(config(), dry_run=True)
    world.apply(config())
    world.run(world.cluster.label(ref, {"a": "b"}, manager="someone"))
    world.run(world.cluster.delete(ref, Guard("any"), propagation="Background"))
    assert world.cluster.requests == [
        Request("apply", ref, dry_run=True),
        Request("apply", ref),
        Request("label", ref),
        Request("delete", ref),
    ]
    assert [request.writes for request in world.cluster.requests] == [False, True, True, True]


def test_the_next_request_of_a_kind_fails_and_changes_nothing() -> None:
    world = World()
    world.cluster.fail_next(Unreachable("gone"), verb="apply", ref=ref_of(config("b")))
    world.apply(config("a"))
    with pytest.raises(Unreachable, match="gone"):
        world.apply(config("b"))
    assert world.cluster.live(ref_of(config("b"))) is None
    world.apply(config("b"))


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_run_can_be_killed_at_every_write_in_turn(at: int) -> None:
    """However many writes go on at once, the ones before it are done, and none after it."""
    world, names = World(), ["a", "b", "c"]
    switch = world.cluster.on_request = KillSwitch(at)

    async def run() -> None:
        async with asyncio.TaskGroup() as group:
            for name in names:
                group.create_task(world.cluster.apply(config(name), Guard()))

    with pytest.raises(BaseExceptionGroup) as caught:
        world.run(run())
    assert caught.group_contains(Killed)
    assert switch.dead
    world.cluster.on_request = None
    assert [name for name in names if world.cluster.live(ref_of(config(name)))] in (
        [],
        *(names[:n] for n in range(1, at)),
    )


def test_a_switch_that_never_kills_counts_the_writes() -> None:
    world = World()
    switch = world.cluster.on_request = KillSwitch()
    world.apply(config("a"))
    world.apply(config("b"), dry_run=True)
    world.run(world.cluster.read([ref_of(config())]))
    assert switch.writes == 1
