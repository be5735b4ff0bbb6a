"""Any other kind, by the conventions that kstatus reads: generations and a few conditions; else it is as it should be.

https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lastgood.model.health import Health, Observation, Status, condition, condition_is, observed_generation, unsettled
from lastgood.model.resource import Body
from lastgood.reasons import cause

READY = ("Ready", "Available")
"""Conditions that say that something works; the first that is there counts."""


def assess(body: Body, _observation: Observation) -> Health:
    """What its conditions say."""
    early = unsettled(body)
    if early:
        return early
    if condition_is(body, "Reconciling", "True"):
        return _in_progress(condition(body, "Reconciling") or {}, "is being reconciled")
    if condition_is(body, "Stalled", "True"):
        return _stalled(body, condition(body, "Stalled") or {})
    found = next((entry for kind in READY if (entry := condition(body, kind)) is not None), None)
    if found is None:
        return Health(Status.CURRENT, "is there")
    if found.get("status") == "True":
        return Health(Status.CURRENT, "is ready")
    return _in_progress(found, "is not ready")


def _in_progress(entry: Mapping[str, Any], sentence: str) -> Health:
    words = str(entry.get("message") or entry.get("reason") or "")
    return Health(Status.IN_PROGRESS, sentence, (cause("NotReady", detail=words),) if words else ())


def _stalled(body: Body, entry: Mapping[str, Any]) -> Health:
    """A controller that says which generation it speaks of is believed after a grace; of others it may be old news."""
    words = str(entry.get("message") or entry.get("reason") or "")
    is_old = observed_generation(body) is None
    causes = () if is_old else (cause("Stalled", detail=words),)
    sentence = f"its controller gave up: {words}" if is_old else "is stalled"
    return Health(Status.FAILED, sentence, causes, condition_failed=is_old)
