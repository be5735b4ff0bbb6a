"""The two colours, and which of them is whose. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lastgood.errors import SettingError
from lastgood.model.marks import COLOUR
from lastgood.model.reading import text
from lastgood.model.resource import Body, Ref
from lastgood.strategies.selecting import pod_labels

BLUE, GREEN = "blue", "green"
COLOURS = (BLUE, GREEN)


def other(colour: str) -> str:
    """The other colour."""
    return GREEN if colour == BLUE else BLUE


def colour_of(body: Body) -> str:
    """The colour that something belongs to, by its own label or that of its pods; empty for what belongs to none.

    Services belong to no colour: ``colour_selected`` says where they lead.
    """
    return text(body, "metadata", "labels", COLOUR) or str(pod_labels(body).get(COLOUR) or "")


def colour_selected(body: Body) -> str:
    """The colour that a Service leads to; empty where it says none."""
    return text(body, "spec", "selector", COLOUR)


def live_colour(primaries: Iterable[Ref], live: Mapping[Ref, Body]) -> str:
    """The colour that the live primary Services lead to; empty where there is none yet.

    Raises ``SettingError`` where they say different ones, or one that is none.
    """
    found = {ref: colour_selected(live[ref]) for ref in primaries if ref in live}
    said = {colour: ref for ref, colour in found.items() if colour}
    for colour, ref in said.items():
        if colour not in COLOURS:
            problem = f"{ref} is live and selects {COLOUR}: {colour}, which is neither {BLUE} nor {GREEN}"
            raise SettingError(problem, hint=f"remove {COLOUR} from its selector, or make it {BLUE}")
    if len(said) > 1:
        one, two = sorted(said.items())
        problem = f"{one[1]} leads to {one[0]}, but {two[1]} to {two[0]}: nobody can say which colour is live"
        raise SettingError(problem, hint="`lastgood recover` finishes a swap that was interrupted")
    return next(iter(said), "")
