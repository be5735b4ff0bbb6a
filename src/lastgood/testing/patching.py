"""JSON patch (RFC 6902) and merge patch (RFC 7386) on plain values. Pure, but for the document, which it changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lastgood.errors import Conflict, NotFound, Rejected
from lastgood.model.patching import Patch, Style
from lastgood.model.resource import Body
from lastgood.testing.strategic import merge_strategically
from lastgood.testing.values import copied

SCALE = "scale"


def editing(document: Patch, style: Style, part: str) -> Callable[[Body], None]:
    """What a patch does to a live body, or to its ``scale``. Raises ``NotFound`` for another subresource."""
    if part not in ("", SCALE):
        raise NotFound(f"the server could not find the subresource {part}")
    if isinstance(document, Mapping):
        changes, doing = document, merge_strategically if style is Style.STRATEGIC else merge
        return lambda body: _scale(body, changes) if part else doing(body, changes)
    operations: Sequence[Mapping[str, Any]] = document
    return lambda body: patch(body, operations)


def scale_of(body: Body) -> Body:
    """The Scale of a live body."""
    names = ("name", "namespace", "uid", "resourceVersion")
    metadata = {name: body["metadata"][name] for name in names if name in body["metadata"]}
    spec = {"replicas": body["spec"].get("replicas", 1)}
    return {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": metadata, "spec": spec}


def _scale(body: Body, changes: Mapping[str, Any]) -> None:
    scale = scale_of(body)
    merge(scale, changes)
    body["metadata"] |= {name: scale["metadata"].get(name) for name in ("uid", "resourceVersion")}
    body["spec"]["replicas"] = scale["spec"]["replicas"]


def merge(document: Any, changes: Mapping[str, Any]) -> None:
    """Put these into a mapping: null takes away, lists are replaced as a whole."""
    for name, value in changes.items():
        if value is None:
            document.pop(name, None)
        elif isinstance(value, Mapping):
            if not isinstance(document.get(name), dict):
                document[name] = {}
            merge(document[name], value)
        else:
            document[name] = copied(value)


def patch(document: Any, operations: Sequence[Mapping[str, Any]]) -> None:
    """Carry these out, one after the other.

    Raises ``Rejected`` at the first that cannot be, ``Conflict`` at a ``test`` that does not hold.
    """
    for operation in operations:
        try:
            _DOINGS[operation["op"]](document, operation)
        except (KeyError, IndexError, ValueError) as error:
            where = operation.get("path", "")
            raise Rejected(f"the server rejected our request: {operation.get('op')} {where}: {error}") from error


def _place(document: Any, pointer: str) -> tuple[Any, str]:
    *above, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    for part in above:
        document = document[_index(document, part)]
    return document, last


def _index(place: Any, part: str) -> Any:
    return int(part) if isinstance(place, list) else part


def _get(document: Any, pointer: str) -> Any:
    place, last = _place(document, pointer)
    return place[_index(place, last)]


def _add(document: Any, operation: Mapping[str, Any]) -> None:
    place, last = _place(document, operation["path"])
    value = copied(operation["value"])
    if isinstance(place, list):
        place.insert(len(place) if last == "-" else _within(place, int(last)), value)
    else:
        place[last] = value


def _within(place: list[Any], index: int) -> int:
    if not 0 <= index <= len(place):
        raise IndexError("index out of bounds")
    return index


def _remove(document: Any, operation: Mapping[str, Any]) -> None:
    place, last = _place(document, operation["path"])
    del place[_index(place, last)]


def _replace(document: Any, operation: Mapping[str, Any]) -> None:
    """Of a key that is not there, too: the API server has it so."""
    place, last = _place(document, operation["path"])
    place[_index(place, last)] = copied(operation["value"])


def _test(document: Any, operation: Mapping[str, Any]) -> None:
    if _get(document, operation["path"]) != operation.get("value"):
        raise Conflict(f"the patch was made for another state: {operation['path']} is not what it was")


def _copy(document: Any, operation: Mapping[str, Any]) -> None:
    _add(document, {"path": operation["path"], "value": _get(document, operation["from"])})


def _move(document: Any, operation: Mapping[str, Any]) -> None:
    value = _get(document, operation["from"])
    _remove(document, {"path": operation["from"]})
    _add(document, {"path": operation["path"], "value": value})


_DOINGS = {"add": _add, "remove": _remove, "replace": _replace, "test": _test, "copy": _copy, "move": _move}
