"""How far a run of a pipeline has come: what became of each stage and step, and what they gave. Pure.

It is all that a run needs which goes on after the process was killed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

Path = tuple[str, ...]
"""A stage, or a node in it, by identifiers: ``("staging", "canary", "canaryDeploy")``."""

ROLLBACK = "rollback"
"""Stands in the path of a step that rolls back, where the list stands: under its stage or its group."""


class Mark(StrEnum):
    """What became of a node."""

    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    IGNORED = "IgnoreFailed"
    SKIPPED = "Skipped"
    ROLLED_BACK = "RolledBack"
    ABORTED = "Aborted"
    EXPIRED = "Expired"


OVER = frozenset(Mark) - {Mark.RUNNING}
GONE_WELL = frozenset({Mark.SUCCEEDED, Mark.IGNORED, Mark.SKIPPED})


@dataclass(frozen=True, slots=True)
class Note:
    """What is known of one node. ``outputs`` is what expressions may ask of it; ``left`` what nothing rolls back.

    ``sentence`` says why it failed, or what was done, ``verb`` what is done about a failure. ``tried``
    counts the tries; ``is_broken`` says that a deploy has failed and that what was good before is not back.
    """

    path: Path
    mark: Mark
    sentence: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)
    left: tuple[str, ...] = ()
    tried: int = 1
    verb: str = ""
    is_broken: bool = False

    @property
    def is_over(self) -> bool:
        """Whether nothing is to be done about it any more."""
        return self.mark in OVER


@dataclass(frozen=True, slots=True)
class Journal:
    """A run of a pipeline. ``content`` is the digest of all that it was started with: another cannot go on from it.

    ``notes`` are in the order in which the nodes began. ``mark`` is that of the whole. ``sequence`` counts the runs of
    the pipeline. ``goes_back`` says that nothing new is begun any more.
    """

    run: str
    pipeline: str
    content: str
    notes: Mapping[Path, Note] = field(default_factory=dict)
    mark: Mark = Mark.RUNNING
    sequence: int = 1
    goes_back: bool = False
    version: str = ""

    def noted(self, note: Note) -> Journal:
        """The same with this known of its node."""
        return replace(self, notes={**self.notes, note.path: note})

    def note(self, path: Path) -> Note | None:
        """What is known of a node."""
        return self.notes.get(path)

    def has_gone_well(self, path: Path) -> bool:
        """Whether a node need not be run again."""
        note = self.notes.get(path)
        return note is not None and note.mark in GONE_WELL

    def began(self, path: Path) -> bool:
        """Whether a node, or any below it, was started and not merely passed over."""
        return any(one[: len(path)] == path and note.mark is not Mark.SKIPPED for one, note in self.notes.items())

    def left(self) -> tuple[str, ...]:
        """What the run did that nothing rolls back, in the order in which it was done."""
        return tuple(dict.fromkeys(one for note in self.notes.values() for one in note.left))
