"""``K8sBGSwapServices``: traffic goes to the colour that this stage has staged, or in a rollback back from it."""

from __future__ import annotations

from lastgood.pipelines.crew import Done
from lastgood.pipelines.hands import Hands, go_back, outcome

NEVER = "nothing was swapped, so there is nothing to swap back"
FIRST = "there is no earlier colour to swap back to"
BACK = "release {previous} has the traffic again, as release {number}"


async def act(hands: Hands) -> Done:
    """Swap, once: a swap that never happened is not undone, and one that was undone not undone again."""
    history = await hands.settled()
    made, good = hands.made(history), history.last_good
    if made is None:
        return Done(sentence="this stage has staged nothing: there is nothing to swap")
    if hands.rolls_back:
        if good is None or good.number != made[0]:
            return Done(sentence=NEVER)
        return await go_back(hands, *made, said=BACK, nothing=FIRST)
    if good is not None and good.number == made[0]:  # swapped before the run was killed
        return Done(await outcome(hands, good.number, history), f"release {good.number} has the traffic")
    if not hands.waits(history):
        return Done(sentence=f"release {made[0]} is not staged any more: there is nothing to swap")
    release = await hands.deployer.swap(hands.name, options=hands.options)
    return Done(await outcome(hands, release.number, history), f"release {release.number} has the traffic")
