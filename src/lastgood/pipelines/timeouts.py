"""Durations as the product writes them: ``10m``, ``1h 30m``, ``2d``, ``500ms``. Pure."""

from __future__ import annotations

import re

from lastgood.errors import SettingError
from lastgood.pipelines.nodes import Word

SECONDS = {"w": 604800.0, "d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
PART = r"(\d+)\s*(ms|[wdhms])"
WHOLE = re.compile(rf"{PART}(\s*{PART})*", re.ASCII)
LONGEST = 53 * SECONDS["w"]
EXPECTED = "a duration: 30s, 10m or 1h 30m (units w, d, h, m, s, ms)"


def seconds_of(text: str) -> float:
    """The seconds of a duration. Raises ``ValueError`` with a sentence for what is none, or is longer than 53 weeks."""
    if not WHOLE.fullmatch(text.strip()):
        raise ValueError(f"expected {EXPECTED}")
    seconds = sum(int(number) * SECONDS[unit] for number, unit in re.findall(PART, text))
    if seconds > LONGEST:
        raise ValueError("is longer than 53w, which is the longest there is")
    return seconds


def seconds_in(word: Word, text: str) -> float:
    """The seconds of what a word stands for. Raises ``SettingError``, which says where it stands."""
    try:
        return seconds_of(text)
    except ValueError as error:
        raise SettingError(f'{word.spot}: {error}, and {word.text} is "{text}"') from error


def whole_in(word: Word, text: str) -> int:
    """The whole number that a word stands for. Raises ``SettingError``, which says where it stands."""
    if not re.fullmatch(r"\d{1,9}", text.strip(), re.ASCII):
        raise SettingError(f'{word.spot}: expected a whole number, and {word.text} is "{text}"')
    return int(text)
