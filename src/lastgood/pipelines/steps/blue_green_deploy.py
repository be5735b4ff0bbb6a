"""``K8sBlueGreenDeploy``: the new release beside the live one, in the other colour, behind the stage Service."""

from __future__ import annotations

from lastgood.pipelines.shape import better, truth
from lastgood.pipelines.step import SKIP_DRY_RUN, TRAFFIC_ROUTING, StepType, command_flags

STEP = StepType(
    type="K8sBlueGreenDeploy",
    does="makes the workloads of the idle colour live, points the stage Service at them, and waits",
    keys=(
        SKIP_DRY_RUN,
        better("pruningEnabled", truth(), "never takes what the live colour needs"),
        better(
            "skipDeploymentIfSameManifest",
            truth(),
            "compares with the live release, its configuration too, and proves that it is healthy",
            default="false",
        ),
        command_flags("Apply"),
        TRAFFIC_ROUTING,
    ),
    undone_by="K8sBGSwapServices",
    outputs={"stageServiceName": "the name of the stage Service"},
    deploys=True,
)
