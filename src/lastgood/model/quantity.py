"""Quantities as Kubernetes writes them: ``500m``, ``1.5Gi``, ``2e3``; and what was meant by one that is none. Pure.

https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
"""

from __future__ import annotations

import re
from fractions import Fraction

BINARY = {unit: Fraction(1024) ** power for power, unit in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), 1)}
SMALL = {unit: Fraction(1, 1000**power) for power, unit in enumerate(("m", "u", "n"), 1)}
LARGE = {unit: Fraction(1000) ** power for power, unit in enumerate(("k", "M", "G", "T", "P", "E"), 1)}
SUFFIXES: dict[str, Fraction] = {"": Fraction(1), **BINARY, **SMALL, **LARGE}
POWERS = {
    **{unit: 10 * power for power, unit in enumerate(BINARY, 1)},
    **{unit: 3 * power for power, unit in enumerate(LARGE, 1)},
}

NUMBER = re.compile(r"([+-]?)([0-9]+\.?[0-9]*|\.[0-9]+)([a-zA-Z]*)([+-]?[0-9]*)", re.ASCII)
LARGEST_EXPONENT = 1000  # Kubernetes takes any and caps the value near 2^63

WORDS = {
    **dict.fromkeys(("", "b", "byte", "bytes", "core", "cores", "cpu", "cpus", "vcpu"), ""),
    **dict.fromkeys(("mcpu", "millicpu", "millicore", "millicores"), "m"),
}
LETTERS = {"k": "k", "m": "M", "g": "G", "t": "T", "p": "P", "e": "E"}


def quantity(text: str) -> Fraction:
    """The number that a quantity stands for. Raises ``ValueError`` if it is none."""
    found = NUMBER.fullmatch(text)
    if not found:
        raise ValueError(f'"{text}" is not a quantity')
    sign, number, suffix, exponent = found.groups()
    factor = _factor(suffix, exponent)
    if factor is None:
        raise ValueError(f'"{text}" is not a quantity')
    return (-1 if sign == "-" else 1) * Fraction(f"0{number}".rstrip(".")) * factor


def meant(text: str) -> tuple[str, ...]:
    """Quantities that somebody may have had in mind, the likeliest first; none when there is nothing to go by."""
    squeezed = text.replace(" ", "").replace("_", "").replace(",", ".")
    found = re.fullmatch(r"([+-]?[0-9]*\.?[0-9]+)([a-zA-Z]*)", squeezed, re.ASCII)
    if not found:
        return ()
    number, suffix = found.groups()
    return tuple(f"{number}{unit}" for unit in _units(suffix))


def spelled(text: str) -> str:
    """A quantity with what its unit means: ``1Gi (Gi is 2^30)``; the text alone where that says nothing more."""
    unit = text.lstrip("+-.0123456789")
    base = 2 if unit in BINARY else 10
    return f"{text} ({unit} is {base}^{POWERS[unit]})" if unit in POWERS else text


def _factor(suffix: str, exponent: str) -> Fraction | None:
    if suffix in ("e", "E") and exponent.lstrip("+-"):
        power = int(exponent)
        return Fraction(10) ** power if abs(power) <= LARGEST_EXPONENT else None
    return SUFFIXES.get(suffix) if not exponent else None


def _units(suffix: str) -> tuple[str, ...]:
    lower = suffix.lower()
    if lower in WORDS:
        return (WORDS[lower],)
    letter = LETTERS.get(lower[:1])
    if letter is None or lower[1:] not in ("", "b", "i", "ib", "bi", "byte", "bytes"):
        return ()
    binary = f"{letter.upper()}i"
    return (binary,) if "i" in lower[1:] else (binary, letter)
