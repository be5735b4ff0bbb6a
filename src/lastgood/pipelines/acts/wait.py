"""``Wait``: time goes by."""

from __future__ import annotations

from lastgood.pipelines.crew import Done
from lastgood.pipelines.hands import Hands
from lastgood.pipelines.timeouts import seconds_in
from lastgood.pipelines.waiting import wait


async def act(hands: Hands) -> Done:
    """Wait."""
    word = hands.step.spec.word("duration")
    duration = hands.evaluated(word)
    await wait(hands.deployer.clock, seconds_in(word, duration))
    return Done(sentence=f"waited {duration}")
