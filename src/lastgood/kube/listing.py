"""Whole collections, read page by page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from lastgood.kube.calls import JSON, Call
from lastgood.kube.faults import Gone
from lastgood.kube.transport import Transport

PAGE = 500

METADATA_ONLY = f"{JSON};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
"""Asks for a list of nothing but metadata.

https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches
"""


class _Meta(msgspec.Struct, frozen=True):
    resourceVersion: str = ""  # noqa: N815 - the API's name
    continue_: str = msgspec.field(name="continue", default="")


class _Page(msgspec.Struct, frozen=True):
    metadata: _Meta = _Meta()
    items: list[msgspec.Raw] | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """All items, each as the JSON it came in, and the version of the collection that a watch can go on from.

    Items of built-in kinds carry neither ``apiVersion`` nor ``kind``.
    """

    items: list[bytes]
    resource_version: str


async def list_all(
    transport: Transport, path: str, query: Mapping[str, str] | None = None, *, accept: str = JSON
) -> Listing:
    """Everything in a collection, as it was at one moment.

    Reading on for too long makes the server forget that moment (410); then it is read again in one piece.
    """
    try:
        return await _pages(transport, Call("GET", path, query={**(query or {}), "limit": str(PAGE)}, accept=accept))
    except Gone:
        return await _pages(transport, Call("GET", path, query=query or {}, accept=accept))


async def _pages(transport: Transport, call: Call) -> Listing:
    items: list[bytes] = []
    query = dict(call.query)
    while True:
        answer = await transport.send(Call(call.method, call.path, query=query, accept=call.accept))
        page = answer.decode(_Page)
        items += [bytes(item) for item in page.items or ()]
        if not page.metadata.continue_:
            return Listing(items, page.metadata.resourceVersion)
        query["continue"] = page.metadata.continue_
