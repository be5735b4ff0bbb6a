"""Expressions that ask for a step which is not there, or for a variable that its script does not give. Pure.

Only what can be told from the file: ``<+execution.steps.ID...>``, in a stage, and ``<+pipeline.stages.ID...>``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lastgood.pipelines.checking import meant
from lastgood.pipelines.entry import Entry, Value
from lastgood.pipelines.mistake import Mistake, warning
from lastgood.pipelines.nodes import Word
from lastgood.pipelines.spots import Spot
from lastgood.pipelines.stage import Group, Pipeline, Stage, Step, groups_in

OF_STAGE = re.compile(r"<\+\s*(?:stage\.spec\.)?execution\.(?:steps|rollbackSteps)\.([\w.]+)", re.ASCII)
OF_PIPELINE = re.compile(
    r"<\+\s*pipeline\.stages\.(\w+)(?:\.spec\.execution\.(?:steps|rollbackSteps)\.([\w.]+))?", re.ASCII
)
SCRIPT, OUTPUTS = "ShellScript", ("output", "outputVariables")


def strangers(pipeline: Pipeline, root: Entry) -> Iterator[Mistake]:
    """A warning for each expression of a file that names a stage, a step or a variable that there is not."""
    stages = {stage.identifier: stage for stage in pipeline.each_stage()}
    for word in _words(root):
        for found in OF_PIPELINE.finditer(word.text):
            yield from _of_pipeline(found[1], found[2] or "", stages, word.spot)
        here = next((stage for stage in stages.values() if _is_below(word.spot, stage.spot)), None)
        for found in OF_STAGE.finditer(word.text) if here else ():
            yield from _of_steps(found[1], here, word.spot) if here else ()


def _words(value: Value) -> Iterator[Word]:
    """Every text that may hold such an expression."""
    if isinstance(value, Word):
        if "<+" in value.text:
            yield value
        return
    for one in value if isinstance(value, tuple) else (found for _, found in value.fields):
        yield from _words(one)


def _is_below(spot: Spot, other: Spot) -> bool:
    return spot.steps[: len(other.steps)] == other.steps


def _of_pipeline(name: str, path: str, stages: dict[str, Stage], spot: Spot) -> Iterator[Mistake]:
    stage = stages.get(name)
    if stage is None:
        yield warning(spot.steps, f"there is no stage {name}{meant(name, stages)}")
    elif path:
        yield from _of_steps(path, stage, spot)


def _of_steps(path: str, stage: Stage, spot: Spot) -> Iterator[Mistake]:
    """``GROUP.steps.STEP.output.NAME``: each name before what is asked for has to be there."""
    there: list[Group | Step] = [*groups_in((*stage.nodes, *stage.rollback)), *stage.steps()]
    known = {one.identifier: one for one in there}
    name, _, rest = path.partition(".")
    one = known.get(name)
    if one is None:
        yield warning(spot.steps, f"there is no step {name} in the stage {stage.identifier}{meant(name, known)}")
    elif isinstance(one, Group) and rest.startswith(("steps.", "rollbackSteps.")):
        yield from _of_steps(rest.partition(".")[2], stage, spot)
    elif isinstance(one, Step) and one.type == SCRIPT:
        yield from _of_script(rest, one, spot)


def _of_script(path: str, step: Step, spot: Spot) -> Iterator[Mistake]:
    *asked, name = path.split(".")
    given = [one.word("name").text for one in step.spec.entries("outputVariables")]
    if tuple(asked) == OUTPUTS and name not in given:
        yield warning(spot.steps, f"the script of {step.identifier} gives no variable {name}{meant(name, given)}")
