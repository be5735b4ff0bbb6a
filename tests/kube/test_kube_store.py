"""The history in Secrets, and what happens to it when things go wrong in between."""

from __future__ import annotations

import asyncio
import base64
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import httpx2
import pytest

from lastgood.errors import Conflict, RecordCorrupt, Rejected, ReleaseNotFound
from lastgood.kube import codec
from lastgood.kube.records import PART_TYPE, RECORD_TYPE
from lastgood.kube.store import KubeStore
from lastgood.kube.transport import Transport
from lastgood.model.release import Release, State
from lastgood.model.resource import Resource
from lastgood.testing.clock import FakeClock
from tests.kube.api import CONFIG
from tests.kube.releases import CREATED, config_map, release
from tests.kube.shelf import Shelf

T = TypeVar("T")

RECORD = "/api/v1/namespaces/shop/secrets/lastgood.web.v1"


def act(shelf: Shelf, story: Callable[[KubeStore], Awaitable[T]]) -> T:
    """Let a store of its own do this."""
    clock = FakeClock()

    async def run() -> T:
        async with Transport(CONFIG, clock=clock, mount=httpx2.MockTransport(shelf)) as transport:
            return await story(KubeStore(transport, "shop"))

    return clock.run(run())


def large(megabytes: int, *, seed: int = 1) -> tuple[Resource, ...]:
    """Resources that no compression makes smaller than so many megabytes."""
    noise = random.Random(seed)
    text = [base64.b85encode(noise.randbytes(800_000)).decode() for _ in range(megabytes)]
    return tuple(config_map(f"c{n}", text=one) for n, one in enumerate(text))


def ended(one: Release, reason: str = "") -> Release:
    return one.ended_as(State.FAILED, CREATED + timedelta(minutes=1), reason=reason)


# --- writing and reading


def test_what_was_created_and_updated_is_read_again() -> None:
    shelf = Shelf()

    async def story(store: KubeStore) -> tuple[Release, Release, Release]:
        created = await store.create(release())
        read = await store.read("web", 1)
        return created, read, await store.update(ended(read))

    created, read, updated = act(shelf, story)
    assert (release(), created) == (replace(created, version=""), read)
    assert updated == act(shelf, lambda store: store.read("web", 1))
    assert created.version != updated.version


def test_a_history_is_listed_newest_first_without_reading_any_record() -> None:
    shelf = Shelf()

    async def story(store: KubeStore) -> list[int]:
        for number in (1, 2, 10, 9):
            await store.create(release(number))
        await store.create(release(3, name="other"))
        return [one.number for one in await store.summaries("web")]

    assert [10, 9, 2, 1] == act(shelf, story)
    assert "GET /api/v1/namespaces/shop/secrets/lastgood.web.v1" not in shelf.asked


def test_a_release_that_restores_another_comes_back_with_its_resources() -> None:
    async def story(store: KubeStore) -> tuple[Release, ...]:
        await store.create(release(1, config_map("app", v="1")))
        await store.create(release(2, config_map("app", v="1"), restores=1))
        await store.create(release(3, config_map("app", v="1"), restores=2))
        return await store.read("web", 2), await store.read("web", 3)

    assert [{"v": "1"}] * 2 == [one.resources[0].body["data"] for one in act(Shelf(), story)]


def test_a_release_whose_target_is_gone_cannot_come_back() -> None:
    async def story(store: KubeStore) -> Release:
        await store.create(release(2, restores=1))
        return await store.read("web", 2)

    with pytest.raises(RecordCorrupt, match="release 2 of web restores release 1, and the record of that one is gone"):
        act(Shelf(), story)


def test_what_is_not_there_is_not_found() -> None:
    with pytest.raises(ReleaseNotFound, match="there is no release 1 of web in namespace shop") as caught:
        act(Shelf(), lambda store: store.read("web", 1))
    assert caught.value.hint == "lastgood history web -n shop lists those there are"


def test_forgetting_is_no_error_when_it_is_forgotten_already() -> None:
    shelf = Shelf()

    async def story(store: KubeStore) -> None:
        await store.create(release(1, *large(3)))
        await store.delete("web", 1)
        await store.delete("web", 1)

    act(shelf, story)
    assert {} == shelf.objects


# --- two at once


def test_of_two_runs_only_one_gets_a_number() -> None:
    async def story(store: KubeStore) -> list[Release | BaseException]:
        return await asyncio.gather(*(store.create(release(who=who)) for who in "ab"), return_exceptions=True)

    results = act(Shelf(), story)
    assert [Conflict, Release] == sorted((type(one) for one in results), key=lambda one: one.__name__)


def test_an_update_of_what_was_changed_since_is_refused() -> None:
    async def story(store: KubeStore) -> None:
        created = await store.create(release())
        await store.update(created)
        await store.update(created)

    with pytest.raises(Conflict, match="was written by another run"):
        act(Shelf(), story)


def test_an_update_of_what_was_forgotten_since_is_refused() -> None:
    async def story(store: KubeStore) -> None:
        created = await store.create(release())
        await store.delete("web", 1)
        await store.update(created)

    with pytest.raises(Conflict, match="is gone"):
        act(Shelf(), story)


def test_a_conflict_with_our_own_write_is_none() -> None:
    """The first try was done and its answer lost; the second meets what the first wrote."""
    shelf = Shelf()

    async def story(store: KubeStore) -> Release:
        shelf.lose_answers = 1
        created = await store.create(release())
        shelf.lose_answers = 1
        return await store.update(ended(created))

    updated = act(shelf, story)
    assert (State.FAILED, 2) == (updated.state, shelf.asked.count(f"PUT {RECORD}"))
    assert updated == act(shelf, lambda store: store.read("web", 1))


# --- large ones


def test_a_release_of_ten_megabytes_comes_back() -> None:
    shelf = Shelf()
    resources = large(11)

    created = act(shelf, lambda store: store.create(release(1, *resources)))
    assert 10 * 1024 * 1024 < sum(len(one.body["data"]["text"]) for one in resources)
    assert 8 < len(shelf.secrets(type_=PART_TYPE)) < 14
    assert created == act(shelf, lambda store: store.read("web", 1))


def test_writing_a_verdict_does_not_write_the_resources_again() -> None:
    shelf = Shelf()

    async def story(store: KubeStore) -> list[str]:
        created = await store.create(release(1, *large(3)))
        shelf.asked.clear()
        await store.update(ended(created))
        return [one for one in shelf.asked if one.startswith(("POST", "PUT"))]

    assert [f"PUT {RECORD}"] == act(shelf, story)


def test_a_number_that_was_forgotten_and_is_used_again_has_its_parts() -> None:
    async def story(store: KubeStore) -> Release:
        for _ in range(2):
            created = await store.create(release(1, *large(2)))
            read = await store.read("web", 1)
            await store.delete("web", 1)
        assert read == created
        return read

    assert large(2) == act(Shelf(), story).resources


def test_what_a_new_body_no_longer_needs_is_deleted_after_it_is_written() -> None:
    shelf = Shelf()

    async def story(store: KubeStore) -> list[str]:
        created = await store.create(release(1, *large(3)))
        before = shelf.secrets(type_=PART_TYPE)
        await store.update(replace(created, resources=large(2, seed=2)))
        return before

    before = act(shelf, story)
    after = shelf.secrets(type_=PART_TYPE)
    assert (3, 2, True) == (len(before), len(after), set(before).isdisjoint(after))
    assert large(2, seed=2) == act(shelf, lambda store: store.read("web", 1)).resources


def test_the_record_is_written_after_its_parts() -> None:
    """A crash in between leaves parts without a record, never a record without its parts."""
    shelf = Shelf()
    act(shelf, lambda store: store.create(release(1, *large(3))))
    written = [shelf.objects[path] for path in shelf.objects]
    assert [PART_TYPE] * 3 + [RECORD_TYPE] == [one["type"] for one in written]


def test_what_a_crash_left_behind_is_cleaned_up_by_the_next_write() -> None:
    shelf = Shelf()
    act(shelf, lambda store: store.create(release(1, *large(2))))
    del shelf.objects[RECORD]
    act(shelf, lambda store: store.create(release(2)))
    assert ["lastgood.web.v2"] == shelf.secrets()


def test_a_record_that_cannot_be_read_does_not_fail_a_write_that_is_done() -> None:
    shelf = Shelf()
    act(shelf, lambda store: store.create(release(1, *large(2))))
    shelf.objects[RECORD]["metadata"]["labels"]["lastgood.dev/state"] = "strange"
    assert 2 == act(shelf, lambda store: store.create(release(2))).number


def test_a_release_that_is_too_large_for_any_record_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "LARGEST", 1000)
    with pytest.raises(Rejected, match="too large for a record"):
        act(Shelf(), lambda store: store.create(release(1, config_map("a", text="x" * 2000))))


# --- damage


def damaged(shelf: Shelf, why: str) -> None:
    with pytest.raises(RecordCorrupt, match=why) as caught:
        act(shelf, lambda store: store.read("web", 1))
    assert "shop/lastgood.web.v1" in str(caught.value)


def test_a_byte_that_changed_is_noticed() -> None:
    shelf = Shelf()
    act(shelf, lambda store: store.create(release()))
    data = shelf.objects[RECORD]["data"]
    blob = bytearray(base64.b64decode(data["resources"]))
    blob[-1] ^= 1
    data["resources"] = base64.b64encode(blob).decode()
    damaged(shelf, "the digest of its resources does not match")


def test_a_part_that_is_gone_is_noticed() -> None:
    shelf = Shelf()
    act(shelf, lambda store: store.create(release(1, *large(2))))
    del shelf.objects[f"/api/v1/namespaces/shop/secrets/{shelf.secrets(type_=PART_TYPE)[0]}"]
    damaged(shelf, "a part of its resources is gone")


def test_parts_that_were_exchanged_are_noticed() -> None:
    shelf = Shelf()
    act(shelf, lambda store: store.create(release(1, *large(2))))
    one, two = (shelf.objects[f"/api/v1/namespaces/shop/secrets/{name}"] for name in shelf.secrets(type_=PART_TYPE))
    one["data"], two["data"] = two["data"], one["data"]
    damaged(shelf, "the digest of its resources does not match")


def test_a_label_that_was_edited_by_hand_is_noticed() -> None:
    shelf = Shelf()
    act(shelf, lambda store: store.create(release()))
    shelf.objects[RECORD]["metadata"]["labels"]["lastgood.dev/state"] = "good"
    damaged(shelf, "its label lastgood.dev/state is not what was written")
