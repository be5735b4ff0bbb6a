"""What is done about a step that failed: its strategies are read, and somebody is asked where they say so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from lastgood.errors import InputError
from lastgood.pipelines.crew import Crew, Halt, Place, Question
from lastgood.pipelines.journal import Journal, Mark
from lastgood.pipelines.reacting import RETRY, Again, Ask, Error, Reaction, Reading, Verb, follow, reaction
from lastgood.pipelines.stage import Step


@dataclass(frozen=True, slots=True)
class Failed:
    """How a step has failed; ``tried`` counts the tries."""

    error: Error
    sentence: str
    tried: int = 1


@dataclass(frozen=True, slots=True)
class Decider:
    """Decides. ``ask`` gives an answer, or None in time."""

    crew: Crew
    ask: Callable[[Question], Awaitable[str | None]]

    async def about(self, step: Step, place: Place, journal: Journal, failed: Failed) -> tuple[Verb | Again, str]:
        """What is done about it, and its sentence: of a strategy that cannot be read it says that, too."""
        here = replace(place, levels=(step.failures, *place.levels))
        try:
            return await self._about(here, (*place.path, step.identifier), journal, failed), failed.sentence
        except InputError as error:
            verb = Verb.FAIL if place.rolls_back else Verb.ROLL_BACK_STAGE
            return verb, f"{failed.sentence}; and what is to be done then cannot be told: {error}"

    def reaction(self, error: Error, place: Place, journal: Journal, *, tried: int = 1) -> Reaction:
        """What the strategies around a node say. Raises ``InputError`` for words that cannot be read."""
        if place.rolls_back and not any(place.levels):
            return Verb.FAIL
        return reaction(error, place.levels, tried=tried, reading=self._reading(place, journal))

    def expired(self, place: Place, journal: Journal, sentence: str) -> Halt:
        """What its time has ended. What deploys is not cut off by that: it had no more time than this."""
        found = self.reaction(Error.TIMEOUT, place, journal)
        return Halt(found if isinstance(found, Verb) else Verb.ROLL_BACK_STAGE, sentence, Mark.EXPIRED)

    async def _about(self, here: Place, path: tuple[str, ...], journal: Journal, failed: Failed) -> Verb | Again:
        found = self.reaction(failed.error, here, journal, tried=failed.tried)
        while isinstance(found, Ask):
            within = min(found.within, here.until.left)
            answer = await self.ask(Question(path, failed.sentence, within))
            if answer == RETRY:
                return Again(0.0)
            if answer is not None:
                return Verb(answer)
            found = follow(found.then, tried=failed.tried, reading=self._reading(here, journal))
        return found

    def _reading(self, place: Place, journal: Journal) -> Reading:
        return Reading(
            lambda word: self.crew.text(place.stage, word, journal),
            lambda word: self.crew.holds(place.stage, word, journal),
        )
