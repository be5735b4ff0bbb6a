"""Why a maker of pods does not get its pods: quota, policy, webhooks. Pure.

ReplicaSets say it in a condition; StatefulSets, DaemonSets and Jobs only in events.
https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/controller_utils.go
https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/statefulset/stateful_pod_control.go
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from lastgood.model.health import Cause, condition, condition_is, seen_by_controller
from lastgood.model.reading import count
from lastgood.model.resource import Body, ref_of
from lastgood.owning import entries, is_ours
from lastgood.reasons.denials import denial_of
from lastgood.reasons.events import happened, newest
from lastgood.reasons.table import cause

_OPENING = re.compile(
    r"^(\(combined from similar events\): )?"
    r"(Error creating: |create (Pod|Claim) .* in StatefulSet \S+ failed error: )?"
    r'(pods "[^"]+" is )?(forbidden: )?',
    re.IGNORECASE,
)

_CLAIM = re.compile(r'persistentvolumeclaims "([^"]+)" is forbidden')


def maker_causes(body: Body, events: Iterable[Body] = (), *, pods: Iterable[Body] = ()) -> tuple[Cause, ...]:
    """Why pods of this maker cannot be created, by its condition or by the newest of its events.

    Events are history: ask only while pods are missing. Those from before our last write of the maker are left out,
    and so is a condition of a generation that is no more. ``pods`` are all that its workload has, those that are going
    as well: as long as there are such, a quota is not full for good.
    """
    message = _by_condition(body) or _by_event(events, since=written_at(body))
    if message is None:
        return ()
    denial = denial_of(message)
    detail = _for_claim(message, denial.words(_OPENING.sub("", message)))
    if denial.quota and any(pod["metadata"].get("deletionTimestamp") for pod in pods):
        return (cause("QuotaInUse", detail=detail, source=ref_of(body)),)
    grace = denial.grace_of(message, max(count(body, "spec", "replicas"), 1))
    return (cause("FailedCreate", detail=detail, source=ref_of(body), hopeless=denial.hopeless, grace=grace),)


def _for_claim(message: str, words: str) -> str:
    """With the claim that was refused, where it is one of a StatefulSet and not the pod."""
    found = _CLAIM.search(message)
    return f"claim {found[1]}: {words}" if found and found[1] not in words else words


def written_at(body: Body) -> datetime | None:
    """When we wrote it last, by the API server's clock; None where we never did."""
    times = [entry["time"] for entry in entries(body) if is_ours(entry) and entry.get("time")]
    return datetime.fromisoformat(times[-1]) if times else None


def _by_condition(body: Body) -> str | None:
    found = condition(body, "ReplicaFailure")
    if found is None or not condition_is(body, "ReplicaFailure", "True") or found.get("reason") != "FailedCreate":
        return None
    return str(found.get("message") or "") if seen_by_controller(body) else None


def _by_event(events: Iterable[Body], *, since: datetime | None) -> str | None:
    # One time stamp may stand for both; then the success came last, since failures are tried again.
    told = tuple(event for event in events if since is None or happened(event) >= since)
    failed, made = newest(told, {"FailedCreate"}), newest(told, {"SuccessfulCreate"})
    if failed is None or (made is not None and happened(made) >= happened(failed)):
        return None
    return str(failed.get("message") or "")
