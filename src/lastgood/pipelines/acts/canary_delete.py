"""``K8sCanaryDelete``: the canary goes, by the names in the record of its release."""

from __future__ import annotations

from lastgood import operating
from lastgood.model.release import State
from lastgood.pipelines.crew import Done
from lastgood.pipelines.hands import Hands, operated


async def act(hands: Hands) -> Done:
    """Delete it. Among the steps the release stays staged, for the deploy that follows; in a rollback it ends."""
    history = await hands.settled() if hands.rolls_back else await hands.history()
    latest = history.latest
    if latest is not None and latest.state is State.FAILED and hands.journal.run in latest.why:
        return await _deleted(hands, latest.number)
    if latest is None or not hands.waits(history):
        return Done(sentence="there is no canary of this stage")
    if hands.rolls_back:
        await hands.deployer.abort(hands.name, options=hands.options)
        return Done(sentence=f"the canary of release {latest.number} is deleted")
    return await _deleted(hands, latest.number)


async def _deleted(hands: Hands, number: int) -> Done:
    """Also of a first release that failed: there was nothing to come back to, which would have deleted it."""
    release = await hands.deployer.show(hands.name, number)
    done = await operating.delete(hands.site, sorted(release.staged_refs - release.refs), within=hands.within)
    return operated(done, "the canary is deleted", beside=False)
