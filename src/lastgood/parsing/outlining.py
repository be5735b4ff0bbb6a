"""Text becomes documents whose keys are noted, each with its line and column: for files of our own. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from lastgood.parsing.building import Builder, Frame
from lastgood.parsing.documents import Document, parse_with
from lastgood.parsing.scalars import Word

Steps = tuple[str | int, ...]
"""The way to a field of a document: keys, and numbers of elements from 0."""


class Mark(NamedTuple):
    """Where something starts: a line and a column, both from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Outline:
    """The documents of a file, where the keys and elements of the last one stand, and its keys that stand twice."""

    documents: tuple[Document, ...]
    marks: dict[Steps, Mark]
    repeated: tuple[tuple[Steps, Mark], ...]

    def mark(self, steps: Steps) -> Mark:
        """Where a field stands, or the closest one above it that is written there."""
        known = (self.marks[steps[:length]] for length in range(len(steps), -1, -1) if steps[:length] in self.marks)
        return next(known, Mark(1, 1))


def outline(text: str, file: str) -> Outline:
    """The documents of a text with their keys noted. An unquoted scalar is a ``Word``, every other one a ``str``.

    A key that stands twice is noted too, and its first value counts. Raises ``ManifestError`` as ``parse`` does.
    """
    outliner = Outliner(Word)
    documents = parse_with(outliner, text, file)
    return Outline(documents, outliner.marks, tuple(outliner.repeated))


class Outliner(Builder):
    """A builder that notes where the keys and the elements of a document stand."""

    def _begin(self, line: int) -> None:
        super()._begin(line)
        self.marks: dict[Steps, Mark] = {}
        self.repeated: list[tuple[Steps, Mark]] = []
        self._column = 1
        self._muted_at = 0  # how many were open at a key that stands twice, whose value is not noted; 0 is no such

    def _mark(self, event: Any) -> None:
        super()._mark(event)
        self._column = event.start_mark.column + 1
        if not self._open or isinstance(self._open[-1].value, list):
            self._note()

    def _put(self, value: Any, weight: int, height: int) -> None:
        is_key = self._expects_key()
        super()._put(value, weight, height)
        if is_key:
            self._note_key(self._open[-1])

    def _note_key(self, frame: Frame) -> None:
        if frame.key not in frame.lines:
            self._note()
        elif not self._muted_at:
            self.repeated.append((self._steps(), Mark(self.line, self._column)))
            self._muted_at = len(self._open)

    def _repeat(self, frame: Frame, key: str) -> None:
        """It was noted when the key was read: now its value is."""
        if len(self._open) == self._muted_at:
            self._muted_at = 0

    def _note(self) -> None:
        if not self._muted_at:
            self.marks[self._steps()] = Mark(self.line, self._column)

    def _steps(self) -> Steps:
        return tuple(_step(frame) for frame in self._open)


def _step(frame: Frame) -> str | int:
    if isinstance(frame.value, list):
        return len(frame.value)
    return frame.key if isinstance(frame.key, str) else "<<"
