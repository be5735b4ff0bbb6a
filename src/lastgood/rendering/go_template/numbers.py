"""Numbers between YAML, where whole ones are integers, and Go templates, where all of them are float64. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gotpl.runtime.values import INVALID, UNTYPED_NIL

EXPONENT_FROM = 1e21  # where Go's JSON, and with it toYaml, starts to write an exponent


def as_go(value: Any) -> Any:
    """A value of its own for a template: every number a float, as Go decodes it."""
    if isinstance(value, Mapping):
        return {key: as_go(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [as_go(one) for one in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def as_json(value: Any) -> Any:
    """A value out of a template as JSON has it: whole numbers without a fraction."""
    if isinstance(value, Mapping):
        return {str(key): as_json(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(one) for one in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < EXPONENT_FROM:
        return int(value)
    return None if value is INVALID or value is UNTYPED_NIL else value
