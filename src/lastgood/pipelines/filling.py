"""A parsed value as an entry with the defaults of its shape. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lastgood.pipelines.entry import Entry, Value, is_null, value_of
from lastgood.pipelines.nodes import Word
from lastgood.pipelines.shape import Items, Key, Later, Shape, keys_of
from lastgood.pipelines.spots import Spot


def filled(value: Any, shape: Shape, spot: Spot) -> Value:
    """The value, frozen. A key with a default that is not written, or null, stands there with it."""
    if isinstance(shape, Later):
        return filled(value, shape.shape(), spot)
    if isinstance(shape, Items) and isinstance(value, list):
        return tuple(filled(one, shape.of, spot.at(place)) for place, one in enumerate(value))
    if isinstance(value, Mapping):
        return _entry(value, {key.name: key for key in keys_of(shape, str(value.get("type")))}, spot)
    return value_of(value, spot)


def _entry(value: Mapping[str, Any], keys: Mapping[str, Key], spot: Spot) -> Entry:
    written = {
        name: filled(one, keys[name].shape, spot.at(name)) if name in keys else value_of(one, spot.at(name))
        for name, one in value.items()
        if not is_null(one)
    }
    defaults = {key.name: Word(key.default, spot.at(key.name)) for key in keys.values() if key.default}
    return Entry(spot, tuple((defaults | written).items()))
