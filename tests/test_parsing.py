"""YAML and JSON as kubectl reads them. The expected values were read by kubectl's own libraries."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lastgood.errors import ManifestError
from lastgood.parsing import LARGEST, Mark, Place, Word, as_written, decode, find, outline, parse

NAN_FREE = st.floats(allow_nan=False, allow_infinity=False)


def read(text: str) -> list[Any]:
    return [document.value for document in parse(text, "f.yaml")]


def refused(text: str) -> ManifestError:
    with pytest.raises(ManifestError) as caught:
        parse(text, "f.yaml")
    return caught.value


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *((word, True) for word in ("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON")),
        *((word, False) for word in ("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF")),
        *((word, None) for word in ("", "~", "null", "Null", "NULL")),
        *((word, word) for word in ("tRue", "nULL", "yEs", "oN")),
        *(("0777", 511), ("0o777", 511), ("0O17", 15), ("-0o7", -7), ("020724", 8660)),
        *(("08", 8), ("09", 9), ("-08", -8), ("0x1F", 31), ("-0x1F", -31), ("0b101", 5)),
        *(("1_000", 1000), ("1__0", 10), ("0_7", 7), ("_1", "_1"), ("+1", 1), ("-1", -1)),
        *(("1e3", 1000), ("1E+3", 1000), ("1e-3", 0.001), ("1.", 1), ("1.0", 1), (".5", 0.5), ("+.5", 0.5)),
        *(("0x", "0x"), ("0xg", "0xg"), ("0b2", "0b2"), ("0o8", "0o8"), ("1e", "1e"), (".", "."), ("1.5.5", "1.5.5")),
        *(("9223372036854775807", 2**63 - 1), ("-9223372036854775808", -(2**63)), ("18446744073709551615", 2**64 - 1)),
        *(("1e20", 10**20), ("1e21", 1e21), ("1e400", "1e400"), ("1e-400", 0)),
        *(("2001-12-14", "2001-12-14"), ("12:30:45", "12:30:45"), ("190:20:30", "190:20:30")),
        *(("1Gb", "1Gb"), ("100m", "100m"), ("NaN", "NaN"), ("infinity", "infinity"), (".iNF", ".iNF")),
        *(("!!str 1", "1"), ('!!int "1"', 1), ("!!float 1", 1), ('!!bool "yes"', True), ("! 1", "1")),
        *(
            ("!unknown 1", "1"),
            ('!unknown "x"', "x"),
            ("!!binary aGVsbG8=", "hello"),
            ("!!timestamp 2001-01-01", "2001-01-01"),
        ),
        *(('"yes"', "yes"), ("'1'", "1"), ('"\\u00e9\\x41\\n"', "éA\n")),
    ],
)
def test_a_word_means_what_it_means_to_kubectl(written: str, value: Any) -> None:
    found = read(f"a: {written}\n")[0]["a"]
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize("word", [".inf", "-.inf", "+.Inf", ".nan", ".NaN", "!!int abc", "!!int yes", "!!null x"])
def test_what_json_cannot_hold_is_refused(word: str) -> None:
    assert str(refused(f"a: 1\nb: {word}\n")).startswith("f.yaml:2: ")


@pytest.mark.parametrize(
    ("written", "key"),
    [
        *(("1", "1"), ("yes", "true"), ("off", "false"), ("1.5", "1.5"), ("0x10", "16"), ("1.10", "1.1")),
        *(('"1"', "1"), ("0.1234567890123", "0.12345679"), ("1.5e300", "1.5e+300")),
    ],
)
def test_keys_become_strings(written: str, key: str) -> None:
    assert read(f"{written}: x\n") == [{key: "x"}]


@pytest.mark.parametrize("key", ["~", "null", "? \n"])
def test_a_null_key_is_refused(key: str) -> None:
    assert "a key is null" in str(refused(f"{key}: b\n"))


def test_a_key_that_stands_twice_is_told_with_both_lines() -> None:
    assert str(refused("a: 1\nb: 2\nc: 3\na: 4\n")) == 'f.yaml:4: the key "a" stands twice, in line 1 and in line 4'


def test_keys_that_become_the_same_stand_twice_as_well() -> None:
    assert 'the key "1" stands twice' in str(refused("1: a\n'1': b\n"))


def test_the_same_key_in_two_mappings_is_fine() -> None:
    assert read("a: {x: 1}\nb: {x: 2}\n") == [{"a": {"x": 1}, "b": {"x": 2}}]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("<<: *base\n  b: 2", {"a": 1, "b": 2}),
        ("b: 2\n  <<: *base", {"b": 2, "a": 1}),
        ("<<: *base\n  a: 5", {"a": 5}),
        ("a: 5\n  <<: *base", {"a": 1}),
        ("<<: [{a: 7}, *base, {c: 3}]", {"a": 7, "c": 3}),
        ('"<<": 1', {"<<": 1}),
        ("c: <<", {"c": "<<"}),
    ],
)
def test_a_merge_adds_what_another_mapping_has(written: str, value: Any) -> None:
    """As in go-yaml: of a key and a merge the later one counts, and of several merged mappings the first."""
    assert read(f"base: &base {{a: 1}}\nit:\n  {written}\n")[0]["it"] == value


@pytest.mark.parametrize("merged", ["5", "[1]", "[{a: 1}, b]"])
def test_only_mappings_are_merged(merged: str) -> None:
    assert "<< takes a mapping" in str(refused(f"a:\n  <<: {merged}\n"))


def test_an_alias_is_a_value_of_its_own() -> None:
    """Labels of pods are often an alias of the selector's: adding one to the pods must not change the selector."""
    body = read("selector: &labels {app: web}\npods: *labels\n")[0]
    body["pods"]["more"] = "x"
    assert body["selector"] == {"app": "web"}


def test_an_alias_may_be_a_key() -> None:
    assert read("a: &k name\nb:\n  *k : 1\n") == [{"a": "name", "b": {"name": 1}}]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: *nope\n", "alias *nope stands for nothing"),
        ("a: &x [*x]\n", "anchor &x contains itself"),
        ("? [a]\n: b\n", "a key must be a word"),
        ("a: &x {}\n*x : b\n", "a key must be a word"),
        ("%YAML 1.2\n---\na: 1\n", "%YAML 1.2 is not read"),
        ("a: !!binary /w==\n", "!!binary holds no text"),
        ("a: \x07\n", "control character"),
        ("a: b\n\tc: d\n", "not valid YAML"),
        ("a: [1, 2\n", "not valid YAML"),
    ],
)
def test_what_is_no_json_is_refused(text: str, problem: str) -> None:
    assert problem in str(refused(text))


def test_broken_yaml_is_told_with_line_and_column() -> None:
    problem = "this is not valid YAML: mapping values are not allowed in this context (column 8)"
    assert str(refused("a: 1\nb: x\nc: d: e: f\n".replace("c: d", "c: dd"))) == f"f.yaml:3: {problem.replace('8', '6')}"


def test_a_template_that_was_not_rendered_is_recognised() -> None:
    assert "Go template" in refused("a: {{ .Values.a }}\n").hint
    assert "Go template" in refused("a: 1\n{{- if .Values.a }}\nb: 2\n{{- end }}\n").hint


def test_documents_are_numbered_and_know_their_lines() -> None:
    """Blank ones and mere comments count, so that the number is the one a person counts."""
    text = "# first\n---\na: 1\n---\n---\n# only words\n---\n\nb: 2\n...\n---\nc: 3\n"
    assert [(one.number, one.line, one.value) for one in parse(text, "f") if one.value] == [
        (1, 3, {"a": 1}),
        (4, 9, {"b": 2}),
        (5, 12, {"c": 3}),
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "# words\n", "---\n", "---\n---\n", "---\n# words\n"])
def test_nothing_is_no_value(text: str) -> None:
    assert [value for value in read(text) if value is not None] == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('{"a":1}', [{"a": 1}]),
        ('{"a":\n\t[1.0, 1e3, 0.5, true, null]}', [{"a": [1, 1000, 0.5, True, None]}]),
        ('{"a":1}\n{"b":2}\n', [{"a": 1}, {"b": 2}]),
        ('{"a": "\\ud83d\\ude00 \\/"}', [{"a": "😀 /"}]),
        ("[1, 2]", [[1, 2]]),
        ("{a: 1, b: yes}", [{"a": 1, "b": True}]),
        ("{a: 1}\n---\nb: 2\n", [{"a": 1}, {"b": 2}]),
        ('{"a": NaN, "b": 1e400}', [{"a": "NaN", "b": "1e400"}]),
    ],
)
def test_json_is_read_as_json_and_flow_yaml_as_yaml(text: str, values: list[Any]) -> None:
    assert read(text) == values


def test_a_key_that_stands_twice_in_json_is_told_with_both_lines() -> None:
    assert "in line 2 and in line 4" in str(refused('{\n\t"a": 1,\n\t"b": 2,\n\t"a": 3\n}\n'))


def test_half_a_character_is_no_text() -> None:
    refused('{"a": "\\ud800"}')
    refused("a: \ud800\n")


def test_words_stay_words_where_every_value_is_a_string() -> None:
    document = parse('a: 1\nb: 020724\nc: yes\nd:\ne: "x"\nf: !!int 5\n', "f", scalar=as_written)[0]
    assert document.value == {"a": "1", "b": "020724", "c": "yes", "d": "", "e": "x", "f": "5"}


ALIAS_BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n" for level in range(1, 12)
)
DEEP_BY_ALIASES = "a0: &a0 [x]\n" + "".join(f"a{level}: &a{level} [*a{level - 1}]\n" for level in range(1, 400))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (ALIAS_BOMB, "aliases expand to more than 32 MiB"),
        ("a: &a " + "x" * 1_000_000 + "\nb: [" + ",".join(["*a"] * 100_000) + "]\n", "aliases expand"),
        (DEEP_BY_ALIASES, "more than 200 levels deep"),
        ("[" * 10_000, "more than 200 levels deep"),
        ("[" * 10_000 + "]" * 10_000, "more than 200 levels deep"),
        ('{"a":' * 10_000 + "1" + "}" * 10_000, "more than 200 levels deep"),
        ('{"a":' * 300 + "1" + "}" * 300, "more than 200 levels deep"),
        ("- " * 10_000 + "a", "more than 200 levels deep"),
        ("".join(" " * level + "a:\n" for level in range(3000)), "more than 200 levels deep"),
        ("a: " + "x" * LARGEST, "larger than 32 MiB"),
    ],
    ids=[
        "aliases",
        "long alias",
        "deep aliases",
        "open",
        "closed",
        "json",
        "less deep json",
        "sequence",
        "block",
        "large",
    ],
)
def test_a_bomb_does_not_go_off(text: str, problem: str) -> None:
    assert problem in str(refused(text))


def test_as_deep_as_real_schemas_are_is_fine() -> None:
    assert read('{"a":' * 150 + "1" + "}" * 150)
    assert read("[" * 150 + "yes" + "]" * 150)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\xef\xbb\xbfa: \xc3\xa9\n", "a: é\n"),
        ("a: é\n".encode("utf-16"), "a: é\n"),
        (b"\xfe\xff" + "a: é\n".encode("utf-16-be"), "a: é\n"),
        (b"a: 1\r\nb: 2\r\n", "a: 1\r\nb: 2\r\n"),
    ],
)
def test_bytes_are_utf_8_unless_a_mark_says_otherwise(data: bytes, text: str) -> None:
    assert decode(data, "f") == text


def test_bytes_are_counted_not_characters() -> None:
    """A file is read up to the limit: one that was cut there must not pass for a whole one."""
    with pytest.raises(ManifestError, match="larger than 32 MiB"):
        decode("é".encode() * (LARGEST // 2 + 1), "f")


def test_bytes_that_are_no_text_are_told_with_their_line() -> None:
    with pytest.raises(ManifestError, match=r"^f:3: this is not text in UTF-8: byte 0xff") as caught:
        decode(b"a: 1\nb: 2\nc: \xff\n", "f")
    assert "UTF-8" in caught.value.hint


LIST = """\
# a List
kind: List
items:
  - kind: A
    spec: {x: 1}
  - kind: B
    spec:
      ports:
        - name: http
          port: 1.0
---
kind: C
"""


@pytest.mark.parametrize(
    ("path", "document", "line", "place"),
    [
        (("items", 1, "spec"), 1, 0, Place(7)),
        (("spec", "ports", 0, "port"), 1, 6, Place(10, "1.0")),
        (("spec", "x"), 1, 4, Place(5, "1")),
        (("spec", "nope", "deeper"), 1, 6, Place(7)),
        (("kind",), 2, 0, Place(12, "C")),
        (("kind",), 3, 0, None),
        (("kind",), 1, 99, None),
    ],
)
def test_a_field_is_found_where_it_stands(
    path: tuple[str | int, ...], document: int, line: int, place: Place | None
) -> None:
    """A line tells the elements of a List apart; what is not written is found at what holds it."""
    assert find(LIST, path, document=document, line=line) == place


def test_a_field_of_a_json_file_with_tabs_is_found() -> None:
    assert find('{\n\t"a": {\n\t\t"b": 1\n\t}\n}', ("a", "b")) == Place(3, "1")


@pytest.mark.parametrize(("written", "key"), [("on", "true"), ('"on"', "on"), ("0x10", "16"), ("1.0", "1")])
def test_a_field_is_found_by_its_key_as_it_is_read(written: str, key: str) -> None:
    assert find(f".inf: 0\n? [a]\n: 1\n{written}: 2\n", (key,)) == Place(4, "2")


def test_nothing_is_found_in_what_is_no_yaml() -> None:
    assert find("a: [", ("a",)) is None


OUTLINED = """
name: shop
files:
  - k8s
  -   deep: {on: 1}
base: &base {a: 1, b: "1"}
copy: *base
<<: {more: 1}
"""


@pytest.mark.parametrize(
    ("steps", "mark"),
    [
        ((), Mark(2, 1)),
        (("name",), Mark(2, 1)),
        (("files", 0), Mark(4, 5)),
        (("files", 1), Mark(5, 7)),
        (("files", 1, "deep", "on"), Mark(5, 14)),
        (("base", "b"), Mark(6, 20)),
        (("copy", "b"), Mark(7, 1)),
        (("more",), Mark(2, 1)),
        (("nowhere", 3), Mark(2, 1)),
    ],
)
def test_an_outline_says_where_each_key_and_element_stands(steps: tuple[str | int, ...], mark: Mark) -> None:
    """What an alias or a merge brings stands where that is written; what is not written, at what holds it."""
    assert outline(OUTLINED, "f").mark(steps) == mark


def test_an_outline_leaves_words_as_they_are_written() -> None:
    value = outline(OUTLINED, "f").documents[0].value
    assert value["base"] == value["copy"] == {"a": "1", "b": "1"}
    assert [isinstance(one, Word) for one in value["base"].values()] == [True, False]
    assert list(value) == ["name", "files", "base", "copy", "more"]


def test_an_outline_notes_every_key_that_stands_twice_and_the_first_counts() -> None:
    found = outline("a: {x: 1, x: 2}\nb: 1\na:\n  x: 3\n  y: {z: 1, z: 1}\nb: 2\na: 4\n", "f")
    assert [(("a", "x"), Mark(1, 11)), (("a",), Mark(3, 1)), (("b",), Mark(6, 1)), (("a",), Mark(7, 1))] == list(
        found.repeated
    )
    assert {"a": {"x": "1"}, "b": "1"} == found.documents[0].value
    assert found.mark(("a", "y")) == Mark(1, 1)


@pytest.mark.parametrize("text", ["a: [", "%YAML 1.2\n---\na: 1", "a: &x [*x]", "? [a]\n: 1"])
def test_an_outline_refuses_what_parse_refuses(text: str) -> None:
    with pytest.raises(ManifestError):
        outline(text, "f")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda children: st.lists(children) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), children),
    max_leaves=15,
)

PIECES = st.sampled_from(
    [
        *"ab:-[]{},?&*!|>'\"#%@` \n\t\\~",
        "---\n",
        "...\n",
        "<<: ",
        "*a",
        "&a ",
        "!!int ",
        "null",
        "1",
        "é",
        "\ufeff",
        "\0",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=60))
def test_no_text_breaks_the_parser(text: str) -> None:
    """Whatever is written: it is read, or refused with a ``ManifestError``."""
    for read_it in (parse, outline):
        try:
            read_it(text, "f")
        except ManifestError as error:
            assert str(error)  # noqa: PT017  # whether it is raised at all depends on the text


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    try:
        parse(decode(data, "f"), "f")
    except ManifestError as error:
        assert str(error)  # noqa: PT017
