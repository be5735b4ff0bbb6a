"""What a fold, and the apply after it, will take away from a live body. Pure.

The dry run of an apply knows nothing of the fold: what others hold stays in its answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lastgood.diffing import LAST_APPLIED
from lastgood.model.plan import MISSING
from lastgood.model.resource import Body, Path
from lastgood.owning.fields import FieldSet, element, entries, merged, owned_fields, without
from lastgood.owning.folding import deployers, folded, reduced
from lastgood.owning.managers import is_ours


def foretold(live: Body, preview: Body, kept: Iterable[Path], gone: FieldSet, fresh: Body | None) -> Body:
    """What an apply makes of a live body once others' fields are folded; ``preview`` is its dry run without the fold.

    ``gone`` is what is ``lost`` by that, and ``fresh`` what the body would be if it were created: what is taken away
    falls back to its default. Without it nothing is said of what is taken away.
    """
    result: Body = _reset(preview, gone, fresh) if gone and fresh is not None else preview
    for path in kept:
        result = _put(result, path, live)
    return result


def lost(live: Body, preview: Body, kept: Iterable[Path] = ()) -> FieldSet:
    """The fields that nobody holds any more once they are folded and our body is applied without them."""
    folding = deployers(live)
    rest = [reduced(one, kept)["fieldsV1"] if one in folding else one.get("fieldsV1") or {}
            for one in entries(live) if not is_ours(one)]  # fmt: skip
    gone = without(folded(live, kept), _whole(merged([owned_fields(preview), *rest])))
    return without(gone, _whole({"f:metadata": {"f:annotations": {f"f:{LAST_APPLIED}": {}}}}))


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
