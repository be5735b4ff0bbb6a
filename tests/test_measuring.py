"""A benchmark measures the process it started, and not one that failed."""

from __future__ import annotations

import os
import sys

import pytest

from benchmarks.start_and_memory import measure


def test_the_peak_is_that_of_the_process() -> None:
    small = measure([sys.executable, "-c", "pass"], os.environ)
    large = measure([sys.executable, "-c", "bytearray(b'x') * (256 << 20)"], os.environ)
    assert small.peak < 64
    assert large.peak > 256


def test_the_peak_of_who_measures_does_not_count() -> None:
    """Linux counts the memory of whoever starts a process into that process' peak."""
    ballast = bytearray(b"x") * (128 << 20)
    assert measure([sys.executable, "-c", "pass"], os.environ).peak < 64
    assert len(ballast) == 128 << 20


def test_a_process_that_fails_is_not_measured() -> None:
    with pytest.raises(AssertionError, match=r"exit 3\nno such thing"):
        measure([sys.executable, "-c", "print('no such thing'); raise SystemExit(3)"], os.environ)
