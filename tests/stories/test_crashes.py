"""The process is killed at each of its writes in turn; the next run makes it right, without anybody's help."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from lastgood.deployer import Deployer
from lastgood.errors import LastgoodError, ReleaseNotFound
from lastgood.model.event import Event
from lastgood.model.release import State
from lastgood.model.request import Options, Request
from lastgood.model.resource import Ref, Resource
from lastgood.testing import FakeClock, Killed, KillSwitch, MemoryCluster, MemoryStore
from tests.stories.cast import GOOD_1, GOOD_2, MISSING, altered, config, service, web

NAME, NAMESPACE = "shop", "stories"

FIRST = (config("app", a="1"), config("old", b="1"), service(), web(GOOD_1, reads="app"))
SECOND = (config("app", a="2"), config("new", c="1"), service(), web(GOOD_2, reads="app"))
BROKEN = (config("app", a="3"), config("bad", d="1"), web(MISSING, reads="app"), web(GOOD_1, "extra"))
OTHER_STRATEGY = (config("app", a="4"), altered(web(GOOD_2, reads="app"), spec__strategy={"type": "Recreate"}))


class World:
    """A cluster and a store that outlive the processes that use them."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.cluster = MemoryCluster(self.clock)
        self.cluster.add_namespace(NAMESPACE)
        self.store = MemoryStore(NAMESPACE, self.clock)
        self.runs = 0

    def run(
        self,
        work: Callable[[Deployer], Awaitable[Any]],
        switch: KillSwitch | None = None,
        tell: Callable[[Event], None] = lambda event: None,
    ) -> Any:
        """One process from start to end; killed, it leaves what it has written."""
        self.runs += 1
        deployer = Deployer(
            self.cluster, self.store, self.clock, NAMESPACE, f"run-{self.runs}", tell, lambda: "00" * 16
        )
        self.cluster.on_request = self.store.on_request = switch
        try:
            return self.clock.run(_to_the_end(work, deployer))
        finally:
            self.cluster.on_request = self.store.on_request = None

    def deploy(
        self,
        resources: tuple[Resource, ...],
        switch: KillSwitch | None = None,
        tell: Callable[[Event], None] = lambda event: None,
    ) -> Any:
        request = Request(NAME, NAMESPACE, resources, options=Options(timeout=60))
        return self.run(lambda deployer: deployer.deploy(request), switch, tell)

    def uninstall(self, switch: KillSwitch | None = None, *, keep_history: bool = False) -> Any:
        options = Options(timeout=60)
        return self.run(lambda deployer: deployer.uninstall(NAME, keep_history=keep_history, options=options), switch)

    def placed(self, resource: Resource) -> Resource:
        """A resource of the cast's, in the namespace of these stories."""
        return resource.with_body({**resource.body, "metadata": {**resource.body["metadata"], "namespace": NAMESPACE}})

    def ref(self, ref: Ref) -> Ref:
        """A ref of the cast's, in the namespace of these stories."""
        return replace(ref, namespace=NAMESPACE)

    def verify(self) -> Any:
        return self.run(lambda deployer: deployer.verify(NAME))

    def names(self) -> set[str]:
        """Everything of ours that is there, as kind/name."""
        kinds = {"ConfigMap", "Service", "Deployment"}

        async def find(deployer: Deployer) -> set[str]:
            served = await deployer.cluster.served()
            found = await deployer.cluster.find([one for one in served if one.kind in kinds], NAMESPACE, label="")
            return {
                f"{body['kind']}/{body['metadata']['name']}"
                for body in found
                if not body["metadata"].get("deletionTimestamp")
            }

        found: set[str] = self.run(find)
        return found - {"ConfigMap/kube-root-ca.crt"}

    def states(self) -> list[State]:
        async def read(deployer: Deployer) -> list[State]:
            return [one.state for one in (await deployer.history(NAME)).summaries]

        states: list[State] = self.run(read)
        return states


async def _to_the_end(work: Callable[[Deployer], Awaitable[Any]], deployer: Deployer) -> Any:
    try:
        return await work(deployer)
    except (LastgoodError, Killed) as error:
        return error


def wanted(resources: tuple[Resource, ...]) -> set[str]:
    return {f"{one.ref.kind}/{one.ref.name}" for one in resources}


ATTEMPTS = {"good": SECOND, "broken": BROKEN, "another strategy": OTHER_STRATEGY}


def killed_everywhere(attempted: tuple[Resource, ...]) -> Iterator[tuple[World, int, Any]]:
    """A world for each write at which the deploy was killed, the number of that write, and what was raised."""
    for at in itertools.count(1):
        world, switch = World(), KillSwitch(at)
        world.deploy(FIRST)
        died = world.deploy(attempted, switch)
        if not switch.dead:
            return
        yield world, at, died


@pytest.mark.parametrize("attempted", ATTEMPTS.values(), ids=ATTEMPTS)
def test_after_a_kill_anywhere_the_next_deploy_ends_well(attempted: tuple[Resource, ...]) -> None:
    """A good deploy after the crash is live and proved, and nothing that the dead one made is left."""
    for world, at, _ in killed_everywhere(attempted):
        outcome = world.deploy(SECOND)
        assert not isinstance(outcome, Exception), (at, outcome)
        assert world.verify().holds, at
        assert wanted(SECOND) == world.names(), at
        assert world.states()[0] is State.GOOD, at
        assert State.PENDING not in world.states(), at


@pytest.mark.parametrize("attempted", ATTEMPTS.values(), ids=ATTEMPTS)
def test_after_a_kill_anywhere_a_failing_deploy_still_comes_back(attempted: tuple[Resource, ...]) -> None:
    """The next run fails by itself: what was last good is live and proved."""
    for world, at, _ in killed_everywhere(attempted):
        outcome = world.deploy(BROKEN)
        assert outcome.exit_code == 1, (at, outcome)
        assert world.verify().holds, at
        (good,) = (one for one in (FIRST, SECOND, OTHER_STRATEGY) if is_last_good(world, one))
        assert wanted(good) == world.names(), at


@pytest.mark.parametrize("attempted", ATTEMPTS.values(), ids=ATTEMPTS)
def test_after_a_kill_anywhere_recover_ends_proved(attempted: tuple[Resource, ...]) -> None:
    """``recover`` finishes it or goes back; either way nothing is pending and a proof holds."""
    for world, at, _ in killed_everywhere(attempted):
        outcome = world.run(lambda deployer: deployer.recover(NAME, options=Options(timeout=60)))
        assert not isinstance(outcome, Exception), (at, outcome)
        assert world.verify().holds, at
        assert world.states()[0] is State.GOOD, at
        assert State.PENDING not in world.states(), at


def killed_in_uninstall(*, keep_history: bool = False) -> Iterator[tuple[World, int]]:
    """A world for each write at which an uninstallation was killed."""
    for at in itertools.count(1):
        world, switch = World(), KillSwitch(at)
        world.deploy(FIRST)
        world.uninstall(switch, keep_history=keep_history)
        if not switch.dead:
            return
        yield world, at


@pytest.mark.parametrize("keep_history", [False, True], ids=["with its history", "but for its history"])
def test_after_a_kill_anywhere_in_an_uninstallation_the_next_one_ends_it(*, keep_history: bool) -> None:
    kills = 0
    for world, at in killed_in_uninstall(keep_history=keep_history):
        outcome = world.uninstall()
        forgotten = isinstance(outcome, ReleaseNotFound)  # it died after the last record was gone
        assert forgotten or not isinstance(outcome, Exception), (at, outcome)
        assert world.names() == set(), at
        assert isinstance(world.run(lambda deployer: deployer.history(NAME)), ReleaseNotFound), at
        kills += 1
    assert kills > len(FIRST)


def test_after_a_kill_anywhere_in_an_uninstallation_recover_leaves_nothing_half_done() -> None:
    """Either all of it is gone, or all of it is back."""
    for world, at in killed_in_uninstall():
        outcome = world.run(lambda deployer: deployer.recover(NAME, options=Options(timeout=60)))
        assert isinstance(outcome, ReleaseNotFound) or not isinstance(outcome, Exception), (at, outcome)
        assert world.names() in (set(), wanted(FIRST)), at


def test_after_a_kill_anywhere_in_an_uninstallation_a_deploy_ends_well() -> None:
    for world, at in killed_in_uninstall():
        outcome = world.deploy(SECOND)
        assert not isinstance(outcome, Exception), (at, outcome)
        assert world.verify().holds, at
        assert wanted(SECOND) == world.names(), at


def is_last_good(world: World, resources: tuple[Resource, ...]) -> bool:
    """Whether the last good release holds these resources' configuration."""

    async def read(deployer: Deployer) -> bool:
        good = (await deployer.history(NAME)).last_good
        assert good is not None
        release = await deployer.show(NAME, good.number)
        live = {one.ref.name: one.body.get("data") for one in release.resources if one.ref.kind == "ConfigMap"}
        return live == {one.ref.name: one.body.get("data") for one in resources if one.ref.kind == "ConfigMap"}

    return bool(world.run(read))


@pytest.mark.parametrize("later", [SECOND, FIRST], ids=["changes the same", "changes nothing"])
def test_a_run_that_wakes_up_after_another_took_over_cannot_write(later: tuple[Resource, ...]) -> None:
    """It was paused between its plan and its first write; by then another run is done. All it still does is refused.

    Also what the other run had no reason to write: it moved the version of everything first.
    """
    world = World()
    world.deploy(FIRST)

    async def two_runs() -> tuple[Any, Any]:
        paused = asyncio.Event()
        woken = asyncio.Event()

        class Paused(MemoryCluster):
            """The same cluster, seen by a process that is stopped before its first write."""

            def __init__(self, real: MemoryCluster) -> None:
                self.__dict__ = real.__dict__

            async def apply(self, body: Any, guard: Any, *, dry_run: bool = False) -> Any:
                if not dry_run:
                    paused.set()
                    await woken.wait()
                return await super().apply(body, guard, dry_run=dry_run)

        ghost_deployer = deployer_of(world, "ghost", Paused(world.cluster), FrozenLeases(world.store, paused))
        ghost = asyncio.create_task(outcome_of(ghost_deployer, BROKEN))
        await paused.wait()
        other = await outcome_of(deployer_of(world, "other", world.cluster, world.store), later)
        woken.set()
        return await ghost, other

    ghost, other = world.clock.run(two_runs())
    assert not isinstance(other, Exception), other
    assert ghost.exit_code == 3
    assert wanted(later) == world.names()
    assert world.verify().holds


class FrozenLeases:
    """The store as a paused process sees it: its renewals stop with it."""

    def __init__(self, store: MemoryStore, paused: asyncio.Event) -> None:
        self._store, self._paused = store, paused

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def write_lease(self, name: str, lease: Any) -> Any:
        while self._paused.is_set() and lease.holder == "ghost":
            await asyncio.sleep(1000)
        return await self._store.write_lease(name, lease)


def deployer_of(world: World, holder: str, cluster: Any, store: Any) -> Deployer:
    return Deployer(cluster, store, world.clock, NAMESPACE, holder, lambda event: None, lambda: "00" * 16)


async def outcome_of(deployer: Deployer, resources: tuple[Resource, ...]) -> Any:
    try:
        return await deployer.deploy(Request(NAME, NAMESPACE, resources, options=Options(timeout=60)))
    except LastgoodError as error:
        return error


def test_what_a_ghost_still_makes_after_another_took_over_is_found(world_with_ghost: World) -> None:
    """It died right after its late create and could not take it back: ``verify`` sees it, the next deploy prunes."""
    world = world_with_ghost
    world.cluster.create(world.placed(config("bad", d="1")).body, manager="lastgood")
    assert [str(one.ref) for one in world.verify().failures] == ["configmap/bad"]
    outcome = world.deploy(SECOND)
    assert not isinstance(outcome, Exception), outcome
    assert wanted(SECOND) == world.names()


@pytest.fixture
def world_with_ghost() -> World:
    """A run died before its first write and never gave its Lease back; another one is done since."""
    world = World()
    world.deploy(FIRST)
    switch = KillSwitch(3)  # the Lease and the record are written, no resource is
    world.deploy(BROKEN, switch)
    assert world.names() == wanted(FIRST)
    world.deploy(SECOND)
    return world
