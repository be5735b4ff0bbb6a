"""What the counts of a status say: how many are ready of how many that are wanted. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lastgood.kinds.generic.facts import Facts, number_of
from lastgood.kinds.generic.reading import parts
from lastgood.kinds.generic.signals import Signal
from lastgood.kinds.generic.words import listed
from lastgood.model.health import Status

COUNTED = {"ready": False, "available": True, "updated": True, "healthy": True, "statusReplicas": False}
"""The beginnings of the names of counts, and whether to have too few of them is only a hint.

Which pods count as updated differs by controller where an update goes in parts.
"""

FAILED_COUNTS = listed("degraded error errored errors failed failing failures unhealthy")
LACKING_COUNTS = listed("unavailable unready")
"""The first or the last word of the names of counts of what is in trouble, or not there yet."""

WHOLES = ("desiredReady", "replicas", "size", "total", "desired", "all")
"""What a bare ``ready: 2`` is counted against."""


def counts_say(facts: Facts) -> Iterator[Signal]:
    """``readyReplicas`` against ``replicas``, ``readyNodes`` against ``nodes``; those of parts are hints."""
    yield from _counts("status", facts.status, facts.spec, is_part=False)
    yield from _troubled(facts)
    for key, value in facts.status.items():
        for part in _parts(value):
            yield from _counts(f"status.{key}", part, {}, is_part=True)


def _troubled(facts: Facts) -> Iterator[Signal]:
    """``failedTasks: 1``, and ``active: 1`` of what comes to an end: hints, since it may be tried again."""
    is_at_work = facts.comes_to_an_end and not facts.has_ended
    for key, value in facts.status.items():
        pieces, many = parts(key), number_of(int(value) if isinstance(value, str) and _is_digits(value) else value)
        ends = {*pieces[:1], *(pieces[-2:-1] if pieces[-1:] == ("count",) else pieces[-1:])}
        if many and ends & FAILED_COUNTS:
            yield Signal(Status.FAILED, f"status.{key} is {many}", f"status.{key} is {many}", is_hint=True)
        elif many and (ends & LACKING_COUNTS or (key == "active" and is_at_work)):
            yield Signal(Status.IN_PROGRESS, f"status.{key} is {many}", f"status.{key} is {many}", is_hint=True)


def _parts(value: Any) -> tuple[Mapping[str, Any], ...]:
    if isinstance(value, Mapping):
        return (value,)
    return tuple(one for one in value if isinstance(one, Mapping)) if isinstance(value, list) else ()


def _counts(path: str, status: Mapping[str, Any], spec: Mapping[str, Any], *, is_part: bool) -> Iterator[Signal]:
    for key, value in status.items():
        for beginning, is_hint in COUNTED.items():
            ratio = _ratio(value)
            if not key.startswith(beginning) and not (ratio and beginning in parts(key)):
                continue
            has, wanted = ratio or (_has(key, status), _wanted(key, beginning, status, spec))
            if has is not None and wanted is not None:
                yield _counted(f"{path}.{key} is {has} of {wanted}", has >= wanted, is_hint=is_hint or is_part)


def _has(key: str, status: Mapping[str, Any]) -> int | None:
    """How many there are; what is in use is ready, too (``allocatedReplicas`` and ``reservedReplicas`` of Agones)."""
    has, name = number_of(status.get(key)), key.removeprefix("ready")
    used = sum(number_of(status.get(f"{so}{name}")) or 0 for so in ("allocated", "reserved") if name != key)
    return has + used if has is not None else None


def _counted(rule: str, is_enough: bool, *, is_hint: bool) -> Signal:  # noqa: FBT001  # a comparison, not a flag
    if is_enough:
        return Signal(Status.CURRENT, rule, rule, is_hint=True)
    return Signal(Status.IN_PROGRESS, rule, rule, is_hint=is_hint)


def _ratio(value: Any) -> tuple[int, int] | None:
    """``2/3``, as some controllers write it."""
    has, slash, wanted = value.partition("/") if isinstance(value, str) else ("", "", "")
    return (int(has), int(wanted)) if slash and _is_digits(has) and _is_digits(wanted) else None


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _wanted(key: str, beginning: str, status: Mapping[str, Any], spec: Mapping[str, Any]) -> int | None:
    """How many there should be: as expected in an update that goes in parts, else as wanted, else as there are."""
    name = key.removeprefix(beginning)
    if not name:
        return next((found for whole in WHOLES if (found := number_of(status.get(whole))) is not None), None)
    if beginning == "updated" and name.startswith(("Ready", "Available")):  # of those that are updated
        return number_of(status.get(beginning + name.removeprefix("Ready").removeprefix("Available")))
    own = name[0].lower() + name[1:]
    whole = f"{key[0].upper()}{key[1:]}"
    expected = tuple(status.get(so) for so in (f"expected{whole}", f"expected{name}", f"matched{name}"))
    places = (*expected, spec.get(own), status.get(f"desired{name}"), status.get(own))
    return next((found for value in places if (found := number_of(value)) is not None), None)
