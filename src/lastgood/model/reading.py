"""What stands in a body at some keys, whatever a server sent: what is of another type is as good as not there. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def at(value: Any, *keys: str) -> Any:
    """What stands at these keys; None where nothing does."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def part(value: Any, *keys: str) -> Mapping[str, Any]:
    """The mapping at these keys; an empty one where there is none."""
    found = at(value, *keys)
    return found if isinstance(found, Mapping) else {}


def items(value: Any, *keys: str) -> tuple[Mapping[str, Any], ...]:
    """The mappings in the list at these keys; what else is in it is left out."""
    found = at(value, *keys)
    return tuple(one for one in found if isinstance(one, Mapping)) if isinstance(found, list) else ()


def words(value: Any, *keys: str) -> tuple[str, ...]:
    """The strings in the list at these keys; what else is in it is left out."""
    found = at(value, *keys)
    return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list) else ()


def text(value: Any, *keys: str, default: str = "") -> str:
    """The string at these keys, unless it is empty or something else."""
    found = at(value, *keys)
    return found if isinstance(found, str) and found else default


def count(value: Any, *keys: str, default: int = 0) -> int:
    """The whole number at these keys; a truth value is none."""
    found = at(value, *keys)
    return found if isinstance(found, int) and not isinstance(found, bool) else default
