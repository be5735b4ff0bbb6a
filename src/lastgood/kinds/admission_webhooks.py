"""Validating and mutating webhooks: one cannot be taken out by an apply while another manager holds part of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lastgood.model.kind import Transition
from lastgood.model.resource import Item
from lastgood.owning import stays, we_own


def transitions(live: Mapping[str, Any], desired: Mapping[str, Any]) -> tuple[Transition, ...]:
    """An injected ``caBundle`` is another manager's, and would be all that is left of a webhook that goes."""
    wanted = {one["name"] for one in desired.get("webhooks") or ()}
    found = live.get("webhooks") or ()
    kept = [one for one in found if one["name"] in wanted or not _leaves_a_part(live, one["name"])]
    if len(kept) == len(found):
        return ()
    return (Transition("/webhooks", kept, "an apply leaves what others put into a webhook that goes"),)


def _leaves_a_part(live: Mapping[str, Any], name: str) -> bool:
    webhook = Item("name", name)
    return we_own(dict(live), ("webhooks", webhook, "rules")) and stays(live, ("webhooks", webhook))
