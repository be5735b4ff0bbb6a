"""An API server that answers as a test says, and remembers what it was asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import httpx2
from lightkube.config.kubeconfig import KubeConfig
from lightkube.config.models import Cluster

from lastgood.kube.config import Config
from lastgood.kube.transport import Transport
from lastgood.testing.clock import FakeClock

T = TypeVar("T")
Reply = httpx2.Response | Exception | Callable[[httpx2.Request], httpx2.Response]

SERVER = "https://api.test:6443"
PARTS = KubeConfig.from_one(cluster=Cluster(server=SERVER, insecure=True)).get()
assert PARTS is not None
CONFIG = Config(server=SERVER, context="test", namespace="shop", parts=PARTS)


class Api:
    """Replies to each method and path in the order given; the last one goes on for ever."""

    def __init__(self) -> None:
        self.requests: list[httpx2.Request] = []
        self._replies: dict[tuple[str, str], list[Reply]] = {}

    def on(self, method: str, path: str, *replies: Reply) -> None:
        self._replies[method, path] = list(replies)

    @property
    def asked(self) -> list[str]:
        """What was asked, as ``GET /api``."""
        return [f"{request.method} {request.url.path}" for request in self.requests]

    def queries(self, method: str, path: str) -> list[dict[str, str]]:
        """The queries with which this was asked."""
        return [query_of(one) for one in self.requests if (one.method, one.url.path) == (method, path)]

    def bodies(self, method: str, path: str) -> list[Any]:
        """The bodies that were sent there."""
        return [json.loads(one.content) for one in self.requests if (one.method, one.url.path) == (method, path)]

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        replies = self._replies.get((request.method, request.url.path))
        if not replies:
            return status(404, f"{request.method} {request.url.path} is not scripted", "NotFound")
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if isinstance(reply, Exception):
            raise reply
        return reply(request) if callable(reply) else _fresh(reply)


def _fresh(reply: httpx2.Response) -> httpx2.Response:
    """A response can be read only once."""
    return httpx2.Response(reply.status_code, headers=reply.headers, content=reply.content)


def play(
    api: Api, story: Callable[[Transport], Awaitable[T]], *, clock: FakeClock | None = None, config: Config = CONFIG
) -> T:
    """Run a story over a transport to this API, in a time of its own."""
    time = clock or FakeClock()

    async def act() -> T:
        async with Transport(config, clock=time, mount=httpx2.MockTransport(api)) as transport:
            return await story(transport)

    return time.run(act())


def query_of(request: httpx2.Request) -> dict[str, str]:
    return dict(parse_qsl(request.url.query.decode()))


def ok(body: object, code: int = 200) -> httpx2.Response:
    return httpx2.Response(code, content=json.dumps(body).encode())


def status(code: int, message: str = "", reason: str = "", **details: Any) -> httpx2.Response:
    body = {"kind": "Status", "status": "Failure", "message": message, "reason": reason, "code": code}
    return ok(body | ({"details": details} if details else {}), code)


def page(*items: Mapping[str, Any], version: str = "100", more: str = "") -> httpx2.Response:
    return ok({"kind": "List", "metadata": {"resourceVersion": version, "continue": more}, "items": list(items)})


def event(type_: str, body: Mapping[str, Any]) -> bytes:
    return json.dumps({"type": type_, "object": body}).encode() + b"\n"


def bookmark(version: str) -> bytes:
    return event("BOOKMARK", {"kind": "Pod", "metadata": {"resourceVersion": version}})


def stream(*chunks: bytes | float | Exception, hang: bool = False) -> Callable[[httpx2.Request], httpx2.Response]:
    """A watch: these chunks, pauses (seconds) and failures in turn; then it ends, or stays open and is silent."""

    async def content() -> AsyncIterator[bytes]:
        for one in chunks:
            if isinstance(one, Exception):
                raise one
            if isinstance(one, bytes):
                yield one
            else:
                await asyncio.sleep(one)
        if hang:
            await asyncio.Event().wait()

    return lambda _request: httpx2.Response(200, content=content())


def by_query(name: str, replies: Mapping[str, Sequence[Reply]]) -> Callable[[httpx2.Request], httpx2.Response]:
    """Replies chosen by the value of one query parameter (``""`` where it is absent), each in the order given."""
    left = {value: list(each) for value, each in replies.items()}

    def answer(request: httpx2.Request) -> httpx2.Response:
        mine = left[query_of(request).get(name, "")]
        reply = mine.pop(0) if len(mine) > 1 else mine[0]
        if isinstance(reply, Exception):
            raise reply
        return reply(request) if callable(reply) else _fresh(reply)

    return answer


def serve(api: Api) -> None:
    """Let the API serve the kinds that the tests speak of."""
    api.on("GET", "/api", ok(discovery(("", "v1", _CORE))))
    api.on("GET", "/apis", ok(discovery(("apps", "v1", _APPS))))


_CORE = [
    ("pods", "Pod", True),
    ("configmaps", "ConfigMap", True),
    ("secrets", "Secret", True),
    ("events", "Event", True),
    ("namespaces", "Namespace", False),
]
_APPS = [("deployments", "Deployment", True), ("replicasets", "ReplicaSet", True)]


def discovery(*groups: tuple[str, str, list[tuple[str, str, bool]]]) -> dict[str, Any]:
    """Aggregated discovery of these: group, version, and for each kind its plural and whether it is namespaced."""
    items = [
        {
            "metadata": {"name": group} if group else {},
            "versions": [{"version": version, "resources": [resource(*one) for one in resources]}],
        }
        for group, version, resources in groups
    ]
    return {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "items": items}


def resource(plural: str, kind: str, namespaced: bool, verbs: Sequence[str] = ("get", "list")) -> dict[str, Any]:
    """One resource as discovery tells it."""
    return {
        "resource": plural,
        "responseKind": {"group": "", "version": "", "kind": kind},
        "scope": "Namespaced" if namespaced else "Cluster",
        "verbs": list(verbs),
    }


def thing(name: str, *, version: str = "1", uid: str = "", owner: str = "", **fields: Any) -> dict[str, Any]:
    """An item as a list brings it: without its kind."""
    metadata: dict[str, Any] = {
        "name": name,
        "namespace": "shop",
        "uid": uid or f"uid-{name}",
        "resourceVersion": version,
    }
    if owner:
        metadata["ownerReferences"] = [{"uid": owner, "kind": "Owner", "name": "owner"}]
    return {"metadata": metadata, **fields}
