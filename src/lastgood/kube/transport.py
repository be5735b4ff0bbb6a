"""Requests to one API server: retried where that is safe, never too many at once, failing only with our errors.

Requests share an HTTP/2 connection; streams that stay open (watches) have an HTTP/1.1 connection each, since a server
allows a hundred streams on one connection and writes would have to queue behind them.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext, suppress
from types import TracebackType
from typing import Self
from urllib.parse import quote

import httpx2

from lastgood.errors import SettingError
from lastgood.kube.calls import Answer, Call
from lastgood.kube.clock import SystemClock
from lastgood.kube.config import Config
from lastgood.kube.faults import CLIENT_ERRORS, Fault, fault_of_answer, fault_of_exception
from lastgood.kube.logins import PluginLogin
from lastgood.kube.retrying import Tries, wait_before_next
from lastgood.ports import Clock

AT_ONCE = 32
KEEP_ALIVE = 60.0
CLOSE_WITHIN = 1.0
"""Seconds for connections to be closed that were still being made when nobody wanted them any more."""
USER_AGENT = "lastgood"

_TIMEOUT = httpx2.Timeout(connect=10.0, read=65.0, write=30.0, pool=None)
"""The API server itself gives up after 60 s, and a slow admission webhook may take 30.

All requests have the same: on HTTP/2 a shorter one, run out, would break the connection under all the others.
"""


class Transport:
    """A connection to the server of a kubeconfig's context, open within ``async with``.

    ``mount`` replaces the network, for tests.
    """

    def __init__(
        self, config: Config, *, clock: Clock | None = None, mount: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        self.config = config
        self.clock = clock or SystemClock()
        self._mount = mount
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._reached = False
        self._open: list[httpx2.AsyncClient] = []
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def server(self) -> str:
        """The address of the server, for messages."""
        return self.config.server

    async def __aenter__(self) -> Self:
        self._tls = self.config.tls()
        self._auth = self.config.auth(self._on_certificate)
        await self._log_in()
        self._connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._closing:
            await asyncio.wait(self._closing, timeout=CLOSE_WITHIN)
        for client in self._open:
            await client.aclose()
        self._open.clear()

    async def send(self, call: Call) -> Answer:
        """The answer to a request that succeeded; what did not becomes a ``ClusterError``."""
        started, failed, dropped = self.clock.monotonic(), 0, False
        while True:
            result = await self._try(call, self._single if dropped else self._shared)
            if isinstance(result, Answer):
                return result
            failed += 1
            tries = Tries(failed, self.clock.monotonic() - started, self._reached)
            wait = wait_before_next(result, call.repeat, tries)
            if wait is None:
                raise result.error from result.cause
            dropped = result.dropped
            await self.clock.sleep(wait)

    @asynccontextmanager
    async def stream(self, call: Call) -> AsyncIterator[AsyncIterator[bytes]]:
        """The chunks of an answer as they come, on a connection of its own. Not retried."""
        request = self._request(call, self._single)
        try:
            response = await self._opened(request)
        except CLIENT_ERRORS as error:
            raise self._fault(error).error from error
        try:
            if not response.is_success:
                raise await self._refusal(response, call)
            yield self._chunks(response)
        finally:
            await response.aclose()

    async def _opened(self, request: httpx2.Request) -> httpx2.Response:
        """The beginning of an answer. Who is cancelled meanwhile goes at once, and it is closed behind them.

        A connection that is cancelled while it is made would leave its socket open.
        """
        opening = asyncio.ensure_future(self._single.send(request, stream=True))
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            closing = asyncio.create_task(_close_when_open(opening))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
            raise

    # --- one try

    async def _try(self, call: Call, client: httpx2.AsyncClient) -> Answer | Fault:
        try:
            async with nullcontext() if call.urgent else self._slots:
                response = await client.send(self._request(call, client))
        except CLIENT_ERRORS as error:
            return self._fault(error)
        self._reached = True
        answer = self._answer(response)
        if answer.status == httpx2.codes.UNAUTHORIZED and client not in (self._shared, self._single):
            return await self._try(call, self._shared)  # it has logged in again meanwhile, with another certificate
        return answer if answer.ok else fault_of_answer(answer, call)

    def _request(self, call: Call, client: httpx2.AsyncClient) -> httpx2.Request:
        kind = [("Content-Type", call.content_type)] if call.body else []
        return client.build_request(
            call.method,
            quote(call.path, safe="/:"),
            params=dict(call.query) or None,
            content=call.body or None,
            headers=[("Accept", call.accept), *kind, *self.config.headers],
            extensions={"sni_hostname": self.config.server_name} if self.config.server_name else {},
        )

    def _fault(self, error: Exception) -> Fault:
        return fault_of_exception(error, self.server)

    def _answer(self, response: httpx2.Response) -> Answer:
        after = response.headers.get("Retry-After", "")
        return Answer(response.status_code, response.content, self.server, float(after) if after.isdigit() else None)

    async def _refusal(self, response: httpx2.Response, call: Call) -> Exception:
        try:
            await response.aread()
        except CLIENT_ERRORS as error:
            return self._fault(error).error
        return fault_of_answer(self._answer(response), call).error

    async def _chunks(self, response: httpx2.Response) -> AsyncIterator[bytes]:
        try:
            async for chunk in response.aiter_bytes():
                yield chunk
        except CLIENT_ERRORS as error:
            raise self._fault(error).error from error

    # --- connections

    async def _log_in(self) -> None:
        """An exec plugin may give a client certificate, which has to be there before the first connection."""
        if isinstance(self._auth, PluginLogin):
            await self._auth.log_in()

    def _connect(self) -> None:
        self._shared = self._client(http2=True)
        self._single = self._client(http2=False)

    def _client(self, *, http2: bool) -> httpx2.AsyncClient:
        try:
            client = httpx2.AsyncClient(
                base_url=self.server,
                http2=http2,
                verify=self._tls,
                auth=self._auth,
                proxy=self.config.proxy or None,
                timeout=_TIMEOUT,
                limits=httpx2.Limits(keepalive_expiry=KEEP_ALIVE),
                headers={"User-Agent": USER_AGENT},
                transport=self._mount,
            )
        except CLIENT_ERRORS as error:
            raise self._fault(error).error from error
        except (ValueError, ImportError) as error:
            proxy = self.config.proxy or "of the environment"
            raise SettingError(f"the proxy {proxy} cannot be used: {error}") from error
        self._open.append(client)
        return client

    def _on_certificate(self, load: Callable[[ssl.SSLContext], None]) -> None:
        """The exec plugin gave another client certificate: only new connections will show it."""
        load(self._tls)
        if self._open:
            self._connect()


async def _close_when_open(opening: asyncio.Future[httpx2.Response]) -> None:
    with suppress(*CLIENT_ERRORS):  # then there is nothing to close
        await (await opening).aclose()
