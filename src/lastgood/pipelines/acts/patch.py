"""``K8sPatch``: one resource is patched."""

from __future__ import annotations

from lastgood import operating
from lastgood.model.patching import Style
from lastgood.pipelines.contents import read_store
from lastgood.pipelines.crew import Done
from lastgood.pipelines.hands import Hands, operated
from lastgood.pipelines.nodes import Node

ON = "Inline"


async def act(hands: Hands) -> Done:
    """Patch, and wait unless told otherwise."""
    (ref,) = await operating.find(hands.site, [hands.text("workload")])
    style = hands.one_of("mergeStrategyType", Style)
    text, name = _source(hands)
    cause = f"lastgood run: {hands.step.name or hands.step.identifier}" if hands.is_true("recordChangeCause") else ""
    done = await operating.patch(
        hands.site,
        ref,
        operating.read_patch(text, style, name),
        style=style,
        cause=cause,
        skip_wait=hands.is_true("skipSteadyStateCheck"),
        within=hands.within,
    )
    return operated(done, "patched")


def _source(hands: Hands) -> tuple[str, str]:
    """The text of the patch and what to call it."""
    store = read_store(Node(hands.step.spec.entry("source").plain(), hands.step.spec.entry("source").spot))
    entries = hands.ground.stores.entries(store)
    shelf = hands.ground.stores.shelf(store, hands.ground.scope, *(hands.evaluated(one) for one in entries))
    file = shelf.file(hands.evaluated(entries[0]), entries[0].spot)
    return hands.ground.scope.evaluate(file.text, entries[0].spot), file.name
