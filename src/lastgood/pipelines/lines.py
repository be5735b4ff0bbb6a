"""Which line of a template a line of its rendered text comes from: found by rendering once more, with marks."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import accumulate

from lastgood.errors import InputError
from lastgood.model.resource import Origin
from lastgood.model.source import File, Source
from lastgood.pipelines.bundling import rendered

ACTION = re.compile(r"(\{\{.*?\}\})", re.DOTALL)
# Marks are characters for private use, which no manifest has and no template touches.
START, END = "\ue000", "\ue001"
MARK = re.compile(f"{START}(\\d+):(\\d+){END}")


def template_line(source: Source, template: File, text: str, line: int) -> Origin | None:
    """The place in a template that made a line of ``text``; None where that cannot be told for sure.

    Rendered texts differ from marked ones in their marks and in blanks: so the characters that are no blanks are
    counted, from the start, or from the end where something before differs (a hash of included text does).
    """
    if template.text == text:
        return Origin(template.name, line)
    marked = _rendered_with_marks(source, template)
    wanted = _blankless(text.split("\n")[line - 1])
    if marked is None or not wanted:
        return None
    before, whole = _blankless("\n".join(text.split("\n")[: line - 1])), _blankless(text)
    for start in (len(before), len(marked) - (len(whole) - len(before))):
        owner = _owner(marked, start, wanted)
        if owner:
            return Origin(source.files[owner[0]].name, owner[1])
    return None


Marked = list[tuple[str, tuple[int, int] | None]]
"""Characters that are no blanks, each with the file and line of the mark before it."""


def _owner(marked: Marked, start: int, wanted: str) -> tuple[int, int] | None:
    found = marked[max(start, 0) : start + len(wanted)]
    return found[0][1] if found and "".join(character for character, _ in found) == wanted else None


def _rendered_with_marks(source: Source, template: File) -> Marked | None:
    files = tuple(File(file.name, _with_marks(file.text, place)) for place, file in enumerate(source.files))
    try:
        texts = {file.name: file.text for file in rendered(replace(source, files=files))}
    except InputError:
        return None
    return _owned(texts[template.name])


def _with_marks(text: str, place: int) -> str:
    """The text with a mark at the start of every line, but for lines that start within an action."""
    parts = ACTION.split(text)
    lines = accumulate((part.count("\n") for part in parts), initial=1)
    marked = (
        part if number % 2 else _marked_lines(part, place, line)
        for number, (part, line) in enumerate(zip(parts, lines, strict=False))
    )
    return f"{START}{place}:1{END}" + "".join(marked)


def _marked_lines(text: str, place: int, line: int) -> str:
    first, *rest = text.split("\n")
    return first + "".join(f"\n{START}{place}:{line + number}{END}{one}" for number, one in enumerate(rest, 1))


def _owned(text: str) -> Marked:
    owned: Marked = []
    owner: tuple[int, int] | None = None
    for number, part in enumerate(MARK.split(text)):
        if number % 3 == 0:
            owned += [(character, owner) for character in part if not character.isspace()]
        elif number % 3 == 1:
            owner = (int(part), 0)
        elif owner:
            owner = (owner[0], int(part))
    return owned


def _blankless(text: str) -> str:
    return "".join(text.split())
