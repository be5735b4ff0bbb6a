"""Many collections become one stream of observations."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import TypeVar

import httpx2
import pytest

from lastgood.errors import Forbidden, Unreachable
from lastgood.kube.cluster import KubeCluster
from lastgood.kube.observing import collections_of
from lastgood.model.health import Observation
from lastgood.model.resource import GroupKind, Ref
from lastgood.ports import Served
from lastgood.testing.clock import FakeClock
from tests.kube.api import Api, Reply, by_query, event, page, play, serve, status, stream, thing

T = TypeVar("T")

DEPLOYMENT, REPLICA_SET, POD = GroupKind("apps", "Deployment"), GroupKind("apps", "ReplicaSet"), GroupKind("", "Pod")
WEB = Ref(*DEPLOYMENT, "shop", "web", "v1")
BELOW = {DEPLOYMENT: (REPLICA_SET, POD)}
ROOT = "/apis/apps/v1/namespaces/shop"
PATHS = {"d": f"{ROOT}/deployments", "r": f"{ROOT}/replicasets", "p": "/api/v1/namespaces/shop/pods"}
QUIET = stream(hang=True)


def scripted(*, d: Reply = QUIET, r: Reply = QUIET, p: Reply = QUIET) -> Api:
    """A Deployment with a ReplicaSet and a pod, and what its watches then bring."""
    api = Api()
    serve(api)
    lists = {
        "d": page(thing("web")),
        "r": page(thing("web-1", owner="uid-web")),
        "p": page(thing("pod", owner="uid-web-1")),
    }
    for key, watch in (("d", d), ("r", r), ("p", p)):
        api.on("GET", PATHS[key], by_query("watch", {"": [lists[key]], "true": [watch, QUIET]}))
    return api


Story = Callable[[AsyncIterator[Observation], FakeClock], Awaitable[T]]


def observe(api: Api, story: Story[T], *, refs: tuple[Ref, ...] = (WEB,)) -> T:
    clock = FakeClock()

    async def act(cluster: KubeCluster) -> T:
        async with cluster.observe(refs, BELOW) as observations:
            return await story(observations, clock)

    return play(api, lambda transport: act(KubeCluster(transport)), clock=clock)


def pods(observation: Observation) -> list[str]:
    return [
        f"{one['metadata']['name']}@{one['metadata']['resourceVersion']}" for one in observation.of("uid-web", "Pod")
    ]


def test_the_first_observation_is_whole_and_costs_no_watch() -> None:
    api = scripted()

    async def look(observations: AsyncIterator[Observation], _clock: FakeClock) -> Observation:
        seen = await anext(observations)
        await asyncio.sleep(5)
        return seen

    seen = observe(api, look)
    assert ({WEB}, ["pod@1"], 1) == (set(seen.bodies), pods(seen), len(seen.of("uid-web", "ReplicaSet")))
    assert not [one for one in api.requests if b"watch" in one.url.query]


def test_a_change_is_shown_at_once_and_those_that_follow_closely_together() -> None:
    changes: list[bytes | float] = [5.0]
    for version in range(2, 8):
        changes += [event("MODIFIED", thing("pod", version=str(version), owner="uid-web-1")), 0.002]
    api = scripted(p=stream(*changes, hang=True))

    async def three(observations: AsyncIterator[Observation], clock: FakeClock) -> list[tuple[str, float]]:
        await anext(observations)
        return [(pods(await anext(observations))[0], round(clock.monotonic() - 5.0, 3)) for _ in range(2)]

    assert [("pod@2", 0.0), ("pod@7", 0.015)] == observe(api, three)


def test_what_belongs_to_others_is_not_shown_and_wakes_nobody() -> None:
    stray = event("ADDED", thing("stray")) + event("ADDED", thing("theirs", owner="uid-other"))
    api = scripted(p=stream(stray, 3.0, event("DELETED", thing("pod", owner="uid-web-1")), hang=True))

    async def two(observations: AsyncIterator[Observation], clock: FakeClock) -> tuple[list[str], float]:
        await anext(observations)
        return pods(await anext(observations)), clock.monotonic()

    assert ([], 3.0) == observe(api, two)


def test_a_cancelled_wait_loses_nothing() -> None:
    api = scripted(d=stream(1.0, event("MODIFIED", thing("web", version="2")), hang=True))

    async def impatient(observations: AsyncIterator[Observation], _clock: FakeClock) -> str:
        await anext(observations)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(observations), 0.5)
        await asyncio.sleep(1)
        seen = await anext(observations)
        return str(seen.bodies[WEB]["metadata"]["resourceVersion"])

    assert "2" == observe(api, impatient)


def test_a_watch_that_fails_for_good_comes_out_of_the_iterator_as_it_is() -> None:
    """Not wrapped in a group, and only where somebody waits for it."""
    api = scripted(p=httpx2.ConnectError("refused"))
    api.on("GET", PATHS["p"], by_query("watch", {"": [page()], "true": [httpx2.ConnectError("refused")]}))

    async def wait(observations: AsyncIterator[Observation], _clock: FakeClock) -> None:
        async for _ in observations:
            pass

    with pytest.raises(Unreachable):
        observe(api, wait)


def test_what_may_not_be_read_is_said_at_the_first_look() -> None:
    api = scripted()
    denied = status(403, 'User "bob" cannot get resource "deployments" in API group "apps"', "Forbidden")
    for path in (PATHS["d"], f"{PATHS['d']}/web"):
        api.on("GET", path, denied)

    async def look(observations: AsyncIterator[Observation], _clock: FakeClock) -> Observation:
        return await anext(observations)

    with pytest.raises(Forbidden, match=r"bob may not get deployments\.apps"):
        observe(api, look)


def test_dependents_that_may_not_be_listed_are_left_out() -> None:
    api = scripted()
    api.on("GET", PATHS["p"], status(403, 'User "bob" cannot list resource "pods" in API group ""', "Forbidden"))

    async def look(observations: AsyncIterator[Observation], _clock: FakeClock) -> Observation:
        return await anext(observations)

    seen = observe(api, look)
    assert ([], 1) == (pods(seen), len(seen.of("uid-web", "ReplicaSet")))


def test_an_error_of_the_watcher_is_not_changed_on_its_way_out() -> None:
    async def fail(_observations: AsyncIterator[Observation], _clock: FakeClock) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        observe(scripted(), fail)


def test_nothing_is_left_running_when_nobody_watches_any_more() -> None:
    async def look(observations: AsyncIterator[Observation], _clock: FakeClock) -> None:
        await anext(observations)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(observations), 1)

    async def act(cluster: KubeCluster) -> int:
        before = len(asyncio.all_tasks())
        async with cluster.observe([WEB], BELOW) as observations:
            await look(observations, FakeClock())
        return len(asyncio.all_tasks()) - before

    assert 0 == play(scripted(), lambda transport: act(KubeCluster(transport)))


def test_a_kind_that_nobody_serves_is_simply_absent() -> None:
    async def look(observations: AsyncIterator[Observation], _clock: FakeClock) -> Observation:
        return await anext(observations)

    assert {} == observe(scripted(), look, refs=(Ref("x.io", "Thing", "shop", "a", "v1"),)).bodies


# --- which collections


def served(*kinds: GroupKind, namespaced: bool = True) -> Mapping[GroupKind, Served]:
    return {kind: Served(kind, ("v1",), f"{kind.kind.lower()}s", namespaced) for kind in kinds}


def test_there_is_one_collection_for_each_kind_and_namespace() -> None:
    refs = [WEB, Ref(*DEPLOYMENT, "shop", "db", "v1"), Ref(*DEPLOYMENT, "other", "x", "v1")]
    found = collections_of(refs, BELOW, served(DEPLOYMENT, REPLICA_SET, POD))
    assert {(one.served.group_kind.kind, one.namespace, tuple(sorted(one.names)), one.whole) for one in found} == {
        ("Deployment", "shop", ("db", "web"), False),
        ("Deployment", "other", ("x",), False),
        ("ReplicaSet", "shop", (), True),
        ("ReplicaSet", "other", (), True),
        ("Pod", "shop", (), True),
        ("Pod", "other", (), True),
    }


def test_a_kind_that_is_wanted_itself_and_as_a_dependent_is_watched_once() -> None:
    refs = [WEB, Ref(*POD, "shop", "lonely", "v1")]
    found = collections_of(refs, {DEPLOYMENT: (POD,)}, served(DEPLOYMENT, POD))
    assert [("Deployment", False), ("Pod", True)] == [(one.served.group_kind.kind, one.whole) for one in found]
