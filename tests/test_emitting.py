"""YAML out: whoever reads it gets the same values back."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lastgood.emitting import emit
from lastgood.parsing import parse

TRICKY = st.sampled_from(
    [
        *(
            "yes",
            "1e3",
            "0777",
            "08",
            "2001-01-01",
            "12:30",
            "190:20:30",
            "-",
            "- a",
            "a: b",
            "a #b",
            "#a",
            "~",
            "null",
        ),
        *("", ".inf", "1_000", "|", "> x", "\n", "a\n", "a\nb", "a\nb\n", "a\n\n", " a\nb", "\ta", "a\tb", "a\n b"),
        *(
            "\x85",
            "\u2028",
            "\ufeff",
            "\x7f",
            "=",
            "<<",
            "? x",
            "%a",
            "@a",
            "`",
            "'",
            '"',
            "[",
            "{a}",
            "*a",
            "&a",
            "!a",
        ),
        *(
            "a: ",
            "a:",
            "a\r\nb",
            "0x1F",
            "+1",
            ".5",
            "1.",
            "---",
            "--- a",
            "...",
            "a\n---\nb",
            "\\",
            " ",
            "a ",
            "#a\nb",
        ),
    ]
)
TEXTS = TRICKY | st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False).filter(
    lambda number: not number.is_integer()
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda children: st.lists(children) | st.dictionaries(TEXTS, children),
    max_leaves=15,
)


@settings(max_examples=500, deadline=None)
@given(VALUES)
def test_what_is_written_is_read_as_the_same(value: Any) -> None:
    assert [one.value for one in parse(emit({"a": value, "b": [value]}), "f")] == [{"a": value, "b": [value]}]


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_other_readers_see_the_same_strings(text: str) -> None:
    """PyYAML reads YAML 1.1 with its own rules for plain words; no string may become anything else there either."""
    assert yaml.safe_load(emit({"a": text})) == {"a": text}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [1, {"c": "d", "e": []}], "z": {}}, "b: 1\na:\n- 1\n- c: d\n  e: []\nz: {}\n"),
        ({"m": "one\ntwo\n"}, "m: |\n  one\n  two\n"),
        ({"m": "one\ntwo"}, "m: |-\n  one\n  two\n"),
        ([[1, 2], []], "- - 1\n  - 2\n- []\n"),
        (
            {"image": "reg.io:5000/a/b:1", "args": "-v", "at": "@x"},
            "image: reg.io:5000/a/b:1\nargs: -v\nat: '@x'\n",
        ),
        ({"s": "1e3", "t": "yes", "u": "a: b", "v": "it's"}, 's: "1e3"\nt: "yes"\nu: \'a: b\'\nv: it\'s\n'),
        ({"half": "a\ud800"}, 'half: "a\\ud800"\n'),
        (None, "null\n"),
        ("x", "x\n"),
    ],
)
def test_it_looks_as_people_write_it(value: Any, text: str) -> None:
    assert emit(value) == text


def test_keys_are_sorted_only_where_that_is_wanted() -> None:
    assert emit({"b": 1, "a": 2}) == "b: 1\na: 2\n"
    assert emit({"b": 1, "a": 2}, sort_keys=True) == "a: 2\nb: 1\n"
