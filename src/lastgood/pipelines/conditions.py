"""Whether a ``when.condition`` holds: texts and expressions compared with each other. Pure.

``<+pipeline.stages.build.status> == "Failed"``. What an expression stands for is a value here, never part of the text:
nothing that a step prints can change what is asked.
"""

from __future__ import annotations

from lastgood.errors import ExpressionError
from lastgood.pipelines.expressions import Scope
from lastgood.pipelines.spots import Spot
from lastgood.pipelines.string_words import Unusable, truth


def holds(condition: str, scope: Scope, spot: Spot) -> bool:
    """Whether it does; an empty one does. Raises ``ExpressionError`` for what cannot be read, or is neither."""
    if not condition.strip():
        return True
    try:
        return truth(scope.calculate(condition, spot))
    except Unusable as error:
        problem = f"the condition {condition.strip()} {error}"
        raise ExpressionError(f"{spot}: {problem}", hint='compare it with something: <+...> == "..."') from error
