"""Leases as objects of the API: one for each release, ``lastgood.<name>``.

https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/lease-v1/
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import msgspec

from lastgood.errors import Conflict, NotFound, Unreachable
from lastgood.kube.calls import Call
from lastgood.kube.records import MANAGED_BY, NAME
from lastgood.kube.transport import Transport
from lastgood.model.resource import Body, Ref
from lastgood.ports import Lease

WITHIN = 4.0
"""Seconds for one request. A Lease is renewed every few seconds, and whoever cannot has to know soon."""

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_DEFAULT_SECONDS = 15


class Leases:
    """The Leases of one namespace."""

    def __init__(self, transport: Transport, namespace: str) -> None:
        self._transport = transport
        self._namespace = namespace
        self._path = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"

    async def read(self, name: str) -> Lease | None:
        """Who works on this release, if anybody ever did."""
        try:
            return _lease_of(await self._send(name, "GET", f"{self._path}/{_object_name(name)}"))
        except NotFound:
            return None

    async def write(self, name: str, lease: Lease) -> Lease:
        """Create it (empty version) or replace that version; raises ``Conflict`` if somebody else did.

        A conflict with a write of our own, whose answer was lost, is none: only we write with our name and count.
        """
        try:
            return await self._put(name, lease)
        except Conflict:
            live = await self.read(name)
            if live is None or (live.holder, live.transitions) != (lease.holder, lease.transitions):
                raise
            return await self._put(name, _as_of(lease, live))

    async def delete(self, name: str) -> None:
        """Take it away if nobody holds it, and only as it was read; whoever takes it meanwhile keeps it."""
        lease = await self.read(name)
        if lease is None or lease.holder:
            return
        only = {"preconditions": {"resourceVersion": lease.version}}
        with suppress(Conflict, NotFound):
            await self._send(name, "DELETE", f"{self._path}/{_object_name(name)}", only)

    async def _put(self, name: str, lease: Lease) -> Lease:
        own = f"{self._path}/{_object_name(name)}"
        method, path = ("PUT", own) if lease.version else ("POST", self._path)
        try:
            return _lease_of(await self._send(name, method, path, _body_of(name, lease)))
        except NotFound as error:
            if not lease.version:
                raise
            raise Conflict(f"the Lease of {name} is gone") from error

    async def _send(self, name: str, method: str, path: str, body: Body | None = None) -> Body:
        content = msgspec.json.encode(body) if body else b""
        ref = Ref("coordination.k8s.io", "Lease", self._namespace, _object_name(name), "v1")
        try:
            async with asyncio.timeout(WITHIN):
                answer = await self._transport.send(Call(method, path, body=content, ref=ref, urgent=True))
        except TimeoutError as error:
            raise Unreachable(f"{self._transport.server} did not answer about the Lease of {name} in time") from error
        return answer.decode(dict[str, Any])


def _object_name(name: str) -> str:
    return f"lastgood.{name}"


def _as_of(lease: Lease, live: Lease) -> Lease:
    return Lease(lease.holder, lease.renewed, lease.seconds, transitions=lease.transitions, version=live.version)


def _body_of(name: str, lease: Lease) -> Body:
    metadata = {"name": _object_name(name), "labels": MANAGED_BY | {NAME: name}}
    return {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": metadata | ({"resourceVersion": lease.version} if lease.version else {}),
        "spec": {
            "holderIdentity": lease.holder,
            "leaseDurationSeconds": lease.seconds,
            "renewTime": f"{lease.renewed.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
            "leaseTransitions": lease.transitions,
        },
    }


def _lease_of(body: Body) -> Lease:
    spec: Mapping[str, Any] = body.get("spec") or {}
    renewed = spec.get("renewTime")
    return Lease(
        holder=spec.get("holderIdentity") or "",
        renewed=datetime.fromisoformat(renewed) if renewed else _NEVER,
        seconds=spec.get("leaseDurationSeconds") or _DEFAULT_SECONDS,
        transitions=spec.get("leaseTransitions") or 0,
        version=body["metadata"]["resourceVersion"],
    )
