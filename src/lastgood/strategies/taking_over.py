"""Taking over a live release without colours, so that blue-green can begin beside it. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from lastgood.model.marks import COLOUR, DIRECT_APPLY, says
from lastgood.model.resource import Body, Ref, Resource
from lastgood.strategies.colours import BLUE, COLOURS, colour_of, colour_selected, live_colour
from lastgood.strategies.copying import copied_configuration
from lastgood.strategies.following import budgets, scalers
from lastgood.strategies.pairing import refuse_mixed
from lastgood.strategies.selecting import label_pods, select_by
from lastgood.strategies.serving import leads_to, services
from lastgood.strategies.workloads import MADE_TWICE, need_selection


def take_over(last_good: tuple[Resource, ...], live: Mapping[Ref, Body]) -> tuple[Resource, ...] | None:
    """What has to be live before a first release of blue-green over a live one without colours; None if it has any.

    The resources of the last good release, whose pods have a colour, and whose Services and budgets want it. The names
    and the workloads' selectors stay, so the pods have to be there with their label before a Service may want it.
    """
    found = tuple(one for one in last_good if one.ref.group_kind in MADE_TWICE and not says(one.body, DIRECT_APPLY))
    plain = tuple(one for one in found if not colour_of(one.body))
    leading = {one.ref for one in services(last_good) if any(leads_to(one, made) for made in plain)}
    if all(colour_selected(one.body) for one in last_good if one.ref in leading):
        return None
    refuse_mixed(last_good, found)
    said = {colour_of(one.body) for one in found} & set(COLOURS)
    colour = min(said, default="") or live_colour(leading, live) or BLUE
    for one in plain:
        need_selection(one, {COLOUR: colour})
    protecting = {one.ref for one in budgets(last_good, plain)}
    workloads = {one.ref for one in plain}
    belongs = {one.ref for one in copied_configuration(plain, last_good)} | scalers(last_good, plain).keys()
    return tuple(
        _marked(
            one,
            colour,
            pods=one.ref in workloads,
            selector=one.ref in leading | protecting,
            own=one.ref in belongs | workloads | protecting,
        )
        for one in last_good
    )


def _marked(one: Resource, colour: str, *, pods: bool, selector: bool, own: bool) -> Resource:
    """The same with the colour on its pods, in its selector, and as a label of its own."""
    made = one.with_body(one.copy_body())
    if pods:
        label_pods(made.body, {COLOUR: colour})
    if selector:
        select_by(made.body, COLOUR, colour)
    if own:
        made.body["metadata"]["labels"] = {**made.labels, COLOUR: colour}
    return made
