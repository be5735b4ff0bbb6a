"""Quantities, and what was meant by those that are none."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lastgood.model.quantity import SUFFIXES, meant, quantity, spelled


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", Fraction(1)),
        ("0.5", Fraction(1, 2)),
        (".5", Fraction(1, 2)),
        ("1.", Fraction(1)),
        ("+1", Fraction(1)),
        ("-1", Fraction(-1)),
        ("500m", Fraction(1, 2)),
        ("128m", Fraction(128, 1000)),
        ("1k", Fraction(1000)),
        ("1Ki", Fraction(1024)),
        ("1.5Gi", Fraction(3 * 2**29)),
        ("1E", Fraction(10**18)),
        ("1Ei", Fraction(2**60)),
        ("1e3", Fraction(1000)),
        ("1E3", Fraction(1000)),
        ("1e-3", Fraction(1, 1000)),
        ("1n", Fraction(1, 10**9)),
    ],
)
def test_a_quantity_is_a_number(text: str, number: Fraction) -> None:
    assert quantity(text) == number


@pytest.mark.parametrize(
    "text",
    ["1Gb", "1GB", "1ki", "1K", "1mi", "", "Gi", "1 Gi", "1..5", "1.5.5", "--1", "1e1.5", "e3", "1Ki3", "0x10", "1_000",
     "1,5", "1e", "1e+", "1i", "1Mib", "NaN", ".", "-", "١"],
)  # fmt: skip
def test_what_kubernetes_does_not_take_is_no_quantity(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a quantity"):
        quantity(text)


@given(st.decimals(min_value=0, max_value=10**12, places=3).map(abs), st.sampled_from(sorted(SUFFIXES)))
def test_number_and_suffix_multiply(number: object, suffix: str) -> None:
    assert quantity(f"{number:f}{suffix}") == Fraction(str(number)) * SUFFIXES[suffix]


@given(st.text("0123456789.eEinumkKMGTPgbB+- ,", max_size=8))
def test_what_is_suggested_is_a_quantity(text: str) -> None:
    for suggestion in meant(text):
        assert quantity(suggestion) is not None


@pytest.mark.parametrize(
    ("text", "suggestions"),
    [
        ("1Gb", ("1Gi", "1G")),
        ("1GB", ("1Gi", "1G")),
        ("512MB", ("512Mi", "512M")),
        ("512Mb", ("512Mi", "512M")),
        ("1kb", ("1Ki", "1k")),
        ("1K", ("1Ki", "1k")),
        ("2g", ("2Gi", "2G")),
        ("2TB", ("2Ti", "2T")),
        ("1gib", ("1Gi",)),
        ("1mi", ("1Mi",)),
        ("1 Gi", ("1Gi",)),
        ("0,5", ("0.5",)),
        ("2cores", ("2",)),
        ("100mcpu", ("100m",)),
        ("100bytes", ("100",)),
        ("much", ()),
        ("1Gbit", ()),
    ],
)
def test_what_was_meant_is_suggested(text: str, suggestions: tuple[str, ...]) -> None:
    assert meant(text) == suggestions


def test_a_suggestion_says_what_its_unit_means() -> None:
    assert spelled("1Gi") == "1Gi (Gi is 2^30)"
    assert spelled("1G") == "1G (G is 10^9)"
    assert spelled("0.5") == "0.5"
