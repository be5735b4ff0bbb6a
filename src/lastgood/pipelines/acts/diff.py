"""``K8sDiff``: what the manifests of the service would change."""

from __future__ import annotations

from lastgood import operating
from lastgood.pipelines.crew import Done
from lastgood.pipelines.hands import Hands, told


async def act(hands: Hands) -> Done:
    """Tell it; nothing is changed."""
    compared = await operating.diff(hands.site, hands.wanted())
    for change in compared.changes:
        for field in change.fields:
            hands.hear(f"{change.ref}: {field.path}: {field.before} -> {field.after}")
    names = [f"{one.op.value} {one.ref}" for one in compared.changes if one.writes]
    return Done(sentence=told("would change", names))
