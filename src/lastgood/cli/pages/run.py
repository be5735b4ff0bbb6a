"""How the run of a pipeline ended: each stage with its steps, and what nothing has rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from lastgood.cli import documents
from lastgood.cli.durations import spell
from lastgood.cli.lines import Line, Tone
from lastgood.cli.words import count
from lastgood.pipelines.journal import ROLLBACK, Journal, Mark, Note

TONES = {Mark.SUCCEEDED: Tone.GOOD, Mark.SKIPPED: Tone.QUIET, Mark.IGNORED: Tone.CHANGED}
WORDS = {Mark.ROLLED_BACK: "failed, and rolled back", Mark.IGNORED: "failed, which was ignored"}
NOT_BACK = 3


@dataclass(frozen=True, slots=True)
class RunPage:
    """A journal that is at its end; ``seconds`` is how long the command took."""

    kind: ClassVar[str] = "PipelineRun"
    journal: Journal
    seconds: float

    @property
    def exit_code(self) -> int:
        """0 when all went well, 1 when something failed; 3 when what was good before is not back."""
        if self.journal.mark is Mark.SUCCEEDED:
            return 0
        return NOT_BACK if any(map(self._is_not_back, self.journal.notes.values())) else 1

    def _is_not_back(self, note: Note) -> bool:
        """Whether a rollback did not do what it was to do, or none came after a deploy that had not undone itself."""
        around = (self.journal.note(note.path[:length]) for length in range(1, len(note.path)))
        undone = any(one is not None and one.mark is Mark.ROLLED_BACK for one in around)
        return (ROLLBACK in note.path and note.mark is Mark.FAILED) or (note.is_broken and not undone)

    def document(self) -> documents.Document:
        """Every node with what became of it, in the order in which they began."""
        return {
            "run": self.journal.run,
            "pipeline": self.journal.pipeline,
            "state": self.journal.mark.value,
            "nodes": [_document(note) for note in self.journal.notes.values()],
            "notRolledBack": list(self._left()),
            "seconds": round(self.seconds, 3),
            "exitCode": self.exit_code,
        }

    def lines(self) -> list[Line]:
        """A line for each stage, what went wrong beside that, and a last one that tells it all."""
        stages = [_stage(note) for path, note in self.journal.notes.items() if len(path) == 1]
        return [*stages, *self._ignored(), *self._not_back(), *self._not_rolled_back(), self._last()]

    def _left(self) -> tuple[str, ...]:
        """What steps did beside releases, if anything failed: then somebody has to know."""
        return () if self.journal.mark is Mark.SUCCEEDED else self.journal.left()

    def _ignored(self) -> Iterator[Line]:
        yield from (Line(f"  ignored: {_step(note)}", Tone.CHANGED) for note in self._all(Mark.IGNORED))

    def _not_back(self) -> Iterator[Line]:
        notes = (note for note in self.journal.notes.values() if self._is_not_back(note))
        yield from (Line(f"  not back: {_step(note)}", Tone.BAD) for note in notes)

    def _all(self, mark: Mark) -> list[Note]:
        return [note for note in self.journal.notes.values() if note.mark is mark]

    def _not_rolled_back(self) -> Iterator[Line]:
        yield from (Line(f"  not rolled back: {one}", Tone.CHANGED) for one in self._left())

    def _last(self) -> Line:
        mark = self.journal.mark
        said = WORDS.get(mark, mark.value.lower())
        if self.exit_code == NOT_BACK:
            said = "failed, and what was good before is not back"
        elif mark is Mark.SUCCEEDED and (ignored := len(self._all(Mark.IGNORED))):
            said += f", but for {count(ignored, 'failure')} that {'was' if ignored == 1 else 'were'} ignored"
        return Line(f"run {self.journal.run} {said} ({spell(self.seconds)})", TONES.get(mark, Tone.BAD))


def _stage(note: Note) -> Line:
    said = WORDS.get(note.mark, note.mark.value.lower())
    why = f": {note.sentence}" if note.sentence else ""
    return Line(f"stage {note.path[0]}: {said}{why}", TONES.get(note.mark, Tone.BAD))


def _step(note: Note) -> str:
    return ": ".join(filter(None, ("/".join(note.path), note.sentence)))


def _document(note: Note) -> documents.Document:
    return {
        "path": list(note.path),
        "state": note.mark.value,
        "sentence": note.sentence,
        "tried": note.tried,
        "outputs": sorted(note.outputs),
        "left": list(note.left),
    }
