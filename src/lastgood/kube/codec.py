"""A release as bytes, and back. Pure.

Blobs of compressed JSON: ``head`` is everything but the resources, ``resources`` their bodies, and ``staged`` those of
a release that is staged first. A release that restores another has no resources of its own. The format is version 1;
fields may be added to it, and readers pass over those they do not know. What changes the meaning of a field needs a new
version.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

import msgspec

from lastgood.model.plan import MISSING, FieldChange, Missing
from lastgood.model.proof import Finding, Proof
from lastgood.model.release import Release
from lastgood.model.resource import Body, Resource

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

T = TypeVar("T")

SCHEMA = 1
HEAD, RESOURCES, STAGED = "head", "resources", "staged"
LARGEST = 128 * 1024 * 1024
"""Bytes of JSON in one blob; more is neither written nor unpacked."""

_MISSING = {"lastgood.dev/missing": True}


class Unreadable(Exception):
    """These bytes are not a release; the message is a clause that says why. Never leaves this package."""


class TooLarge(Exception):
    """A release has more bytes than a record may hold. Never leaves this package."""


def encode(release: Release) -> dict[str, bytes]:
    """The blobs of a release, by name."""
    blobs = {HEAD: _pack(replace(release, resources=(), staged=(), version=""))}
    if release.restores is None:
        blobs[RESOURCES] = _pack([resource.body for resource in release.resources])
    if release.staged:
        blobs[STAGED] = _pack([resource.body for resource in release.staged])
    return blobs


def decode(blobs: Mapping[str, bytes], *, version: str) -> Release:
    """The release of these blobs; without resources if it restores another. Raises ``Unreadable``."""
    if HEAD not in blobs:
        raise Unreadable("it has no head")
    release = _unpack(blobs[HEAD], Release)
    if release.restores is None and RESOURCES not in blobs:
        raise Unreadable("it has no resources")
    resources, staged = _bodies(blobs, RESOURCES), _bodies(blobs, STAGED)
    proof = _with_missing(release.proof)
    return replace(release, resources=resources, staged=staged, proof=proof, version=version)


def _bodies(blobs: Mapping[str, bytes], key: str) -> tuple[Resource, ...]:
    return tuple(map(Resource, _unpack(blobs[key], list[Body]))) if key in blobs else ()


def digest_of(blob: bytes) -> str:
    """32 hexadecimal digits."""
    return hashlib.blake2b(blob, digest_size=16).hexdigest()


def _pack(value: object) -> bytes:
    text = msgspec.json.encode(value, enc_hook=_encode_missing)
    if len(text) > LARGEST:
        raise TooLarge(f"{len(text):,} bytes")
    return zstd.compress(text)


def _unpack(blob: bytes, type_: type[T]) -> T:
    try:
        return msgspec.json.decode(_decompress(blob), type=type_)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Unreadable("it is not what this version of lastgood writes") from error


def _decompress(blob: bytes) -> bytes:
    """At most ``LARGEST`` bytes, however many these claim to be."""
    decompressor = zstd.ZstdDecompressor()
    try:
        text: bytes = decompressor.decompress(blob, max_length=LARGEST + 1)
    except zstd.ZstdError as error:
        raise Unreadable("it cannot be decompressed") from error
    if len(text) > LARGEST:
        raise Unreadable(f"it unpacks to more than {LARGEST:,} bytes")
    if not decompressor.eof:
        raise Unreadable("its end is missing")
    return text


# --- a field that is not there: JSON has no word for it


def _encode_missing(value: object) -> object:
    if isinstance(value, Missing):
        return _MISSING
    raise NotImplementedError(f"{type(value).__name__} has no place in a record")


def _with_missing(proof: Proof | None) -> Proof | None:
    if proof is None:
        return None
    return replace(proof, findings=_findings(proof.findings), outside=_findings(proof.outside))


def _findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(replace(one, fields=tuple(map(_field, one.fields))) for one in findings)


def _field(change: FieldChange) -> FieldChange:
    before, after = (MISSING if value == _MISSING else value for value in (change.before, change.after))
    return replace(change, before=before, after=after)
