"""Quantities as the API writes them back: ``1000m`` becomes ``1``. Pure.

https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
"""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Decimal
from typing import Any

_FORM = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+))(|[numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)")
_BINARY = {suffix: Decimal(1024) ** power for power, suffix in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), start=1)}
_DECIMAL = {
    suffix: Decimal(1000) ** power
    for power, suffix in zip(range(-3, 7), ("n", "u", "m", "", "k", "M", "G", "T", "P", "E"), strict=True)
}
FIELDS = frozenset({"limits", "requests", "hard", "capacity", "overhead"})
"""Maps whose values are quantities, by the name of their field."""


def amount(quantity: str | float) -> Decimal:
    """The number that a quantity stands for. Raises ``ValueError`` when it is not one."""
    match = _FORM.fullmatch(str(quantity))
    if match is None:
        raise ValueError("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
    number, suffix = Decimal(match[1]), match[2]
    if suffix[:1] in ("e", "E") and suffix not in _DECIMAL:
        return number.scaleb(int(suffix[1:]))
    return number * (_BINARY.get(suffix) or _DECIMAL[suffix])


def canonical(quantity: str | float) -> str:
    """The same amount as the API writes it: whole numbers, the largest suffix that keeps them whole."""
    value, text = amount(quantity), str(quantity)
    if value == 0:
        return "0"
    binary = text[-2:] in _BINARY
    units = _BINARY if binary and abs(value) >= 1024 else _DECIMAL
    whole = [(suffix, value / unit) for suffix, unit in units.items() if value % unit == 0]
    if not whole:
        return f"{(value / _DECIMAL['n']).to_integral_value(ROUND_CEILING):f}n"
    suffix, number = max(whole, key=lambda one: units[one[0]])
    if binary and units is _DECIMAL:
        suffix, number = "", value
    if units is _BINARY and value % 1024:
        suffix, number = "", value
    return f"{number.to_integral_value():f}{suffix}"


def canonised(value: Any, name: str = "") -> Any:
    """A body with every quantity in it written canonically. Raises ``ValueError`` with its name for a wrong one."""
    if isinstance(value, dict):
        write = _quantities if name in FIELDS else canonised
        return {key: write(inside, key) for key, inside in value.items()}
    if isinstance(value, list):
        return [canonised(item, name) for item in value]
    return canonical(value) if name == "sizeLimit" else value


def _quantities(value: Any, name: str) -> Any:
    if isinstance(value, dict | list) or value is None:
        return canonised(value, name)
    return canonical(value)
