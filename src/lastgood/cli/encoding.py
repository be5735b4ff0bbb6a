"""Answers as text for programs: JSON, JSON lines, YAML, names. Nothing in it steers a terminal. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

from lastgood.cli.documents import envelope
from lastgood.cli.lines import Line
from lastgood.cli.masking import OPEN, Masks
from lastgood.cli.page import Named, Page

Printed = dict[str, Any] | list[dict[str, Any]]
"""A document: with what it is in front, or a bare list."""

# JSON allows these in strings as they are; terminals, and readers that split lines, take some of them for commands.
UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def as_json(page: Page, masks: Masks = OPEN) -> str:
    """The document for people who read JSON: one field on a line."""
    return _json(_document(page, masks), indent=2)


def as_line(page: Page, masks: Masks = OPEN) -> str:
    """The document as the last of the lines of a run."""
    return to_line(_document(page, masks))


def as_yaml(page: Page, masks: Masks = OPEN) -> str:
    """The same document; text of several lines stands as a block, and what could be misread is quoted."""
    from lastgood.emitting import emit  # noqa: PLC0415  # brings the parser of YAML with it

    return emit(_document(page, masks))


def as_names(page: Page, masks: Masks = OPEN) -> str:
    """One name on a line."""
    assert isinstance(page, Named), f"{type(page).__name__} has no names"
    return "".join(f"{masks.text(Line(name).printable)}\n" for name in page.names())


def to_line(document: Printed) -> str:
    """A document as one line of JSON."""
    return _json(document, indent=None)


def _document(page: Page, masks: Masks) -> Printed:
    found: Printed = masks.document(page.document())
    return found if isinstance(found, list) else envelope(page.kind, found)


def _json(document: Printed, *, indent: int | None) -> str:
    text = json.dumps(document, indent=indent, ensure_ascii=False)
    return UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"
