"""One collection, followed through everything that can happen to a watch. Time is a fake clock's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import httpx2
import pytest

from lastgood.errors import Forbidden, Unreachable
from lastgood.kube.kinship import Entry
from lastgood.kube.transport import Transport
from lastgood.kube.watching import BULKY_SECRETS, Change, Collection, Follower, Pace
from lastgood.model.resource import GroupKind
from lastgood.ports import Served
from lastgood.testing.clock import FakeClock
from tests.kube.api import Api, Reply, bookmark, by_query, event, ok, page, play, status, stream, thing

PODS = "/api/v1/namespaces/shop/pods"
POD = Served(GroupKind("", "Pod"), ("v1",), "pods", namespaced=True)
SECRET = Served(GroupKind("", "Secret"), ("v1",), "secrets", namespaced=True)
ALL = Collection(POD, "v1", "shop", whole=True)
TWO = Collection(POD, "v1", "shop", frozenset({"a", "b"}))
DENIED = status(403, 'pods is forbidden: User "bob" cannot list resource "pods" in API group ""', "Forbidden")
SILENT = stream(hang=True)


@dataclass
class Heard:
    """What a follower told, as ``all a b`` and ``ADDED c``, each with the time."""

    clock: FakeClock
    news: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def all(self, _collection: Collection, entries: list[Entry]) -> None:
        self._note(" ".join(["all", *(entry.name for entry in entries)]))

    def one(self, collection: Collection, change: Change) -> None:
        self._note(f"{change.type} {collection.entry(change.raw).name}")

    def _note(self, what: str) -> None:
        self.news.append(what)
        self.times.append(self.clock.monotonic())


def follow(api: Api, collection: Collection = ALL, *, seconds: float = 30.0, pace: Pace | None = None) -> Heard:
    """Follow for so long, in no time."""
    clock = FakeClock()
    heard = Heard(clock)

    async def story(transport: Transport) -> None:
        watch_from = asyncio.Event()
        watch_from.set()
        follower = Follower(
            transport, collection, pace or Pace(), tell_all=heard.all, tell_one=heard.one, watch_from=watch_from
        )
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await follower.run()

    play(api, story, clock=clock)
    return heard


def pods(*, lists: list[Reply], watches: list[Reply]) -> Api:
    api = Api()
    api.on("GET", PODS, by_query("watch", {"": lists, "true": watches}))
    return api


def watched_since(api: Api) -> list[str]:
    return [one["resourceVersion"] for one in api.queries("GET", PODS) if "watch" in one]


def test_it_lists_and_then_watches_from_there() -> None:
    changes = event("ADDED", thing("b", version="101")) + event("DELETED", thing("a", version="102"))
    api = pods(lists=[page(thing("a"))], watches=[stream(changes, hang=True)])
    assert ["all a", "ADDED b", "DELETED a"] == follow(api).news
    (query,) = [one for one in api.queries("GET", PODS) if "watch" in one]
    assert ("100", "true") == (query["resourceVersion"], query["allowWatchBookmarks"])


def test_a_change_may_come_in_pieces() -> None:
    line = event("ADDED", thing("b"))
    api = pods(lists=[page()], watches=[stream(line[:7], 1.0, line[7:-1], 1.0, line[-1:], hang=True)])
    assert ["all", "ADDED b"] == follow(api).news


def test_a_watch_that_ends_goes_on_from_the_last_thing_heard() -> None:
    first = stream(event("ADDED", thing("b", version="101")), bookmark("140"))
    api = pods(lists=[page()], watches=[first, stream(event("ADDED", thing("c", version="150")), hang=True)])
    assert ["all", "ADDED b", "ADDED c"] == follow(api).news
    assert ["100", "140"] == watched_since(api)


@pytest.mark.parametrize(
    "gone",
    [
        status(410, "too old resource version", "Expired"),
        stream(event("ERROR", {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"})),
    ],
    ids=["refused", "in the stream"],
)
def test_a_version_that_is_no_longer_kept_means_listing_again(gone: Reply) -> None:
    lists: list[Reply] = [page(thing("a")), page(thing("b"), version="200")]
    api = pods(lists=lists, watches=[gone, SILENT])
    assert ["all a", "all b"] == follow(api).news
    assert ["100", "200"] == watched_since(api)


def test_a_watch_that_is_silent_for_ninety_seconds_is_dead() -> None:
    alive = stream(80.0, bookmark("110"), 80.0, bookmark("120"), hang=True)
    api = pods(lists=[page()], watches=[alive, stream(event("ADDED", thing("b")), hang=True)])
    heard = follow(api, seconds=260.0)
    assert ["all", "ADDED b"] == heard.news
    assert 250.0 <= heard.times[1] <= 251.0
    assert ["100", "120"] == watched_since(api)


def test_a_connection_that_breaks_is_replaced() -> None:
    broken = stream(event("ADDED", thing("b", version="101")), httpx2.ReadError("lost"))
    api = pods(lists=[page()], watches=[broken, stream(event("ADDED", thing("c")), hang=True)])
    heard = follow(api)
    assert ["all", "ADDED b", "ADDED c"] == heard.news
    assert 0.0 == heard.times[2]


def test_a_server_that_refuses_every_watch_is_not_hammered() -> None:
    api = pods(lists=[page()], watches=[stream()])
    follow(api, seconds=30.0)
    assert 10 < len(watched_since(api)) < 25


def test_a_server_that_restarts_is_waited_for() -> None:
    down = httpx2.ConnectError("refused")
    api = pods(lists=[page()], watches=[down, down, down, stream(event("ADDED", thing("b")), hang=True)])
    assert ["all", "ADDED b"] == follow(api).news


def test_a_server_that_stays_away_is_given_up_after_a_minute() -> None:
    api = pods(lists=[page()], watches=[httpx2.ConnectError("refused")])
    with pytest.raises(Unreachable):
        follow(api, seconds=300.0)
    assert 25 < len(watched_since(api)) < 40


def test_a_stream_that_is_not_a_watch_is_given_up_in_the_end() -> None:
    api = pods(lists=[page()], watches=[stream(b"<html>\n")])
    with pytest.raises(Unreachable, match="not an event"):
        follow(api, seconds=300.0)


# --- what may not be watched


def read_singly() -> Api:
    api = Api()
    api.on("GET", PODS, DENIED)
    api.on("GET", f"{PODS}/a", ok(thing("a")), ok(thing("a", version="2")))
    return api


def test_what_may_not_be_listed_is_read_singly_every_two_seconds() -> None:
    api = read_singly()
    heard = follow(api, TWO, seconds=5.0)
    assert (["all a"] * 3, [0.0, 2.0, 4.0]) == (heard.news, heard.times)


def test_what_may_not_be_watched_is_listed_every_two_seconds() -> None:
    api = pods(lists=[page(thing("a"))], watches=[DENIED])
    heard = follow(api, seconds=5.0)
    assert (["all a"] * 4, [0.0, 0.0, 2.0, 4.0]) == (heard.news, heard.times)


def test_dependents_that_may_not_be_seen_are_none() -> None:
    api = Api()
    api.on("GET", PODS, DENIED)
    assert (["all"], ["GET " + PODS]) == (follow(api).news, api.asked)


def test_what_may_not_even_be_read_is_an_error() -> None:
    api = Api()
    for path in (PODS, f"{PODS}/a", f"{PODS}/b"):
        api.on("GET", path, DENIED)
    with pytest.raises(Forbidden):
        follow(api, TWO)


def test_a_kind_whose_definition_went_has_nothing_in_it() -> None:
    api = Api()
    assert ["all"] == follow(api, TWO, seconds=1.0).news


# --- what of a collection is read


@pytest.mark.parametrize(
    ("collection", "query"),
    [
        (Collection(POD, "v1", "shop", frozenset({"a"})), {"fieldSelector": "metadata.name=a"}),
        (Collection(POD, "v1", "shop", frozenset({"a"}), whole=True), {}),
        (TWO, {}),
        (
            Collection(SECRET, "v1", "shop", frozenset({"a", "b"})),
            {"fieldSelector": ",".join(f"type!={kind}" for kind in BULKY_SECRETS)},
        ),
        (Collection(SECRET, "v1", "shop", frozenset({"a"})), {"fieldSelector": "metadata.name=a"}),
    ],
)
def test_a_single_one_is_watched_by_name_and_archives_never(collection: Collection, query: dict[str, str]) -> None:
    assert query == collection.query


def test_watching_waits_until_a_first_look_is_not_enough() -> None:
    api = pods(lists=[page(thing("a"))], watches=[SILENT])
    clock = FakeClock()
    heard = Heard(clock)

    async def story(transport: Transport) -> None:
        take: Callable[..., None] = heard.all
        follower = Follower(transport, ALL, Pace(), tell_all=take, tell_one=heard.one, watch_from=asyncio.Event())
        with suppress(TimeoutError):
            async with asyncio.timeout(10):
                await follower.run()

    play(api, story, clock=clock)
    assert (["all a"], []) == (heard.news, watched_since(api))
