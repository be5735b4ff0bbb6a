"""``K8sApply``: manifests beside the release."""

from __future__ import annotations

from lastgood import operating
from lastgood.pipelines.choosing import chosen
from lastgood.pipelines.crew import Done
from lastgood.pipelines.hands import Hands, operated


async def act(hands: Hands) -> Done:
    """Apply them, and wait unless told otherwise."""
    done = await operating.apply(
        hands.site,
        chosen(hands),
        skip_dry_run=hands.is_true("skipDryRun"),
        skip_wait=hands.is_true("skipSteadyStateCheck"),
        within=hands.within,
    )
    return operated(done, "applied")
