"""The catalogue of strategies: which pictures a release has, and how changes become steps. Pure."""

from __future__ import annotations

from lastgood.model.marks import DIRECT_APPLY
from lastgood.strategies.colours import colour_of
from lastgood.strategies.dismantling import dismantle
from lastgood.strategies.phases import STAGE, TAKE_OVER, phase_of, promotion_after
from lastgood.strategies.rolling import arrange
from lastgood.strategies.routing import arranged, standby_of

__all__ = [
    "DIRECT_APPLY",
    "STAGE",
    "TAKE_OVER",
    "arrange",
    "arranged",
    "colour_of",
    "dismantle",
    "phase_of",
    "promotion_after",
    "standby_of",
]
