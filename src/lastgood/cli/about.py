"""Which lastgood this is. Answers ``lastgood version`` before anything else is imported."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from lastgood import __version__

API_VERSION = "lastgood.dev/v1"
"""Of every document that lastgood prints: within v1, fields are only added."""

QUICK = {
    ("version",): "text",
    ("--version",): "text",
    ("version", "-o", "text"): "text",
    ("version", "-o", "json"): "json",
    ("version", "-o", "yaml"): "yaml",
}
"""The spellings that need no parser; whatever else is written goes the long way, to the same answer."""


def quick_answer(arguments: Sequence[str]) -> str | None:
    """What to print at once, or None when these arguments ask for something else."""
    output = QUICK.get(tuple(arguments))
    return None if output is None else answer(output)


def answer(output: str) -> str:
    """The version as a line of text, or as a document in JSON or YAML, written by hand: it may import nothing."""
    python = ".".join(map(str, sys.version_info[:3]))
    if output == "text":
        return f"lastgood {__version__} (Python {python})\n"
    found = {"apiVersion": API_VERSION, "kind": "Version", "version": __version__, "python": python}
    if output == "yaml":
        return "".join(f'{key}: "{value}"\n' for key, value in found.items())
    fields = ",\n".join(f'  "{key}": "{value}"' for key, value in found.items())
    return f"{{\n{fields}\n}}\n"
