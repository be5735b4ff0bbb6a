"""The part of a live body that somebody has deployed, as a body of its own. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lastgood.diffing import LAST_APPLIED
from lastgood.model.resource import Body
from lastgood.owning.fields import FieldSet, element, entries, merged
from lastgood.owning.folding import deployers, taken
from lastgood.owning.managers import is_ours


def deployed(body: Body) -> Body:
    """What deploying managers, ourselves included, made of a live body: no defaults of others' making, no status."""
    mine = [entry for entry in entries(body) if is_ours(entry)]
    left = (("metadata", "annotations", LAST_APPLIED), ("status",))
    held = merged(taken(entry, left) for entry in (*deployers(body), *mine))
    chosen: Body = _chosen(body, held) if entries(body) else _bare(body)
    metadata = {key: body["metadata"][key] for key in ("name", "namespace") if key in body["metadata"]}
    own = {key: value for key, value in (chosen.get("metadata") or {}).items() if value}
    return {**chosen, "apiVersion": body["apiVersion"], "kind": body["kind"], "metadata": {**own, **metadata}}


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
