"""The catalogue of strategies: changes become steps. Pure."""

from __future__ import annotations

from lastgood.strategies.rolling import arrange, is_unmanaged

__all__ = ["arrange", "is_unmanaged"]
