"""Variables of services, environments, stages and pipelines. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from lastgood.pipelines.contents import VARIABLE_TYPES
from lastgood.pipelines.entry import Entry
from lastgood.pipelines.mistake import LINE, Mistake
from lastgood.pipelines.nodes import Word
from lastgood.pipelines.shape import Fields, Items, Key, choice, for_people, matching, text, truth

NAME = r"[a-zA-Z_][0-9a-zA-Z_.$-]{0,127}"


def _without_value(variable: Entry) -> Iterator[Mistake]:
    required = variable.word("required").text.lower() == "true"
    if required and not (variable.word("value").text or variable.word("default").text):
        yield Mistake(variable.spot.at("value").steps, "is missing, and the variable says that it is required")


VARIABLE = Fields(
    (
        Key("name", matching(NAME, "a name: letters, digits, _, ., $ and -", literal=True), required=True),
        Key("type", choice(*VARIABLE_TYPES, literal=True), default=VARIABLE_TYPES[0]),
        Key("value", text(empty=True)),
        Key("default", text(empty=True)),
        Key("required", truth(), default="false"),
        for_people("description"),
    ),
    (_without_value,),
)


def variables(key: str = "variables") -> Key:
    """The key of a list of variables."""
    return Key(key, Items(VARIABLE))


def distinct(entry: Entry) -> Iterator[Mistake]:
    """A rule: no two ``variables`` of a mapping are called alike."""
    yield from twice(entry.entries("variables"), "name", "variables")


def twice(entries: tuple[Entry, ...], key: str, noun: str) -> Iterator[Mistake]:
    """A mistake for each entry that is called like one before it."""
    seen: dict[str, Word] = {}
    for entry in entries:
        word = entry.word(key)
        first = seen.setdefault(word.text, word) if word.text else word
        if first is not word:
            sentence = f"there are two {noun} called {word.text}, the first in line {LINE}"
            yield Mistake(word.spot.steps, sentence, other=first.spot.steps)
