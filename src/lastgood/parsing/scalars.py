"""What an unquoted word means: a boolean, a number, nothing, or a string. Pure.

The rules are those of go-yaml v2, through which kubectl, Helm and Kubernetes itself read YAML:
https://github.com/yaml/go-yaml/blob/v2/resolve.go
"""

from __future__ import annotations

import math
import re
import struct
from typing import Any

TRUE = ("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON")
FALSE = ("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF")
NULL = ("", "~", "null", "Null", "NULL")
INFINITE = (f"{sign}.{word}" for sign in ("", "+", "-") for word in ("inf", "Inf", "INF"))
NOT_JSON = frozenset({*INFINITE, ".nan", ".NaN", ".NAN"})
WORDS: dict[str, bool | None] = {**dict.fromkeys(TRUE, True), **dict.fromkeys(FALSE, False), **dict.fromkeys(NULL)}

INTEGER = re.compile(r"([-+]?)(?:0[bB]([01]+)|0[oO]?([0-7]+)|0[xX]([0-9a-fA-F]+)|(0|[1-9][0-9]*))", re.ASCII)
FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
BASES = (2, 8, 16, 10)
LARGEST_SIGNED, LARGEST_UNSIGNED = 2**63 - 1, 2**64 - 1
LONGEST_INTEGER = 100  # digits; no number of 64 bits has more, whatever its base
EXPONENT_FROM = 1e21  # where JSON starts to write an exponent; a smaller whole number is an integer


class NotJson(ValueError):
    """A value that YAML knows and JSON cannot hold."""


class Word(str):
    """An unquoted scalar as it is written, whatever it may mean."""

    __slots__ = ()


def resolve(text: str) -> Any:
    """The value of an unquoted scalar; a string when it is nothing else.

    Raises ``NotJson`` for infinities and for what is not a number.
    """
    if text in WORDS:
        return WORDS[text]
    if text in NOT_JSON:
        raise NotJson(f"{text} is not a number that JSON can hold")
    if text[0] == ".":
        return _float(text.replace("_", ""), text)
    return _number(text) if text[0] in "+-0123456789" else text


def as_written(text: str) -> str:
    """The text itself: for files in which every value is a string."""
    return text


def whole(number: float) -> int | float:
    """An integer where that is the same number in JSON."""
    return int(number) if number.is_integer() and abs(number) < EXPONENT_FROM else number


def key_text(key: Any) -> str:
    """A key as a string: JSON knows no others. Floats are written with 32 bits, as go-yaml does."""
    if isinstance(key, bool):
        return "true" if key else "false"
    return _short(key) if isinstance(key, float) else str(key)


def _number(text: str) -> Any:
    plain = text.replace("_", "")
    found = INTEGER.fullmatch(plain)
    if found and len(plain) <= LONGEST_INTEGER:
        sign, *digits = found.groups()
        number = next(int(one, base) for one, base in zip(digits, BASES, strict=True) if one is not None)
        if number <= (LARGEST_SIGNED if sign == "+" else LARGEST_SIGNED + 1 if sign else LARGEST_UNSIGNED):
            return -number if sign == "-" else number
    return _float(plain, text)


def _float(plain: str, text: str) -> int | float | str:
    if not FLOAT.fullmatch(plain):
        return text
    number = float(plain)
    return text if math.isinf(number) else whole(number)


def _short(number: float) -> str:
    """The fewest digits that are the same number in 32 bits; all of them where it is too large for that."""
    single = _single(number)
    if single is None:
        return repr(number)
    texts = (f"{single:.{digits}g}" for digits in range(1, 10))  # 9 are always enough
    return next(text for text in texts if _single(float(text)) == single)


def _single(number: float) -> float | None:
    try:
        return float(struct.unpack("<f", struct.pack("<f", number))[0])
    except OverflowError:
        return None
