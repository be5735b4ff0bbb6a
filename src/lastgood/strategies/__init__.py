"""The catalogue of strategies: changes become steps. Pure."""

from __future__ import annotations

from lastgood.strategies.rolling import arrange

__all__ = ["arrange"]
