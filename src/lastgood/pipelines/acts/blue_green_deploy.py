"""``K8sBlueGreenDeploy``: the release is staged in the colour that has no traffic."""

from __future__ import annotations

from dataclasses import replace

from lastgood.model.marks import COLOUR
from lastgood.model.release import Release, Strategy
from lastgood.model.resource import Ref
from lastgood.pipelines.crew import Done
from lastgood.pipelines.hands import Hands, outcome, shown


async def act(hands: Hands) -> Done:
    """Stage it. Its outputs name the release and the stage Service."""
    before = await hands.history()
    request = replace(hands.request(), strategy=Strategy.BLUE_GREEN, staged=True)
    if hands.only_shows:
        return await shown(hands, request)
    release = await hands.deployer.deploy(request)
    made = await outcome(hands, release.number, before)
    stage = next((ref.name for ref in release.routes if _is_stage(release, ref)), "")
    said = f"is staged in {release.colour}" if made else "is live already"
    return Done({**made, "stageServiceName": stage}, f"release {release.number} {said}")


def _is_stage(release: Release, ref: Ref) -> bool:
    """Whether this Service leads to the new colour while the release is staged."""
    staged = next((one for one in release.staged if one.ref == ref), None)
    selector = ((staged.body.get("spec") or {}).get("selector") or {}) if staged else {}
    return bool(selector.get(COLOUR) == release.colour)
