"""What others deployed becomes ours: their entries of managedFields are moved into the entry of our applies. Pure.

Without that, a field which they once set could never be removed by a later release: an apply only takes away what its
own manager holds.
https://kubernetes.io/docs/reference/using-api/server-side-apply/#upgrading-from-client-side-apply-to-server-side-apply
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from lastgood.diffing import LAST_APPLIED, RESTARTED
from lastgood.model.marks import RELEASE, RELEASE_NAMESPACE
from lastgood.model.plan import MISSING
from lastgood.model.resource import Body, Path
from lastgood.owning.fields import FieldSet, element, entries, merged, owned_fields, parts, without
from lastgood.owning.managers import NOTING, Entry, is_deployed, is_ours
from lastgood.ports import MANAGER

LEFT_ALONE: tuple[Path, ...] = (
    ("metadata", "annotations", "meta.helm.sh/release-name"),
    ("metadata", "annotations", "meta.helm.sh/release-namespace"),
    ("spec", "template", "metadata", "annotations", RESTARTED),
)
"""Marks that stay with who set them: by which Helm knows its own, and that somebody restarted the pods."""
MANAGED_BY: Path = ("metadata", "labels", "app.kubernetes.io/managed-by")
"""Helm takes over only what has this label from Helm, too; set by anybody else it is a label as any other."""


def deployers(body: Body) -> tuple[Entry, ...]:
    """The entries of those who deployed this besides us.

    Where we own nothing yet, that is also whoever holds most of it, by whatever name: ``kubectl apply --server-side
    --field-manager=ci`` is a deploying manager that no table knows. It is known again by applying most of the same.
    """
    others, ours = [entry for entry in entries(body) if not is_ours(entry)], owned_fields(body)
    found = [entry for entry in others if is_deployed(entry)]
    found += [] if ours else [entry for entry in _main(others) if entry not in found]
    known = _unmarked(merged([ours, *(entry.get("fieldsV1") or {} for entry in found)]))
    return (*found, *(entry for entry in _whole_ones(others) if entry not in found and _applies(entry, known)))


def fold(body: Body, kept: Iterable[Path] = ()) -> list[dict[str, Any]]:
    """A guarded JSON patch that moves what others deployed into our entry; empty when there is nothing to move.

    Our own Update entries, which a JSON patch of ours or a crash leaves behind, are moved too. Fields at ``kept`` stay
    with whoever holds them and are taken out of our entry: from then on an apply that leaves them out leaves them.
    """
    moved, ours = folded(body, kept), owned_fields(body)
    given = without(ours, parts(ours, kept))
    if not moved and given == ours:
        return []
    folding = deployers(body)
    found = [_reduced(entry, kept) if entry in folding else dict(entry) for entry in entries(body)]
    others = [entry for entry in found if not is_ours(entry) and entry["fieldsV1"]]
    return [
        {"op": "replace", "path": "/metadata/resourceVersion", "value": body["metadata"]["resourceVersion"]},
        {"op": "replace", "path": "/metadata/managedFields", "value": [*others, _ours(body, merged([given, moved]))]},
    ]


def folded(body: Body, kept: Iterable[Path] = ()) -> FieldSet:
    """The fields that a fold moves into our entry."""
    return merged(_taken(entry, kept) for entry in deployers(body))


def foretold(live: Body, preview: Body, kept: Iterable[Path], fresh: Body | None) -> Body:
    """What an apply makes of a live body once others' fields are folded; ``preview`` is its dry run without the fold.

    ``fresh`` is what the body would be if it were created: what is taken away falls back to its default. Without it
    nothing is said of what is taken away.
    """
    gone = lost(live, preview, kept)
    result: Body = _reset(preview, gone, fresh) if gone and fresh is not None else preview
    for path in kept:
        result = _put(result, path, live)
    return result


def lost(live: Body, preview: Body, kept: Iterable[Path] = ()) -> FieldSet:
    """The fields that nobody holds any more once they are folded and our body is applied without them."""
    folding = deployers(live)
    rest = [_reduced(one, kept)["fieldsV1"] if one in folding else one.get("fieldsV1") or {}
            for one in entries(live) if not is_ours(one)]  # fmt: skip
    gone = without(folded(live, kept), _whole(merged([owned_fields(preview), *rest])))
    return without(gone, _whole({"f:metadata": {"f:annotations": {f"f:{LAST_APPLIED}": {}}}}))


def deployed(body: Body) -> Body:
    """What deploying managers, ourselves included, made of a live body: no defaults of others' making, no status."""
    mine = [entry for entry in entries(body) if is_ours(entry)]
    left = (("metadata", "annotations", LAST_APPLIED), ("status",))
    held = merged(_taken(entry, left) for entry in (*deployers(body), *mine))
    chosen: Body = _chosen(body, held) if entries(body) else _bare(body)
    metadata = {key: body["metadata"][key] for key in ("name", "namespace") if key in body["metadata"]}
    own = {key: value for key, value in (chosen.get("metadata") or {}).items() if value}
    return {**chosen, "apiVersion": body["apiVersion"], "kind": body["kind"], "metadata": {**own, **metadata}}


def _main(others: list[Entry]) -> list[Entry]:
    """Who holds more than half of what anybody holds."""
    whole = _whole_ones(others)
    sizes = [_leaves(one.get("fieldsV1") or {}) for one in whole]
    return [one for one, size in zip(whole, sizes, strict=True) if size * 2 > sum(sizes)]


def _whole_ones(others: list[Entry]) -> list[Entry]:
    """Who writes more than a subresource or a note."""
    return [one for one in others if not one.get("subresource") and not str(one.get("manager")).startswith(NOTING)]


def _applies(entry: Entry, known: FieldSet) -> bool:
    """Whether somebody applies more than half of what is deployed: no controller does that, a pipeline does."""
    left = without(known, entry.get("fieldsV1") or {})
    return entry.get("operation") == "Apply" and _leaves(left) * 2 < _leaves(known)


def _unmarked(fields: FieldSet) -> FieldSet:
    """Without what only we and kubectl put there."""
    labels = (("metadata", "labels", name) for name in (RELEASE, RELEASE_NAMESPACE))
    return without(fields, parts(fields, (*labels, ("metadata", "annotations", LAST_APPLIED))))


def _leaves(fields: FieldSet) -> int:
    return sum(_leaves(inner) if inner else 1 for inner in fields.values())


def _staying(entry: Entry, kept: Iterable[Path]) -> FieldSet:
    """What of an entry stays with its manager."""
    marks = (MANAGED_BY,) if str(entry.get("manager")).startswith("helm") else ()
    return parts(entry.get("fieldsV1") or {}, (*LEFT_ALONE, *marks, *kept))


def _taken(entry: Entry, kept: Iterable[Path]) -> FieldSet:
    return without(entry.get("fieldsV1") or {}, _staying(entry, kept))


def _reduced(entry: Entry, kept: Iterable[Path]) -> dict[str, Any]:
    """The entry with nothing left but what stays with its manager."""
    return {**entry, "fieldsV1": _staying(entry, kept)}


def _ours(body: Body, fields: FieldSet) -> dict[str, Any]:
    known = [*deployers(body), *(entry for entry in entries(body) if is_ours(entry))]
    return {**known[-1], "manager": MANAGER, "operation": "Apply", "fieldsV1": fields}


def _whole(fields: FieldSet) -> FieldSet:
    """The same, holding also what its fields stand in: a thing of which somebody holds a part is not taken away."""
    return {".": {}, **{key: _whole(inner) if inner else {} for key, inner in fields.items()}}


def _reset(value: Any, gone: FieldSet, fresh: Any) -> Any:
    """The value without these fields, or with what they are by default."""
    if isinstance(value, Mapping):
        return _reset_mapping(value, gone, fresh if isinstance(fresh, Mapping) else {})
    if isinstance(value, list):
        return _reset_list(value, gone, fresh if isinstance(fresh, list) else [])
    return value


def _reset_mapping(value: Mapping[str, Any], gone: FieldSet, fresh: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(value)
    for key, inner in gone.items():
        name = key[2:]
        if name not in result:
            continue
        default = fresh.get(name, MISSING)
        new = default if _is_whole(inner) else _reset(result[name], inner, default)
        if new is MISSING or (new in ({}, []) and result[name] not in ({}, [])):
            del result[name]
        else:
            result[name] = new
    return result


def _reset_list(values: list[Any], gone: FieldSet, fresh: list[Any]) -> list[Any]:
    result = list(values)
    for key, inner in gone.items():
        found = element(result, key)
        if found is None:
            continue
        place, default = result.index(found), element(fresh, key)
        if not _is_whole(inner):
            result[place] = _reset(found, inner, default)
        elif default is None:
            del result[place]
    return result


def _is_whole(gone: FieldSet) -> bool:
    return not gone or "." in gone


def _put(body: Any, path: Path, live: Any) -> Any:
    """The body with what is live at a path that leads through mappings only."""
    step, rest = path[0], path[1:]
    if not isinstance(body, Mapping) or not isinstance(live, Mapping) or step not in live:
        return body
    return {**body, step: _put(body.get(step, {}), rest, live[step]) if rest else live[step]}


def _chosen(value: Any, fields: FieldSet) -> Any:
    """The part of a value that a field set speaks of, elements of lists with their keys."""
    children = {key: inner for key, inner in fields.items() if key != "."}
    if not children:
        return value
    if isinstance(value, Mapping):
        return {key[2:]: _chosen(value[key[2:]], inner) for key, inner in children.items() if key[2:] in value}
    if isinstance(value, list):
        found = ((key, element(value, key), inner) for key, inner in children.items())
        elements = [_keyed(key, _chosen(one, inner)) for key, one, inner in found if one is not None]
        return sorted(elements, key=lambda one: _place(value, one))
    return value


def _keyed(key: str, chosen: Any) -> Any:
    sort, _, written = key.partition(":")
    return {**json.loads(written), **chosen} if sort == "k" else chosen


def _place(values: list[Any], one: Any) -> int:
    """Where an element stood: the order of containers and of variables means something."""
    if not isinstance(one, Mapping):
        return values.index(one)
    return next((at for at, value in enumerate(values) if _is_part(one, value)), len(values))


def _is_part(one: Mapping[str, Any], value: Any) -> bool:
    plain = {key: part for key, part in one.items() if not isinstance(part, Mapping | list)}
    return isinstance(value, Mapping) and plain.items() <= value.items()


def _bare(body: Body) -> Body:
    metadata = {key: body["metadata"][key] for key in ("labels", "annotations") if key in body["metadata"]}
    return {**{key: value for key, value in body.items() if key != "status"}, "metadata": metadata}
