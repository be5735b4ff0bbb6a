"""``K8sRollingRollback``: back to the release that was good before this stage, wherever the step stands."""

from __future__ import annotations

from lastgood.pipelines.crew import Done
from lastgood.pipelines.hands import Hands, go_back

NOTHING = "nothing was deployed, so there is nothing to roll back"
FIRST = "there is no earlier good release to go back to"
BACK = "release {previous} is back as release {number}"


async def act(hands: Hands) -> Done:
    """Go back; what a failed deploy has undone already, or an earlier try of this step, is not undone again."""
    history = await hands.settled()
    made = hands.made(history)
    if made is not None and history.last_good is not None and history.last_good.number == made[0]:
        return await go_back(hands, *made, said=BACK, nothing=FIRST)
    if made is None and not hands.rolls_back:
        release = await hands.deployer.rollback(hands.name, to=None, options=hands.options)
        return Done(sentence=f"release {release.restores} is back as release {release.number}")
    if history.latest is None:
        return Done(sentence=NOTHING)
    return await _recovered(hands)


async def _recovered(hands: Hands) -> Done:
    """Whatever a deploy has left undone is finished or undone; nothing, if it has undone itself."""
    release = await hands.deployer.recover(hands.name, options=hands.options)
    if release is None:
        good = (await hands.history()).last_good
        return Done(sentence=f"release {good.number} is live: nothing is to be rolled back" if good else NOTHING)
    return Done(sentence=f"release {release.restores or release.number} is live, and proved")
