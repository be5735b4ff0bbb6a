"""``K8sRollingDeploy``: the release is rolled out, or the one whose canary this stage has shown takes its place."""

from __future__ import annotations

from lastgood.pipelines.crew import Done
from lastgood.pipelines.hands import Hands, outcome, shown


async def act(hands: Hands) -> Done:
    """Deploy; what fails is undone at once, whatever the failure strategies say."""
    if hands.only_shows:
        return await shown(hands, hands.request())
    before = await hands.history()
    if hands.waits(before):
        release = await hands.deployer.promote(hands.name, options=hands.deploying())
    else:
        release = await hands.deployer.deploy(hands.request())
    made = await outcome(hands, release.number, before)
    is_new = "is good" if made else "is live already"
    return Done(made, f"release {release.number} {is_new}")
