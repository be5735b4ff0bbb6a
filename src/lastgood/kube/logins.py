"""Logging in with credentials that change: a token file that is rotated, and exec plugins."""

from __future__ import annotations

import asyncio
import ssl
import tempfile
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx2

from lastgood.errors import Forbidden
from lastgood.kube.plugins import Credential, Plugin


class TokenFileLogin(httpx2.Auth):
    """A bearer token that stands in a file; the file is read again when the server no longer takes the token.

    The kubelet rotates a pod's token long before it expires.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._token = ""

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """Send the request, and once more with a token read anew."""
        self._token = self._token or self._read()
        response = yield _with_token(request, self._token)
        if response.status_code == httpx2.codes.UNAUTHORIZED:
            self._token = self._read()
            yield _with_token(request, self._token)

    def _read(self) -> str:
        try:
            return self._path.read_text().strip()
        except OSError as error:
            raise Forbidden(f"the token in {self._path} cannot be read: {error.strerror}") from error


class PluginLogin(httpx2.Auth):
    """What an exec plugin answers, until it expires or the server no longer takes it."""

    def __init__(self, plugin: Plugin, on_certificate: Callable[[Callable[[ssl.SSLContext], None]], None]) -> None:
        self._plugin, self._on_certificate = plugin, on_certificate
        self._held: Credential | None = None
        self._asking = asyncio.Lock()

    async def log_in(self) -> None:
        """Ask the plugin before the first connection, for it may give a client certificate."""
        await self._credential(refused=None)

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """Send the request, and once more with what the plugin answers anew."""
        used = await self._credential(refused=None)
        response = yield _with_token(request, used.token)
        if response.status_code == httpx2.codes.UNAUTHORIZED:
            yield _with_token(request, (await self._credential(refused=used)).token)

    async def _credential(self, *, refused: Credential | None) -> Credential:
        """What is held, or what the plugin answers; many requests that are refused at once ask it once."""
        async with self._asking:
            if self._held is None or self._held is refused or _is_over(self._held):
                self._take(await self._plugin.run())
            assert self._held is not None
            return self._held

    def _take(self, new: Credential) -> None:
        old, self._held = self._held, new
        if new.certificate and (old is None or old.certificate != new.certificate):
            self._on_certificate(lambda context: _load(new, context))


def _with_token(request: httpx2.Request, token: str) -> httpx2.Request:
    if token:
        request.headers["Authorization"] = f"Bearer {token}"
    return request


def _is_over(credential: Credential) -> bool:
    return credential.expires is not None and credential.expires <= datetime.now(UTC)


def _load(credential: Credential, context: ssl.SSLContext) -> None:
    """OpenSSL reads certificates only from files; this one is gone again at once."""
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(f"{credential.certificate}\n{credential.key}\n")
        file.flush()
        try:
            context.load_cert_chain(file.name)
        except ssl.SSLError as error:
            raise Forbidden(f"the client certificate of the exec plugin cannot be used: {error}") from error
