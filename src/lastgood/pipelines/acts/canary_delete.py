"""``K8sCanaryDelete``: the canary goes, by the names in the record of its release."""

from __future__ import annotations

from lastgood import operating
from lastgood.pipelines.crew import Done
from lastgood.pipelines.hands import Hands, operated


async def act(hands: Hands) -> Done:
    """Delete it. Among the steps the release stays staged, for the deploy that follows; in a rollback it ends."""
    history = await hands.history()
    latest = history.latest
    if latest is None or not hands.waits(history):
        return Done(sentence="there is no canary of this stage")
    if hands.rolls_back:
        await hands.deployer.abort(hands.name, options=hands.options)
        return Done(sentence=f"the canary of release {latest.number} is deleted")
    release = await hands.deployer.show(hands.name, latest.number)
    done = await operating.delete(hands.site, sorted(release.staged_refs - release.refs), within=hands.within)
    return operated(done, "the canary is deleted", beside=False)
