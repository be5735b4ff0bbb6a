"""Quantities come back as the API writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lastgood.testing.quantities import amount, canonical


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1000m", "1"),
        ("100m", "100m"),
        ("0.1", "100m"),
        ("1.5", "1500m"),
        ("0", "0"),
        (2, "2"),
        ("1024Mi", "1Gi"),
        ("1536Mi", "1536Mi"),
        ("1Gi", "1Gi"),
        ("1000Ki", "1000Ki"),
        ("500", "500"),
        ("12000", "12k"),
        ("1e3", "1e3"),
        ("12e4", "120e3"),
        ("0.5Ki", "512"),
        ("1.5Ki", "1536"),
        ("0.001Ki", "1024m"),
        ("1n", "1n"),
        ("0.1n", "1n"),
        ("0.5Gi", "512Mi"),
        ("100n", "100n"),
        ("-1", "-1"),
    ],
)
def test_the_canonical_form(written: str, read: str) -> None:
    assert canonical(written) == read


@given(st.decimals(min_value=0, max_value=10**12, places=3), st.sampled_from(["", "m", "k", "M", "Ki", "Mi", "Gi"]))
def test_it_is_the_same_amount_and_its_own_canonical_form(number: object, suffix: str) -> None:
    written = f"{number}{suffix}"
    once = canonical(written)
    assert canonical(once) == once
    assert abs(amount(once) - amount(written)) < amount("1n")


@pytest.mark.parametrize("wrong", ["", "much", "1 Gi", "1Gb", "--1", "1mi"])
def test_what_is_no_quantity(wrong: str) -> None:
    with pytest.raises(ValueError, match="quantities must match"):
        canonical(wrong)
