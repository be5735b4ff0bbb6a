"""Requests: retried, bounded, and failing only with our errors. Waiting takes no time here."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx2
import pytest

from lastgood.errors import Forbidden, Rejected, SettingError, Unreachable
from lastgood.kube.calls import Call, Repeat
from lastgood.kube.config import Config
from lastgood.kube.transport import AT_ONCE, Transport
from lastgood.testing.clock import FakeClock
from tests.kube.api import CONFIG, Api, ok, play, status, stream

GET = Call("GET", "/x")
UNGUARDED = Call("PATCH", "/x", body=b"{}", repeat=Repeat.IF_UNSENT)


def seconds_of(api: Api, call: Call) -> float:
    clock = FakeClock()
    play(api, lambda transport: transport.send(call), clock=clock)
    return clock.monotonic()


def test_a_request_carries_what_its_call_says() -> None:
    api = Api()
    api.on("PATCH", "/api/v1/namespaces/shop/roles/system:a b", ok({"a": 1}))
    call = Call(
        "PATCH", "/api/v1/namespaces/shop/roles/system:a b", query={"force": "true"}, body=b"{}", content_type="t"
    )
    answer = play(api, lambda transport: transport.send(call))
    (request,) = api.requests
    assert answer.decode(dict[str, int]) == {"a": 1}
    assert str(request.url) == "https://api.test:6443/api/v1/namespaces/shop/roles/system:a%20b?force=true"
    assert (
        request.headers["Content-Type"],
        request.headers["Accept"],
        request.content,
    ) == ("t", "application/json", b"{}")


def test_impersonation_goes_with_every_request() -> None:
    api = Api()
    api.on("GET", "/x", ok({}))
    headers = (("Impersonate-User", "bob"), ("Impersonate-Group", "a"), ("Impersonate-Group", "b"))
    play(api, lambda transport: transport.send(GET), config=replace(CONFIG, headers=headers))
    assert api.requests[0].headers.get_list("Impersonate-Group") == ["a", "b"]


def test_the_name_expected_in_the_certificate_goes_to_tls() -> None:
    api = Api()
    api.on("GET", "/x", ok({}))
    config = replace(CONFIG, cluster={"tls-server-name": "kubernetes.default"})
    play(api, lambda transport: transport.send(GET), config=config)
    assert api.requests[0].extensions["sni_hostname"] == "kubernetes.default"


@pytest.mark.parametrize("call", [GET, UNGUARDED], ids=["read", "unguarded write"])
def test_a_busy_server_is_given_the_time_it_asks_for_whatever_the_verb(call: Call) -> None:
    api = Api()
    busy = httpx2.Response(429, headers={"Retry-After": "5"}, content=b"{}")
    api.on(call.method, "/x", busy, busy, ok({}))
    assert seconds_of(api, call) == 10.0


def test_a_server_that_stays_busy_is_given_up() -> None:
    api = Api()
    api.on("GET", "/x", httpx2.Response(429, headers={"Retry-After": "20"}, content=b"{}"))
    with pytest.raises(Unreachable, match="asking to wait"):
        seconds_of(api, GET)
    assert len(api.requests) == 4


def test_a_lost_answer_is_asked_for_again_at_once() -> None:
    api = Api()
    api.on("GET", "/x", httpx2.RemoteProtocolError("<ConnectionTerminated>"), ok({}))
    assert seconds_of(api, GET) == 0.0


def test_a_write_that_is_not_guarded_is_not_repeated_when_its_answer_was_lost() -> None:
    api = Api()
    api.on("PATCH", "/x", httpx2.ReadError("lost"), ok({}))
    with pytest.raises(Unreachable, match="was lost"):
        seconds_of(api, UNGUARDED)
    assert len(api.requests) == 1


def test_a_server_that_restarts_is_waited_for() -> None:
    api = Api()
    down = httpx2.ConnectError("refused")
    api.on("GET", "/x", ok({}), down, down, down, status(503), ok({}))

    async def twice(transport: Transport) -> None:
        await transport.send(GET)
        await transport.send(GET)

    clock = FakeClock()
    play(api, twice, clock=clock)
    assert pytest.approx(clock.monotonic()) == 0.1 + 0.2 + 0.4 + 0.8


def test_a_server_that_stays_away_is_given_up_after_fifteen_seconds() -> None:
    api = Api()
    api.on("GET", "/x", ok({}), httpx2.ConnectError("refused"))
    clock = FakeClock()

    async def twice(transport: Transport) -> None:
        await transport.send(GET)
        await transport.send(GET)

    with pytest.raises(Unreachable):
        play(api, twice, clock=clock)
    assert 13.0 < clock.monotonic() <= 15.0


def test_a_wrong_address_shows_at_once() -> None:
    api = Api()
    api.on("GET", "/x", httpx2.ConnectError("refused"))
    with pytest.raises(Unreachable):
        seconds_of(api, GET)
    assert len(api.requests) == 1


def test_what_the_api_refuses_is_not_tried_again() -> None:
    api = Api()
    api.on("GET", "/x", status(422, "no", "Invalid"))
    with pytest.raises(Rejected, match="no"):
        seconds_of(api, GET)
    assert len(api.requests) == 1


def test_an_answer_that_is_not_the_apis_is_said_to_be_none() -> None:
    api = Api()
    api.on("GET", "/x", httpx2.Response(200, content=b"<html>Log in</html>"))
    answer = play(api, lambda transport: transport.send(GET))
    with pytest.raises(Unreachable, match="does not answer as a Kubernetes API server"):
        answer.decode(dict[str, str])


def crowd(call: Call, *, alongside: Call | None = None) -> tuple[int, list[str]]:
    """How many of a hundred slow requests are under way at once, and the order in which requests end."""
    under_way, most, ended = 0, 0, []

    async def slow(request: httpx2.Request) -> httpx2.Response:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(1)
        under_way -= 1
        ended.append(request.url.path)
        return ok({})

    clock = FakeClock()

    async def story() -> None:
        async with Transport(CONFIG, clock=clock, mount=httpx2.MockTransport(slow)) as transport:
            calls = [call] * 100 + ([alongside] if alongside else [])
            await asyncio.gather(*(transport.send(one) for one in calls))

    clock.run(story())
    return most, ended


def test_never_too_many_requests_at_once() -> None:
    assert crowd(GET)[0] == AT_ONCE


def test_an_urgent_request_does_not_wait_for_its_turn() -> None:
    _, ended = crowd(GET, alongside=Call("PUT", "/lease", urgent=True))
    assert ended.index("/lease") <= AT_ONCE


def test_a_stream_brings_its_chunks_as_they_come() -> None:
    api = Api()
    api.on("GET", "/x", stream(b"one", 5.0, b"two"))

    async def read(transport: Transport) -> list[bytes]:
        async with transport.stream(GET) as chunks:
            return [chunk async for chunk in chunks]

    assert play(api, read) == [b"one", b"two"]


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (status(403, 'User "bob" cannot watch resource "pods" in API group ""'), Forbidden),
        (httpx2.ConnectError("refused"), Unreachable),
        (stream(b"one", httpx2.ReadError("lost")), Unreachable),
    ],
)
def test_a_stream_fails_with_our_errors(reply: httpx2.Response, error: type[Exception]) -> None:
    api = Api()
    api.on("GET", "/x", reply)

    async def read(transport: Transport) -> None:
        async with transport.stream(GET) as chunks:
            async for _ in chunks:
                pass

    with pytest.raises(error):
        play(api, read)


def test_a_proxy_that_cannot_be_used_is_named() -> None:
    async def connect() -> None:
        async with Transport(replace(CONFIG, cluster={"proxy-url": "ftp://proxy"})):
            pass

    with pytest.raises(SettingError, match="ftp://proxy"):
        asyncio.run(connect())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_server_that_is_not_there(host: str) -> None:
    """Without any mock: nothing listens on this port."""
    config: Config = replace(CONFIG, server=f"https://{host}:9")

    async def ask() -> None:
        async with Transport(config) as transport:
            await transport.send(GET)

    with pytest.raises(Unreachable, match="nothing listens there"):
        asyncio.run(ask())
