"""Records as Secrets: labels, annotations, parts."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from typing import Any

import pytest

from lastgood.errors import RecordCorrupt
from lastgood.kube import records
from lastgood.kube.records import Index, Stored, layout, record_body, summary_of
from lastgood.model.release import Release
from tests.kube.releases import release

LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")


def secret(one: Release) -> dict[str, Any]:
    body = record_body(one, layout({}), {}, write="w")
    body["metadata"]["namespace"] = "shop"
    return body


def test_a_listing_shows_what_the_release_says_of_itself() -> None:
    for one in (release(7, who="ann", why="because", reason="no"), release(8, restores=7)):
        assert one.summary == summary_of(secret(one)["metadata"])


def test_the_secret_is_named_and_typed_so_that_people_know_it() -> None:
    body = secret(release(7))
    assert ("lastgood.web.v7", "lastgood.dev/release.v1") == (body["metadata"]["name"], body["type"])


@pytest.mark.parametrize("name", ["a", "x" * 63])
def test_labels_are_valid_whatever_the_name(name: str) -> None:
    labels = secret(release(10**6, name=name, restores=3))["metadata"]["labels"]
    assert all(LABEL_VALUE.fullmatch(value) for value in labels.values()), labels
    assert "lastgood" == labels["app.kubernetes.io/managed-by"]


def test_long_texts_are_cut_in_the_listing() -> None:
    why = summary_of(secret(release(why="x" * 5000))["metadata"]).why
    assert (1024, "…") == (len(why), why[-1])


@pytest.mark.parametrize(
    "damage",
    [
        {"lastgood.dev/number": "x"},
        {"lastgood.dev/state": "fine"},
        {"lastgood.dev/mode": None},
        {"lastgood.dev/restores": "x"},
    ],
)
def test_labels_that_somebody_changed_are_no_history(damage: dict[str, str | None]) -> None:
    metadata = secret(release())["metadata"]
    changed = {key: value for key, value in (metadata["labels"] | damage).items() if value is not None}
    with pytest.raises(RecordCorrupt, match=r"Secret shop/lastgood\.web\.v1 is damaged") as caught:
        summary_of(metadata | {"labels": changed})
    assert "kubectl delete secret -n shop lastgood.web.v1" in caught.value.hint


# --- parts


def test_what_fits_stays_in_the_record() -> None:
    index = layout({"head": b"h" * 100, "resources": b"r" * 999_900})
    assert [0, 0] == [stored.parts for stored in index.blobs.values()]


def test_the_largest_goes_into_parts_until_the_rest_fits() -> None:
    index = layout({"head": b"h" * 100, "resources": b"r" * 1_999_901})
    assert {"head": 0, "resources": 2} == {key: stored.parts for key, stored in index.blobs.items()}
    both = layout({"head": b"h" * 1_000_001, "resources": b"r" * 3_000_000})
    assert {"head": 2, "resources": 3} == {key: stored.parts for key, stored in both.blobs.items()}


def test_parts_put_together_are_the_blob_and_each_fits_into_a_secret() -> None:
    blob = bytes(range(256)) * 10_000
    blobs = {"resources": blob}
    parts = list(records.parts_of(release(), layout(blobs), blobs))
    bodies = [records.part_body(release(), part) for part in parts]
    data = [base64.b64decode(body["data"]["part"]) for body in bodies]
    assert (blob, 3) == (b"".join(data), len(data))
    assert all(len(one) <= 1_048_576 for one in data)
    assert all(body["immutable"] and body["type"] == "lastgood.dev/part.v1" for body in bodies)


def test_a_part_is_not_found_by_whoever_lists_records() -> None:
    blobs = {"resources": b"r" * 2_000_000}
    (part, _) = records.parts_of(release(), layout(blobs), blobs)
    assert records.NAME not in records.part_body(release(), part)["metadata"]["labels"]


def index(*digests: str) -> Index:
    return Index(1, {digest: Stored(digest, 2_000_000, 2) for digest in digests})


def part(number: str, digest: str) -> dict[str, Any]:
    return {"name": f"{number}-{digest}", "labels": {records.PART_OF_NUMBER: number, records.PART_DIGEST: digest}}


@pytest.mark.parametrize(
    ("number", "digest", "is_orphan"),
    [
        ("5", "new", False),
        ("5", "old", True),  # superseded by what was just written
        ("4", "any", False),  # of a record that is still there
        ("3", "any", True),  # of a record that is gone, or never was
        ("6", "any", False),  # of one who is about to write
        ("x", "new", False),
    ],
)
def test_the_parts_that_nobody_needs(number: str, digest: str, is_orphan: bool) -> None:
    found = list(records.orphans([part(number, digest)], [4, 5], 5, index("new")))
    assert is_orphan == bool(found)


# --- damage


def test_a_record_of_a_later_version_says_what_is_needed() -> None:
    body = secret(release())
    body["data"]["index"] = base64.b64encode(b'{"schema": 2, "blobs": {}}').decode()
    with pytest.raises(RecordCorrupt, match="by a later version of lastgood") as caught:
        records.index_of(body)
    assert "newer" in caught.value.hint


@pytest.mark.parametrize("data", [None, {}, {"index": "%%"}, {"index": "bm8="}])
def test_a_secret_that_was_emptied_is_damaged(data: dict[str, str] | None) -> None:
    with pytest.raises(RecordCorrupt):
        records.index_of(secret(release()) | {"data": data})


@pytest.mark.parametrize("other", [{"name": "other"}, {"number": 2}, {"restores": 1}])
def test_labels_have_to_say_what_the_body_says(other: dict[str, Any]) -> None:
    metadata = secret(release())["metadata"]
    records.check_labels(release(), metadata)
    with pytest.raises(RecordCorrupt, match="its label"):
        records.check_labels(replace(release(), **other), metadata)


# --- a listing of many names


def metadata(namespace: str, **more: Any) -> dict[str, Any]:
    return {**secret(release(**more))["metadata"], "namespace": namespace}


def test_a_listing_has_each_name_once_with_its_history_newest_first() -> None:
    found = [metadata("b", number=1), metadata("a", number=2), metadata("a", number=1), metadata("a", name="api")]
    listed = records.listed(found)
    assert [("a", "api"), ("a", "web"), ("b", "web")] == [(one.namespace, one.name) for one in listed]
    assert [2, 1] == [one.number for one in listed[1].history.summaries]


def test_a_damaged_record_does_not_hide_the_other_names_of_a_listing() -> None:
    torn = metadata("a", name="torn")
    torn["labels"] = torn["labels"] | {records.STATE: "splendid"}
    damaged, fine = records.listed([metadata("a", name="web"), torn])
    assert ("torn", ()) == (damaged.name, damaged.history.summaries)
    assert "the record in Secret a/lastgood.torn.v" in damaged.damage
    assert (1, "") == (len(fine.history.summaries), fine.damage)
