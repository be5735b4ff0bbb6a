"""``K8sScale``: another number of pods."""

from __future__ import annotations

from lastgood import operating
from lastgood.model.resource import Ref
from lastgood.pipelines.crew import Done
from lastgood.pipelines.hands import Hands, operated


async def act(hands: Hands) -> Done:
    """Scale, and wait unless told otherwise."""
    (ref,) = await operating.find(hands.site, [hands.text("workload")])
    skip = hands.is_true("skipSteadyStateCheck")
    base = _base(hands, ref)
    done = await operating.scale(hands.site, ref, hands.amount(), base=base, skip_wait=skip, within=hands.within)
    return operated(done, "scaled")


def _base(hands: Hands, ref: Ref) -> int | None:
    """What percentages are of: the replicas that the service's manifest says; None where it has no such workload."""
    if not hands.amount().percent:
        return None
    found = (one for one in hands.ground.release().resources if (one.ref.kind, one.ref.name) == (ref.kind, ref.name))
    body = next((one.body for one in found), None)
    return int((body.get("spec") or {}).get("replicas", 1)) if body else None
