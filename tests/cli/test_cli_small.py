"""The small parts: durations, lines, words."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lastgood.cli import durations
from lastgood.cli.lines import Line, table
from lastgood.cli.words import one_line, shortened

DURATIONS = {
    "90s": 90.0,
    "10m": 600.0,
    "1h30m": 5400.0,
    "1.5h": 5400.0,
    "500ms": 0.5,
    ".5s": 0.5,
    "0": 0.0,
    "1m0s": 60.0,
}


@pytest.mark.parametrize(("text", "seconds"), DURATIONS.items())
def test_durations_are_read_as_go_reads_them(text: str, seconds: float) -> None:
    assert math.isclose(seconds, durations.parse(text))


@pytest.mark.parametrize("text", ["", "10", "10 m", "-5s", "1d", "m", "5s!", "1e3s", "nan", "９s", "9000h"])
def test_what_is_no_duration_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a duration: write it as|is longer than a year"):
        durations.parse(text)


@given(some.text())
def test_any_text_is_a_duration_or_refused(text: str) -> None:
    try:
        seconds = durations.parse(text)
    except ValueError:
        return
    assert 0 <= seconds <= durations.LONGEST


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0s"), (4.24, "4.2s"), (59.96, "1m00s"), (133, "2m13s"), (3599.6, "1h00m"), (3720, "1h02m")],
)
def test_durations_are_told_in_two_figures(seconds: float, text: str) -> None:
    assert text == durations.spell(seconds)


@given(some.text())
def test_a_line_never_holds_what_steers_a_terminal(text: str) -> None:
    shown = Line(text).printable
    assert all(character.isprintable() or character == "\t" for character in shown)


def test_a_line_of_plain_words_is_printed_as_it_is() -> None:
    assert Line("spec.replicas: 2 → 3\tœ").printable == "spec.replicas: 2 → 3\tœ"


def test_a_table_has_no_spaces_at_the_end_of_a_line() -> None:
    assert table(("A", "B"), [("long", ""), ("", "x")]) == ["A      B", "long", "       x"]


@given(some.text(), some.integers(1, 50))
def test_what_is_shortened_is_short_and_begins_alike(text: str, longest: int) -> None:
    shown = shortened(text, longest)
    assert len(shown) <= longest
    assert text.startswith(shown.removesuffix("…"))


def test_a_sentence_of_the_api_becomes_one_line() -> None:
    assert one_line("admission webhook\n  denied\tit\n") == "admission webhook denied it"
