"""One collection, followed: listed, then watched from there, for as long as somebody wants to know.

https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from contextlib import aclosing, suppress
from dataclasses import dataclass

import msgspec

from lastgood.errors import Forbidden, NotFound, Rejected, Unreachable
from lastgood.kube.calls import Answer, Call
from lastgood.kube.discovery import collection_path, resource_path
from lastgood.kube.faults import Gone, fault_of_answer
from lastgood.kube.kinship import Entry
from lastgood.kube.listing import list_all
from lastgood.kube.transport import Transport
from lastgood.model.resource import GroupKind, Ref
from lastgood.ports import Served

SECRET = GroupKind("", "Secret")
BULKY_SECRETS = ("lastgood.dev/release.v1", "lastgood.dev/part.v1", "helm.sh/release.v1")
"""Types of Secrets that hold whole releases: megabytes that nobody waits for."""

_SERVER_ENDS_AFTER = "300"  # seconds; the server is asked to, so that a watch does not outlive its watcher for long
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 2.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How often and how long, in seconds.

    ``gather`` is how long to collect changes after one was shown; ``poll`` is for what may not be watched;
    ``silence`` is for how long a live watch may send nothing (a bookmark comes each minute); ``patience`` is how long
    the server may be out of reach.
    """

    gather: float = 0.015
    poll: float = 2.0
    silence: float = 90.0
    patience: float = 60.0


@dataclass(frozen=True, slots=True)
class Collection:
    """A kind in one namespace (``""`` is all). ``names`` are wanted by themselves; ``whole`` if the others are too."""

    served: Served
    version: str
    namespace: str
    names: frozenset[str] = frozenset()
    whole: bool = False

    @property
    def path(self) -> str:
        """Where it is listed and watched."""
        return collection_path(self.served, self.version, self.namespace)

    @property
    def query(self) -> dict[str, str]:
        """What of it is read: a single one by its name, everything otherwise, but never our own archives."""
        if not self.whole and len(self.names) == 1:
            return {"fieldSelector": f"metadata.name={next(iter(self.names))}"}
        if self.served.group_kind == SECRET:
            return {"fieldSelector": ",".join(f"type!={kind}" for kind in BULKY_SECRETS)}
        return {}

    @property
    def refs(self) -> Iterable[Ref]:
        """Those that are wanted by themselves."""
        group, kind = self.served.group_kind
        return (Ref(group, kind, self.namespace, name, self.version) for name in sorted(self.names))

    def entry(self, raw: bytes) -> Entry:
        """One item of it."""
        return Entry.of(raw, self.served.group_kind, self.version)


class _Object(msgspec.Struct, frozen=True):
    class _Meta(msgspec.Struct, frozen=True):
        resourceVersion: str = ""  # noqa: N815 - the API's name

    metadata: _Meta = _Meta()


class _WatchEvent(msgspec.Struct, frozen=True):
    type: str
    object: msgspec.Raw


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a watch: what happened (``ADDED``, ``MODIFIED``, ``DELETED``, ``BOOKMARK``), to what, as JSON."""

    type: str
    raw: bytes
    resource_version: str


async def watch(transport: Transport, collection: Collection, since: str, silence: float) -> AsyncGenerator[Change]:
    """What happens in a collection after a version of it, until the server ends the stream, or is silent for too long.

    Raises ``Gone`` when that version is no longer kept: then the collection has to be listed again.
    """
    query = {
        **collection.query,
        "watch": "true",
        "allowWatchBookmarks": "true",
        "resourceVersion": since,
        "timeoutSeconds": _SERVER_ENDS_AFTER,
    }
    call = Call("GET", collection.path, query=query)
    with suppress(TimeoutError):  # silent for too long: dead
        async with transport.stream(call) as chunks:
            async for line in _lines(chunks, silence):
                yield _change(line, call)


async def _lines(chunks: AsyncIterator[bytes], silence: float) -> AsyncIterator[bytes]:
    rest = b""
    while True:
        async with asyncio.timeout(silence):
            chunk = await anext(chunks, b"")
        if not chunk:
            return  # a line that is not whole is lost; the next watch begins before it
        *lines, rest = (rest + chunk).split(b"\n")
        for line in filter(None, lines):
            yield line


def _change(line: bytes, call: Call) -> Change:
    try:
        event = msgspec.json.decode(line, type=_WatchEvent)
        raw = bytes(event.object)
        version = msgspec.json.decode(raw, type=_Object).metadata.resourceVersion
    except msgspec.MsgspecError as error:
        raise Unreachable(f"a watch of {call.path} brought something that is not an event") from error
    if event.type == "ERROR":
        code = msgspec.json.decode(raw, type=dict[str, object]).get("code")
        raise fault_of_answer(Answer(code if isinstance(code, int) else 500, raw), call).error
    return Change(event.type, raw, version)


class Follower:
    """Keeps what is known of one collection true, and says so.

    ``tell_all`` takes everything in it, ``tell_one`` a change; ``watch_from`` is set when a first look is not enough.
    """

    def __init__(
        self,
        transport: Transport,
        collection: Collection,
        pace: Pace,
        *,
        tell_all: Callable[[Collection, list[Entry]], None],
        tell_one: Callable[[Collection, Change], None],
        watch_from: asyncio.Event,
    ) -> None:
        self._transport, self._collection, self._pace = transport, collection, pace
        self._tell_all, self._tell_one, self._watch_from = tell_all, tell_one, watch_from
        self._clock = transport.clock
        self._failing_since: float | None = None

    async def run(self) -> None:
        """Follow until cancelled; what may not be listed or watched is asked for again and again instead.

        Raises a ``ClusterError`` when nothing helps any more.
        """
        try:
            since = await self._list()
        except (Forbidden, NotFound, Rejected):
            await self._poll(self._get_each)
            return
        await self._watch_from.wait()
        try:
            await self._watch(since)
        except (Forbidden, NotFound, Rejected):
            await self._poll(self._list)

    # --- list and watch

    async def _list(self) -> str:
        listing = await list_all(self._transport, self._collection.path, self._collection.query)
        self._tell_all(self._collection, [self._collection.entry(item) for item in listing.items])
        return listing.resource_version

    async def _watch(self, since: str) -> None:
        """One watch after the other, each from where the last one ended."""
        in_vain = 0
        while True:
            before = since
            try:
                async with aclosing(watch(self._transport, self._collection, since, self._pace.silence)) as changes:
                    async for change in changes:
                        since = self._take(change) or since
            except Gone:
                since = await self._list_again() or since
            except Unreachable as error:
                self._bear(error)
            in_vain = 0 if since != before else in_vain + 1
            await self._clock.sleep(_wait(in_vain))

    def _take(self, change: Change) -> str:
        self._failing_since = None
        if change.type != "BOOKMARK":
            self._tell_one(self._collection, change)
        return change.resource_version

    async def _list_again(self) -> str:
        try:
            since = await self._list()
        except Unreachable as error:
            self._bear(error)
            return ""
        self._failing_since = None
        return since

    def _bear(self, error: Unreachable) -> None:
        """Servers restart; one that stays away for longer than our patience does not come back."""
        now = self._clock.monotonic()
        self._failing_since = now if self._failing_since is None else self._failing_since
        if now - self._failing_since > self._pace.patience:
            raise error

    # --- instead

    async def _poll(self, read: Callable[[], Awaitable[object]]) -> None:
        while True:
            try:
                await read()
                self._failing_since = None
            except Unreachable as error:
                self._bear(error)
            if not self._collection.names and read == self._get_each:
                return  # nobody but their owners asked for these, and we may not see them
            await self._clock.sleep(self._pace.poll)

    async def _get_each(self) -> None:
        found = await asyncio.gather(*map(self._get, self._collection.refs))
        self._tell_all(self._collection, [self._collection.entry(raw) for raw in found if raw])

    async def _get(self, ref: Ref) -> bytes:
        call = Call("GET", resource_path(self._collection.served, ref), ref=ref)
        try:
            return (await self._transport.send(call)).body
        except NotFound:
            return b""


def _wait(in_vain: int) -> float:
    """Seconds before the next watch, when so many in a row brought nothing."""
    return min(_FIRST_WAIT * 2.0 ** (in_vain - 1), _LONGEST_WAIT) if in_vain else 0.0
