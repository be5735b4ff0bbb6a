"""The history of releases in one namespace: a Secret for each attempt."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import msgspec

from lastgood.errors import ClusterError, Conflict, NotFound, RecordCorrupt, Rejected, ReleaseNotFound
from lastgood.kube import records
from lastgood.kube.calls import Call
from lastgood.kube.codec import TooLarge, Unreadable, decode, encode
from lastgood.kube.leases import Leases
from lastgood.kube.listing import METADATA_ONLY, list_all
from lastgood.kube.records import Index, Part, Stored
from lastgood.kube.transport import Transport
from lastgood.model.release import Release, Summary
from lastgood.model.resource import Body, Ref
from lastgood.model.status import Listed
from lastgood.ports import Lease


class KubeStore:
    """A ``Store`` in one namespace."""

    def __init__(self, transport: Transport, namespace: str) -> None:
        self._transport = transport
        self._namespace = namespace
        self._path = f"/api/v1/namespaces/{namespace}/secrets"
        self._leases = Leases(transport, namespace)
        self._stored: set[str] = set()  # names of parts that are known to be there

    # --- reading

    async def summaries(self, name: str) -> tuple[Summary, ...]:
        """Every recorded attempt, newest first, from a list of metadata alone."""
        return records.summaries_of(await self._metadata(records.selector(name)))

    async def listing(self, *, everywhere: bool = False) -> tuple[Listed, ...]:
        """Every name with its history, from a list of metadata alone."""
        found = await self._metadata(records.selector(""), path="/api/v1/secrets" if everywhere else self._path)
        return records.listed(found)

    async def _metadata(self, label: str, *, path: str = "") -> list[Mapping[str, Any]]:
        listing = await list_all(self._transport, path or self._path, {"labelSelector": label}, accept=METADATA_ONLY)
        return [msgspec.json.decode(item)["metadata"] for item in listing.items]

    async def read(self, name: str, number: int) -> Release:
        """One record, whole and checked; one that restores another has that one's resources."""
        release = await self._read_one(name, number)
        source, seen = release, {number}
        while source.restores is not None and source.restores not in seen:
            seen.add(source.restores)
            source = await self._restored(source)
        return replace(release, resources=source.resources)

    async def _restored(self, release: Release) -> Release:
        assert release.restores is not None
        try:
            return await self._read_one(release.name, release.restores)
        except ReleaseNotFound as error:
            raise RecordCorrupt(
                f"release {release.number} of {release.name} restores release {release.restores}, "
                "and the record of that one is gone",
                hint="go back to another release: lastgood history lists them",
            ) from error

    async def _read_one(self, name: str, number: int) -> Release:
        body = await self._get_record(name, number)
        index = records.index_of(body)
        blobs = dict(zip(index.blobs, await self._blobs(body, index, name, number), strict=True))
        metadata = body["metadata"]
        try:
            release = decode(blobs, version=metadata["resourceVersion"])
        except Unreadable as error:
            raise records.corrupt(metadata, str(error)) from error
        records.check_labels(release, metadata)
        return release

    async def _get_record(self, name: str, number: int) -> Body:
        try:
            return await self._get(records.record_name(name, number))
        except NotFound as error:
            raise ReleaseNotFound(
                f"there is no release {number} of {name} in namespace {self._namespace}",
                hint=f"lastgood history {name} -n {self._namespace} lists those there are",
            ) from error

    async def _blobs(self, body: Body, index: Index, name: str, number: int) -> list[bytes]:
        return await asyncio.gather(
            *(self._blob(body, key, stored, name, number) for key, stored in index.blobs.items())
        )

    async def _blob(self, body: Body, key: str, stored: Stored, name: str, number: int) -> bytes:
        if not stored.parts:
            return records.checked(records.data_of(body, key), key, stored, body["metadata"])
        names = records.part_names(name, number, stored)
        try:
            parts = await asyncio.gather(*map(self._get, names))
        except NotFound as error:
            raise records.corrupt(body["metadata"], f"a part of its {key} is gone") from error
        self._stored.update(names)
        blob = b"".join(records.data_of(part, "part") for part in parts)
        return records.checked(blob, key, stored, body["metadata"])

    # --- writing

    async def create(self, release: Release) -> Release:
        """Record an attempt; raises ``Conflict`` if its number is taken."""
        self._stored.clear()  # what is remembered may be of a record of this number that is gone
        return await self._write(replace(release, version=""), "POST", self._path)

    async def update(self, release: Release) -> Release:
        """Write the same attempt again; raises ``Conflict`` if it was changed, or forgotten, since it was read."""
        path = f"{self._path}/{records.record_name(release.name, release.number)}"
        try:
            return await self._write(release, "PUT", path)
        except NotFound as error:
            raise Conflict(f"the record of release {release.number} of {release.name} is gone") from error

    async def _write(self, release: Release, method: str, path: str) -> Release:
        """Parts first, then the record, then what is no longer part of any."""
        blobs = _encoded(release)
        index = records.layout(blobs)
        await self._write_parts(release, records.parts_of(release, index, blobs))
        mark = secrets.token_hex(8)
        version = await self._write_record(
            release, records.record_body(release, index, blobs, write=mark), method, path
        )
        with suppress(ClusterError, RecordCorrupt):  # the next write will find it
            await self._clean_up(release, index)
        return replace(release, version=version)

    async def _write_parts(self, release: Release, parts: Iterable[Part]) -> None:
        new = [part for part in parts if part.name not in self._stored]
        await asyncio.gather(*(self._write_part(records.part_body(release, part)) for part in new))
        self._stored.update(part.name for part in new)

    async def _write_part(self, body: Body) -> None:
        """One that is there already has the same content: its name says so."""
        with suppress(Conflict):
            await self._send("POST", self._path, body)

    async def _write_record(self, release: Release, body: Body, method: str, path: str) -> str:
        """The version written. A conflict may be with our own write, when the answer to it was lost."""
        try:
            written = await self._send(method, path, body)
        except Conflict as conflict:
            with suppress(NotFound):
                live = await self._get(body["metadata"]["name"])
                notes = live["metadata"].get("annotations") or {}
                if notes.get(records.WRITE) == body["metadata"]["annotations"][records.WRITE]:
                    return str(live["metadata"]["resourceVersion"])
            raise Conflict(
                f"the record of release {release.number} of {release.name} was written by another run"
            ) from conflict
        return str(written["metadata"]["resourceVersion"])

    async def delete(self, name: str, number: int) -> None:
        """Forget an attempt; nothing happens if it is gone."""
        await self._delete(records.record_name(name, number))
        await asyncio.gather(*(self._delete(part) for part in await self._parts(name, number)))

    # --- parts that nobody needs

    async def _clean_up(self, release: Release, index: Index) -> None:
        parts = await self._metadata(records.parts_selector(release.name))
        if not parts:
            return
        known = [one.number for one in await self.summaries(release.name)]
        names = list(records.orphans(parts, known, release.number, index))
        await asyncio.gather(*map(self._delete, names))
        self._stored.difference_update(names)

    async def _parts(self, name: str, number: int) -> list[str]:
        label = f"{records.parts_selector(name)},{records.PART_OF_NUMBER}={number}"
        return [one["name"] for one in await self._metadata(label)]

    # --- Secrets

    async def _get(self, name: str) -> Body:
        return (await self._transport.send(Call("GET", f"{self._path}/{name}", ref=self._ref(name)))).decode(Body)

    async def _send(self, method: str, path: str, body: Body) -> Body:
        call = Call(method, path, body=msgspec.json.encode(body), ref=self._ref(body["metadata"]["name"]))
        return (await self._transport.send(call)).decode(Body)

    async def _delete(self, name: str) -> None:
        with suppress(NotFound):
            await self._transport.send(Call("DELETE", f"{self._path}/{name}", ref=self._ref(name)))

    def _ref(self, name: str) -> Ref:
        return Ref("", "Secret", self._namespace, name, "v1")

    # --- who works on it

    async def read_lease(self, name: str) -> Lease | None:
        """Who works on this release, if anybody ever did."""
        return await self._leases.read(name)

    async def write_lease(self, name: str, lease: Lease) -> Lease:
        """Create the Lease (empty version) or replace exactly that version; raises ``Conflict`` otherwise."""
        return await self._leases.write(name, lease)

    async def delete_lease(self, name: str) -> None:
        """Take the Lease away if nobody holds it."""
        await self._leases.delete(name)


def _encoded(release: Release) -> dict[str, bytes]:
    try:
        return encode(release)
    except TooLarge as error:
        raise Rejected(
            f"release {release.name} is too large for a record: {error}", hint="split it into several releases"
        ) from error
