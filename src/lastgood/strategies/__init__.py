"""The catalogue of strategies: changes become steps. Pure."""

from __future__ import annotations

from lastgood.strategies.dismantling import dismantle
from lastgood.strategies.rolling import DIRECT_APPLY, arrange

__all__ = ["DIRECT_APPLY", "arrange", "dismantle"]
