"""A release as bytes, and back."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings

from lastgood.kube import codec
from lastgood.kube.codec import HEAD, RESOURCES, STAGED, TooLarge, Unreadable, decode, encode
from lastgood.model.plan import MISSING, FieldChange
from lastgood.model.proof import Finding, Match, Proof, Scope
from lastgood.model.release import Release
from lastgood.model.resource import Origin, Ref
from tests.kube.releases import CREATED, RELEASES, config_map, release

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def there_and_back(original: Release) -> Release:
    return decode(encode(original), version="7")


@settings(max_examples=30, deadline=None)
@given(RELEASES)
def test_what_is_written_is_what_is_read(original: Release) -> None:
    assert replace(original, version="7") == there_and_back(original)


def test_a_field_that_is_not_there_is_not_the_same_as_null() -> None:
    changes = (FieldChange("a", MISSING, None), FieldChange("b", 1, MISSING))
    proof = Proof(1, Scope.WHOLE, (Finding(Ref("", "ConfigMap", "shop", "app"), Match.DIFFERS, changes),), CREATED)
    read = there_and_back(release(proof=proof)).proof
    assert read is not None
    (one, two) = read.findings[0].fields
    assert (one.before, one.after, two.after) == (MISSING, None, MISSING)
    assert one.before is MISSING


def test_the_version_a_ref_was_written_in_is_kept() -> None:
    """Refs are equal without it, and it is how they are read."""
    read = there_and_back(release(inventory=(Ref("apps", "Deployment", "shop", "web", "v1"),)))
    assert "v1" == read.inventory[0].version


def test_where_a_resource_was_written_down_is_not_kept() -> None:
    """It is a path on somebody's machine."""
    resource = replace(config_map("app"), origin=Origin("/home/ann/web.yaml", 3))
    assert there_and_back(release(1, resource)).resources[0].origin is None


def test_a_release_that_restores_another_stores_no_resources() -> None:
    blobs = encode(release(restores=3))
    assert {HEAD} == set(blobs)
    assert () == decode(blobs, version="7").resources


def test_only_what_is_staged_first_has_a_second_picture() -> None:
    """It has a blob of its own, and comes back in its order."""
    staged = (config_map("app-canary"), config_map("other-canary"))
    assert {HEAD, RESOURCES} == set(encode(release()))
    assert {HEAD, RESOURCES, STAGED} == set(encode(release(staged=staged)))
    assert staged == there_and_back(release(staged=staged)).staged


def test_a_record_from_before_there_were_strategies_reads_as_a_rolling_release() -> None:
    """Nothing of it is staged, promoted or of a colour."""
    head = json.loads(zstd.decompress(encode(release())[HEAD]))
    new = ("staged", "colour", "promoted", "routes", "standby", "beside", "asked")
    old = zstd.compress(json.dumps({key: value for key, value in head.items() if key not in new}).encode())
    read = decode({**encode(release()), HEAD: old}, version="7")
    assert read == replace(release(), version="7")
    assert (read.waits_to_be_promoted, read.swaps) == (False, False)


def test_the_format_is_version_one() -> None:
    """A record written today: if this has to change, so has ``SCHEMA``, and old records must still be read."""
    blobs = {
        HEAD: zstd.compress(
            b'{"name":"web","namespace":"shop","number":1,"created":"2026-01-02T03:04:05.678901Z","state":"good",'
            b'"mode":"standard","prune":false,"strategy":"rolling","resources":[],"inventory":[{"group":"","kind":'
            b'"ConfigMap","namespace":"shop","name":"app","version":"v1"}],"restores":null,"key":"k","who":"ann",'
            b'"why":"","ended":null,"reason":"","sent":[],"workloads":[],"judged":[],"proof":null,"evidence":null,'
            b'"version":"","a field of tomorrow":1}'
        ),
        RESOURCES: zstd.compress(b'[{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"app"}}]'),
    }
    read = decode(blobs, version="7")
    assert ("web", "good", "standard", "v1", "ConfigMap") == (
        read.name,
        read.state,
        read.mode,
        read.inventory[0].version,
        read.resources[0].ref.kind,
    )


def test_evidence_of_before_is_read_and_says_less() -> None:
    """A record whose containers had one log each, and whose release was not asked to stay healthy."""
    blobs = {
        HEAD: zstd.compress(
            b'{"name":"web","namespace":"shop","number":2,"created":"2026-01-02T03:04:05.678901Z","state":"failed",'
            b'"mode":"declarative","prune":true,"strategy":"rolling","resources":[],"inventory":[],"restores":null,'
            b'"key":"k","who":"ann","why":"","ended":"2026-01-02T03:05:05.678901Z","reason":"it crashed","sent":[],'
            b'"workloads":[],"judged":[],"proof":null,"evidence":{"pods":[{"ref":{"group":"","kind":"Pod","namespace":'
            b'"shop","name":"web-1","version":"v1"},"phase":"Running","containers":[{"name":"web","image":"web:2",'
            b'"state":"terminated","reason":"Error","message":"","exit_code":3,"restarts":2,"logs":"fatal\\n"}]}],'
            b'"events":[{"about":{"group":"","kind":"Pod","namespace":"shop","name":"web-1","version":"v1"},"type":'
            b'"Warning","reason":"BackOff","message":"m","count":6,"at":"2026-01-02T03:05:00Z"}],"notes":["late"]},'
            b'"found":false,"version":""}'
        ),
        RESOURCES: zstd.compress(b"[]"),
    }
    read = decode(blobs, version="7")
    assert read.evidence is not None
    (container,) = read.evidence.pods[0].containers
    assert ("fatal\n", False, False, "") == (
        container.logs,
        container.init,
        container.previous,
        container.other_logs,
    )
    assert ((), ("late",), 0.0) == (read.evidence.conditions, read.evidence.notes, read.hold)


def test_every_field_of_a_release_is_written_under_its_own_name() -> None:
    head = json.loads(zstd.decompress(encode(release())[HEAD]))
    assert set(Release.__slots__) == set(head)


@pytest.mark.parametrize(
    ("blobs", "why"),
    [
        ({}, "no head"),
        ({HEAD: encode(release())[HEAD]}, "no resources"),
        ({HEAD: b"not zstd"}, "cannot be decompressed"),
        ({HEAD: encode(release())[HEAD][:-5]}, "its end is missing"),
        ({HEAD: zstd.compress(b"[1,2]")}, "not what this version of lastgood writes"),
        ({HEAD: zstd.compress(b'{"name":"\xff"}')}, "not what this version of lastgood writes"),
    ],
)
def test_what_is_not_a_release_is_not_read(blobs: dict[str, bytes], why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        decode(blobs, version="7")


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "LARGEST", 1000)
    with pytest.raises(Unreadable, match="unpacks to more than"):
        decode({HEAD: zstd.compress(b" " * 10_000_000)}, version="7")


def test_what_could_not_be_read_again_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "LARGEST", 1000)
    with pytest.raises(TooLarge, match="bytes"):
        encode(release(1, config_map("app", text="x" * 2000)))
