"""Durations as kubectl and Helm write them: ``90s``, ``10m``, ``1h30m``. Pure."""

from __future__ import annotations

import re

# https://pkg.go.dev/time#ParseDuration
SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
PART = r"([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)"
LONGEST = 366 * 24 * 3600.0


def parse(text: str) -> float:
    """Seconds. Raises ``ValueError`` with a sentence when it is not a duration, or longer than a year."""
    if text == "0":
        return 0.0
    if not re.fullmatch(f"({PART})+", text):
        raise ValueError(f"{text!r} is not a duration: write it as 90s, 10m or 1h30m")
    seconds = sum(float(number) * SECONDS[unit] for number, unit in re.findall(PART, text))
    if seconds > LONGEST:
        raise ValueError(f"{text} is longer than a year")
    return seconds


def spell(seconds: float) -> str:
    """``4.2s`` below a minute, then ``2m13s``, then ``1h02m``."""
    if round(seconds, 1) < 60:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}m{rest:02d}s"
    return f"{minutes // 60}h{minutes % 60:02d}m"
