"""What may stand in a file of a pipeline, as data: the shape of each value, and what each key means here. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lastgood.pipelines.bundling import FALSE, TRUE
from lastgood.pipelines.entry import Entry
from lastgood.pipelines.mistake import Mistake
from lastgood.pipelines.nodes import IDENTIFIER
from lastgood.pipelines.timeouts import EXPECTED, seconds_of

NAME = re.compile(r"[a-zA-Z_0-9.-][-0-9a-zA-Z_\s.]{0,127}", re.ASCII)


class Standing(StrEnum):
    """What becomes of a key, in the words of the table that documents it."""

    HONOURED = "supported"
    BETTER = "better"
    DESCRIPTIVE = "for people"
    MEANINGLESS = "no meaning"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text of some form. ``problem`` gives a sentence for what does not fit, else nothing.

    An expression fits everywhere unless ``literal``. ``words`` are all that there are, where they are few; ``refused``
    are words that the product knows, with the sentence why they cannot stand here.
    """

    expected: str
    problem: Callable[[str], str] = lambda text: ""
    words: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    literal: bool = False
    may_be_empty: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    of: Shape
    least: int = 0


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping with these keys. ``rules`` tell what is wrong with it as a whole."""

    keys: tuple[Key, ...] = ()
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Tagged:
    """A mapping whose ``type`` says what stands in its ``spec``, beside other keys.

    ``refused`` are types that the product knows, with the sentence why they cannot stand here.
    """

    noun: str
    cases: Mapping[str, Fields]
    refused: Mapping[str, str] = field(default_factory=dict)
    keys: tuple[Key, ...] = ()
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A mapping with exactly one of these keys: ``- step: {...}``."""

    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """A mapping of any keys to texts."""


@dataclass(frozen=True, slots=True)
class Free:
    """Whatever it is."""

    expected: str = "anything"


@dataclass(frozen=True, slots=True)
class Later:
    """A shape that holds itself somewhere below."""

    shape: Callable[[], Shape]


Shape = Scalar | Items | Fields | Tagged | Wrapped | Words | Free | Later
Rule = Callable[[Entry], Iterator[Mistake]]
"""What is wrong with a mapping as a whole; it may be of any shape, and what is not there is empty."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a mapping: what may stand there, and what becomes of it.

    ``sentence`` says why it has no meaning or is refused, or how it is better. A key that is refused or has no meaning
    is only told of where it says something: not where its value is the default, or empty.
    """

    name: str
    shape: Shape
    required: bool = False
    default: str = ""
    standing: Standing = Standing.HONOURED
    sentence: str = ""


def keys_of(shape: Shape, kind: str) -> tuple[Key, ...]:
    """The keys that a mapping of this shape may have when its ``type`` says ``kind``."""
    if isinstance(shape, Tagged):
        case = shape.cases.get(kind)
        return (*shape.keys, Key("spec", case)) if case is not None else shape.keys
    return shape.keys if isinstance(shape, Fields | Wrapped) else ()


# --- forms of text


def text(expected: str = "text", *, empty: bool = False) -> Scalar:
    """Any text as it is written."""
    return Scalar(expected, may_be_empty=empty)


def truth() -> Scalar:
    """True or false, as a boolean or a string."""
    known = (*TRUE, *FALSE)
    return Scalar("true or false", lambda found: "" if found.strip().lower() in known else "expected true or false")


def number(*, least: int = 0, most: int | None = None) -> Scalar:
    """A whole number, quoted or not."""
    expected = f"a whole number, {least} or more" if most is None else f"a whole number from {least} to {most}"

    def problem(found: str) -> str:
        fits = re.fullmatch(r"\d{1,9}", found.strip(), re.ASCII)
        return "" if fits and least <= int(found) <= (most if most is not None else int(found)) else _wanted(expected)

    return Scalar(expected, problem)


def duration() -> Scalar:
    """A time with its units."""

    def problem(found: str) -> str:
        try:
            seconds_of(found)
        except ValueError as error:
            return str(error)
        return ""

    return Scalar(EXPECTED, problem)


def choice(
    *words: str, refused: Mapping[str, str] | None = None, any_case: bool = False, literal: bool = False
) -> Scalar:
    """One of few words; ``any_case`` takes ``Undo`` for ``undo``."""
    *others, last = words
    expected = f"{', '.join(others)} or {last}" if others else last
    known = {word.lower() for word in words}

    def problem(found: str) -> str:
        return "" if found in words or (any_case and found.lower() in known) else _wanted(expected)

    return Scalar(expected, problem, words, refused or {}, literal)


def matching(pattern: str, expected: str, *, literal: bool = False) -> Scalar:
    """A text of one pattern."""
    compiled = re.compile(pattern, re.ASCII)
    return Scalar(expected, lambda found: "" if compiled.fullmatch(found) else _wanted(expected), literal=literal)


def identifier() -> Scalar:
    """What expressions call something."""
    return matching(
        IDENTIFIER.pattern, "an identifier: letters, digits and _, at most 128, and no digit first", literal=True
    )


def name() -> Scalar:
    """What people call something."""
    return matching(NAME.pattern, "a name: letters, digits, blanks, _, - and ., at most 128")


def _wanted(expected: str) -> str:
    return f"expected {expected}"


# --- what becomes of keys


def better(key: str, shape: Shape, sentence: str, *, required: bool = False, default: str = "") -> Key:
    """A key that is honoured, and more."""
    return Key(key, shape, required, default, Standing.BETTER, sentence)


def for_people(key: str, shape: Shape | None = None) -> Key:
    """A key that describes and does nothing, in the product as here."""
    return Key(key, shape or text(empty=True), standing=Standing.DESCRIPTIVE)


def meaningless(key: str, sentence: str, shape: Shape | None = None, *, default: str = "") -> Key:
    """A key with nothing here that it could be about; a warning says why."""
    return Key(key, shape or Free(), default=default, standing=Standing.MEANINGLESS, sentence=sentence)


def refused(key: str, sentence: str, shape: Shape | None = None, *, default: str = "") -> Key:
    """A key that cannot be honoured, so that a file that says it must not be run."""
    return Key(key, shape or Free(), default=default, standing=Standing.REFUSED, sentence=sentence)
