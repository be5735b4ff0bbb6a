"""``K8sApply``: manifests beside the release."""

from __future__ import annotations

from lastgood import operating
from lastgood.pipelines.choosing import chosen
from lastgood.pipelines.crew import Done
from lastgood.pipelines.hands import Hands, operated, told


async def act(hands: Hands) -> Done:
    """Apply them, and wait unless told otherwise."""
    if hands.only_shows:
        compared = await operating.diff(hands.site, chosen(hands))
        return Done(
            sentence=told("would change", [f"{one.op.value} {one.ref}" for one in compared.changes if one.writes])
        )
    done = await operating.apply(
        hands.site,
        chosen(hands),
        skip_dry_run=hands.is_true("skipDryRun"),
        skip_wait=hands.is_true("skipSteadyStateCheck"),
        within=hands.within,
    )
    return operated(done, "applied")
