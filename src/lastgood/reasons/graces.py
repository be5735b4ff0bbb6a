"""How long a workload lets a reason stand, where its own annotation says otherwise than the table. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from lastgood.model.health import Cause
from lastgood.reasons.table import RULES, rule_of

GRACE = "lastgood.dev/grace"
"""``ErrImagePull=60s,CrashLoopBackOff=2m,FailedMount=never``, on the workload itself."""

NEVER = math.inf

_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?")
_SECONDS = (3600.0, 60.0, 1.0)


@dataclass(frozen=True, slots=True)
class Entry:
    """One part of the annotation: its reason, its seconds, or what is wrong with it."""

    reason: str
    seconds: float = NEVER
    problem: str = ""


def graces(body: Mapping[str, Any]) -> Mapping[str, float]:
    """Seconds by reason, ``NEVER`` for those that only explain; parts that cannot be read are left out."""
    return {entry.reason: entry.seconds for entry in _entries(body) if not entry.problem}


def grace_problem(body: Mapping[str, Any]) -> str:
    """What is wrong with a body's annotation, for a ManifestError; empty when nothing is."""
    return next((entry.problem for entry in _entries(body) if entry.problem), "")


def graces_of(written: Mapping[str, str]) -> Mapping[str, float]:
    """Those of a whole release, written one by one as in the annotation. Raises ``ValueError`` with what is wrong."""
    entries = [_entry(f"{reason}={time}") for reason, time in written.items()]
    for entry in entries:
        if entry.problem:
            raise ValueError(entry.problem)
    return {entry.reason: entry.seconds for entry in entries}


def clock_of(cause: Cause) -> str:
    """The trouble that a cause is a moment of: reasons that follow one another keep one time."""
    rule = rule_of(cause.reason)
    return rule.clock if cause.reason in RULES else cause.reason


def with_grace(cause: Cause, own: Mapping[str, float]) -> Cause:
    """The cause as this workload wants it counted.

    A grace for the very reason makes even a transient one end the wait; one for another reason of the same trouble
    (``ErrImagePull`` for ``ImagePullBackOff``) counts where the cause is hopeless anyway.
    """
    if cause.reason in own:
        return _counted(cause, own[cause.reason])
    kin = [seconds for reason, seconds in own.items() if rule_of(reason).clock == clock_of(cause)]
    if not kin:
        return cause
    return _counted(cause, min(kin)) if cause.hopeless else _put_off(cause, min(kin))


def _counted(cause: Cause, seconds: float) -> Cause:
    """``NEVER`` makes a cause explain only; one that did no more than that, beside a failing condition, has no end."""
    if seconds == NEVER:
        return replace(cause, hopeless=False, grace=0.0 if cause.hopeless else NEVER, crashes=0)
    return replace(cause, hopeless=True, grace=seconds, patience=0.0)


def _put_off(cause: Cause, seconds: float) -> Cause:
    """What may become hopeless by its crashes does so in that time."""
    return replace(cause, grace=seconds, crashes=0 if seconds == NEVER else cause.crashes) if cause.crashes else cause


def _entries(body: Mapping[str, Any]) -> Iterator[Entry]:
    written = ((body.get("metadata") or {}).get("annotations") or {}).get(GRACE)
    parts = (part.strip() for part in str(written or "").split(","))
    return (_entry(part) for part in parts if part)


def _entry(part: str) -> Entry:
    reason, _, written = (word.strip() for word in part.partition("="))
    if reason not in RULES:
        near = get_close_matches(reason, RULES, n=1)
        return Entry(reason, problem=f"{reason!r} is not a known reason{f', meant is {near[0]}?' if near else ''}")
    if written == "never":
        return Entry(reason)
    seconds = _seconds(written)
    if seconds is None:
        return Entry(reason, problem=f"{written!r} is not a time; write it as 90s, 2m, 1h30m or never")
    return Entry(reason, seconds)


def _seconds(written: str) -> float | None:
    found = _DURATION.fullmatch(written) if written else None
    if found is None:
        return None
    return sum(float(amount or 0) * unit for amount, unit in zip(found.groups(), _SECONDS, strict=True))
