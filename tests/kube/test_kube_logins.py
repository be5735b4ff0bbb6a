"""Credentials that change while we use them."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from lightkube.config.models import User

from lastgood.errors import Forbidden
from lastgood.kube.calls import Call
from lastgood.kube.config import Config
from lastgood.kube.logins import PluginLogin, TokenFileLogin
from lastgood.kube.plugins import Credential, Plugin
from lastgood.kube.transport import Transport
from tests.kube.api import CONFIG, Api, ok, play, status
from tests.kube.test_kube_config import certificate

GET = Call("GET", "/x")


class Scripted(Plugin):
    """A plugin that answers these in turn, the last one for ever."""

    answers: list[Credential]
    runs: int

    @classmethod
    def saying(cls, answers: Iterable[Credential]) -> Scripted:
        plugin = cls("login", "v1")
        object.__setattr__(plugin, "answers", list(answers))
        object.__setattr__(plugin, "runs", 0)
        return plugin

    async def run(self) -> Credential:
        object.__setattr__(self, "runs", self.runs + 1)
        await asyncio.sleep(0.01)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def client(login: httpx2.Auth, accepted: Callable[[], str]) -> tuple[httpx2.AsyncClient, list[str]]:
    """A client, and the tokens that its requests carry; only one token is accepted."""
    seen: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.headers.get("Authorization", ""))
        return httpx2.Response(200 if seen[-1] == f"Bearer {accepted()}" else 401)

    return httpx2.AsyncClient(auth=login, transport=httpx2.MockTransport(answer), base_url="https://api.test"), seen


def codes(login: httpx2.Auth, accepted: Callable[[], str], *, times: int = 1) -> tuple[list[int], list[str]]:
    async def ask() -> list[int]:
        mock, seen = client(login, accepted)
        async with mock:
            answers = await asyncio.gather(*(mock.get("/x") for _ in range(times)))
        tokens.extend(seen)
        return [one.status_code for one in answers]

    tokens: list[str] = []
    return asyncio.run(ask()), tokens


def test_a_rotated_token_is_read_again_when_the_old_one_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("old\n")
    login = TokenFileLogin(file)
    assert codes(login, lambda: "old") == ([200], ["Bearer old"])
    file.write_text("new\n")
    assert codes(login, lambda: "new") == ([200], ["Bearer old", "Bearer new"])


def test_a_token_file_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(Forbidden, match="cannot be read"):
        codes(TokenFileLogin(tmp_path / "missing"), lambda: "x")


def test_a_plugin_is_asked_once_for_many_requests() -> None:
    plugin = Scripted.saying([Credential("a")])
    login = PluginLogin(plugin, lambda _load: None)
    assert codes(login, lambda: "a", times=20)[0] == [200] * 20
    assert plugin.runs == 1


def test_many_requests_refused_at_once_ask_the_plugin_once_more() -> None:
    plugin = Scripted.saying([Credential("old"), Credential("new")])
    login = PluginLogin(plugin, lambda _load: None)
    assert codes(login, lambda: "new", times=20)[0] == [200] * 20
    assert plugin.runs == 2


def test_a_credential_that_expired_is_not_used() -> None:
    over = Credential("old", expires=datetime.now(UTC) - timedelta(seconds=1))
    login = PluginLogin(Scripted.saying([over, Credential("new")]), lambda _load: None)
    _, tokens = codes(login, lambda: "new", times=1)
    codes(login, lambda: "new")
    assert tokens[-1] == "Bearer new"


def test_a_refusal_that_stays_is_passed_on() -> None:
    login = PluginLogin(Scripted.saying([Credential("bad")]), lambda _load: None)
    assert codes(login, lambda: "good")[0] == [401]


class _Logged(Config):
    """A configuration that logs in with a scripted plugin."""

    plugin: Scripted

    @classmethod
    def using(cls, plugin: Scripted) -> _Logged:
        config = cls(CONFIG.server, "test", "", CONFIG.parts)
        object.__setattr__(config, "plugin", plugin)
        return config

    def auth(self, on_certificate: Callable[[Callable[[ssl.SSLContext], None]], None]) -> httpx2.Auth:
        return PluginLogin(self.plugin, on_certificate)


def pem() -> Credential:
    cert, key = certificate()
    return Credential(certificate=cert.decode(), key=key.decode())


def test_a_new_client_certificate_is_shown_on_new_connections() -> None:
    """The old connection knows only the old certificate: the request goes out again on another one."""
    api = Api()
    api.on("GET", "/x", status(401), status(401), ok({}))
    plugin = Scripted.saying([pem(), pem()])
    play(api, lambda transport: transport.send(GET), config=_Logged.using(plugin))
    assert (plugin.runs, len(api.requests)) == (2, 3)


def test_a_client_certificate_that_cannot_be_used() -> None:
    plugin = Scripted.saying([Credential(certificate="no", key="no")])

    async def connect() -> None:
        async with Transport(_Logged.using(plugin)):
            pass

    with pytest.raises(Forbidden, match="client certificate of the exec plugin cannot be used"):
        asyncio.run(connect())


def test_a_token_in_the_kubeconfig_is_sent() -> None:
    api = Api()
    api.on("GET", "/x", ok({}))
    config = replace(CONFIG, parts=CONFIG.parts._replace(user=User(token="abc")))
    play(api, lambda transport: transport.send(GET), config=config)
    assert api.requests[0].headers["Authorization"] == "Bearer abc"
