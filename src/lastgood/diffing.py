"""Two bodies, the fields that differ. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lastgood.model.plan import MISSING, FieldChange
from lastgood.model.resource import Body, Item, Path, Ref

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
RESTARTED = "kubectl.kubernetes.io/restartedAt"
TOUCHED = "lastgood.dev/touched"
"""The label that a run which takes over puts on everything, to make an older run's writes stale."""

SERVER_METADATA = frozenset(
    {
        "creationTimestamp",
        "deletionGracePeriodSeconds",
        "deletionTimestamp",
        "generation",
        "managedFields",
        "resourceVersion",
        "selfLink",
        "uid",
    }
)
SECRET_FIELDS = ("data", "stringData")
MASK = "*****"


# The keys by which Kubernetes tells the elements of a list apart, the most telling first.
# https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
LIST_KEYS = ("name", "containerPort", "mountPath", "port", "type", "uid", "key", "ip", "topologyKey")


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs; ``MISSING`` where it is not there."""

    path: Path
    before: Any
    after: Any


def differences(before: Any, after: Any, path: Path = ()) -> Iterator[Difference]:
    """The smallest fields in which two decoded JSON values differ, in the order of the first."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _in_mappings(before, after, path)
    elif _is_list(before) and _is_list(after) and (before or after):
        yield from _in_lists(before, after, path)
    elif before != after:
        yield Difference(path, before, after)


def diff(ref: Ref, before: Body, after: Body) -> tuple[FieldChange, ...]:
    """What a person is told of the difference: what the server keeps for itself left out, Secrets masked."""
    found = differences(comparable(before), comparable(after))
    return tuple(as_change(ref, one) for one in found)


def as_change(ref: Ref, difference: Difference, *, owner: str = "") -> FieldChange:
    """A difference as it may be shown and recorded: the values of Secrets never are."""
    before, after = difference.before, difference.after
    if ref.kind == "Secret" and difference.path[:1] and difference.path[0] in SECRET_FIELDS:
        before, after = _masked(before), _masked(after)
    return FieldChange(text(difference.path), before, after, owner)


def comparable(body: Body) -> Body:
    """The body without what the server or this tool keeps for itself: status, versions, bookkeeping."""
    kept = {key: value for key, value in body.items() if key != "status"}
    metadata = {key: value for key, value in body.get("metadata", {}).items() if key not in SERVER_METADATA}
    for field, hidden in (("annotations", LAST_APPLIED), ("labels", TOUCHED)):
        entries = {key: value for key, value in (metadata.pop(field, None) or {}).items() if key != hidden}
        metadata |= {field: entries} if entries else {}
    return kept | {"metadata": metadata}


def text(path: Path) -> str:
    """A path for people: ``spec.template.spec.containers[name=web].image``."""
    return "".join(_step(step) for step in path).removeprefix(".")


def _step(step: str | int | Item) -> str:
    if isinstance(step, Item):
        return f"[{step.key}={step.value}]"
    if isinstance(step, int):
        return f"[{step}]"
    return f"[{step}]" if "." in step or "/" in step else f".{step}"


def _in_mappings(before: Mapping[str, Any], after: Mapping[str, Any], path: Path) -> Iterator[Difference]:
    for key in [*before, *(key for key in after if key not in before)]:
        yield from differences(before.get(key, MISSING), after.get(key, MISSING), (*path, key))


def _in_lists(before: Sequence[Any], after: Sequence[Any], path: Path) -> Iterator[Difference]:
    key = _key_of(before, after)
    if key is None:
        yield from _by_place(before, after, path)
        return
    old, new = ({entry[key]: entry for entry in entries} for entries in (before, after))
    for value in [*old, *(value for value in new if value not in old)]:
        yield from differences(old.get(value, MISSING), new.get(value, MISSING), (*path, Item(key, value)))


def _by_place(before: Sequence[Any], after: Sequence[Any], path: Path) -> Iterator[Difference]:
    for place in range(max(len(before), len(after))):
        yield from differences(_at(before, place), _at(after, place), (*path, place))


def _at(entries: Sequence[Any], place: int) -> Any:
    return entries[place] if place < len(entries) else MISSING


def _key_of(before: Sequence[Any], after: Sequence[Any]) -> str | None:
    return next((key for key in LIST_KEYS if _tells_apart(key, before) and _tells_apart(key, after)), None)


def _tells_apart(key: str, entries: Sequence[Any]) -> bool:
    if not all(isinstance(entry, Mapping) and isinstance(entry.get(key), str | int) for entry in entries):
        return False
    return len({entry[key] for entry in entries}) == len(entries)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _masked(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict.fromkeys(value, MASK)
    return value if value is MISSING else MASK
