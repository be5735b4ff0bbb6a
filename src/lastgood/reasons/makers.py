"""Why a maker of pods does not get its pods: quota, policy, webhooks. Pure.

ReplicaSets say it in a condition; StatefulSets, DaemonSets and Jobs only in events.
https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/controller_utils.go
https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/statefulset/stateful_pod_control.go
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lastgood.model.health import Cause, condition, condition_is
from lastgood.model.resource import Body, ref_of
from lastgood.reasons.events import happened, newest
from lastgood.reasons.table import cause

PATIENCE = 60.0
"""Seconds for what may come back by itself: a webhook that does not answer, an API server in trouble."""


@dataclass(frozen=True, slots=True)
class Denial:
    """What a refusal to create a pod speaks of; the grace is the table's where none is given."""

    pattern: str
    grace: float | None = None


# Read from the top: a webhook's refusal also says "forbidden" or "denied", its silence does not.
DENIALS = (
    Denial(r"failed calling webhook|failed to call webhook", PATIENCE),
    Denial(r"the object has been modified", PATIENCE),  # two pods met at the same quota
    Denial(r"exceeded quota|is forbidden|denied the request|violates|is invalid|not found"),
    Denial(r"", PATIENCE),
)

_OPENING = re.compile(
    r"^(\(combined from similar events\): )?"
    r"(Error creating: |create (Pod|Claim) .* in StatefulSet \S+ failed error: )?"
    r'(pods "[^"]+" is )?',
    re.IGNORECASE,
)


def maker_causes(body: Body, events: Iterable[Body] = ()) -> tuple[Cause, ...]:
    """Why pods of this maker cannot be created, by its condition or by the newest of its events.

    Events are history: ask only while pods are missing.
    """
    message = _by_condition(body) or _by_event(events)
    if message is None:
        return ()
    grace = next(one.grace for one in DENIALS if re.search(one.pattern, message))
    return (cause("FailedCreate", detail=_OPENING.sub("", message), source=ref_of(body), grace=grace),)


def _by_condition(body: Body) -> str | None:
    found = condition(body, "ReplicaFailure")
    if found is None or not condition_is(body, "ReplicaFailure", "True") or found.get("reason") != "FailedCreate":
        return None
    return str(found.get("message") or "")


def _by_event(events: Iterable[Body]) -> str | None:
    # One time stamp may stand for both; then the success came last, since failures are tried again.
    told = tuple(events)
    failed, made = newest(told, {"FailedCreate"}), newest(told, {"SuccessfulCreate"})
    if failed is None or (made is not None and happened(made) >= happened(failed)):
        return None
    return str(failed.get("message") or "")
