"""Plain values become YAML text that every reader takes for the same values. Pure.

Block style as Kubernetes' own tools write it. A string is quoted wherever kubectl, or another reader of YAML 1.1,
could take it for something else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lastgood.parsing import resolve

# What no YAML reader takes as it is: control characters, marks of byte order, halves of surrogate pairs.
UNPRINTABLE = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff"
PRINTABLE = re.compile(rf"[^{UNPRINTABLE}]*")
ESCAPED = re.compile(r"[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
# What a plain word must not have: a sign at its start, something that ends it, blanks at its ends.
SPECIAL = re.compile(r"""[\s,\[\]{}#&*!|>'"%@`]|[-?:](\s|$)|---|\.\.\.|.*(:\s|\s#|[\t\n\xa0]|[\s:]$)""", re.DOTALL)
# Words that older readers take for dates, for numbers to the base of 60, and whatever else looks like a number.
DATED = re.compile(r"\d{4}-\d|[-+]?[\d_]+(:[\d_.]+)+$|[-+.\d][\d_xXoObBeE.+-]*$", re.ASCII)
RESERVED = ("=", "<<")


def emit(value: Any, *, sort_keys: bool = False) -> str:
    """The YAML of a decoded JSON value, a newline at its end; ``sort_keys`` is how Go writes maps."""
    return "".join(f"{line}\n" for line in _lines(value, sort_keys=sort_keys))


def _lines(value: Any, *, sort_keys: bool) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        for key in sorted(value, key=str) if sort_keys else value:
            yield from _entry(str(key), value[key], sort_keys=sort_keys)
    elif _is_list(value) and value:
        for item in value:
            yield from _item(item, sort_keys=sort_keys)
    else:
        yield from _scalar(value)


def _entry(key: str, value: Any, *, sort_keys: bool) -> Iterator[str]:
    word = _word(key)
    if not _is_block(value):
        yield from _after(f"{word}:", value)
        return
    yield f"{word}:"
    indent = "  " if isinstance(value, Mapping) else ""
    yield from (indent + line if line else "" for line in _lines(value, sort_keys=sort_keys))


def _item(value: Any, *, sort_keys: bool) -> Iterator[str]:
    if not _is_block(value):
        yield from _after("-", value)
        return
    first, *rest = _lines(value, sort_keys=sort_keys)
    yield f"- {first}"
    yield from ("  " + line if line else "" for line in rest)


def _after(start: str, value: Any) -> Iterator[str]:
    first, *rest = _scalar(value)
    yield f"{start} {first}"
    yield from rest


def _scalar(value: Any) -> Iterator[str]:
    if not isinstance(value, str):
        yield json.dumps(value) if not isinstance(value, Mapping) and not _is_list(value) else _empty(value)
    elif "\n" in value[:-1] and _fits_block(value):
        yield from _block(value)
    else:
        yield _word(value)


def _block(text: str) -> Iterator[str]:
    """A literal block, indented: the sign after | says how many newlines stand at the end."""
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    yield "|" + ("-" if ends == 0 else "" if ends == 1 else "+")
    yield from ("  " + line if line else "" for line in body.split("\n"))
    yield from [""] * (ends - 1)


def _fits_block(text: str) -> bool:
    first = text.split("\n", 1)[0]
    return bool(first) and first[0] not in " \t" and bool(text.strip("\n")) and PRINTABLE.fullmatch(text) is not None


def _word(text: str) -> str:
    """Plain if it may be, in double quotes where it would not be a string, and else in single ones."""
    if not text or not PRINTABLE.fullmatch(text) or "\n" in text or not _is_string(text):
        return _quoted(text)
    return "'{}'".format(text.replace("'", "''")) if SPECIAL.match(text) else text


def _is_string(text: str) -> bool:
    """Whether every reader would take the plain word for a string."""
    try:
        return resolve(text) == text and text not in RESERVED and not DATED.match(text)
    except ValueError:
        return False


def _quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    return ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def _empty(value: Any) -> str:
    return "{}" if isinstance(value, Mapping) else "[]"


def _is_block(value: Any) -> bool:
    return bool(value) and (isinstance(value, Mapping) or _is_list(value))


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
