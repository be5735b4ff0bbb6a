"""What a cluster wrote, read back as it is: nothing that a manifest would be refused for is refused here.

``kubectl get -o json`` of thousands of objects has to be read in a moment, so that JSON is not checked for what only
people write: a key that stands twice, a number that is none of JSON's is for the reader of YAML to tell of.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

from lastgood.errors import ManifestError
from lastgood.loading.reading import files_of
from lastgood.model.resource import Body, Origin
from lastgood.model.source import File
from lastgood.parsing import LARGEST, parse
from lastgood.parsing.text import FLOW

LARGEST_SNAPSHOT = 256 * 1024 * 1024
"""How many bytes of JSON a file may have; some 25,000 pods."""

BLANKS = re.compile(r"[ \t\r\n]*")
Place = tuple[Any, Origin]
"""A value and where it stands."""


def read_snapshot(
    sources: Sequence[str], *, stdin: IO[bytes] | IO[str] | None = None, recursive: bool = False
) -> tuple[Body, ...]:
    """The objects of files, folders and ``-`` (stdin), in the order in which they are written.

    Lists of any kind are unpacked, empty ones too. Raises ``ManifestError`` with file and line for what is not YAML or
    JSON, or no objects, and where nothing is written at all: what was to write it has failed.
    """
    found: list[Body] = []
    for file in files_of(sources, stdin=stdin, recursive=recursive, largest=LARGEST_SNAPSHOT):
        documents = list(_documents(file))
        if not documents:
            raise ManifestError("holds nothing, not even an empty list", origin=Origin(file.name), hint=NOTHING)
        found += [body for document in documents for body in _objects(document)]
    return tuple(found)


def objects_in(value: Any, name: str) -> tuple[Body, ...]:
    """The object that a value of JSON is, or those in it. Raises ``ManifestError``, which calls it by this name."""
    return tuple(_objects((value, Origin(name))))


NOTHING = "did the command that writes it fail? kubectl get -o yaml writes a list where it finds nothing"


def _documents(file: File) -> Iterator[Place]:
    try:
        return iter(list(_json(file)))
    except (ValueError, RecursionError):
        return _yaml(file)


def _json(file: File) -> Iterator[Place]:
    """Raises ``ValueError`` for what is not JSON to its end."""
    if not FLOW.match(file.text):
        raise ValueError("this is YAML")
    decoder, number = json.JSONDecoder(parse_constant=_refuse), 0
    at = _next(file.text, 0)
    while at < len(file.text):
        line, number = file.text.count("\n", 0, at) + 1, number + 1
        value, at = decoder.raw_decode(file.text, at)
        at = _next(file.text, at)
        yield value, Origin(file.name, line, number)


def _next(text: str, at: int) -> int:
    blanks = BLANKS.match(text, at)
    return blanks.end() if blanks else at


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _yaml(file: File) -> Iterator[Place]:
    if len(file.text) > LARGEST:
        hint = f"as JSON it may have {LARGEST_SNAPSHOT // 2**20} MiB: kubectl get ... -o json"
        raise ManifestError(f"is YAML of more than {LARGEST // 2**20} MiB", origin=Origin(file.name), hint=hint)
    for document in parse(file.text, file.name):
        if document.value is not None:
            yield document.value, Origin(file.name, document.line, document.number)


def _objects(place: Place) -> Iterator[Body]:
    """The object that a value is, or those in it; lists may hold lists."""
    value, origin = place
    ahead: list[tuple[Any, Mapping[str, Any], str]] = [(value, {}, "")]
    while ahead:
        value, holder, field = ahead.pop()
        items = _items(value)
        if items is None:
            yield _object(value, holder, origin, field)
        else:
            inner = value if isinstance(value, dict) else {}
            ahead += [(item, inner, f"items[{number}]") for number, item in enumerate(items)][::-1]


def _items(value: Any) -> list[Any] | None:
    """What is in a ``List``, in a list of one kind (``PodList``; its items may be null), or what jq leaves of one."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict) or "items" not in value or not isinstance(value["items"], list | None):
        return None
    kind = value.get("kind")
    is_list = not kind or (isinstance(kind, str) and kind.endswith("List"))
    return (value["items"] or []) if is_list else None


def _object(value: Any, holder: Mapping[str, Any], origin: Origin, field: str) -> Body:
    if not isinstance(value, dict):
        raise ManifestError("this is no object of a cluster, which is a mapping", origin=origin, field=field)
    if value.get("kind") == "Status" and value.get("status") == "Failure":
        raise ManifestError(f"the API server answered with an error: {value.get('message')}", origin=origin)
    if not {"kind", "apiVersion", "metadata"} & value.keys():
        hint = "this reads what kubectl get -o yaml or -o json prints"
        raise ManifestError("this is no object of a cluster: kind is missing", origin=origin, field=field, hint=hint)
    return _typed(value, holder)


def _typed(value: Body, holder: Mapping[str, Any]) -> Body:
    """An item of a list of one kind need not say what it is."""
    kind = str(holder.get("kind") or "").removesuffix("List")
    if not kind or "kind" in value or "apiVersion" in value:
        return value
    return {"apiVersion": holder.get("apiVersion"), "kind": kind, **value}
