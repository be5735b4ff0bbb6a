"""The words for strings that an expression may say after a dot: ``<+env.name.toUpperCase()>``. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

Value = str | bool | int | float | list[str] | None
"""What a part of a calculation comes to."""

LARGEST = 256 * 1024
NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
FALSE = ("", "false", "null")
LONGEST_MATCHED = 4096
"""How long a text may be that is compared with a pattern."""


class Unusable(ValueError):
    """A value does not serve for what is asked of it; the message is a clause."""


def number(value: Value) -> int | float:
    """The number that a value is or spells. Raises ``Unusable``."""
    text = str(value)
    if isinstance(value, bool) or not NUMBER.fullmatch(text):
        raise Unusable(f'has "{value}" where a number is expected')
    return float(text) if "." in text else int(text)


def truth(value: Value) -> bool:
    """Whether a value is true. Raises ``Unusable`` for a text that says neither true nor false."""
    text = str(value).lower() if value is not None else ""
    if text not in ("true", *FALSE):
        raise Unusable(f'has "{value}" where true or false is expected')
    return text == "true"


def _text(value: Value) -> str:
    if isinstance(value, list):
        raise Unusable("has a list where a text is expected")
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _split(value: Value, by: Value) -> list[str]:
    return _text(value).split(_text(by)) if _text(by) else list(_text(value))


def _get(value: Value, place: Value) -> str:
    items = value if isinstance(value, list) else list(_text(value))
    index = number(place)
    if not isinstance(index, int) or not 0 <= index < len(items):
        raise Unusable(f"asks for part {place} of {len(items)}")
    return items[index]


def _substring(value: Value, start: Value, end: Value = None) -> str:
    text = _text(value)
    first, last = number(start), len(text) if end is None else number(end)
    if not (isinstance(first, int) and isinstance(last, int) and 0 <= first <= last <= len(text)):
        raise Unusable(f'asks for characters {start} to {last} of "{text}"')
    return text[first:last]


def _replace(value: Value, old: Value, new: Value) -> str:
    text = _text(value).replace(_text(old), _text(new))
    if len(text) > LARGEST:
        raise Unusable(f"makes more than {LARGEST // 1024} KiB")
    return text


def _matches(value: Value, pattern: Value) -> bool:
    """The whole text, as JEXL's ``=~`` has it."""
    text = _text(value)
    if len(text) > LONGEST_MATCHED:
        raise Unusable("compares a very long text with a pattern")
    try:
        return bool(re.fullmatch(_text(pattern), text, re.DOTALL))
    except re.error as error:
        raise Unusable(f'has the pattern "{pattern}", which cannot be read: {error}') from error


def _counted(function: Callable[..., Value], word: str, least: int, most: int | None = None) -> Callable[..., Value]:
    """The same, once the number of arguments is right."""

    def checked(value: Value, *arguments: Value) -> Value:
        if not least <= len(arguments) <= (most or least):
            raise Unusable(f"has {word}() with {len(arguments)} arguments, and it takes {least}")
        return function(value, *arguments)

    return checked


_WORDS: dict[str, tuple[Callable[..., Value], int, int | None]] = {
    "toUpperCase": (lambda value: _text(value).upper(), 0, None),
    "toLowerCase": (lambda value: _text(value).lower(), 0, None),
    "trim": (lambda value: _text(value).strip(), 0, None),
    "length": (lambda value: len(value if isinstance(value, list) else _text(value)), 0, None),
    "size": (lambda value: len(value if isinstance(value, list) else _text(value)), 0, None),
    "isEmpty": (lambda value: not (value if isinstance(value, list) else _text(value)), 0, None),
    "contains": (lambda value, part: _text(part) in (value if isinstance(value, list) else _text(value)), 1, None),
    "startsWith": (lambda value, part: _text(value).startswith(_text(part)), 1, None),
    "endsWith": (lambda value, part: _text(value).endswith(_text(part)), 1, None),
    "equals": (lambda value, other: _text(value) == _text(other), 1, None),
    "equalsIgnoreCase": (lambda value, other: _text(value).lower() == _text(other).lower(), 1, None),
    "concat": (lambda value, other: _text(value) + _text(other), 1, None),
    "indexOf": (lambda value, part: _text(value).find(_text(part)), 1, None),
    "lastIndexOf": (lambda value, part: _text(value).rfind(_text(part)), 1, None),
    "matches": (_matches, 1, None),
    "replace": (_replace, 2, None),
    "substring": (_substring, 1, 2),
    "split": (_split, 1, None),
    "get": (_get, 1, None),
}
WORDS: dict[str, Callable[..., Value]] = {word: _counted(one[0], word, one[1], one[2]) for word, one in _WORDS.items()}
"""By its name: the value, then the arguments. Each raises ``Unusable``."""
