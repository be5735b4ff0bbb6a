"""YAML and JSON text become plain values, exactly as kubectl reads them. Pure.

``parse`` is the verb; ``decode`` turns a file's bytes into text, ``find`` says afterwards where a field stands, and
``outline`` reads a file of our own, in which every mistake is to be told with its line and column.
Memory and time are bounded: by the size of a text, by how deep it is nested, by what its aliases expand to.
"""

from __future__ import annotations

from lastgood.parsing.documents import Document, parse
from lastgood.parsing.outlining import Mark, Outline, Steps, outline
from lastgood.parsing.places import Place, find
from lastgood.parsing.scalars import Word, as_written, resolve
from lastgood.parsing.text import LARGEST, decode

__all__ = [
    "LARGEST",
    "Document",
    "Mark",
    "Outline",
    "Place",
    "Steps",
    "Word",
    "as_written",
    "decode",
    "find",
    "outline",
    "parse",
    "resolve",
]
