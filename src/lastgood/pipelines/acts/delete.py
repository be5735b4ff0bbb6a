"""``K8sDelete``: resources go, by name, by manifest, or all of a release."""

from __future__ import annotations

from lastgood import operating
from lastgood.model.operation import Going, Propagation
from lastgood.pipelines.choosing import named
from lastgood.pipelines.crew import Done
from lastgood.pipelines.hands import Hands, operated

CASCADES = {"background": Propagation.BACKGROUND, "foreground": Propagation.FOREGROUND, "orphan": Propagation.ORPHAN}


async def act(hands: Hands) -> Done:
    """Delete, and wait until it is gone."""
    resources = hands.step.spec.entry("deleteResources")
    spec = resources.entry("spec")
    if resources.word("type").text == "ReleaseName":
        whole = hands.is_true("deleteNamespace", spec)
        done = await operating.remove(hands.deployer, hands.name, with_namespace=whole, options=hands.options)
    else:
        done = await operating.delete(
            hands.site, await named(hands, resources), going=_going(hands), within=hands.within
        )
    return operated(done, "deleted")


def _going(hands: Hands) -> Going:
    cascade, grace = hands.flag("--cascade"), hands.flag("--grace-period")
    if hands.flag("--now") is not None:
        grace = "1"
    return Going(CASCADES.get(cascade or ""), int(grace) if grace else None)
