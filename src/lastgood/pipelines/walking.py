"""A pipeline is walked through: stages, groups and steps in their order, and what is done when one of them fails.

It knows nothing of what a step does: that is the crew's. Every node that begins or ends is written down first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lastgood.errors import Fenced, LastgoodError, RestoreFailed
from lastgood.pipelines.crew import Crew, Done, Halt, Place, Question
from lastgood.pipelines.joining import together, whole
from lastgood.pipelines.journal import Journal, Mark, Note, Path
from lastgood.pipelines.nodes import Word
from lastgood.pipelines.reacting import RETRY, Again, Ask, Error, Reaction, Verb, error_of, follow, reaction
from lastgood.pipelines.stage import Group, Node, Parallel, ParallelStages, Pipeline, Stage, Step
from lastgood.pipelines.timeouts import seconds_of
from lastgood.ports import Clock

DEFAULT_TIMEOUT = 600.0
"""How long a step may take that does not say it, in seconds."""
FAILURE, ALL = "Failure", "All"
GRAVEST = (Verb.ABORT, Verb.ROLL_BACK_PIPELINE, Verb.ROLL_BACK_STAGE, Verb.ROLL_BACK_GROUP, Verb.FAIL)
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
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def pipeline(self, pipeline: Pipeline) -> Journal:
        """Walk to the end, whatever it is; the journal says which."""
        gravest: Halt | None = None
        for one in pipeline.stages:
            halts = await self._stages(one, failed=gravest is not None)
            gravest = _gravest([*([gravest] if gravest else []), *halts])
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
        if (before is None and self.journal.goes_back) or not self._is_due(stage, stage, failed=failed):
            await self._note(path, Mark.SKIPPED)
            return None
        if before is not None and before.verb:
            return await self._end_of(stage, Halt(Verb(before.verb), before.sentence))
        await self._note(path, Mark.RUNNING)
        return await self._end_of(stage, await self._through(stage))

    async def _through(self, stage: Stage) -> Halt | None:
        place = Place(stage, (stage.identifier,), (stage.failures,))
        try:
            async with asyncio.timeout(self._seconds(stage, stage.timeout)):
                return await self._nodes(stage.nodes, place)
        except Fenced:
            raise
        except LastgoodError as error:  # of words around the steps: a timeout, a strategy
            return Halt(Verb.ROLL_BACK_STAGE, str(error))
        except TimeoutError:
            sentence = f"stage {stage.identifier} took longer than {stage.timeout.text if stage.timeout else ''}"
            found = self._reaction(Error.TIMEOUT, place, tried=1)
            return Halt(found if isinstance(found, Verb) else Verb.ROLL_BACK_STAGE, sentence, Mark.EXPIRED)

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
        for group, inner in reversed(list(_groups(stage.nodes, place))):
            if self.journal.began(inner.path):
                gone_well &= await self._all_of(group.rollback, inner.rollback())
        gone_well &= await self._all_of(stage.rollback, place.rollback())
        return Mark.ROLLED_BACK if gone_well else Mark.FAILED

    async def _all_of(self, nodes: Iterable[Node], place: Place) -> bool:
        halts = [await self._node(node, place) for node in nodes if self._is_due(node, place.stage, failed=None)]
        return not any(halts)

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

    async def _if_due(self, node: Node, place: Place, *, failed: bool) -> Halt | None:
        """Do it, or pass it over. A condition that cannot be told is a failure of what it stands at."""
        path = (*place.path, node.identifier)
        try:
            due = self._is_due(node, place.stage, failed=failed)
        except LastgoodError as error:
            found = self._reaction(Error.UNKNOWN, place, tried=1)
            return await self._failed(path, found if isinstance(found, Verb) else Verb.FAIL, str(error), 1)
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
            return _gravest([halt for halt in halts if halt is not None])
        return await self._group(node, place)

    async def _group(self, group: Group, place: Place) -> Halt | None:
        inner = place.inside(group)
        if self.journal.has_gone_well(inner.path):
            return None
        await self._note(inner.path, Mark.RUNNING)
        halt = await self._within(group, inner)
        if halt is not None and halt.verb is Verb.ROLL_BACK_GROUP:
            gone_well = await self._all_of(group.rollback, inner.rollback())
            halt = replace(halt, verb=Verb.FAIL, mark=Mark.ROLLED_BACK if gone_well else Mark.FAILED)
        await self._note(inner.path, Mark.SUCCEEDED if halt is None else halt.mark, halt.sentence if halt else "")
        return halt

    async def _within(self, group: Group, inner: Place) -> Halt | None:
        try:
            async with asyncio.timeout(self._seconds(inner.stage, group.timeout)):
                return await self._nodes(group.nodes, inner)
        except TimeoutError:
            found = self._reaction(Error.TIMEOUT, inner, tried=1)
            verb = found if isinstance(found, Verb) else Verb.ROLL_BACK_STAGE
            return Halt(verb, f"group {group.identifier} took longer than it may", Mark.EXPIRED)

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
                sentence = str(error) or f"it took longer than {step.timeout.text or '10m'}"
                found = await self._decided(step, place, error_of(error), sentence, tried)
                if isinstance(found, Again):
                    await self.clock.sleep(found.after)
                    continue
                return await self._failed(path, found, sentence, tried, is_broken=isinstance(error, RestoreFailed))
            await self._note(path, Mark.SUCCEEDED, done.sentence, outputs=done.outputs, left=done.left, tried=tried)
            return None

    async def _act(self, step: Step, place: Place) -> Done:
        seconds = self._seconds(place.stage, step.timeout) or DEFAULT_TIMEOUT
        return await self.crew.act(place.stage, step, self.journal, seconds=seconds, rolls_back=place.rolls_back)

    async def _decided(self, step: Step, place: Place, error: Error, sentence: str, tried: int) -> Verb | Again:
        here = replace(place, levels=(step.failures, *place.levels))
        found = self._reaction(error, here, tried=tried)
        while isinstance(found, Ask):
            question = Question((*place.path, step.identifier), sentence, found.within)
            answer = await self.ask(question)
            if answer == RETRY:
                return Again(0.0)
            if answer is not None:
                return Verb(answer)
            found = follow(found.then, tried=tried, evaluate=self._text(place))
        return found

    def _reaction(self, error: Error, place: Place, *, tried: int) -> Reaction:
        if place.rolls_back and not any(place.levels):
            return Verb.FAIL
        return reaction(error, place.levels, tried=tried, evaluate=self._text(place))

    async def _failed(
        self, path: Path, verb: Verb, sentence: str, tried: int, *, is_broken: bool = False
    ) -> Halt | None:
        marks = {Verb.IGNORE: Mark.IGNORED, Verb.SUCCEED: Mark.SUCCEEDED, Verb.ABORT: Mark.ABORTED}
        mark = marks.get(verb, Mark.FAILED)
        await self._note(path, mark, sentence, tried=tried, is_broken=is_broken)
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

    def _text(self, place: Place) -> Callable[[Word], str]:
        return lambda word: self.crew.text(place.stage, word, self.journal)

    def _seconds(self, stage: Stage, word: Word | None) -> float | None:
        return seconds_of(self.crew.text(stage, word, self.journal)) if word and word.text else None

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


def _gravest(halts: Sequence[Halt]) -> Halt | None:
    return min(halts, key=lambda one: GRAVEST.index(one.verb), default=None)


def _groups(nodes: Iterable[Node], place: Place) -> Iterator[tuple[Group, Place]]:
    """The groups among nodes with their places, in the order of the file, those around others first."""
    for node in nodes:
        if isinstance(node, Group):
            inner = place.inside(node)
            yield node, inner
            yield from _groups(node.nodes, inner)
        elif isinstance(node, Parallel):
            yield from _groups(node.nodes, place)
