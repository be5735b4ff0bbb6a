"""What others deployed becomes ours: their entries of managedFields are moved into the entry of our applies. Pure.

Without that, a field which they once set could never be removed by a later release: an apply only takes away what its
own manager holds.
https://kubernetes.io/docs/reference/using-api/server-side-apply/#upgrading-from-client-side-apply-to-server-side-apply
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lastgood.diffing import LAST_APPLIED, RESTARTED
from lastgood.model.marks import RELEASE, RELEASE_NAMESPACE
from lastgood.model.resource import Body, Path
from lastgood.owning.fields import FieldSet, entries, merged, owned_fields, owners_in, parts, without
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
    found = [reduced(entry, kept) if entry in folding else dict(entry) for entry in entries(body)]
    others = [entry for entry in found if not is_ours(entry) and entry["fieldsV1"]]
    return [
        {"op": "replace", "path": "/metadata/resourceVersion", "value": body["metadata"]["resourceVersion"]},
        {"op": "replace", "path": "/metadata/managedFields", "value": [*others, _ours(body, merged([given, moved]))]},
    ]


def folded(body: Body, kept: Iterable[Path] = ()) -> FieldSet:
    """The fields that a fold moves into our entry."""
    return merged(taken(entry, kept) for entry in deployers(body))


def goes(body: Body, path: Path) -> bool:
    """Whether a field is taken away by an apply that leaves it out: only who deploys holds it."""
    holding, folding = [one for one in entries(body) if owners_in([one], path)], deployers(body)
    return bool(holding) and all(is_ours(one) or one in folding for one in holding)


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


def taken(entry: Entry, kept: Iterable[Path]) -> FieldSet:
    """What of an entry is moved into ours."""
    return without(entry.get("fieldsV1") or {}, _staying(entry, kept))


def reduced(entry: Entry, kept: Iterable[Path]) -> dict[str, Any]:
    """The entry with nothing left but what stays with its manager."""
    return {**entry, "fieldsV1": _staying(entry, kept)}


def _ours(body: Body, fields: FieldSet) -> dict[str, Any]:
    known = [*deployers(body), *(entry for entry in entries(body) if is_ours(entry))]
    return {**known[-1], "manager": MANAGER, "operation": "Apply", "fieldsV1": fields}
