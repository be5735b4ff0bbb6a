"""Text for people before it is printed: lines, each with a tone that a terminal shows as a colour."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    """Columns as kubectl prints them: capital heads, three spaces between, nothing after the last."""
    everything = [head, *rows]
    widths = [max(len(row[place]) for row in everything) for place in range(len(head))]
    return [
        "   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in everything
    ]
