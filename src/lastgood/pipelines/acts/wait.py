"""``Wait``: time goes by."""

from __future__ import annotations

from lastgood.pipelines.crew import Done
from lastgood.pipelines.hands import Hands
from lastgood.pipelines.timeouts import seconds_of
from lastgood.pipelines.waiting import wait


async def act(hands: Hands) -> Done:
    """Wait."""
    duration = hands.text("duration")
    await wait(hands.deployer.clock, seconds_of(duration))
    return Done(sentence=f"waited {duration}")
