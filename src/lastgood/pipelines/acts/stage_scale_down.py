"""``K8sBlueGreenStageScaleDown``: the colour without traffic gives its pods back."""

from __future__ import annotations

from lastgood import operating
from lastgood.pipelines.crew import Done
from lastgood.pipelines.hands import Hands, operated
from lastgood.pipelines.idling import idle_colour


async def act(hands: Hands) -> Done:
    """Delete its workloads with their autoscalers and budgets; the record keeps what is needed to bring them back."""
    idle = await idle_colour(hands)
    if idle is None:
        return Done(sentence="there is no colour without traffic")
    release, resources = idle
    done = await operating.delete(hands.site, [one.ref for one in resources], within=hands.within)
    return operated(done, f"{release.colour}, release {release.number}, is scaled down", beside=False)
