"""Who does the steps of a pipeline, what they give, and where a node stands while it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from lastgood.pipelines.journal import ROLLBACK, Journal, Mark, Path
from lastgood.pipelines.nodes import Word
from lastgood.pipelines.reacting import ANSWERS, Verb
from lastgood.pipelines.stage import Failure, Group, Stage, Step


@dataclass(frozen=True, slots=True)
class Done:
    """What a step has done: its outputs, a sentence, and what of it nothing will roll back."""

    outputs: dict[str, str] = field(default_factory=dict)
    sentence: str = ""
    left: tuple[str, ...] = ()


class Crew(Protocol):
    """Who does the steps. ``rolls_back`` says that a step stands among those that roll back."""

    async def act(self, stage: Stage, step: Step, journal: Journal, *, seconds: float, rolls_back: bool) -> Done:
        """Do one step within so many seconds; raises ``LastgoodError`` when it fails."""
        ...

    def text(self, stage: Stage | None, word: Word, journal: Journal) -> str:
        """A word with its expressions replaced. Raises ``ExpressionError``."""
        ...

    def holds(self, stage: Stage | None, condition: Word, journal: Journal) -> bool:
        """Whether a condition is true. Raises ``ExpressionError``."""
        ...

    async def leave(self, stage: Stage, journal: Journal, mark: Mark) -> tuple[str, ...]:
        """A stage is over; the answer is what it leaves behind."""
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """A failure that somebody is asked about; ``answers`` are those there are."""

    path: Path
    sentence: str
    within: float
    answers: tuple[str, ...] = tuple(map(str, ANSWERS))


@dataclass(frozen=True, slots=True)
class Halt:
    """Why no further node is started, and what is to be done about it."""

    verb: Verb
    sentence: str
    mark: Mark = Mark.FAILED


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node stands: its stage, its path, and the failure strategies around it, the nearest first."""

    stage: Stage
    path: Path
    levels: tuple[Sequence[Failure], ...]
    rolls_back: bool = False

    def inside(self, group: Group) -> Place:
        """The same for what stands in a group."""
        return replace(self, path=(*self.path, group.identifier), levels=(group.failures, *self.levels))

    def rollback(self) -> Place:
        """The same for what rolls this back: nothing that fails there starts another rollback."""
        return replace(self, path=(*self.path, ROLLBACK), levels=(), rolls_back=True)
