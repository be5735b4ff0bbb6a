"""Durations as the product writes them: ``10m``, ``1h 30m``, ``2d``, ``500ms``. Pure."""

from __future__ import annotations

import re

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
