"""Who owns which field of a live body, read from its managedFields: what is ours, what is others', and folding. Pure.

A field set (``fieldsV1``) is a tree of dicts: ``f:name`` is a field, ``k:{...}`` an element of a list by its keys,
``v:...`` an element of a set, ``.`` the thing itself.
https://github.com/kubernetes-sigs/structured-merge-diff/blob/master/fieldpath/serialize.go
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from lastgood.diffing import LAST_APPLIED, Difference, Item, Path
from lastgood.model.plan import MISSING
from lastgood.model.resource import Body, digest
from lastgood.ports import MANAGER

FieldSet = dict[str, Any]
Entry = Mapping[str, Any]

# Managers that write what people decided, as opposed to controllers that write what they work out themselves.
DEPLOYING = (
    "kubectl", "helm", "before-first-apply", "lastgood", "argocd", "kustomize-controller", "helm-controller",
    "terraform", "pulumi", "kapp", "nelm", "krane", "k9s", "lens", "headlamp", "dashboard", "Mozilla", "curl",
    "python", "okhttp", "OpenAPI-Generator", "harness",
)  # fmt: skip


def entries(body: Body) -> tuple[Entry, ...]:
    """The managedFields of a live body."""
    return tuple((body.get("metadata") or {}).get("managedFields") or ())


def is_ours(entry: Entry) -> bool:
    """Whether this is the one entry that our applies own."""
    return entry.get("manager") == MANAGER and entry.get("operation") == "Apply" and not entry.get("subresource")


def is_deploying(manager: str) -> bool:
    """Whether what this manager writes was decided by a person or a pipeline, not by a controller."""
    return manager.startswith(DEPLOYING)


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
        return [project(_element(value, key), inner) for key, inner in children.items()]
    return value


def owners(body: Body, path: Path) -> tuple[str, ...]:
    """The managers who hold a field or something below it, ourselves left out."""
    others = (entry for entry in entries(body) if entry.get("manager") != MANAGER and entry.get("fieldsV1"))
    return tuple(dict.fromkeys(str(entry.get("manager")) for entry in others if _holds(entry["fieldsV1"], path)))


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
    if _value_at(body, path) is MISSING:
        return False
    return not we_own(dict(body), path) or bool(owners(dict(body), path))


def fold(body: Body, also: Callable[[str], bool] = lambda manager: manager == MANAGER) -> list[dict[str, Any]]:
    """A guarded JSON patch that moves other managers' entries into ours; empty when there is nothing to move.

    ``also`` tells which managers; entries of subresources are never moved. By default these are only our own
    Update entries, which a JSON patch of ours or a crash in between leaves behind: fields in them could never be
    removed by a later apply.
    """
    moved = [entry for entry in entries(body) if _moves(entry, also)]
    if not moved:
        return []
    union = merged([owned_fields(body), *(entry.get("fieldsV1") or {} for entry in moved)])
    kept = [dict(entry) for entry in entries(body) if entry not in moved and not is_ours(entry)]
    ours = {**moved[-1], "manager": MANAGER, "operation": "Apply", "fieldsV1": union}
    return [
        {"op": "replace", "path": "/metadata/resourceVersion", "value": body["metadata"]["resourceVersion"]},
        {"op": "replace", "path": "/metadata/managedFields", "value": [*kept, ours]},
    ]


def merged(sets: Iterable[FieldSet]) -> FieldSet:
    """The union of field sets."""
    union: FieldSet = {}
    for one in sets:
        for key, inner in one.items():
            union[key] = merged([union.get(key, {}), inner])
    return union


def _value_at(value: Any, path: Path) -> Any:
    for step in path:
        if isinstance(step, Item):
            found = value if isinstance(value, list) else ()
            value = next((one for one in found if one.get(step.key) == step.value), MISSING)
        else:
            value = value.get(step, MISSING) if isinstance(value, Mapping) else MISSING
    return value


def _moves(entry: Entry, also: Callable[[str], bool]) -> bool:
    manager = str(entry.get("manager"))
    return also(manager) and not is_ours(entry) and not entry.get("subresource")


def _without_last_applied(fields: FieldSet) -> FieldSet:
    annotations = fields.get("f:metadata", {}).get("f:annotations", {})
    if f"f:{LAST_APPLIED}" not in annotations:
        return fields
    kept = {key: inner for key, inner in annotations.items() if key != f"f:{LAST_APPLIED}"}
    return fields | {"f:metadata": fields["f:metadata"] | {"f:annotations": kept}}


def _element(values: list[Any], key: str) -> Any:
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


def _holds(fields: FieldSet, path: Path) -> bool:
    if not path:
        return True
    children = [key for key in fields if key != "."]
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
