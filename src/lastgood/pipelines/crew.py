"""Who does the steps of a pipeline, what they give, and where a node stands while it is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from lastgood.errors import DeployFailed, LastgoodError
from lastgood.pipelines.deadline import Deadline
from lastgood.pipelines.journal import ROLLBACK, Journal, Mark, Path
from lastgood.pipelines.nodes import Word
from lastgood.pipelines.reacting import ANSWERS, Verb
from lastgood.pipelines.stage import Failure, Group, Node, Parallel, Stage, Step

NEVER = Deadline()
GRAVEST = (Verb.ABORT, Verb.ROLL_BACK_PIPELINE, Verb.ROLL_BACK_STAGE, Verb.ROLL_BACK_GROUP, Verb.FAIL)
"""What keeps a run from going on, the gravest first."""


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
    """Where a node stands: its stage, its path, and the failure strategies around it, the nearest first.

    ``until`` says when it has to be over.
    """

    stage: Stage
    path: Path
    levels: tuple[Sequence[Failure], ...]
    rolls_back: bool = False
    until: Deadline = NEVER

    def inside(self, group: Group) -> Place:
        """The same for what stands in a group."""
        return replace(self, path=(*self.path, group.identifier), levels=(group.failures, *self.levels))

    def rollback(self) -> Place:
        """The same for what rolls this back: nothing that fails there starts another rollback."""
        return replace(self, path=(*self.path, ROLLBACK), levels=(), rolls_back=True, until=NEVER)


def gravest_of(halts: Iterable[Halt]) -> Halt | None:
    """The one that counts among those of nodes that went on at the same time."""
    return min(halts, key=lambda one: GRAVEST.index(one.verb), default=None)


def groups_in(nodes: Iterable[Node], place: Place) -> Iterator[tuple[Group, Place]]:
    """The groups among nodes with their places, in the order of the file, those around others first."""
    for node in nodes:
        if isinstance(node, Group):
            inner = place.inside(node)
            yield node, inner
            yield from groups_in(node.nodes, inner)
        elif isinstance(node, Parallel):
            yield from groups_in(node.nodes, place)


def too_long(step: Step, place: Place) -> str:
    """Why a step was ended that says nothing itself."""
    return "its time was over" if place.until.is_over else f"it took longer than {step.timeout.text or '10m'}"


def said_by(error: BaseException) -> str:
    """What an error says, with what to do about it; empty when it says nothing.

    What to do about a deploy that failed is told of commands of their own, and not of a run.
    """
    hint = error.hint if isinstance(error, LastgoodError) and not isinstance(error, DeployFailed) else ""
    return f"{error} ({hint})" if hint else str(error)
