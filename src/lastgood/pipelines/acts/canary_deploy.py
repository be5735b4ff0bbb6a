"""``K8sCanaryDeploy``: the release is staged as a canary beside the live one."""

from __future__ import annotations

from dataclasses import replace

from lastgood.model.release import Strategy
from lastgood.pipelines.crew import Done
from lastgood.pipelines.hands import WORKLOADS, Hands, outcome, shown


async def act(hands: Hands) -> Done:
    """Stage it. Its outputs name the release and the canary's workloads."""
    before, amount = await hands.history(), hands.amount()
    size = f"{amount.value}%" if amount.percent else str(amount.value)
    request = replace(hands.request(), strategy=Strategy.CANARY, canary=size, staged=True)
    if hands.only_shows:
        return await shown(hands, request)
    release = await hands.deployer.deploy(request)
    made = await outcome(hands, release.number, before)
    names = ",".join(one.ref.name for one in release.staged if one.ref.kind in WORKLOADS)
    said = f"is staged: {names}" if made else "is live already"
    return Done({**made, "canaryWorkload": names}, f"release {release.number} {said}")
