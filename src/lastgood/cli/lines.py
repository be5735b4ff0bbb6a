"""Text for people before it is printed: lines, each with a tone that a terminal shows as a colour."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from enum import StrEnum

NARROWEST_CELL = 3


class Tone(StrEnum):
    """What a line is about."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    CHANGED = "changed"
    QUIET = "quiet"
    STRONG = "strong"


@dataclass(frozen=True, slots=True)
class Line:
    """One line, without its end."""

    text: str = ""
    tone: Tone = Tone.PLAIN

    @property
    def printable(self) -> str:
        """The text with control characters spelled out: a log or a label must not steer the terminal."""
        return self.text if self.text.isprintable() else "".join(map(_shown, self.text))

    def indented(self, spaces: int) -> Line:
        """The same line further to the right."""
        return Line(" " * spaces + self.text, self.tone)


def _shown(character: str) -> str:
    if character.isprintable() or character == "\t":
        return character
    return character.encode("unicode_escape", "backslashreplace").decode()


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under heads. Of all columns the last one may be long, and it is what a narrow terminal folds."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    tones: tuple[Tone, ...]

    def __post_init__(self) -> None:
        rows = tuple(tuple(Line(cell).printable for cell in row) for row in self.rows)
        object.__setattr__(self, "rows", rows)  # measured as it will be printed

    def lines(self, columns: int | None = None) -> list[Line]:
        """As lines: within so many columns on a terminal, whole for everybody else."""
        head, *rows = table(self.head, list(self.rows))
        if columns is None or max(len(line) for line in (head, *rows)) <= columns:
            return [Line(head, Tone.STRONG), *map(Line, rows, self.tones)]
        return self._folded(columns)

    def _folded(self, columns: int) -> list[Line]:
        """The last column beneath the others, which are cut where even they are too wide."""
        short = [row[:-1] for row in (self.head, *self.rows)]
        widths = _fitting([max(map(len, column)) for column in zip(*short, strict=True)], columns)
        head, *rows = ["  ".join(_cut(cell, width) for cell, width in zip(row, widths, strict=True)) for row in short]
        lines = [Line(head.rstrip(), Tone.STRONG)]
        for row, whole, tone in zip(rows, self.rows, self.tones, strict=True):
            lines += [Line(one, tone) for one in (row.rstrip(), *_beneath(whole[-1], columns))]
        return lines


def _fitting(widths: list[int], columns: int) -> list[int]:
    """Widths that fit beside each other with two spaces between: the widest give way."""
    narrower = list(widths)
    while sum(narrower) + 2 * (len(narrower) - 1) > columns and max(narrower) > NARROWEST_CELL:
        narrower[narrower.index(max(narrower))] -= 1
    return narrower


def _cut(cell: str, width: int) -> str:
    return cell.ljust(width) if len(cell) <= width else f"{cell[: width - 1]}…"


def _beneath(cell: str, columns: int) -> list[str]:
    """A long cell, further in, on a few lines; ``show`` has all of it."""
    return textwrap.wrap(
        cell, max(columns, 12), initial_indent="    ", subsequent_indent="    ", max_lines=3, placeholder="…"
    )


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    """Columns as kubectl prints them: capital heads, three spaces between, nothing after the last."""
    everything = [head, *rows]
    widths = [max(len(row[place]) for row in everything) for place in range(len(head))]
    return [
        "   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in everything
    ]
