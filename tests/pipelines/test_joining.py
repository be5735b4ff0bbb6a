"""What goes on at the same time ends together: once an error is told, nobody is at work any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest

from lastgood.errors import Fenced, LastgoodError
from lastgood.pipelines.crew import Done
from lastgood.pipelines.joining import together, whole
from lastgood.pipelines.journal import Journal, Mark
from lastgood.pipelines.stage import Stage, Step
from lastgood.pipelines.walking import Walk
from lastgood.testing import FakeClock, virtual_time
from tests.pipelines.test_walking import Logged, step, two_stages, walk, written
from tests.pipelines.test_walking import stage as a_stage

TAKEN_OVER = Fenced("another run took over")
BESIDE = f"- parallel:\n    {step('one')}\n    {step('two')}\n{step('three')}"


def two_parallel_stages() -> str:
    head, *stages = two_stages().split("    - stage:\n")
    inner = ("    - stage:\n" + "\n".join(f"  {line}" for line in one.splitlines()) for one in stages)
    return head + "    - parallel:\n" + "\n".join("  " + one for one in inner)


@dataclass
class Leaving(Logged):
    """Whoever is stopped needs some time to leave, the second more."""

    async def act(self, stage: Stage, step: Step, journal: Journal, *, seconds: float, rolls_back: bool) -> Done:
        try:
            return await super().act(stage, step, journal, seconds=seconds, rolls_back=rolls_back)
        except asyncio.CancelledError:
            await asyncio.sleep(self.log.index(step.identifier) + 1)
            self.log.append(f"{step.identifier} has left")
            raise


@dataclass
class Versioned:
    """Journals as the cluster keeps them: slowly, and only over the version that was read."""

    seconds: float = 1.0
    kept: Journal = field(default_factory=lambda: Journal("run-1", "shop", "abc", version="0"))

    async def keep(self, journal: Journal) -> Journal:
        if journal.version != self.kept.version:
            raise TAKEN_OVER
        self.kept = Journal(
            journal.run, "shop", "abc", journal.notes, journal.mark, version=f"{int(journal.version) + 1}"
        )
        await asyncio.sleep(self.seconds)
        return self.kept


async def nobody(question: object) -> None:
    return None


def told(text: str, crew: Logged, work: Callable[[Coroutine[Any, Any, Any]], Coroutine[Any, Any, Any]]) -> list[str]:
    """What the crew did until the error came out of ``work``, and after it."""
    clock, journals = FakeClock(), Versioned(0.0)
    walking = Walk(crew, clock, journals.kept, journals.keep, nobody, lambda note: None)

    async def story() -> None:
        try:
            await work(walking.pipeline(written(text)))
        except Fenced:
            crew.log.append("(fenced)")
        except asyncio.CancelledError:
            crew.log.append("(stopped)")
        await asyncio.sleep(100)

    clock.run(story())
    return crew.log


async def to_its_end(doing: Coroutine[Any, Any, Any]) -> None:
    await doing


async def until_somebody_stops_it(doing: Coroutine[Any, Any, Any]) -> None:
    running = asyncio.ensure_future(doing)
    await asyncio.sleep(1)
    running.cancel()
    await running


@pytest.mark.parametrize("text", [a_stage(BESIDE, rollback="undo"), two_parallel_stages()])
def test_when_one_is_fenced_off_the_others_have_left_before_it_is_told(text: str) -> None:
    crew = Leaving({"one": [TAKEN_OVER]}, takes={"one": 1.0, "two": 60.0})
    assert told(text, crew, to_its_end) == ["one", "two", "two has left", "(fenced)"]


@pytest.mark.parametrize("text", [a_stage(BESIDE, rollback="undo"), two_parallel_stages()])
def test_when_a_run_is_stopped_all_have_left_before_that_is_told(text: str) -> None:
    crew = Leaving(takes={"one": 60.0, "two": 70.0})
    log = told(text, crew, until_somebody_stops_it)
    assert log == ["one", "two", "one has left", "two has left", "(stopped)"]


def test_a_stage_that_takes_too_long_is_rolled_back_once_all_are_over() -> None:
    """Each has the time of the stage and ends by itself: nobody is made to leave."""
    walked = walk(a_stage(BESIDE, rollback="undo", more="timeout: 30s"), crew=Leaving(takes={"one": 60.0, "two": 70.0}))
    assert walked.log == ["one", "two", "undo", "(ship RolledBack)"]
    order = [(one.path[-1], one.mark) for one in walked.told]
    ended = [order.index((name, Mark.EXPIRED)) for name in ("one", "two")]
    assert max(ended) < order.index(("undo", Mark.RUNNING))


def test_of_steps_that_fail_the_others_go_on_to_their_end() -> None:
    crew = Leaving({"one": [LastgoodError("it broke")]}, takes={"two": 60.0})
    assert walk(a_stage(BESIDE, rollback="undo"), crew=crew).log == ["one", "two", "undo", "(ship RolledBack)"]


@pytest.mark.parametrize("moment", [29.5, 30.5])
def test_a_timeout_that_comes_while_the_journal_is_written_is_no_other_run(moment: float) -> None:
    """The stage and its step are noted in the first two seconds, and the step again after 30."""
    clock, journals, crew = FakeClock(), Versioned(), Logged(takes={"one": 28.0})
    walking = Walk(crew, clock, journals.kept, journals.keep, nobody, lambda note: None)
    text = a_stage("one two", rollback="undo", more=f"timeout: {int(moment * 1000)}ms")
    assert clock.run(walking.pipeline(written(text))).mark is Mark.ROLLED_BACK
    assert crew.log[-2:] == ["undo", "(ship RolledBack)"]


# --- the two by themselves


async def ends(seconds: float, error: Exception | None = None) -> float:
    await asyncio.sleep(seconds)
    if error is not None:
        raise error
    return seconds


@virtual_time
async def test_answers_are_in_the_order_of_what_was_asked() -> None:
    assert await together(map(ends, (3.0, 1.0, 2.0))) == [3.0, 1.0, 2.0]
    assert await together([]) == []


@virtual_time
async def test_of_two_errors_that_somebody_took_over_is_told() -> None:
    with pytest.raises(Fenced):
        await together([ends(1, ValueError("a bug")), ends(1, TAKEN_OVER)])


@virtual_time
async def test_what_is_whole_ends_and_then_the_cancellation_goes_on() -> None:
    ended: list[str] = []

    async def write() -> None:
        await asyncio.sleep(2)
        ended.append("written")

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await whole(write())
    assert ended == ["written"]
