"""The stages are fixtures of every story."""

from tests.stories.stage import stage

__all__ = ["stage"]
