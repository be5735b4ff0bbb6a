"""A stage and a pipeline as frozen values: their words are still words, nothing is evaluated. Pure.

Whoever runs them takes from here what stands where; ``reading`` makes them, ``linting`` says what is wrong with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lastgood.model.source import File
from lastgood.pipelines.entry import Entry
from lastgood.pipelines.nodes import Word
from lastgood.pipelines.spots import Spot


@dataclass(frozen=True, slots=True)
class Action:
    """What is done about a failure: ``StageRollback``, ``Retry``, ``ManualIntervention`` and so on.

    ``count``, ``intervals`` and ``condition`` are those of a Retry, ``timeout`` that of a ManualIntervention; ``then``
    is what follows when trying again did not help, or nobody answered in time (a Retry need not say it).
    """

    type: str
    spot: Spot
    count: Word | None = None
    intervals: tuple[Word, ...] = ()
    condition: Word | None = None
    timeout: Word | None = None
    then: Action | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """One entry of ``failureStrategies``: the first of a list that has the error, or ``AllErrors``, counts."""

    errors: tuple[Word, ...]
    action: Action
    spot: Spot


@dataclass(frozen=True, slots=True)
class When:
    """On which condition something is run: how it went so far (Success, Failure or All), and an expression."""

    status: str
    condition: Word | None
    spot: Spot


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``spec`` holds the keys of its type, with their defaults; ``pipelines/steps`` says which those are."""

    type: str
    identifier: str
    name: str
    spec: Entry
    timeout: Word
    failures: tuple[Failure, ...]
    when: When | None
    spot: Spot


@dataclass(frozen=True, slots=True)
class Group:
    """A step group: its steps one after another, and what rolls it back, which stands in its own ``rollbackSteps``."""

    identifier: str
    name: str
    nodes: tuple[Node, ...]
    rollback: tuple[Node, ...]
    timeout: Word | None
    failures: tuple[Failure, ...]
    when: When | None
    variables: tuple[Variable, ...]
    spot: Spot


@dataclass(frozen=True, slots=True)
class Parallel:
    """What goes on at the same time. It has no name of its own."""

    nodes: tuple[Node, ...]
    spot: Spot
    identifier: str = ""
    name: str = ""


Node = Step | Group | Parallel


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of a pipeline, a stage, a step group or an environment. ``default`` stands in for an empty input."""

    name: str
    type: str
    value: Word
    default: Word
    required: Word
    spot: Spot


@dataclass(frozen=True, slots=True)
class ServiceUse:
    """Which service a stage deploys: the one called ``ref``, that of the stage ``from_stage``, or ``inline``.

    ``inputs`` is what stands in place of ``<+input>`` in the service's file, in the shape of that file. ``inline`` is
    the ``serviceConfig`` of a stage that holds its service itself: ``definition.service_of`` makes one of it.
    """

    spot: Spot
    ref: Word | None = None
    from_stage: Word | None = None
    inputs: Entry | Word | None = None
    inline: Entry | None = None


@dataclass(frozen=True, slots=True)
class EnvironmentUse:
    """Where a stage deploys to: an environment and one of its infrastructures by name, or those of another stage.

    Or they are written out here: ``inline_environment`` and ``inline_infrastructure``, in the shape of their files.
    """

    spot: Spot
    ref: Word | None = None
    from_stage: Word | None = None
    infrastructure: Word | None = None
    environment_inputs: Entry | Word | None = None
    infrastructure_inputs: Entry | Word | None = None
    inline_environment: Entry | None = None
    inline_infrastructure: Entry | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage that deploys. Without ``failures`` any error rolls it back."""

    identifier: str
    name: str
    service: ServiceUse
    environment: EnvironmentUse
    nodes: tuple[Node, ...]
    rollback: tuple[Node, ...]
    failures: tuple[Failure, ...]
    when: When | None
    timeout: Word | None
    variables: tuple[Variable, ...]
    tags: tuple[tuple[str, Word], ...]
    spot: Spot

    def steps(self) -> Iterator[Step]:
        """Every step, in the order of the file: those of groups too, and those that roll back last."""
        yield from steps_in(self.nodes)
        yield from rollback_steps_in(self.nodes)
        yield from steps_in(self.rollback)


@dataclass(frozen=True, slots=True)
class ParallelStages:
    """Stages that go on at the same time."""

    stages: tuple[Stage, ...]
    spot: Spot


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline; a file that holds one stage is a pipeline of it, without an identifier."""

    identifier: str
    name: str
    stages: tuple[Stage | ParallelStages, ...]
    timeout: Word | None
    variables: tuple[Variable, ...]
    tags: tuple[tuple[str, Word], ...]
    file: File
    spot: Spot

    def each_stage(self) -> Iterator[Stage]:
        """Every stage, in the order of the file."""
        for one in self.stages:
            yield from one.stages if isinstance(one, ParallelStages) else (one,)


def steps_in(nodes: tuple[Node, ...]) -> Iterator[Step]:
    """The steps of nodes in the order of the file, without those that roll a group back."""
    for node in nodes:
        if isinstance(node, Step):
            yield node
        else:
            yield from steps_in(node.nodes)


def rollback_steps_in(nodes: tuple[Node, ...]) -> Iterator[Step]:
    """The steps that roll back the groups among nodes."""
    for group in groups_in(nodes):
        yield from steps_in(group.rollback)


def groups_in(nodes: tuple[Node, ...]) -> Iterator[Group]:
    """The step groups among nodes, and those in them."""
    for node in nodes:
        if isinstance(node, Group):
            yield node
        if not isinstance(node, Step):
            yield from groups_in(node.nodes)
