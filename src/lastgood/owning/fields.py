"""Who owns which field of a live body, read from its managedFields. Pure.

A field set (``fieldsV1``) is a tree of dicts: ``f:name`` is a field, ``k:{...}`` an element of a list by its keys,
``v:...`` an element of a set, ``.`` the thing itself.
https://github.com/kubernetes-sigs/structured-merge-diff/blob/master/fieldpath/serialize.go
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lastgood.diffing import LAST_APPLIED, Difference
from lastgood.model.plan import MISSING
from lastgood.model.reading import items
from lastgood.model.resource import Body, Item, Path, digest
from lastgood.owning.managers import Entry, is_ours
from lastgood.ports import MANAGER

FieldSet = dict[str, Any]


def entries(body: Body) -> tuple[Entry, ...]:
    """The managedFields of a live body."""
    return items(body, "metadata", "managedFields")


def owned_fields(body: Body) -> FieldSet:
    """The field set that our applies own; empty when we never applied this."""
    found = (entry.get("fieldsV1") or {} for entry in entries(body) if is_ours(entry))
    return dict(next(found, {}))


def owned_digest(body: Body) -> str:
    """A digest of the fields that we own and of their values; it moves when either does."""
    fields = owned_fields(body)
    return digest([_without_last_applied(fields), project(body, _without_last_applied(fields))])


def project(value: Any, fields: FieldSet) -> Any:
    """The part of a value that a field set speaks of."""
    children = {key: inner for key, inner in fields.items() if key != "."}
    if not children:
        return value
    if isinstance(value, Mapping):
        return {key[2:]: project(value.get(key[2:]), inner) for key, inner in children.items()}
    if isinstance(value, list):
        return [project(element(value, key), inner) for key, inner in children.items()]
    return value


def owners(body: Body, path: Path) -> tuple[str, ...]:
    """The managers who hold a field or something below it, ourselves left out."""
    return owners_in((entry for entry in entries(body) if entry.get("manager") != MANAGER), path)


def owners_in(found: Iterable[Entry], path: Path) -> tuple[str, ...]:
    """Who among these holds a field or something below it."""
    holding = (entry for entry in found if entry.get("fieldsV1") and _holds(entry["fieldsV1"], path))
    return tuple(dict.fromkeys(str(entry.get("manager")) for entry in holding))


def owner_of(body: Body, difference: Difference) -> str:
    """Who else holds the live side of a difference; empty when nobody does."""
    return ", ".join(owners(body, difference.path)) if difference.before is not MISSING else ""


def we_own(body: Body, path: Path) -> bool:
    """Whether our applies hold this field or something below it."""
    fields = owned_fields(body)
    return bool(fields) and _holds(fields, path)


def stays(body: Mapping[str, Any], path: Path) -> bool:
    """Whether an apply of ours that leaves a field out leaves it where it is.

    It does when the field is there and not ours alone: a default is nobody's, and what others hold stays theirs.
    """
    if value_at(body, path) is MISSING:
        return False
    return not we_own(dict(body), path) or bool(owners(dict(body), path))


def merged(sets: Iterable[FieldSet]) -> FieldSet:
    """The union of field sets."""
    union: FieldSet = {}
    for one in sets:
        for key, inner in one.items():
            union[key] = merged([union.get(key, {}), inner])
    return union


def without(fields: FieldSet, other: FieldSet) -> FieldSet:
    """What of a field set another does not hold; a leaf on either side stands for all that is below it."""
    left: FieldSet = {}
    for key, inner in fields.items():
        rest = without(inner, other[key]) if inner and other.get(key) else {}
        if rest or key not in other:
            left[key] = rest or inner
    return left


def parts(fields: FieldSet, paths: Iterable[Path]) -> FieldSet:
    """What of a field set stands at these paths or below them; of an atomic value, all of it."""
    return merged(_part(fields, path) for path in paths)


def held_path(fields: FieldSet, path: Path) -> Path:
    """The path, or as much of it as goes down to the value that is held as a whole (a list without keys)."""
    for length in range(len(path)):
        if not _children(_inside(fields, path[:length])):
            return path[:length]
    return path


def value_at(value: Any, path: Path) -> Any:
    """What stands at a path of a body; ``MISSING`` where nothing does."""
    for step in path:
        if isinstance(step, Item):
            found = value if isinstance(value, list) else ()
            value = next((one for one in found if one.get(step.key) == step.value), MISSING)
        else:
            value = value.get(step, MISSING) if isinstance(value, Mapping) else MISSING
    return value


def _without_last_applied(fields: FieldSet) -> FieldSet:
    annotations = fields.get("f:metadata", {}).get("f:annotations", {})
    if f"f:{LAST_APPLIED}" not in annotations:
        return fields
    kept = {key: inner for key, inner in annotations.items() if key != f"f:{LAST_APPLIED}"}
    return fields | {"f:metadata": fields["f:metadata"] | {"f:annotations": kept}}


def element(values: list[Any], key: str) -> Any:
    """The element of a list that a key of a field set names; None where there is none."""
    sort, _, written = key.partition(":")
    wanted = json.loads(written)
    if sort == "k":
        return next((one for one in values if _matches(one, wanted)), None)
    if sort == "i":
        return values[wanted] if wanted < len(values) else None
    return wanted if wanted in values else None


def _matches(value: Any, keys: Mapping[str, Any]) -> bool:
    return isinstance(value, Mapping) and all(_same(value.get(key), wanted) for key, wanted in keys.items())


def _same(value: Any, wanted: Any) -> bool:
    # A default that the API fills in, as a port's protocol, may be a key that a body does not spell out.
    return bool(value == wanted) or (value is None and wanted in ("TCP", ""))


def _part(fields: FieldSet, path: Path) -> FieldSet:
    found: FieldSet = {}
    for key in _steps_into(fields, path[0]):
        inner = fields[key] if len(path) == 1 else _part(fields[key], path[1:])
        if inner or len(path) == 1 or not _children(fields[key]):
            found[key] = inner
    return found


def _inside(fields: FieldSet, path: Path) -> FieldSet:
    return _inside(merged(fields[key] for key in _steps_into(fields, path[0])), path[1:]) if path else fields


def _children(fields: FieldSet | None) -> list[str]:
    return [key for key in fields or () if key != "."]


def _holds(fields: FieldSet, path: Path) -> bool:
    if not path:
        return True
    children = _children(fields)
    if not children:  # it stands for the whole value: a scalar, or an atomic list or map
        return True
    return any(_holds(fields[key], path[1:]) for key in _steps_into(children, path[0]))


def _steps_into(keys: Iterable[str], step: str | int | Item) -> Iterator[str]:
    for key in keys:
        sort, _, name = key.partition(":")
        if (sort == "f" and step == name) or (
            sort == "k" and isinstance(step, Item) and json.loads(name).get(step.key) == step.value
        ):
            yield key
