"""``K8sBGSwapServices``: traffic goes to the colour that this stage has staged, or in a rollback back from it."""

from __future__ import annotations

from lastgood.model.release import State
from lastgood.pipelines.crew import Done
from lastgood.pipelines.hands import Hands, outcome

NEVER = "nothing was swapped, so there is nothing to swap back"


async def act(hands: Hands) -> Done:
    """Swap, once: a swap that never happened is not undone, and one that was undone not undone again."""
    made, history = hands.made(), await hands.history()
    latest, good = history.latest, history.last_good
    if made is None:
        return Done(sentence="this stage has staged nothing: there is nothing to swap")
    if hands.rolls_back:
        return await _back(hands, *made) if good and good.number == made[0] else Done(sentence=NEVER)
    if latest is None or latest.number != made[0] or latest.state is not State.STAGED:
        return Done(sentence=f"release {made[0]} is not staged any more: there is nothing to swap")
    before = history
    release = await hands.deployer.swap(hands.name, options=hands.options)
    return Done(await outcome(hands, release.number, before), f"release {release.number} has the traffic")


async def _back(hands: Hands, number: int, previous: int | None) -> Done:
    if previous is None:
        left = f"release {number} of {hands.name}: there was no good release before it"
        return Done(sentence="there is no earlier colour to swap back to", left=(left,))
    release = await hands.deployer.rollback(hands.name, to=previous, options=hands.options)
    return Done(sentence=f"release {previous} has the traffic again, as release {release.number}")
