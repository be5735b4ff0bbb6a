"""``Wait``: time goes by."""

from __future__ import annotations

from lastgood.pipelines.shape import Key, duration, for_people
from lastgood.pipelines.step import StepType

STEP = StepType(
    type="Wait",
    does="waits, and can be interrupted",
    keys=(Key("duration", duration(), required=True), for_people("metadata")),
)
