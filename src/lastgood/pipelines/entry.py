"""A mapping of a file as a frozen value: its words are still words, nothing is evaluated, and each knows its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lastgood.parsing import Word as Unquoted
from lastgood.parsing.scalars import NULL
from lastgood.pipelines.nodes import Word
from lastgood.pipelines.spots import Spot


@dataclass(frozen=True, slots=True)
class Entry:
    """A mapping. What is asked for and is not there, or is of another shape, is empty: who reads has checked it before.

    Where a key has a default, it stands there as if it had been written.
    """

    spot: Spot
    fields: tuple[tuple[str, Value], ...] = ()

    def __contains__(self, key: str) -> bool:
        return any(name == key for name, _ in self.fields)

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self.fields)

    def get(self, key: str) -> Value | None:
        """Whatever stands under a key."""
        return next((value for name, value in self.fields if name == key), None)

    def word(self, key: str) -> Word:
        """The text under a key."""
        found = self.get(key)
        return found if isinstance(found, Word) else Word("", self.spot.at(key))

    def words(self, key: str) -> tuple[Word, ...]:
        """The texts of the list under a key."""
        return tuple(one for one in self._items(key) if isinstance(one, Word))

    def entry(self, key: str) -> Entry:
        """The mapping under a key."""
        found = self.get(key)
        return found if isinstance(found, Entry) else Entry(self.spot.at(key))

    def entries(self, key: str) -> tuple[Entry, ...]:
        """The mappings of the list under a key."""
        return tuple(one for one in self._items(key) if isinstance(one, Entry))

    def plain(self) -> dict[str, Any]:
        """The same as mappings, lists and strings."""
        return {name: _plain(value) for name, value in self.fields}

    def _items(self, key: str) -> tuple[Value, ...]:
        found = self.get(key)
        return found if isinstance(found, tuple) else ()


Value = Word | Entry | tuple["Value", ...]
"""What stands under a key: a text, a mapping, or a list. Hashable all through."""


def is_null(value: Any) -> bool:
    """Whether nothing stands there; quotes make a word of anything."""
    return value is None or (isinstance(value, Unquoted) and value in NULL)


def says_nothing(value: Any) -> bool:
    """Whether leaving it out would mean the same: it is empty, or whatever is in it is."""
    if isinstance(value, Mapping):
        return all(map(says_nothing, value.values()))
    return is_null(value) or (isinstance(value, str | list) and not value)


def value_of(value: Any, spot: Spot) -> Value:
    """A parsed value, frozen. What is null is left out of mappings, and is an empty text in lists."""
    if isinstance(value, Mapping):
        found = ((key, value_of(one, spot.at(key))) for key, one in value.items() if not is_null(one))
        return Entry(spot, tuple(found))
    if isinstance(value, list):
        return tuple(value_of(one, spot.at(place)) for place, one in enumerate(value))
    return Word("" if is_null(value) else str(value), spot)


def _plain(value: Value) -> Any:
    if isinstance(value, Word):
        return value.text
    return value.plain() if isinstance(value, Entry) else [_plain(one) for one in value]
