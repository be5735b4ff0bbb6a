"""A value of an input file with its place: asks for shapes, and says where they are not met. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lastgood.errors import SettingError
from lastgood.pipelines.spots import Spot

IDENTIFIER = re.compile(r"[a-zA-Z_][0-9a-zA-Z_]{0,127}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Word:
    """A string of the file, and where it stands."""

    text: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class Node:
    """A value of the file with its place; asks for shapes and says where they are not met."""

    value: Any
    spot: Spot

    def only(self, known: str) -> Node:
        """The same, once no key of it looks like a misspelled one."""
        keys = known.split()
        for key in self.value:
            if key not in keys:
                self._refuse_slip(key, keys)
        return self

    def _refuse_slip(self, key: str, known: list[str]) -> None:
        same = [one for one in known if _letters(one) == _letters(key)]
        near = same or difflib.get_close_matches(key, known, n=1, cutoff=0.85)
        if near and near[0] not in self.value:
            raise SettingError(f"{self.spot.at(key)}: there is no such key", hint=f"did you mean {near[0]}?")

    def mapping(self, key: str, *, required: bool = False) -> Node:
        """The mapping under a key; an empty one where nothing stands."""
        node = self._child(key, {}, required=required)
        return node if isinstance(node.value, Mapping) else node.refuse("a mapping is wanted here")

    def items(self, key: str) -> list[Node]:
        """The elements of the list under a key."""
        node = self._child(key, [])
        if not isinstance(node.value, list):
            asks = isinstance(node.value, str) and node.value.startswith("<+input>")
            node.refuse("a list is wanted here" + (", and none is given for <+input>" if asks else ""))
        return [Node(value, node.spot.at(place)) for place, value in enumerate(node.value)]

    def mappings(self, key: str) -> list[Node]:
        """The elements of a list of mappings."""
        nodes = self.items(key)
        return [one if isinstance(one.value, Mapping) else one.refuse("a mapping is wanted here") for one in nodes]

    def word(self, key: str, *, required: bool = False) -> Word:
        """The string under a key; an empty one where nothing stands."""
        node = self._child(key, "", required=required)
        return node.as_word()

    def words(self, key: str) -> tuple[Word, ...]:
        """The strings of a list."""
        return tuple(one.as_word() for one in self.items(key))

    def as_word(self) -> Word:
        """Itself, if it is a string."""
        if not isinstance(self.value, str):
            self.refuse("a string is wanted here")
        return Word(self.value, self.spot)

    def refuse(self, problem: str, hint: str = "") -> Node:
        """Raise what is wrong with it."""
        raise SettingError(f"{self.spot}: {problem}", hint=hint)

    def _child(self, key: str, empty: Any, *, required: bool = False) -> Node:
        value = self.value.get(key) if isinstance(self.value, Mapping) else None
        if value in (None, ""):
            if required:
                raise SettingError(f"{self.spot.at(key)}: is missing")
            value = empty
        return Node(value, self.spot.at(key))


def _letters(key: str) -> str:
    return key.lower().replace("_", "").replace("-", "")


def identifier(word: Word) -> str:
    """The word, if it may be an identifier. Raises ``SettingError``."""
    if not IDENTIFIER.fullmatch(word.text):
        hint = "letters, digits and _, at most 128, and no digit first"
        raise SettingError(f'{word.spot}: "{word.text}" is no identifier', hint=hint)
    return word.text
