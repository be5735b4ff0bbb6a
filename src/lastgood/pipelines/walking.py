"""A pipeline is walked through: stages, groups and steps in their order, and what is done when one of them fails.

It knows nothing of what a step does: that is the crew's. Every node that begins or ends is written down first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from lastgood.errors import Fenced, LastgoodError, RestoreFailed
from lastgood.pipelines.crew import (
    GRAVEST,
    NEVER,
    Crew,
    Done,
    Halt,
    Place,
    Question,
    gravest_of,
    groups_in,
    said_by,
    too_long,
)
from lastgood.pipelines.deadline import Deadline
from lastgood.pipelines.deciding import Decider, Failed
from lastgood.pipelines.joining import together, whole
from lastgood.pipelines.journal import Journal, Mark, Note, Path
from lastgood.pipelines.nodes import Word
from lastgood.pipelines.reacting import Again, Verb, error_of, left_by
from lastgood.pipelines.stage import Group, Node, Parallel, ParallelStages, Pipeline, Stage, Step
from lastgood.pipelines.timeouts import seconds_in
from lastgood.ports import Clock

DEFAULT_TIMEOUT = 600.0
"""How long a step may take that does not say it, in seconds."""
FAILURE, ALL = "Failure", "All"
MARKS = {Verb.IGNORE: Mark.IGNORED, Verb.SUCCEED: Mark.SUCCEEDED, Verb.ABORT: Mark.ABORTED}
Keep = Callable[[Journal], Awaitable[Journal]]


@dataclass(slots=True)
class Walk:
    """One walk through a pipeline. ``keep`` writes the journal down; ``ask`` gives an answer, or None in time."""

    crew: Crew
    clock: Clock
    journal: Journal
    keep: Keep
    ask: Callable[[Question], Awaitable[str | None]]
    tell: Callable[[Note], None]
    until: Deadline = NEVER
    decider: Decider = field(init=False)
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.decider = Decider(self.crew, self.ask)

    async def pipeline(self, pipeline: Pipeline) -> Journal:
        """Walk to the end, whatever it is; the journal says which."""
        gravest: Halt | None = None
        self.until = NEVER.within(self._seconds(None, pipeline.timeout), self.clock)
        for one in pipeline.stages:
            halts = await self._stages(one, failed=gravest is not None)
            gravest = gravest_of([*([gravest] if gravest else []), *halts])
            if gravest and gravest.verb in (Verb.ROLL_BACK_PIPELINE, Verb.ABORT):
                break
        if gravest and gravest.verb is Verb.ROLL_BACK_PIPELINE:
            for stage in reversed(list(pipeline.each_stage())):
                await self._roll_back_again(stage)
        mark = gravest.mark if gravest else Mark.ABORTED if self.journal.goes_back else Mark.SUCCEEDED
        return await whole(self._write(replace(self.journal, mark=mark)))

    # --- stages

    async def _stages(self, one: Stage | ParallelStages, *, failed: bool) -> list[Halt]:
        stages = one.stages if isinstance(one, ParallelStages) else (one,)
        halts = await together(self._stage(stage, failed=failed) for stage in stages)
        return [halt for halt in halts if halt is not None]

    async def _stage(self, stage: Stage, *, failed: bool) -> Halt | None:
        path = (stage.identifier,)
        before = self.journal.note(path)
        if before is not None and before.is_over:
            return Halt(Verb(before.verb), before.sentence, before.mark) if before.verb else None
        try:
            begins = before is not None or not (self.journal.goes_back or self.until.is_over)
            due = begins and self._is_due(stage, stage, failed=failed)
        except LastgoodError as error:
            return await self._never_began(stage, error)
        if not due:
            await self._note(path, Mark.SKIPPED)
            return None
        if before is not None and before.verb:
            return await self._end_of(stage, Halt(Verb(before.verb), before.sentence))
        await self._note(path, Mark.RUNNING)
        return await self._end_of(stage, await self._through(stage))

    async def _never_began(self, stage: Stage, error: LastgoodError) -> Halt:
        """Whether it is to be run cannot be told: it has failed, and there is nothing in it to be rolled back."""
        path = (stage.identifier,)
        found = self.decider.reaction(error_of(error), Place(stage, path, (stage.failures,)), self.journal)
        verb = found if isinstance(found, Verb) and found in GRAVEST else Verb.FAIL
        await self._note(path, Mark.FAILED, said_by(error), verb=verb.value)
        return Halt(verb, said_by(error))

    async def _through(self, stage: Stage) -> Halt | None:
        place = Place(stage, (stage.identifier,), (stage.failures,), until=self.until)
        try:
            place = replace(place, until=self.until.within(self._seconds(stage, stage.timeout), self.clock))
            halt = await self._nodes(stage.nodes, place)
        except Fenced:
            raise
        except LastgoodError as error:  # of words around the steps: a timeout, a strategy
            return Halt(Verb.ROLL_BACK_STAGE, str(error))
        if halt is None or halt.mark is not Mark.EXPIRED or not place.until.is_over:
            return halt
        what = "the pipeline" if self.until.is_over else f"stage {stage.identifier}"
        return self.decider.expired(place, self.journal, f"{what} took longer than it may")

    async def _end_of(self, stage: Stage, halt: Halt | None) -> Halt | None:
        path = (stage.identifier,)
        if halt is None:
            left = await self.crew.leave(stage, self.journal, Mark.SUCCEEDED)
            await self._note(path, Mark.SUCCEEDED, left=left)
            return None
        mark = halt.mark
        if halt.verb in (Verb.ROLL_BACK_STAGE, Verb.ROLL_BACK_PIPELINE):
            await self._note(path, Mark.RUNNING, halt.sentence, verb=halt.verb.value)
            mark = await self._roll_back(stage)
        left = await self.crew.leave(stage, self.journal, mark)
        await self._note(path, mark, halt.sentence, left=left, verb=halt.verb.value)
        return replace(halt, mark=mark)

    async def _roll_back_again(self, stage: Stage) -> None:
        """A stage that went well, and is rolled back since another did not."""
        if self.journal.has_gone_well((stage.identifier,)) and self.journal.began((stage.identifier,)):
            mark = await self._roll_back(stage)
            await self._note((stage.identifier,), mark, "rolled back with the pipeline")

    async def _roll_back(self, stage: Stage) -> Mark:
        """What rolls back the groups that began, the last first, then the stage: all of it, come what may."""
        place = Place(stage, (stage.identifier,), ())
        gone_well = True
        for group, inner in reversed(list(groups_in(stage.nodes, place))):
            if self.journal.began(inner.path):
                gone_well &= await self._all_of(group.rollback, inner.rollback())
        gone_well &= await self._all_of(stage.rollback, place.rollback())
        return Mark.ROLLED_BACK if gone_well else Mark.FAILED

    async def _all_of(self, nodes: Iterable[Node], place: Place) -> bool:
        halts = [await self._come_what_may(node, place) for node in nodes]
        return not any(halts)

    async def _come_what_may(self, node: Node, place: Place) -> Halt | None:
        """One of those that roll back: what cannot even be begun has failed, and the others are done all the same."""
        try:
            return await self._if_due(node, place, failed=None)
        except Fenced:
            raise
        except LastgoodError as error:
            return await self._failed((*place.path, node.identifier), Verb.FAIL, str(error))

    # --- nodes

    async def _nodes(self, nodes: Iterable[Node], place: Place) -> Halt | None:
        """One after the other; once one has failed only what wants to be run then, and then nothing more."""
        failed: Halt | None = None
        for node in nodes:
            halt = await self._if_due(node, place, failed=failed is not None)
            if halt is not None and halt.verb is not Verb.FAIL:
                return halt
            failed = failed or halt
        return failed

    async def _if_due(self, node: Node, place: Place, *, failed: bool | None) -> Halt | None:
        """Do it, or pass it over. A condition that cannot be told is a failure of what it stands at."""
        path = (*place.path, node.identifier)
        if place.until.is_over:
            return Halt(Verb.FAIL, "there was no time left", Mark.EXPIRED)
        try:
            due = self._is_due(node, place.stage, failed=failed)
        except LastgoodError as error:
            found = self.decider.reaction(error_of(error), place, self.journal)
            return await self._failed(path, found if isinstance(found, Verb) else Verb.FAIL, said_by(error))
        if due:
            return await self._node(node, place)
        if not isinstance(node, Parallel):
            await self._note(path, Mark.SKIPPED)
        return None

    async def _node(self, node: Node, place: Place) -> Halt | None:
        if isinstance(node, Step):
            return await self._step(node, place)
        if isinstance(node, Parallel):
            halts = await together(self._nodes((one,), place) for one in node.nodes)
            return gravest_of([halt for halt in halts if halt is not None])
        return await self._group(node, place)

    async def _group(self, group: Group, place: Place) -> Halt | None:
        inner = place.inside(group)
        if self.journal.has_gone_well(inner.path):
            return None
        await self._note(inner.path, Mark.RUNNING)
        halt = await self._within(group, inner)
        if halt is not None and halt.verb is Verb.ROLL_BACK_GROUP:
            gone_well = await self._all_of(group.rollback, inner.rollback())
            await self._note(inner.path, Mark.ROLLED_BACK if gone_well else Mark.FAILED, halt.sentence)
            return replace(halt, verb=Verb.FAIL, mark=Mark.FAILED)
        await self._note(inner.path, Mark.SUCCEEDED if halt is None else halt.mark, halt.sentence if halt else "")
        return halt

    async def _within(self, group: Group, inner: Place) -> Halt | None:
        outer = inner.until
        inner = replace(inner, until=outer.within(self._seconds(inner.stage, group.timeout), self.clock))
        halt = await self._nodes(group.nodes, inner)
        if halt is None or halt.mark is not Mark.EXPIRED or outer.is_over or not inner.until.is_over:
            return halt
        return self.decider.expired(inner, self.journal, f"group {group.identifier} took longer than it may")

    # --- steps

    async def _step(self, step: Step, place: Place) -> Halt | None:
        path = (*place.path, step.identifier)
        if self.journal.has_gone_well(path):
            return None
        tried = 0
        while True:
            tried += 1
            await self._note(path, Mark.RUNNING, tried=tried)
            try:
                done = await self._act(step, place)
            except Fenced:
                raise
            except (LastgoodError, TimeoutError) as error:
                ended = await self._ended_badly(step, place, error, tried)
                if isinstance(ended, Again):
                    continue
                return ended
            await self._note(path, Mark.SUCCEEDED, done.sentence, outputs=done.outputs, left=done.left, tried=tried)
            return None

    async def _ended_badly(self, step: Step, place: Place, error: Exception, tried: int) -> Halt | Again | None:
        """What follows from a failure; ``Again`` once it was waited for that."""
        path, sentence = (*place.path, step.identifier), said_by(error) or too_long(step, place)
        more: dict[str, Any] = {"tried": tried, "is_broken": isinstance(error, RestoreFailed), "left": left_by(error)}
        if not place.until.is_over:
            failed = Failed(error_of(error), sentence, tried)
            found, sentence = await self.decider.about(step, place, self.journal, failed)
            if not isinstance(found, Again):
                return await self._failed(path, found, sentence, **more)
            await self.clock.sleep(min(found.after, place.until.left))
            if not place.until.is_over:
                return found
        await self._note(path, Mark.EXPIRED, sentence, **more)
        return Halt(Verb.FAIL, sentence, Mark.EXPIRED)

    async def _act(self, step: Step, place: Place) -> Done:
        if place.until.is_over:
            raise TimeoutError
        seconds = min(self._seconds(place.stage, step.timeout) or DEFAULT_TIMEOUT, place.until.left)
        return await self.crew.act(place.stage, step, self.journal, seconds=seconds, rolls_back=place.rolls_back)

    async def _failed(self, path: Path, verb: Verb, sentence: str, **more: Any) -> Halt | None:
        mark = MARKS.get(verb, Mark.FAILED)
        told = f"counts as a success: {sentence}" if verb is Verb.SUCCEED else sentence
        await self._note(path, mark, told, **more)
        if verb in (Verb.IGNORE, Verb.SUCCEED):
            return None
        where = "/".join(path[1:]) or path[0]
        return Halt(verb, f"{where}: {sentence}", mark)

    # --- conditions and words

    def _is_due(self, node: Node | Stage, stage: Stage, *, failed: bool | None) -> bool:
        """Whether a node is to be run, as things stand; ``failed`` None stands for a rollback, where all is due."""
        when = None if isinstance(node, Parallel) else node.when
        if when is None:
            return not failed or isinstance(node, Parallel)
        fits = when.status == ALL or (when.status == FAILURE) == (failed is not False)
        return fits and (when.condition is None or self.crew.holds(stage, when.condition, self.journal))

    def _seconds(self, stage: Stage | None, word: Word | None) -> float | None:
        return seconds_in(word, self.crew.text(stage, word, self.journal)) if word and word.text else None

    # --- the journal

    async def _note(self, path: Path, mark: Mark, sentence: str = "", **more: Any) -> None:
        note = Note(path, mark, sentence, **more)
        async with self._writing:
            await whole(self._write(self.journal.noted(note)))
        self.tell(note)

    async def _write(self, journal: Journal) -> Journal:
        """Cut off half way, it would not be known whether it was written, and the next would be refused."""
        self.journal = await self.keep(journal)
        return self.journal
