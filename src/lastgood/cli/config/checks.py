"""How the value of a key is checked: the same that its flag accepts, in the same words. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lastgood.cli import durations
from lastgood.cli.words import one_line, shortened
from lastgood.parsing import Word, resolve
from lastgood.parsing.scalars import NULL, NotJson

LONGEST_SHOWN = 40


class Wrong(ValueError):
    """Not what is expected; with a sentence where "expected this, found that" would not do."""


@dataclass(frozen=True, slots=True)
class Check:
    """What is expected, as a message says it, and how it is read.

    ``read`` takes a ``Word`` where the value is not quoted and a ``str`` where it is; it raises ``Wrong`` or another
    ``ValueError``. ``words`` are all that there are, where they are few.
    """

    expected: str
    read: Callable[[str], Any]
    words: tuple[str, ...] = ()


def text(expected: str) -> Check:
    """Any word as it is written, quoted or not: ``1.10`` stays that. Never nothing."""

    def read(value: str) -> str:
        if is_null(value) or not value:
            raise Wrong
        if "\0" in value:
            raise Wrong("holds a control character")
        return str(value)

    return Check(expected, read)


def setting() -> Check:
    """Text that may be empty, if quotes say so."""

    def read(value: str) -> str:
        if is_null(value):
            raise Wrong('has no value; write "" for an empty one')
        return str(value)

    return Check("text", read)


def boolean() -> Check:
    """Yes or no, as kubectl reads them; not in quotes."""

    def read(value: str) -> bool:
        meant = _meant(value)
        if not isinstance(meant, bool):
            raise Wrong
        return meant

    return Check("true or false", read)


def number(*, least: int) -> Check:
    """A whole number; not in quotes."""

    def read(value: str) -> int:
        meant = _meant(value)
        if not isinstance(meant, int) or isinstance(meant, bool) or meant < least:
            raise Wrong
        return meant

    return Check(f"a whole number, {least} or more", read)


def duration(*, positive: bool = False) -> Check:
    """Seconds, written as Go writes durations."""

    def read(value: str) -> float:
        if is_null(value):
            raise Wrong
        seconds = durations.parse(str(value))
        if positive and not seconds:
            raise Wrong("must be longer than nothing")
        return seconds

    return Check("a duration: 90s, 10m or 1h30m", read)


def one_of(*words: str) -> Check:
    """One of few words."""

    def read(value: str) -> str:
        if value not in words:
            raise Wrong
        return str(value)

    *others, last = words
    return Check(f"{', '.join(others)} or {last}" if others else last, read, words)


def is_null(value: Any) -> bool:
    """Whether nothing stands there; quotes make a word of anything."""
    return isinstance(value, Word) and value in NULL


def _meant(value: str) -> Any:
    """What an unquoted word means; None for what is quoted, or no value of JSON."""
    try:
        return resolve(value) if isinstance(value, Word) else None
    except NotJson:
        return None


def described(value: Any) -> str:
    """A value as a message names it, shortened."""
    if is_null(value):
        return "nothing"
    if isinstance(value, str):
        shown = shortened(one_line(value), LONGEST_SHOWN)
        return shown if isinstance(value, Word) else f'"{shown}" in quotes' if shown else '""'
    return "a mapping" if isinstance(value, dict) else "a list"
