"""``K8sScale``: another number of pods."""

from __future__ import annotations

from lastgood import operating
from lastgood.pipelines.crew import Done
from lastgood.pipelines.hands import Hands, operated


async def act(hands: Hands) -> Done:
    """Scale, and wait unless told otherwise."""
    (ref,) = await operating.find(hands.site, [hands.text("workload")])
    skip = hands.is_true("skipSteadyStateCheck")
    done = await operating.scale(hands.site, ref, hands.amount(), skip_wait=skip, within=hands.within)
    return operated(done, "scaled")
