"""Documents become resources: lists are unpacked, and each one must say what it is and what it is called. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lastgood.errors import ManifestError
from lastgood.model.resource import Body, Origin, Ref, Resource, ref_of
from lastgood.model.source import CONFIG_FILE, File
from lastgood.parsing import Document, find, parse

API_VERSION = re.compile(r"(?:[a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[a-z0-9]+")
KIND = re.compile(r"[A-Za-z][A-Za-z0-9]*")
RENDERED_FIRST = {
    "kustomize.config.k8s.io": "build it first: kubectl kustomize FOLDER | lastgood ... -f -",
    "lastgood.dev": "it says what is otherwise typed: lastgood ... --config FILE",
}
CHART_FILES = ("Chart.yaml", "values.yaml", "values.yml")


def resources_in(file: File) -> Iterator[Resource]:
    """The resources of one file, each with the place where it stands. Raises ``ManifestError``."""
    for document in parse(file.text, file.name):
        if document.value is not None:
            yield from _unpacked(document, file)


def resources_of(value: Any, name: str) -> Iterator[Resource]:
    """The resources of a body that was read elsewhere; messages call it ``name``. Raises ``ManifestError``."""
    yield from _unpacked(Document(value, 1, 0), File(name, ""))


def _unpacked(document: Document, file: File) -> Iterator[Resource]:
    origin = Origin(file.name, document.line, document.number)
    if not _is_list(document.value):
        yield _resource(document.value, origin, file)
        return
    items = document.value["items"]
    known = len(document.item_lines) == len(items)  # not where some are aliases, or no mappings at all
    lines = document.item_lines if known else (document.line,) * len(items)
    for item, line in zip(items, lines, strict=True):
        yield from _item(item, document.value, Origin(file.name, line, document.number), file)


def _item(value: Any, holder: Mapping[str, Any], origin: Origin, file: File) -> Iterator[Resource]:
    """An element of a List. One of a list of one kind (ConfigMapList) need not say what it is."""
    if isinstance(value, Mapping) and "kind" not in value and "apiVersion" not in value:
        value = {"apiVersion": holder.get("apiVersion"), "kind": _kind_of_items(holder), **value}
    if not _is_list(value):
        yield _resource(value, origin, file)
        return
    for item in value["items"]:
        yield from _item(item, value, origin, file)


def _kind_of_items(holder: Mapping[str, Any]) -> str | None:
    kind = str(holder.get("kind", "")).removesuffix("List")
    return kind or None


def _is_list(value: Any) -> bool:
    """As kubectl sees it: whatever has a list of ``items`` at its top."""
    return isinstance(value, Mapping) and "kind" in value and isinstance(value.get("items"), list)


def _resource(value: Any, origin: Origin, file: File) -> Resource:
    if not isinstance(value, dict):
        shape = _described(value) if not isinstance(value, str) else "a string"  # which may be a secret one
        raise ManifestError(f"a resource is a mapping; this is {shape}", origin=origin)
    _check_type(value, origin, file)
    _check_metadata(value, origin, file)
    return Resource(value, origin)


def _check_type(body: Body, origin: Origin, file: File) -> None:
    for field, pattern in (("apiVersion", API_VERSION), ("kind", KIND)):
        value = body.get(field)
        if not value:
            raise ManifestError(f"{field} is missing", origin=origin, hint=_type_hint(origin, body, field))
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise _at_field(f"{_described(value)} is no {field}", body, (field,), origin, file)
    hint = RENDERED_FIRST.get(body["apiVersion"].partition("/")[0])
    if hint:
        raise ManifestError(f"a {body['kind']} is read by its own tool, not by the cluster", origin=origin, hint=hint)


def _check_metadata(body: Body, origin: Origin, file: File) -> None:
    metadata = body.get("metadata")
    if not isinstance(metadata, dict):
        problem = "metadata is missing" if metadata is None else f"metadata is {_described(metadata)}"
        raise _at_field(f"{problem}; a resource needs metadata.name", body, ("metadata",), origin, file)
    if metadata.get("generateName"):
        problem = "makes another resource at every deploy, and none could be found again"
        raise _at_field(problem, body, ("metadata", "generateName"), origin, file, hint="give it a name")
    for field in ("name", "namespace"):
        _check_word(body, field, origin, file)


def _check_word(body: Body, field: str, origin: Origin, file: File) -> None:
    value = body["metadata"].get(field)
    if isinstance(value, str) and value:
        return
    if value is None or value == "":
        if field == "name":
            raise _at_field("is missing", body, ("metadata", field), origin, file)
        return
    hint = f'put it in quotes: {field}: "{value}"' if isinstance(value, int | float) else ""
    raise _at_field(f"is {_described(value)}, not a string", body, ("metadata", field), origin, file, hint=hint)


def _at_field(
    problem: str, body: Body, path: tuple[str, ...], origin: Origin, file: File, *, hint: str = ""
) -> ManifestError:
    place = find(file.text, path, document=origin.document, line=origin.line)
    written = Origin(origin.file, place.line if place else origin.line, origin.document)
    return ManifestError(problem, origin=written, ref=_ref_so_far(body), field=".".join(path), hint=hint)


def _ref_so_far(body: Body) -> Ref | None:
    metadata = body.get("metadata")
    known = isinstance(metadata, dict) and isinstance(metadata.get("name"), str) and metadata["name"]
    return ref_of(body) if known and isinstance(body.get("kind"), str) else None


def _type_hint(origin: Origin, body: Body, field: str) -> str:
    if origin.file.endswith(CHART_FILES):
        return "this looks like a part of a Helm chart: render it first, helm template FOLDER | lastgood ... -f -"
    if origin.file.endswith(CONFIG_FILE):
        return f"this is a configuration, not a manifest: --config {origin.file}"
    other = next((key for key in body if key.lower() == field.lower()), None)
    return f"it is spelled {field}, not {other}" if other and other != field else ""


def _described(value: Any) -> str:
    """A value as a message may name it: its type, and the value of what is short and plain."""
    names = {dict: "a mapping", list: "a list", type(None): "null"}
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"the number {value}"
    return names.get(type(value)) or f'the string "{str(value)[:40]}"'
