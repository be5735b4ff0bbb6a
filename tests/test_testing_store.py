"""The store in memory: numbers and versions guard what is written, and what was written outlives who wrote it."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest

from lastgood.errors import Conflict, RecordCorrupt, ReleaseNotFound, Unreachable
from lastgood.model.release import Release, State
from lastgood.model.resource import Resource
from lastgood.ports import Lease
from lastgood.testing import FakeClock, Killed, KillSwitch, MemoryStore

T = TypeVar("T")

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Desk:
    """A store and its clock."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = MemoryStore("default", self.clock)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.clock.run(work)


def release(number: int, *, restores: int | None = None, data: str = "1") -> Release:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "app"}, "data": {"a": data}}
    return Release("shop", "default", number, NOW, resources=(Resource(body),), restores=restores)


def test_a_history_is_listed_newest_first_and_by_name() -> None:
    desk = Desk()
    for number in (1, 2):
        desk.do(desk.store.create(release(number)))
    desk.do(desk.store.create(replace(release(7), name="other")))
    assert [one.number for one in desk.do(desk.store.summaries("shop"))] == [2, 1]
    assert desk.do(desk.store.summaries("nobody")) == ()


def test_a_number_is_taken_once() -> None:
    desk = Desk()
    desk.do(desk.store.create(release(1)))
    with pytest.raises(Conflict, match=r'secrets "lastgood.shop.v1" already exists'):
        desk.do(desk.store.create(release(1, data="other")))
    assert desk.do(desk.store.read("shop", 1)).resources == release(1).resources


def test_an_update_needs_the_version_that_was_read() -> None:
    desk = Desk()
    first = desk.do(desk.store.create(release(1)))
    good = desk.do(desk.store.update(first.ended_as(State.GOOD, NOW)))
    with pytest.raises(Conflict, match="has been modified"):
        desk.do(desk.store.update(first.ended_as(State.FAILED, NOW)))
    assert desk.do(desk.store.read("shop", 1)) == good
    with pytest.raises(Conflict):
        desk.do(desk.store.update(release(2)))


def test_a_record_that_restores_another_comes_with_its_resources() -> None:
    desk = Desk()
    desk.do(desk.store.create(release(1, data="good")))
    answer = desk.do(desk.store.create(release(2, restores=1, data="not stored")))
    assert desk.do(desk.store.read("shop", 2)).resources == release(1, data="good").resources
    assert desk.do(desk.store.summaries("shop"))[0].content == release(1, data="good").content
    desk.do(desk.store.update(answer.ended_as(State.GOOD, NOW)))
    desk.do(desk.store.delete("shop", 1))
    with pytest.raises(ReleaseNotFound):
        desk.do(desk.store.read("shop", 2))


def test_nothing_is_shared_with_who_wrote_or_read_it() -> None:
    desk, mine = Desk(), release(1)
    desk.do(desk.store.create(mine))
    mine.resources[0].body["data"]["a"] = "changed"
    desk.do(desk.store.read("shop", 1)).resources[0].body["data"]["a"] = "changed"
    assert desk.do(desk.store.read("shop", 1)).resources == release(1).resources


def test_what_is_not_there_and_what_cannot_be_read() -> None:
    desk = Desk()
    with pytest.raises(ReleaseNotFound):
        desk.do(desk.store.read("shop", 1))
    desk.do(desk.store.delete("shop", 1))
    desk.do(desk.store.create(release(1)))
    desk.store.corrupt("shop", 1)
    with pytest.raises(RecordCorrupt):
        desk.do(desk.store.read("shop", 1))


def test_of_two_who_want_a_lease_one_gets_it() -> None:
    desk = Desk()
    assert desk.do(desk.store.read_lease("shop")) is None
    held = desk.do(desk.store.write_lease("shop", Lease("one", NOW, 15)))
    with pytest.raises(Conflict):
        desk.do(desk.store.write_lease("shop", Lease("two", NOW, 15)))
    renewed = desk.do(desk.store.write_lease("shop", replace(held, seconds=30)))
    with pytest.raises(Conflict):
        desk.do(desk.store.write_lease("shop", replace(held, holder="two")))
    assert desk.do(desk.store.read_lease("shop")) == renewed


def test_an_error_on_purpose_comes_as_often_as_it_is_asked_for() -> None:
    desk = Desk()
    desk.store.fail_next(Unreachable("no network"), verb="summaries", times=2)
    for _ in range(2):
        with pytest.raises(Unreachable):
            desk.do(desk.store.summaries("shop"))
    assert desk.do(desk.store.summaries("shop")) == ()
    assert [request.verb for request in desk.store.requests] == ["summaries"] * 3


def test_a_run_that_is_killed_writes_nothing_any_more_and_what_it_wrote_stays() -> None:
    desk = Desk()
    switch = desk.store.on_request = KillSwitch(at=2)
    desk.do(desk.store.create(release(1)))
    for _ in range(2):
        with pytest.raises(Killed):
            desk.do(desk.store.create(release(2)))
    with pytest.raises(Killed):
        desk.do(desk.store.summaries("shop"))
    assert switch.writes == 2
    desk.store.on_request = None
    assert [one.number for one in desk.do(desk.store.summaries("shop"))] == [1]
