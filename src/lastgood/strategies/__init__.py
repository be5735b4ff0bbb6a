"""The catalogue of strategies: changes become steps. Pure."""

from __future__ import annotations

from lastgood.model.marks import DIRECT_APPLY
from lastgood.strategies.dismantling import dismantle
from lastgood.strategies.rolling import arrange

__all__ = ["DIRECT_APPLY", "arrange", "dismantle"]
