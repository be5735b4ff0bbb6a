"""What is rendered: texts with names, the values their templates see, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

CONFIG_FILE = "lastgood.yaml"
"""What a configuration is called in the folder it is about. It is never a manifest there."""


@dataclass(frozen=True, slots=True)
class File:
    """A text, and the name that it has in messages (``-`` is stdin)."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """Files that belong together, and the values their templates see.

    ``strict`` makes it an error to print a value that is not there; ``plain`` files are no templates at all.
    """

    files: tuple[File, ...]
    values: Mapping[str, Any] = field(default_factory=dict)
    strict: bool = True
    plain: bool = False


Render = Callable[[Source], tuple[File, ...]]
"""An entry of the catalogue of renderers: the same files, as YAML. Raises ``TemplateError``."""

NUMBER_MARKER = "lastgood-release-number"
"""Stands in resources for the number of the release, which is known only when the history is."""
