"""The crew that does the steps of a pipeline on clusters."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from lastgood.deployer import Deployer
from lastgood.model.release import History, State
from lastgood.model.request import Options
from lastgood.pipelines.acts import ACTS
from lastgood.pipelines.conditions import holds
from lastgood.pipelines.crew import Done
from lastgood.pipelines.expressions import has_expression
from lastgood.pipelines.grounds import Ground, Grounds
from lastgood.pipelines.hands import NUMBER, Hands, RunScript
from lastgood.pipelines.journal import Journal, Mark, Path
from lastgood.pipelines.nodes import Word
from lastgood.pipelines.shell import run as run_script
from lastgood.pipelines.stage import Stage, Step
from lastgood.pipelines.steps import STEPS

Connect = Callable[[Ground], Awaitable[Deployer]]
"""Gives the deployer for a stage's namespace and cluster."""

MORE = 2.0
"""How many seconds longer than its timeout a step may take that ends by itself, and then says more about why."""


@dataclass(frozen=True, slots=True)
class ClusterCrew:
    """Does steps for real.

    ``environment`` is that of scripts, which ``script`` runs; ``hear`` is told what steps print, and by which.
    """

    grounds: Grounds
    connect: Connect
    options: Options
    environment: Mapping[str, str]
    hear: Callable[[Path, str], None]
    script: RunScript = run_script

    async def act(self, stage: Stage, step: Step, journal: Journal, *, seconds: float, rolls_back: bool) -> Done:
        """Do one step. What deploys is never cut off: it ends in its time by itself, and then comes back.

        What is done to roll back is nothing that is left to be rolled back.
        """
        ground = (await asyncio.to_thread(self.grounds.of, stage, journal)).at(stage, step.spot)
        hands = Hands(
            stage=stage,
            step=step,
            ground=ground,
            journal=journal,
            deployer=await self.connect(ground),
            options=replace(self.options, timeout=seconds, why=_why(self.options.why, journal)),
            rolls_back=rolls_back,
            environment=self.environment,
            script=self.script,
            hear=lambda line: self.hear((stage.identifier, step.identifier), line),
        )
        limit = None if STEPS[step.type].deploys else seconds if step.type == "Wait" else seconds + MORE
        async with asyncio.timeout(limit):
            done = await ACTS[step.type](hands)
        return replace(done, left=()) if rolls_back and not STEPS[step.type].deploys else done

    def text(self, stage: Stage | None, word: Word, journal: Journal) -> str:
        """A word with its expressions replaced."""
        if not has_expression(word.text):
            return word.text
        return self.grounds.scope(stage, journal, word.spot).evaluate(word.text, word.spot)

    def holds(self, stage: Stage | None, condition: Word, journal: Journal) -> bool:
        """Whether a condition is true."""
        return holds(condition.text, self.grounds.scope(stage, journal, condition.spot), condition.spot)

    async def leave(self, stage: Stage, journal: Journal, mark: Mark) -> tuple[str, ...]:
        """What the stage has staged and not promoted is told: it stays until somebody decides."""
        notes = [one for one in journal.notes.values() if one.path[0] == stage.identifier and one.outputs.get(NUMBER)]
        if not notes:
            return ()
        ground = self.grounds.of(stage, journal)
        deployer = await self.connect(ground)
        latest = History(await deployer.store.summaries(ground.name)).latest
        if latest is None or latest.state is not State.STAGED or str(latest.number) != notes[-1].outputs[NUMBER]:
            return ()
        return (f"release {latest.number} of {ground.name} is staged beside the live one: promote it, or abort it",)


def _why(said: str, journal: Journal) -> str:
    """The history says which run made a release; a run that goes on knows by it what it has made itself."""
    return f"{said} (run {journal.run})" if said else f"run {journal.run}"
