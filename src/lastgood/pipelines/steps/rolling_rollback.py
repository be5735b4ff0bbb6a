"""``K8sRollingRollback``: back to the last good release."""

from __future__ import annotations

from lastgood.pipelines.shape import better, truth
from lastgood.pipelines.step import StepType, command_flags

STEP = StepType(
    type="K8sRollingRollback",
    does="brings back the last good release, whatever failed since; may stand anywhere",
    keys=(
        better(
            "pruningEnabled",
            truth(),
            "what the deploy said of pruning holds on the way back, after a chain of failures too",
        ),
        command_flags("Apply"),
    ),
    deploys=True,
)
