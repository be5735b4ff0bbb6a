"""Files that are YAML already. Pure."""

from __future__ import annotations

from lastgood.model.source import File, Source


def render(source: Source) -> tuple[File, ...]:
    """The files as they are; there is nothing to put values into."""
    return source.files
