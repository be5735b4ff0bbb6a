"""Who owns which field: what an apply and an update make of a body and of its ``managedFields``.

An imitation of the API server's field manager, on plain values. Pure.

https://kubernetes.io/docs/reference/using-api/server-side-apply/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from lastgood.model.resource import Body
from lastgood.testing.fields import (
    NOTHING,
    Comparison,
    Fields,
    compare,
    decode,
    encode,
    fields_of,
    merged,
    with_parents,
    without,
)
from lastgood.testing.shapes import Shape

APPLY, UPDATE = "Apply", "Update"


class Manager(NamedTuple):
    """Who owns: name, operation, subresource, and for an Update the API version it was made in."""

    name: str
    operation: str = UPDATE
    subresource: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Owned:
    """What one manager owns, the API version it was written in, and when it last changed."""

    fields: Fields
    version: str
    time: str


Managed = dict[Manager, Owned]

_UNOWNED = frozenset(
    [("f:apiVersion",), ("f:kind",), ("f:metadata",)]
    + [
        ("f:metadata", "f:" + name)
        for name in ("name", "namespace", "creationTimestamp", "uid", "generation", "managedFields", "resourceVersion")
    ]
)


_ANNOTATIONS = ("f:metadata", "f:annotations")


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes, through which subresource, and at what time (RFC 3339).

    ``status_apart`` says that the kind's status is written through a subresource of its own.
    """

    name: str
    time: str
    subresource: str = ""
    status_apart: bool = True


def managed_of(body: Mapping[str, Any]) -> Managed:
    """The entries of ``metadata.managedFields``."""
    entries: Iterable[Mapping[str, Any]] = body.get("metadata", {}).get("managedFields") or ()
    return {_manager(entry): _owned(entry) for entry in entries}


def _manager(entry: Mapping[str, Any]) -> Manager:
    version = "" if entry["operation"] == APPLY else entry["apiVersion"]
    return Manager(entry.get("manager", ""), entry["operation"], entry.get("subresource", ""), version)


def _owned(entry: Mapping[str, Any]) -> Owned:
    return Owned(decode(entry.get("fieldsV1") or {}), entry["apiVersion"], entry.get("time", ""))


def with_managed(body: Body, managed: Managed) -> Body:
    """The body with these entries, in the server's order."""
    entries = sorted(
        (_entry(manager, owned) for manager, owned in managed.items() if owned.fields),
        key=lambda one: (one["operation"], one.get("time", ""), one["manager"], one["apiVersion"]),
    )
    metadata = {name: value for name, value in body["metadata"].items() if name != "managedFields"}
    if entries:
        metadata["managedFields"] = entries
    return body | {"metadata": metadata}


def _entry(manager: Manager, owned: Owned) -> dict[str, Any]:
    entry = {
        "manager": manager.name,
        "operation": manager.operation,
        "apiVersion": owned.version,
        "time": owned.time,
        "fieldsType": "FieldsV1",
        "fieldsV1": encode(owned.fields),
        "subresource": manager.subresource,
    }
    return {name: value for name, value in entry.items() if value != ""}


def apply(live: Body, applied: Body, writer: Writer, shape: Shape) -> tuple[Body, Managed]:
    """The body that a forced apply makes of a live one (without ``managedFields``), and who owns what then."""
    before = bare(live)
    managed = managed_of(live) or _before_first_apply(before, writer, shape)
    me = Manager(writer.name, APPLY, writer.subresource)
    last = managed.get(me)
    mine = _writable(fields_of(applied, shape), writer)
    managed[me] = Owned(mine, applied["apiVersion"], last.time if last else "")
    new = merged(before, applied, shape)
    if last is not None and last.fields:
        new = _pruned(new, last.fields, frozenset().union(*(one.fields for one in managed.values())), shape)
    _take(managed, compare(before, new, shape), me)
    managed[me] = replace(managed[me], fields=managed[me].fields - _UNOWNED)
    return new, managed


def _before_first_apply(live: Body, writer: Writer, shape: Shape) -> Managed:
    """Of an object that nobody is on record for: everything that it has when it is first applied."""
    if "uid" not in live["metadata"]:
        return {}
    nothing = {"apiVersion": live["apiVersion"], "kind": live["kind"], "metadata": {}}
    return update(nothing, live, replace(writer, name="before-first-apply"), shape)


def applied_at(managed: Managed, writer: Writer) -> Managed:
    """The same, where the apply changed something: its entry carries the time."""
    me = Manager(writer.name, APPLY, writer.subresource)
    return managed | {me: replace(managed[me], time=writer.time)}


def _pruned(body: Body, last: Fields, owned_now: Fields, shape: Shape) -> Body:
    """Without what this manager applied last time and nobody owns now."""
    pruned = without(body, with_parents(last), shape) or {}
    everything = with_parents(fields_of(body, shape))
    left = with_parents(fields_of(pruned, shape)) if pruned else NOTHING
    back = without(body, everything - (left | with_parents(owned_now)), shape) or {}
    gone = everything - with_parents(fields_of(back, shape))
    kept: Body = without(body, gone & with_parents(last), shape)
    return kept


def update(live: Body, new: Body, writer: Writer, shape: Shape) -> Managed:
    """Who owns what after an update; entries that the new body brings along replace the live ones."""
    managed = _brought(live, new, writer)
    if not managed and "uid" in live["metadata"]:  # nobody is on record, and so it stays until the first apply
        return {}
    changes = compare(bare(live), bare(new), shape)
    _take(managed, changes, None)
    changed = _writable(changes.changed, writer) - _UNOWNED
    if changed:
        me = Manager(writer.name, UPDATE, writer.subresource, new["apiVersion"])
        before = managed[me].fields if me in managed else NOTHING
        managed[me] = Owned(before | changed, new["apiVersion"], writer.time)
    return managed


def _brought(live: Body, new: Body, writer: Writer) -> Managed:
    if writer.subresource:
        return managed_of(live)
    brought = new.get("metadata", {}).get("managedFields")
    if brought in ([], [{}]):  # asks for a reset
        return {}
    return managed_of(new) or managed_of(live)


def _take(managed: Managed, changes: Comparison, me: Manager | None) -> None:
    for manager, owned in list(managed.items()):
        if manager != me:
            left = owned.fields - changes.changed - changes.removed
            managed[manager] = replace(owned, fields=left)
        if not managed[manager].fields:
            del managed[manager]


def _writable(fields: Fields, writer: Writer) -> Fields:
    """A status that is written apart is owned through its subresource only, and nothing else but annotations is."""
    if writer.subresource == "status":
        return frozenset(path for path in fields if path[:1] == ("f:status",) or path[:2] == _ANNOTATIONS)
    if not writer.status_apart:
        return fields
    return frozenset(path for path in fields if path[:1] != ("f:status",))


def bare(body: Body) -> Body:
    """The body without ``managedFields``."""
    if "managedFields" not in body.get("metadata", {}):
        return body
    return body | {"metadata": {name: value for name, value in body["metadata"].items() if name != "managedFields"}}
