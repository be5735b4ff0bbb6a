"""Strategic merge patch on plain values: lists of things with a key are merged by it. Pure, but for the document.

https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/#notes-on-the-strategic-merge-patch
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from lastgood.testing.values import copied

DIRECTIVE, KEYS_TO_RETAIN = "$patch", "$retainKeys"

_KEYS: Mapping[str, tuple[str, ...]] = {
    "conditions": ("type",),
    "containers": ("name",),
    "env": ("name",),
    "ephemeralContainers": ("name",),
    "hostAliases": ("ip",),
    "imagePullSecrets": ("name",),
    "initContainers": ("name",),
    "ownerReferences": ("uid",),
    "ports": ("containerPort", "port"),
    "resourceClaims": ("name",),
    "secrets": ("name",),
    "topologySpreadConstraints": ("topologyKey",),
    "volumeDevices": ("devicePath",),
    "volumeMounts": ("mountPath",),
    "volumes": ("name",),
}
"""The keys by which built-in kinds merge their lists; of ``ports`` that which the thing has."""

_SETS = frozenset({"finalizers"})


def merge_strategically(document: dict[str, Any], changes: Mapping[str, Any]) -> None:
    """Put these into a mapping: null takes away, what has no key is replaced as a whole."""
    retained = changes.get(KEYS_TO_RETAIN)
    for name in [one for one in document if retained is not None and one not in retained]:
        del document[name]
    for name, value in changes.items():
        if name in (KEYS_TO_RETAIN, DIRECTIVE):
            continue
        if value is None:
            document.pop(name, None)
        else:
            document[name] = _merged(name, document.get(name), value)


def _merged(name: str, old: Any, value: Any) -> Any:
    if isinstance(value, Mapping):
        return _mapping(old, value)
    if not isinstance(value, list):
        return value
    if name in _SETS and isinstance(old, list):
        return _in_order([one for one in old if one not in value], list(value), old, _itself)
    key = _key(name, [*value, *(old or ())])
    return copied(value) if key is None else _list(old or [], value, key)


def _mapping(old: Any, value: Mapping[str, Any]) -> dict[str, Any]:
    kept = value.get(DIRECTIVE) not in ("replace", "delete") and isinstance(old, Mapping)
    result = dict(copied(old)) if kept else {}
    if value.get(DIRECTIVE) != "delete":
        merge_strategically(result, value)
    return result


def _key(name: str, elements: Sequence[Any]) -> str | None:
    """The key that all of these have, but for directives."""
    things = [one for one in elements if not (isinstance(one, Mapping) and one.keys() == {DIRECTIVE})]
    return next((key for key in _KEYS.get(name, ()) if things and all(_has(one, key) for one in things)), None)


def _has(one: Any, key: str) -> bool:
    return isinstance(one, Mapping) and key in one


def _list(old: list[Any], value: list[Any], key: str) -> list[Any]:
    if {DIRECTIVE: "replace"} in value:
        return [copied(one) for one in value if one != {DIRECTIVE: "replace"}]
    gone = {one[key] for one in value if one.get(DIRECTIVE) == "delete"}
    known = {one[key]: one for one in old}
    wanted = {one[key]: _mapping(known.get(one[key]), one) for one in value if one[key] not in gone}
    rest = [one for one in old if one[key] not in gone and one[key] not in wanted]
    return _in_order(rest, list(wanted.values()), [one[key] for one in old], itemgetter(key))


def _itself(one: Any) -> Any:
    return one


def _in_order(rest: list[Any], wanted: list[Any], before: list[Any], name: Callable[[Any], Any]) -> list[Any]:
    """What the patch names, in its order; what it does not name goes before that which it stood before."""
    result: list[Any] = []
    for one in wanted:
        place = before.index(name(one)) if name(one) in before else 0
        while rest and before.index(name(rest[0])) < place:
            result.append(rest.pop(0))
        result.append(one)
    return [*result, *rest]
