"""``K8sPatch``: some fields of one resource."""

from __future__ import annotations

from lastgood.pipelines.keys.manifest import store
from lastgood.pipelines.shape import Key, choice, truth
from lastgood.pipelines.step import SKIP_STEADY_STATE_CHECK, StepType, command_flags, resource_name

STEP = StepType(
    type="K8sPatch",
    does="patches one resource, and waits until it is healthy",
    keys=(
        Key("workload", resource_name(), required=True),
        Key("source", store("Inline"), required=True),
        Key("mergeStrategyType", choice("Strategic", "Merge", "Json", any_case=True), required=True),
        Key("recordChangeCause", truth(), default="false"),
        SKIP_STEADY_STATE_CHECK,
        command_flags("Patch"),
    ),
    undone_by="nothing by itself: write a step of your own",
)
