"""Quantities as the API writes them back: ``1000m`` becomes ``1``. Pure.

https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
"""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Decimal
from typing import Any

_FORM = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+))(|[numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)")
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_DECIMAL = ("n", "u", "m", "", "k", "M", "G", "T", "P", "E")
_FACTORS = {suffix: Decimal(1000) ** power for power, suffix in enumerate(_DECIMAL, start=-3)} | {
    suffix: Decimal(1024) ** power for power, suffix in enumerate(_BINARY)
}
FIELDS = frozenset({"limits", "requests", "hard", "capacity", "overhead"})
"""Maps whose values are quantities, by the name of their field."""


def amount(quantity: str | float) -> Decimal:
    """The number that a quantity stands for. Raises ``ValueError`` when it is not one."""
    number, suffix = _parts(quantity)
    return Decimal(number) * _FACTORS[suffix] if suffix in _FACTORS else Decimal(number + suffix)


def _parts(quantity: str | float) -> tuple[str, str]:
    match = _FORM.fullmatch(str(quantity))
    if match is None:
        raise ValueError("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
    return match[1], match[2]


def canonical(quantity: str | float) -> str:
    """The same amount as the API writes it: a whole number with the largest suffix of its sort that keeps it whole.

    What is smaller than a nano is rounded up; small or broken binary amounts are written with decimal suffixes.
    """
    value, suffix = amount(quantity), _parts(quantity)[1]
    if suffix in _BINARY[1:] and abs(value) >= 1024 and value == value.to_integral_value():
        return _written(value, Decimal(1024), _BINARY)
    nanos = (value / _FACTORS["n"]).to_integral_value(ROUND_CEILING)
    exponents = suffix[:1] in ("e", "E") and suffix != "E"
    return _written(nanos, Decimal(1000), tuple(map(_exponent, range(-9, 28, 3))) if exponents else _DECIMAL)


def _written(number: Decimal, factor: Decimal, suffixes: tuple[str, ...]) -> str:
    if number == 0:
        return "0"
    place = 0
    while place + 1 < len(suffixes) and number % factor == 0:
        number, place = number / factor, place + 1
    return f"{number.to_integral_value():f}{suffixes[place]}"


def _exponent(power: int) -> str:
    return f"e{power}" if power else ""


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
