"""Leases: taken, kept, and lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

import httpx2
import pytest

from lastgood.errors import Conflict, NotFound, Unreachable
from lastgood.kube.store import KubeStore
from lastgood.kube.transport import Transport
from lastgood.ports import Lease
from lastgood.testing.clock import FakeClock
from tests.kube.api import CONFIG, Api, status, stream
from tests.kube.shelf import Shelf

T = TypeVar("T")

PATH = "/apis/coordination.k8s.io/v1/namespaces/shop/leases"
RENEWED = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
MINE = Lease("me", RENEWED, 15)


def act(server: Callable[[httpx2.Request], httpx2.Response], story: Callable[[KubeStore], Awaitable[T]]) -> T:
    clock = FakeClock()

    async def run() -> T:
        async with Transport(CONFIG, clock=clock, mount=httpx2.MockTransport(server)) as transport:
            return await story(KubeStore(transport, "shop"))

    return clock.run(run())


def test_a_lease_that_nobody_ever_took_is_none() -> None:
    assert act(Shelf(), lambda store: store.read_lease("web")) is None


def test_what_is_written_is_read_to_the_microsecond() -> None:
    async def story(store: KubeStore) -> tuple[Lease, Lease | None]:
        return await store.write_lease("web", MINE), await store.read_lease("web")

    written, read = act(Shelf(), story)
    assert (MINE, written) == (replace(written, version=""), read)


def test_it_is_an_ordinary_lease_for_others_to_look_at() -> None:
    shelf = Shelf()
    act(shelf, lambda store: store.write_lease("web", MINE))
    assert shelf.objects[f"{PATH}/lastgood.web"]["spec"] == {
        "holderIdentity": "me",
        "leaseDurationSeconds": 15,
        "renewTime": "2026-01-02T03:04:05.678901Z",
        "leaseTransitions": 0,
    }


def test_of_two_that_take_it_at_once_one_has_it() -> None:
    async def story(store: KubeStore) -> list[Lease | BaseException]:
        mine, yours = MINE, replace(MINE, holder="you")
        return await asyncio.gather(*(store.write_lease("web", one) for one in (mine, yours)), return_exceptions=True)

    assert [Conflict, Lease] == sorted((type(one) for one in act(Shelf(), story)), key=lambda one: one.__name__)


def test_a_lease_that_another_took_is_lost() -> None:
    async def story(store: KubeStore) -> None:
        mine = await store.write_lease("web", MINE)
        await store.write_lease("web", replace(mine, holder="you", transitions=1))
        await store.write_lease("web", mine)

    with pytest.raises(Conflict):
        act(Shelf(), story)


def test_a_lease_that_was_deleted_is_lost() -> None:
    shelf = Shelf()

    async def story(store: KubeStore) -> None:
        mine = await store.write_lease("web", MINE)
        shelf.objects.clear()
        await store.write_lease("web", mine)

    with pytest.raises(Conflict, match="is gone"):
        act(shelf, story)


def test_a_renewal_whose_answer_was_lost_is_not_taken_for_somebody_elses() -> None:
    shelf = Shelf()

    async def story(store: KubeStore) -> Lease:
        mine = await store.write_lease("web", MINE)
        shelf.lose_answers = 1
        return await store.write_lease("web", mine)

    assert "me" == act(shelf, story).holder


def test_taking_it_is_known_again_when_the_answer_was_lost() -> None:
    shelf = Shelf()
    shelf.lose_answers = 1
    assert "me" == act(shelf, lambda store: store.write_lease("web", MINE)).holder


def test_a_lease_made_by_other_hands_is_read_as_far_as_it_says_anything() -> None:
    shelf = Shelf()
    shelf.objects[f"{PATH}/lastgood.web"] = {"metadata": {"name": "lastgood.web", "resourceVersion": "5"}}
    lease = act(shelf, lambda store: store.read_lease("web"))
    assert lease is not None
    assert ("", 1970, "5") == (lease.holder, lease.renewed.year, lease.version)


def test_a_namespace_that_is_missing_is_said() -> None:
    api = Api()
    api.on("POST", PATH, status(404, 'namespaces "shop" not found', "NotFound", kind="namespaces", name="shop"))
    with pytest.raises(NotFound, match="there is no namespace shop"):
        act(api, lambda store: store.write_lease("web", MINE))


def test_a_server_that_does_not_answer_in_time_is_out_of_reach_within_seconds() -> None:
    """Whoever cannot renew has to know before the Lease runs out."""
    api = Api()
    api.on("POST", PATH, stream(60.0, b"{}"))
    clock = FakeClock()

    async def run() -> None:
        async with Transport(CONFIG, clock=clock, mount=httpx2.MockTransport(api)) as transport:
            await KubeStore(transport, "shop").write_lease("web", MINE)

    with pytest.raises(Unreachable, match="did not answer about the Lease of web in time"):
        clock.run(run())
    assert clock.monotonic() <= 5.0
