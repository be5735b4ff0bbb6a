"""Comparisons, conditions and the words for strings that may stand in an expression. Pure, and no ``eval``.

The signs and words are those of Apache JEXL that pipelines use: https://commons.apache.org/proper/commons-jexl/
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lastgood.pipelines.comparing import COMPARISONS, added
from lastgood.pipelines.string_words import WORDS, Unusable, Value, number, truth

DEEPEST = 50
"""How far brackets and negations may stand in each other."""

TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<number>\d+(?:\.\d+)?)(?![\w.-])
    | (?P<call>(?:secrets|configFile)\.\w+\(\s*(?:"[^"]*"|'[^']*')\s*\))
    | (?P<name>[A-Za-z_$][\w$-]*(?:\.[\w$-]+|\[\s*(?:"[^"]*"|'[^']*')\s*\])*)
    | (?P<sign>==|!=|<=|>=|=~|!~|&&|\|\||[-!?:()+<>,.\[\]])
    )""",
    re.VERBOSE | re.ASCII,
)
SPELLED = {"and": "&&", "or": "||", "not": "!", "eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">="}
LITERALS: dict[str, Value] = {"true": True, "false": False, "null": None}
OPERATORS = re.compile(r"==|!=|<=|>=|=~|!~|&&|\|\||[!?+]|\.\w+\(|\s(?:and|or|eq|ne|lt|gt|le|ge)\s|^\s*not\s")
QUOTED = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""")
CALL = re.compile(r"^\s*(?:secrets|configFile)\.\w+\(\s*\)\s*$")
ESCAPED = re.compile(r"\\(.)", re.DOTALL)

Thunk = Callable[[], Value]
"""A part of a calculation, worked out when its value is needed: what is not needed need not be known."""


class Unreadable(ValueError):
    """A text is no calculation, or one that cannot be worked out; the message is a clause."""


@dataclass(frozen=True, slots=True)
class Names:
    """Where values come from.

    ``nested`` evaluates a whole ``<+...>``, ``named`` a bare name; ``end`` finds where one ends that starts somewhere.
    """

    nested: Callable[[str], str]
    named: Callable[[str], str]
    end: Callable[[str, int], int]


def is_calculation(text: str, end: Callable[[str, int], int]) -> bool:
    """Whether there is more than a name in what stands between ``<+`` and ``>``."""
    bare = QUOTED.sub("", "".join(part for is_nested, part in _parts(text, end) if not is_nested))
    return bool(OPERATORS.search(bare)) and not CALL.match(bare)


def calculate(text: str, names: Names) -> Value:
    """What a text comes to. Raises ``Unreadable``, and whatever ``names`` raise for what is not known."""
    parser = _Parser(tuple(_tokens(text, names.end)), names)
    thunk = parser.choice(0)
    parser.finish()
    try:
        return thunk()
    except Unusable as error:
        raise Unreadable(str(error)) from error


def _parts(text: str, end: Callable[[str, int], int]) -> Iterator[tuple[bool, str]]:
    """The text in pieces, each with whether it is a nested expression."""
    position = 0
    while (start := text.find("<+", position)) >= 0:
        stop = end(text, start) + 1
        yield from ((False, text[position:start]), (True, text[start:stop]))
        position = stop
    yield False, text[position:]


def _tokens(text: str, end: Callable[[str, int], int]) -> Iterator[tuple[str, str]]:
    position = 0
    while text[position:].strip():
        position += len(text[position:]) - len(text[position:].lstrip())
        if text.startswith("<+", position):
            stop = end(text, position) + 1
            yield "nested", text[position:stop]
            position = stop
            continue
        found = TOKEN.match(text, position)
        if not found or not found.lastgroup:
            raise Unreadable(f"cannot be read from {text[position : position + 20].strip()!r} on")
        yield found.lastgroup, found[found.lastgroup]
        position = found.end()


@dataclass(slots=True)
class _Parser:
    """By precedence, from the loosest: ``? :``, ``||``, ``&&``, comparisons, ``+``, ``!``, words after a dot."""

    tokens: tuple[tuple[str, str], ...]
    names: Names
    position: int = field(default=0)

    def choice(self, depth: int) -> Thunk:
        if depth > DEEPEST:
            raise Unreadable("has too many brackets in each other")
        asked = self._either(depth)
        if not self._takes("?"):
            return asked
        then = self.choice(depth + 1)
        self._needs(":")
        other = self.choice(depth + 1)
        return lambda: then() if truth(asked()) else other()

    def finish(self) -> None:
        if self.position < len(self.tokens):
            raise Unreadable(f"has {self.tokens[self.position][1]} where nothing more is expected")

    def _either(self, depth: int) -> Thunk:
        parts = [self._both(depth)]
        while self._takes("||"):
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else lambda: any(truth(one()) for one in parts)

    def _both(self, depth: int) -> Thunk:
        parts = [self._compared(depth)]
        while self._takes("&&"):
            parts.append(self._compared(depth))
        return parts[0] if len(parts) == 1 else lambda: all(truth(one()) for one in parts)

    def _compared(self, depth: int) -> Thunk:
        left = self._sum(depth)
        sign = self._sign()
        if sign not in COMPARISONS:
            return left
        self.position += 1
        right = self._sum(depth)
        return lambda: COMPARISONS[sign](left(), right())

    def _sum(self, depth: int) -> Thunk:
        parts = [self._single(depth)]
        while self._takes("+"):
            parts.append(self._single(depth))
        return parts[0] if len(parts) == 1 else lambda: added([one() for one in parts])

    def _single(self, depth: int) -> Thunk:
        if depth > DEEPEST:
            raise Unreadable("has too many negations in each other")
        if self._takes("!"):
            negated = self._single(depth + 1)
            return lambda: not truth(negated())
        if self._takes("-"):
            positive = self._single(depth + 1)
            return lambda: -number(positive())
        return self._with_words(self._operand(depth), depth)

    def _operand(self, depth: int) -> Thunk:
        if self._takes("("):
            inner = self.choice(depth + 1)
            self._needs(")")
            return inner
        kind, text = self._next()
        if kind == "name" and self._sign() == "(":
            return self._word_of_name(text, depth)
        if kind not in OPERANDS:
            raise Unreadable(f"has {text or 'nothing'} where a value is expected")
        return OPERANDS[kind](text, self.names)

    def _word_of_name(self, text: str, depth: int) -> Thunk:
        """``a.b.toUpperCase(...)``: the last part of the name is a word."""
        name, _, word = text.rpartition(".")
        if not name:
            raise Unreadable(f"has {word}(), which is not known")
        return self._said(OPERANDS["name"](name, self.names), word, depth)

    def _with_words(self, value: Thunk, depth: int) -> Thunk:
        while self._sign() in (".", "["):
            if self._takes("["):
                place = self.choice(depth + 1)
                self._needs("]")
                value = _called("get", value, (place,))
                continue
            self.position += 1
            kind, word = self._next()
            if kind != "name":
                raise Unreadable(f"has {word or 'nothing'} after a dot")
            value = self._said(value, word, depth)
        return value

    def _said(self, value: Thunk, word: str, depth: int) -> Thunk:
        if word not in WORDS:
            near = difflib.get_close_matches(word, WORDS, n=1)
            meant = f"did you mean {near[0]}()?" if near else f"known are {', '.join(WORDS)}"
            raise Unreadable(f"has {word}(), which is not known: {meant}")
        self._needs("(")
        arguments: list[Thunk] = []
        while not self._takes(")"):
            if arguments:
                self._needs(",")
            arguments.append(self.choice(depth + 1))
        return _called(word, value, tuple(arguments))

    def _sign(self) -> str:
        if self.position >= len(self.tokens):
            return ""
        kind, text = self.tokens[self.position]
        return text if kind == "sign" else SPELLED.get(text, "") if kind == "name" else ""

    def _takes(self, sign: str) -> bool:
        if self._sign() != sign:
            return False
        self.position += 1
        return True

    def _needs(self, sign: str) -> None:
        if not self._takes(sign):
            found = self.tokens[self.position][1] if self.position < len(self.tokens) else "its end"
            raise Unreadable(f"has {found} where {sign} is expected")

    def _next(self) -> tuple[str, str]:
        if self.position >= len(self.tokens):
            return "", ""
        self.position += 1
        return self.tokens[self.position - 1]


def _called(word: str, value: Thunk, arguments: tuple[Thunk, ...]) -> Thunk:
    return lambda: WORDS[word](value(), *(one() for one in arguments))


def _of_name(text: str, names: Names) -> Thunk:
    if text in LITERALS:
        return lambda: LITERALS[text]
    return lambda: names.named(text)


def _constant(value: Value) -> Thunk:
    return lambda: value


OPERANDS: dict[str, Callable[[str, Names], Thunk]] = {
    "string": lambda text, names: lambda: names.nested(ESCAPED.sub(r"\1", text[1:-1])),
    "number": lambda text, _: _constant(number(text)),
    "nested": lambda text, names: lambda: names.nested(text),
    "call": lambda text, names: lambda: names.named(text),
    "name": _of_name,
}
