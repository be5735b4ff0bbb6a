"""Conditions as they stand in annotations become questions to a body. Pure.

``${json.select("$..status.phase", response) == "Ready" && …}``, with ``!``, ``==``, ``!=``, ``<``, ``<=``, ``>``,
``>=``, ``&&``, ``||`` and parentheses. A path that finds one value stands for it, one that finds nothing for null.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from lastgood.ruling.json_path import Unreadable, compiled

Value = Callable[[Any], Any]

LONGEST, DEEPEST = 4000, 40
"""Characters of a condition, and parentheses in parentheses."""

_TOKEN = re.compile(
    r"""\s*(?:(?P<sign>&&|\|\||==|!=|<=|>=|[<>!(),])
    |(?P<text>"[^"]*"|'[^']*')
    |(?P<number>-?\d+(?:\.\d+)?)
    |(?P<word>[A-Za-z_][\w.]*))""",
    re.VERBOSE,
)
_SIGNS: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_WORDS: Mapping[str, Any] = {"true": True, "false": False, "null": None}


def condition(text: str) -> Callable[[Any], bool]:
    """The question that a condition asks. Raises ``Unreadable``."""
    inner = text.strip()
    before = len(text) - len(text.lstrip())
    if inner.startswith("${") and inner.endswith("}"):
        inner, before = inner[2:-1], before + 2
    if len(inner) > LONGEST:
        raise Unreadable(f"is longer than {LONGEST} characters", LONGEST)
    try:
        value = _read(inner)
    except Unreadable as error:
        raise Unreadable(str(error), error.at + before) from None
    return lambda body: value(body) is True


def _read(text: str) -> Value:
    reader = _Reader(text)
    value = reader.either()
    reader.need_end()
    return value


class _Reader:
    """Reads a condition from left to right, by what binds least first."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._depth = text, 0, 0

    def either(self) -> Value:
        value = self._both()
        while self._take("||"):
            value = _or(value, self._both())
        return value

    def need_end(self) -> None:
        if self._text[self._at :].strip():
            raise self._unreadable("expected && or ||")

    def _both(self) -> Value:
        value = self._compared()
        while self._take("&&"):
            value = _and(value, self._compared())
        return value

    def _compared(self) -> Value:
        left = self._one()
        for sign in ("==", "!=", "<=", ">=", "<", ">"):
            if self._take(sign):
                return _compare(sign, left, self._one())
        return left

    def _one(self) -> Value:
        if self._take("!"):
            value = self._one()
            return lambda body: value(body) is not True
        if self._take("("):
            self._deeper()
            value = self.either()
            self._need(")")
            self._depth -= 1
            return value
        return self._operand()

    def _operand(self) -> Value:
        found = _TOKEN.match(self._text, self._at)
        if found is None or found["sign"]:
            raise self._unreadable("expected a value")
        if found["word"] == "json.select":
            self._at = found.end()
            return self._select()
        if found["word"] and found["word"] not in _WORDS:
            raise self._unreadable(f"there is no {found['word']}: expected json.select(PATH, response)")
        self._at = found.end()
        return _constant(found)

    def _select(self) -> Value:
        self._need("(")
        found = _TOKEN.match(self._text, self._at)
        if found is None or not found["text"]:
            raise self._unreadable("expected a path in quotes")
        try:
            select = compiled(found["text"][1:-1])
        except Unreadable as error:
            raise Unreadable(str(error), found.start("text") + 1 + error.at) from error
        self._at = found.end()
        self._need(",")
        if self._token() != "response":
            raise self._unreadable("expected response")
        self._at = self._end()
        self._need(")")
        return lambda body: _only(select(body))

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._unreadable(f"more than {DEEPEST} parentheses in each other")

    def _take(self, sign: str) -> bool:
        if self._token() != sign:
            return False
        self._at = self._end()
        return True

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            raise self._unreadable(f"expected {sign}")

    def _token(self) -> str:
        found = _TOKEN.match(self._text, self._at)
        return found[0].strip() if found else ""

    def _end(self) -> int:
        found = _TOKEN.match(self._text, self._at)
        return found.end() if found else len(self._text)

    def _unreadable(self, message: str) -> Unreadable:
        at = len(self._text) - len(self._text[self._at :].lstrip())
        there = f"found {self._token() or self._text[at : at + 1]!r}" if at < len(self._text) else "it ends there"
        return Unreadable(f"{message}, {there}", at)


def _constant(found: re.Match[str]) -> Value:
    if found["text"]:
        value: Any = found["text"][1:-1]
    elif found["number"]:
        value = float(found["number"]) if "." in found["number"] else int(found["number"])
    else:
        value = _WORDS[found["word"]]
    return lambda _body: value


def _only(found: list[Any]) -> Any:
    return found[0] if len(found) == 1 else found or None


def _or(left: Value, right: Value) -> Value:
    return lambda body: left(body) is True or right(body) is True


def _and(left: Value, right: Value) -> Value:
    return lambda body: left(body) is True and right(body) is True


def _compare(sign: str, left: Value, right: Value) -> Value:
    if sign in _SIGNS:
        return lambda body: _in_order(sign, left(body), right(body))
    return lambda body: _is_same(left(body), right(body)) is (sign == "==")


def _is_same(one: Any, other: Any) -> bool:
    """As the values read: ``"2"`` is 2, and ``"true"`` true. What is not there is the same as nothing."""
    if one is None or other is None:
        return one is other
    if isinstance(one, str) is not isinstance(other, str):
        return _spelled(one) == _spelled(other)
    return bool(one == other) and isinstance(one, bool) is isinstance(other, bool)


def _spelled(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _in_order(sign: str, one: Any, other: Any) -> bool:
    both = (one, other)
    is_fit = all(isinstance(value, int | float) and not isinstance(value, bool) for value in both)
    return is_fit and bool(_SIGNS[sign](one, other))
