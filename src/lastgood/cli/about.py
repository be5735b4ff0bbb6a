"""Which lastgood this is. Answers ``lastgood version`` before anything else is imported."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from lastgood import __version__

QUICK = {
    ("version",): "text",
    ("--version",): "text",
    ("version", "-o", "text"): "text",
    ("version", "-o", "json"): "json",
}
"""The spellings that need no parser; whatever else is written goes the long way, to the same answer."""


def quick_answer(arguments: Sequence[str]) -> str | None:
    """What to print at once, or None when these arguments ask for something else."""
    output = QUICK.get(tuple(arguments))
    return None if output is None else answer(output)


def answer(output: str) -> str:
    """The version as a line of text, or as a JSON document."""
    python = ".".join(map(str, sys.version_info[:3]))
    if output == "text":
        return f"lastgood {__version__} (Python {python})\n"
    return f'{{\n  "version": "{__version__}",\n  "python": "{python}"\n}}\n'
