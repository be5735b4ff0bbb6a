"""What cannot be meant, in a pipeline whose parts are each of the right shape. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from lastgood.pipelines.flags import flag_mistakes
from lastgood.pipelines.keys.failure import ROLLBACKS
from lastgood.pipelines.mistake import LINE, Mistake, warning
from lastgood.pipelines.nodes import Word
from lastgood.pipelines.stage import (
    Action,
    Failure,
    Group,
    Node,
    Parallel,
    ParallelStages,
    Pipeline,
    Stage,
    Step,
    groups_in,
    rollback_steps_in,
    steps_in,
)
from lastgood.pipelines.steps import STEPS
from lastgood.pipelines.timeouts import seconds_of

CANARY, CANARY_DELETE = "K8sCanaryDeploy", "K8sCanaryDelete"
BLUE_GREEN, SWAP = "K8sBlueGreenDeploy", "K8sBGSwapServices"
ROLLING = "K8sRollingDeploy"
NEEDS = {CANARY_DELETE: CANARY, SWAP: BLUE_GREEN}
"""Steps that finish what another one began."""

DEPLOYING = (ROLLING, CANARY, BLUE_GREEN)


def contradictions(pipeline: Pipeline) -> Iterator[Mistake]:
    """Everything that contradicts itself or leads nowhere, in no order."""
    yield from _same_identifiers(pipeline.each_stage(), "stages")
    for rule in OF_PIPELINES:
        yield from rule(pipeline)
    for stage in pipeline.each_stage():
        for of_stage in OF_STAGES:
            yield from of_stage(stage)


# --- names


def _same_identifiers(named: Iterable[Stage | Step | Group], noun: str) -> Iterator[Mistake]:
    seen: dict[str, Stage | Step | Group] = {}
    for one in named:
        first = seen.setdefault(one.identifier, one) if one.identifier else one
        if first is not one:
            sentence = f"there are two {noun} called {one.identifier}, the first in line {LINE}"
            yield Mistake(one.spot.at("identifier").steps, sentence, other=first.spot.at("identifier").steps)


def _same_steps(stage: Stage) -> Iterator[Mistake]:
    """Expressions call steps and groups by their identifiers, so these differ within a stage."""
    groups = (*groups_in(stage.nodes), *groups_in(stage.rollback))
    yield from _same_identifiers((*stage.steps(), *groups), "steps")


# --- what has to come before what


def _began(pipeline: Pipeline) -> Iterator[Mistake]:
    """A swap, or the end of a canary, where nothing was begun before, in this stage or one before it."""
    before: set[str] = set()
    for stage in pipeline.each_stage():
        seen = set(before)
        for step in stage.steps():
            wanted = NEEDS.get(step.type)
            if wanted and wanted not in seen:
                sentence = f"{step.type} has nothing to work on: there is no {wanted} before it"
                yield Mistake(step.spot.at("type").steps, sentence)
            seen.add(step.type)
        before |= seen


def _ended(pipeline: Pipeline) -> Iterator[Mistake]:
    """A canary that nothing promotes or deletes stays where it is."""
    for place, stage in enumerate(stages := tuple(pipeline.each_stage())):
        steps = [*steps_in(stage.nodes), *(step for other in stages[place + 1 :] for step in steps_in(other.nodes))]
        for number, step in enumerate(steps_in(stage.nodes)):
            after = {one.type for one in steps[number + 1 :]}
            if step.type == CANARY and not after & {CANARY_DELETE, ROLLING}:
                sentence = f"the canary stays: no {CANARY_DELETE} and no {ROLLING} comes after it"
                yield warning(step.spot.at("type").steps, sentence)


def _earlier_stages(pipeline: Pipeline) -> Iterator[Mistake]:
    """``useFromStage`` names a stage that stands before."""
    known: set[str] = set()
    for one in pipeline.stages:
        together = one.stages if isinstance(one, ParallelStages) else (one,)
        for stage in together:
            for word in (stage.service.from_stage, stage.environment.from_stage):
                if word and word.text not in known:
                    before = f": those before it are {', '.join(sorted(known))}" if known else ""
                    yield Mistake(word.spot.steps, f"there is no stage {word.text} before this one{before}")
        known |= {stage.identifier for stage in together}


# --- what goes on at the same time, and while rolling back


def _one_release_at_a_time(stage: Stage) -> Iterator[Mistake]:
    for parallel in _parallels((*stage.nodes, *stage.rollback)):
        deploying = [step for step in steps_in(parallel.nodes) if _works_on_release(step)]
        for step in deploying[1:]:
            sentence = f"cannot go on beside {deploying[0].type}: both work on the release of the stage"
            yield Mistake(step.spot.at("type").steps, sentence)


def _works_on_release(step: Step) -> bool:
    return step.type in STEPS and STEPS[step.type].deploys


def _parallels(nodes: tuple[Node, ...]) -> Iterator[Parallel]:
    for node in nodes:
        if isinstance(node, Parallel):
            yield node
        elif isinstance(node, Group):
            yield from _parallels((*node.nodes, *node.rollback))


def _nothing_new(stage: Stage) -> Iterator[Mistake]:
    """Rolling back is no time to deploy."""
    for step in (*rollback_steps_in(stage.nodes), *steps_in(stage.rollback)):
        if step.type in DEPLOYING:
            sentence = f"{step.type} would deploy again what has just failed: rollbackSteps bring back what was good"
            yield Mistake(step.spot.at("type").steps, sentence)
        for failure in step.failures:
            if failure.action.type in ROLLBACKS:
                sentence = f"{failure.action.type} has no effect here: it is being rolled back already"
                yield warning(failure.action.spot.at("type").steps, sentence)


# --- failures


def _groups_that_roll_back(stage: Stage) -> Iterator[Mistake]:
    """``StepGroupRollback`` needs a group, and one that says how."""
    inside = {step for group in groups_in(stage.nodes) for step in steps_in(group.nodes)}
    outside = [step for step in steps_in(stage.nodes) if step not in inside]
    for failures in (stage.failures, *(step.failures for step in outside)):
        for action in _actions(failures):
            if action.type == "StepGroupRollback":
                sentence = "StepGroupRollback has no group to roll back: it stands at no step group, nor in one"
                yield Mistake(action.spot.at("type").steps, sentence)
    for group in groups_in(stage.nodes):
        if not group.rollback:
            own = (*group.failures, *(one for step in steps_in(group.nodes) for one in step.failures))
            for action in _actions(own):
                if action.type == "StepGroupRollback":
                    sentence = f"has no effect: the step group {group.identifier} has no rollbackSteps"
                    yield warning(action.spot.at("type").steps, sentence)


def _actions(failures: tuple[Failure, ...]) -> Iterator[Action]:
    for failure in failures:
        action: Action | None = failure.action
        while action:
            yield action
            action = action.then


def _flags(stage: Stage) -> Iterator[Mistake]:
    for step in stage.steps():
        yield from flag_mistakes(step)


def _cut_short(stage: Stage) -> Iterator[Mistake]:
    """A wait that its own timeout ends."""
    for step in stage.steps():
        duration = step.spec.word("duration")
        if step.type == "Wait" and 0 < _seconds(step.timeout) < _seconds(duration):
            sentence = f"is longer than the timeout of the step, {step.timeout.text}, which ends it"
            yield warning(duration.spot.steps, sentence)


def _seconds(word: Word) -> float:
    """0 for what cannot be told, as of expressions."""
    try:
        return seconds_of(word.text)
    except ValueError:
        return 0.0


OF_PIPELINES: tuple[Callable[[Pipeline], Iterator[Mistake]], ...] = (_began, _ended, _earlier_stages)
OF_STAGES: tuple[Callable[[Stage], Iterator[Mistake]], ...] = (
    _same_steps,
    _one_release_at_a_time,
    _nothing_new,
    _groups_that_roll_back,
    _flags,
    _cut_short,
)
