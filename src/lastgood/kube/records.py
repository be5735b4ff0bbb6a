"""How records are laid out as Secrets: names, labels, annotations, and where the bytes are. Pure.

Small blobs are in the record's own Secret; what does not fit is cut into immutable part Secrets, named by the digest of
the whole blob, so that a record which is written again with the same resources does not write those again.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import msgspec

from lastgood.errors import RecordCorrupt
from lastgood.kube.codec import SCHEMA, digest_of
from lastgood.model.release import History, Mode, Release, State, Summary
from lastgood.model.resource import Body
from lastgood.model.status import Listed

RECORD_TYPE = "lastgood.dev/release.v1"
PART_TYPE = "lastgood.dev/part.v1"
MANAGED_BY = {"app.kubernetes.io/managed-by": "lastgood"}

NAME, NUMBER = "lastgood.dev/name", "lastgood.dev/number"
STATE, MODE, STRATEGY = "lastgood.dev/state", "lastgood.dev/mode", "lastgood.dev/strategy"
RESTORES, CONTENT, COLOUR = "lastgood.dev/restores", "lastgood.dev/content", "lastgood.dev/colour"
PART_OF, PART_OF_NUMBER, PART_DIGEST = "lastgood.dev/part-of", "lastgood.dev/part-of-number", "lastgood.dev/part-digest"
CREATED, WHO, WHY, REASON = "lastgood.dev/created", "lastgood.dev/who", "lastgood.dev/why", "lastgood.dev/reason"
WRITE = "lastgood.dev/write"
"""Marks each write, so that one whose answer was lost is known again."""

_LENGTHS = {WHO: 256, WHY: 1024, REASON: 1024}  # characters; the whole text is in the body
LARGEST_DATA = 1_000_000
"""Bytes of data in one Secret; the API allows 1,048,576."""

_INDEX = "index"


class Stored(msgspec.Struct, frozen=True):
    """Where a blob is: in the record's own Secret, or in so many parts."""

    digest: str
    size: int
    parts: int = 0


class Index(msgspec.Struct, frozen=True):
    """What a record is made of."""

    schema: int
    blobs: dict[str, Stored]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a blob that has a Secret of its own."""

    name: str
    digest: str
    data: bytes


def record_name(name: str, number: int) -> str:
    """The name of a record's Secret."""
    return f"lastgood.{name}.v{number}"


# --- laying out


def layout(blobs: Mapping[str, bytes]) -> Index:
    """The largest blobs go into parts until the others fit together."""
    left = sum(map(len, blobs.values()))
    index: dict[str, Stored] = {}
    for key, blob in sorted(blobs.items(), key=lambda item: -len(item[1])):
        out = left > LARGEST_DATA
        left -= len(blob) if out else 0
        index[key] = Stored(digest_of(blob), len(blob), -(-len(blob) // LARGEST_DATA) if out else 0)
    return Index(SCHEMA, index)


def parts_of(release: Release, index: Index, blobs: Mapping[str, bytes]) -> Iterator[Part]:
    """The pieces of what does not fit."""
    for key, stored in index.blobs.items():
        for i, name in enumerate(part_names(release.name, release.number, stored)):
            yield Part(name, stored.digest, blobs[key][i * LARGEST_DATA : (i + 1) * LARGEST_DATA])


def part_names(name: str, number: int, stored: Stored) -> list[str]:
    """The names of a blob's parts, in order."""
    return [f"{record_name(name, number)}.{stored.digest}.{i}" for i in range(stored.parts)]


def record_body(release: Release, index: Index, blobs: Mapping[str, bytes], *, write: str) -> Body:
    """The Secret of a record. With the version that the release was read in, it replaces only that one."""
    inline = {key: blobs[key] for key, stored in index.blobs.items() if not stored.parts}
    metadata = {
        "name": record_name(release.name, release.number),
        "labels": _labels(release),
        "annotations": _annotations(release) | {WRITE: write},
    }
    if release.version:
        metadata["resourceVersion"] = release.version
    return _secret(RECORD_TYPE, metadata, {_INDEX: msgspec.json.encode(index), **inline})


def part_body(release: Release, part: Part) -> Body:
    """The Secret of a part. It has other labels than records have: a list of records must not find it."""
    labels = {PART_OF: release.name, PART_OF_NUMBER: str(release.number), PART_DIGEST: part.digest}
    return _secret(PART_TYPE, {"name": part.name, "labels": MANAGED_BY | labels}, {"part": part.data}) | {
        "immutable": True
    }


def _secret(type_: str, metadata: Mapping[str, Any], data: Mapping[str, bytes]) -> Body:
    encoded = {key: base64.b64encode(value).decode() for key, value in data.items()}
    return {"apiVersion": "v1", "kind": "Secret", "type": type_, "metadata": dict(metadata), "data": encoded}


def _labels(release: Release) -> dict[str, str]:
    return MANAGED_BY | _telling(release) | {CONTENT: release.content}


def _telling(release: Release) -> dict[str, str]:
    """The labels that can be told without reading all resources."""
    labels = {
        NAME: release.name,
        NUMBER: str(release.number),
        STATE: release.state.value,
        MODE: release.mode.value,
        STRATEGY: release.strategy,
    }
    more = {RESTORES: "" if release.restores is None else str(release.restores), COLOUR: release.colour}
    return labels | {key: value for key, value in more.items() if value}


def _annotations(release: Release) -> dict[str, str]:
    texts = {WHO: release.who, WHY: release.why, REASON: release.reason}
    return {CREATED: release.created.isoformat()} | {key: _short(key, text) for key, text in texts.items() if text}


def _short(key: str, text: str) -> str:
    longest = _LENGTHS[key]
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


# --- reading


def summary_of(metadata: Mapping[str, Any]) -> Summary:
    """What a record's labels and annotations say. Raises ``RecordCorrupt`` when somebody changed them."""
    labels, notes = metadata.get("labels") or {}, metadata.get("annotations") or {}
    try:
        return Summary(
            number=int(labels[NUMBER]),
            state=State(labels[STATE]),
            created=datetime.fromisoformat(notes.get(CREATED) or metadata["creationTimestamp"]),
            mode=Mode(labels[MODE]),
            strategy=labels[STRATEGY],
            restores=int(labels[RESTORES]) if RESTORES in labels else None,
            content=labels[CONTENT],
            who=notes.get(WHO, ""),
            why=notes.get(WHY, ""),
            reason=notes.get(REASON, ""),
            colour=labels.get(COLOUR, ""),
        )
    except (KeyError, ValueError) as error:
        raise corrupt(metadata, f"its labels are not what was written ({error})") from error


def summaries_of(found: Iterable[Mapping[str, Any]]) -> tuple[Summary, ...]:
    """The same of several records, newest first."""
    return tuple(sorted(map(summary_of, found), key=lambda one: -one.number))


def listed(found: Iterable[Mapping[str, Any]]) -> tuple[Listed, ...]:
    """Records of many names in many namespaces, put together by both; a damaged one does not hide the others."""
    by_name = sorted(found, key=_whose)
    return tuple(_listed(*whose, tuple(records)) for whose, records in groupby(by_name, key=_whose))


def _listed(namespace: str, name: str, records: tuple[Mapping[str, Any], ...]) -> Listed:
    try:
        return Listed(name, namespace, History(summaries_of(records)))
    except RecordCorrupt as error:
        return Listed(name, namespace, History(), damage=str(error))


def _whose(metadata: Mapping[str, Any]) -> tuple[str, str]:
    return metadata["namespace"], metadata["labels"][NAME]


def index_of(body: Body) -> Index:
    """What a record is made of. Raises ``RecordCorrupt``, also for what a later version of lastgood wrote."""
    metadata = body["metadata"]
    try:
        index = msgspec.json.decode(data_of(body, _INDEX), type=Index)
    except msgspec.MsgspecError as error:
        raise corrupt(metadata, "its index cannot be read") from error
    if index.schema > SCHEMA:
        raise RecordCorrupt(
            f"Secret {metadata['namespace']}/{metadata['name']} was written by a later version of lastgood",
            hint="use that version or a newer one",
        )
    return index


def data_of(body: Body, key: str) -> bytes:
    """One value of a Secret. Raises ``RecordCorrupt`` if it is not there."""
    data: Mapping[str, str] = body.get("data") or {}
    try:
        return base64.b64decode(data[key], validate=True)
    except (KeyError, binascii.Error) as error:
        raise corrupt(body["metadata"], f"{key} is missing in its data") from error


def checked(blob: bytes, key: str, stored: Stored, metadata: Mapping[str, Any]) -> bytes:
    """The same blob, if it is what was written. Raises ``RecordCorrupt``."""
    if len(blob) != stored.size or digest_of(blob) != stored.digest:
        raise corrupt(metadata, f"the digest of its {key} does not match")
    return blob


def check_labels(release: Release, metadata: Mapping[str, Any]) -> None:
    """Raise ``RecordCorrupt`` if the labels, by which records are found and counted, say something else."""
    labels = metadata.get("labels") or {}
    expected = _telling(release)
    wrong = [key for key in (*expected, RESTORES, COLOUR) if labels.get(key) != expected.get(key)]
    if wrong:
        raise corrupt(metadata, f"its label {wrong[0]} is not what was written")


def corrupt(metadata: Mapping[str, Any], why: str) -> RecordCorrupt:
    """That a record cannot be used, and what can be done."""
    where, name = metadata.get("namespace", ""), metadata.get("name", "")
    return RecordCorrupt(
        f"the record in Secret {where}/{name} is damaged: {why}",
        hint=f"bring it back from a backup, or forget this release with `kubectl delete secret -n {where} {name}`; "
        "nothing else is touched by that",
    )


def selector(name: str) -> str:
    """Finds all records of a release; without a name, those of all."""
    return f"{NAME}={name}" if name else NAME


def parts_selector(name: str) -> str:
    """Finds all parts of a release's records."""
    return f"{PART_OF}={name}"


def orphans(parts: Iterable[Mapping[str, Any]], records: Iterable[int], number: int, index: Index) -> Iterator[str]:
    """The parts that no record is made of, after the record of this number was written.

    Those of later numbers are left alone: somebody may be about to write their record.
    """
    current = {stored.digest for stored in index.blobs.values() if stored.parts}
    known = frozenset(records)
    for part in parts:
        labels = part.get("labels") or {}
        of = int(labels[PART_OF_NUMBER]) if labels.get(PART_OF_NUMBER, "").isdigit() else number
        superseded = of == number and labels.get(PART_DIGEST) not in current
        if superseded or (of < number and of not in known):
            yield str(part["name"])
