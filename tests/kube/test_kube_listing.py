"""Whole collections, page by page."""

from __future__ import annotations

import json

from lastgood.kube.listing import METADATA_ONLY, Listing, list_all
from lastgood.kube.transport import Transport
from tests.kube.api import Api, Reply, by_query, ok, page, play, status, thing

PODS = "/api/v1/namespaces/shop/pods"


def listed(*replies: Reply, accept: str = "application/json") -> tuple[Listing, Api]:
    api = Api()
    api.on("GET", PODS, *replies)

    async def ask(transport: Transport) -> Listing:
        return await list_all(transport, PODS, {"labelSelector": "a=b"}, accept=accept)

    return play(api, ask), api


def names(listing: Listing) -> list[str]:
    return [json.loads(item)["metadata"]["name"] for item in listing.items]


def test_pages_are_read_until_there_is_no_more() -> None:
    pages = {"": [page(thing("a"), more="x")], "x": [page(thing("b"), more="y")], "y": [page(thing("c"), version="7")]}
    listing, api = listed(by_query("continue", pages))
    assert (names(listing), listing.resource_version) == (["a", "b", "c"], "7")
    assert [{key: one[key] for key in ("labelSelector", "limit")} for one in api.queries("GET", PODS)[:1]] == [
        {"labelSelector": "a=b", "limit": "500"}
    ]


def test_when_reading_on_took_too_long_all_is_read_again_in_one_piece() -> None:
    gone = status(410, "The provided continue parameter is too old", "Expired")
    whole = by_query("limit", {"500": [page(thing("a"), more="x"), gone], "": [page(thing("a"), thing("b"))]})
    listing, _ = listed(whole)
    assert names(listing) == ["a", "b"]


def test_an_empty_collection_may_say_null() -> None:
    listing, _ = listed(ok({"metadata": {"resourceVersion": "5"}, "items": None}))
    assert Listing([], "5") == listing


def test_metadata_alone_can_be_asked_for() -> None:
    _, api = listed(page(), accept=METADATA_ONLY)
    assert api.requests[0].headers["Accept"] == METADATA_ONLY
