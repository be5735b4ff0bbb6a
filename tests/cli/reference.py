"""docs/reference: the schema of everything that is printed for programs, and the tables that are made of it."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml

from lastgood.cli.commands import COMMANDS
from lastgood.cli.documents import envelope
from lastgood.cli.events import EventDocuments
from lastgood.cli.formats import asked_for
from lastgood.model.event import Event

REFERENCE = Path(__file__).parent.parent.parent / "docs" / "reference"
PAGE = REFERENCE / "json.md"
SCHEMA: dict[str, Any] = json.loads((REFERENCE / "lastgood.schema.json").read_text())
DEFS: dict[str, Any] = SCHEMA["$defs"]

Document = dict[str, Any]

KUBERNETES = "v1"
"""The version of a List of manifests, which the API server takes and this reference does not tell of."""

BARE = {"health": "HealthList"}
"""Commands whose answer is a bare list, which says nothing of itself, and its definition. An error of theirs does."""


def documents(text: str, output: str) -> list[Any]:
    """What a command printed, as values; nothing for formats that are not made of documents."""
    if output == "json":
        return [json.loads(text)]
    if output == "yaml":
        return [yaml.safe_load(text)]
    return [json.loads(line) for line in text.splitlines()] if output == "jsonl" else []


def check(text: str, arguments: tuple[str, ...]) -> None:
    """Whatever is printed for a program is what the reference says; a run tells how it ended last, and only last."""
    command = next((one for one in arguments if one in COMMANDS), "")
    found = documents(text, asked_for(arguments, command))
    if found and isinstance(found[0], list):
        _validator(BARE[command]).validate(found.pop())
    for document in found:
        if document["apiVersion"] != KUBERNETES:
            validate(document)
    assert all(one["kind"] == "Event" for one in found[:-1])
    assert all(one["kind"] != "Event" for one in found[-1:])


def validate(document: Document) -> None:
    """Raises ``ValidationError`` when the reference does not know such a document, or a field of it."""
    kind = document["kind"]
    name = document["type"] if kind == "Event" else kind
    assert name in DEFS, f"docs/reference/lastgood.schema.json does not know {kind} {name}"
    _validator(name).validate(document)


def validate_events(events: list[Event]) -> None:
    """The same for what a deployer told, as ``-o jsonl`` would print it."""
    shapes = EventDocuments()
    when = {"at": "2026-11-23T12:00:00.000Z", "seconds": 0.0}
    for document in filter(None, map(shapes.document, events)):
        validate(json.loads(json.dumps(envelope("Event", {**document, **when}))))


@cache
def _validator(name: str) -> Any:
    return jsonschema_rs.validator_for({**SCHEMA, "oneOf": [{"$ref": f"#/$defs/{name}"}]}, validate_formats=True)


def refs(schemas: list[Document]) -> list[str]:
    """The names that a list of references leads to."""
    return [one["$ref"].rpartition("/")[2] for one in schemas]


LISTS = list(BARE.values())
KINDS = [name for name in refs(SCHEMA["oneOf"]) if name not in ("Event", *LISTS)]
EVENTS = refs(DEFS["Event"]["oneOf"])
COMMON: Document = {
    "required": ["apiVersion", "kind", "type", "at", "seconds"],
    "properties": {
        **{field: DEFS[EVENTS[0]]["properties"][field] for field in ("apiVersion", "kind")},
        "type": {"description": "which of the types below", "type": "string"},
        **{field: DEFS[EVENTS[0]]["properties"][field] for field in ("at", "seconds")},
    },
}
"""What every event says, whatever its type."""
PARTS = [name for name in DEFS if name not in (*KINDS, *LISTS, *EVENTS, "Event")]


def table(name: str) -> str:
    """A definition as a table: every field, its type, and what it means; what many share is told in one place."""
    found = COMMON if name == "Event" else DEFS[name]
    shared = [(name in EVENTS, COMMON, "Event"), (name != "resource", DEFS["resource"], "resource")]
    told = {title: one["properties"] for applies, one, title in shared if applies and _has(found, one)}
    links = [f"| … | | the fields of [{title}](#{title.lower()}) |" for title in told]
    left = {field for fields in told.values() for field in fields}
    own = [(field, schema) for field, schema in found["properties"].items() if field not in left]
    rows = [_row(field, schema, field in found["required"]) for field, schema in own]
    return "\n".join(["| field | type | means |", "| --- | --- | --- |", *links, *rows])


def _has(found: Document, shared: Document) -> bool:
    """Whether a definition has all that another has, word for word; an event has its own ``type``."""
    pairs = [(schema, found["properties"].get(field)) for field, schema in shared["properties"].items()]
    return all(mine == schema or (mine and "const" in mine) for schema, mine in pairs)


def _row(field: str, schema: Document, required: bool) -> str:
    means = schema["description"]
    if "enum" in schema:
        means += ": " + ", ".join(f"`{one}`" for one in schema["enum"])
    return f"| `{field}` | {_type(schema)}{'' if required else ', may be absent'} | {means} |"


def _type(schema: Document) -> str:
    if "$ref" in schema:
        (name,) = refs([schema])
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if "items" in schema:
        return f"list of {_type(schema['items'])}"
    told = schema.get("type", "string" if "const" in schema else "any")
    names = [told] if isinstance(told, str) else told
    return " or ".join("time" if one == "string" and schema.get("format") == "date-time" else one for one in names)


def sections(text: str) -> dict[str, str]:
    """The page's sections of the third level, by their titles."""
    return dict(re.findall(r"^### (.+?)\n(.*?)(?=^##|\Z)", text, re.DOTALL | re.MULTILINE))
