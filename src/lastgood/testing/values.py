"""Copies of decoded JSON. Pure."""

from __future__ import annotations

from typing import TypeVar

V = TypeVar("V")


def copied(value: V) -> V:
    """The same value, sharing nothing that can be changed."""
    if isinstance(value, dict):
        return {name: copied(inside) for name, inside in value.items()}  # type: ignore[return-value]
    if isinstance(value, list):
        return [copied(item) for item in value]  # type: ignore[return-value]
    return value
