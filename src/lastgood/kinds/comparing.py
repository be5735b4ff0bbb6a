"""Whether a field of a live body would be changed by a desired one, which leaves defaults unsaid. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lastgood.kinds.persistent_volume_claim import amount
from lastgood.model.plan import MISSING

EXACT = frozenset({"selector", "roleRef"})
"""Fields that are replaced as a whole and get no defaults: less in them is a change, too."""


def value_at(body: Mapping[str, Any], path: str) -> Any:
    """The value at a path with dots between its keys, or ``MISSING``."""
    value: Any = body
    for key in path.split("."):
        value = value.get(key, MISSING) if isinstance(value, Mapping) else MISSING
    return value


def changes(live: Mapping[str, Any], desired: Mapping[str, Any], path: str) -> bool:
    """Whether the desired body says something else at this path than what is live."""
    has, wants = value_at(live, path), value_at(desired, path)
    if path.rpartition(".")[2] in EXACT and wants is not MISSING:
        return bool(has != wants)
    return wants is not MISSING and not _is_part(wants, has)


def _is_part(wants: Any, has: Any) -> bool:
    if isinstance(wants, Mapping):
        return isinstance(has, Mapping) and all(_is_part(one, has.get(key)) for key, one in wants.items())
    if isinstance(wants, list):
        return isinstance(has, list) and len(has) == len(wants) and all(map(_is_part, wants, has))
    return bool(wants == has) or _is_same_amount(wants, has)


def _is_same_amount(wants: Any, has: Any) -> bool:
    """``1024Mi`` comes back as ``1Gi``."""
    found = amount(str(wants)), amount(str(has))
    return found[0] is not None and found[0] == found[1]
