"""``K8sCanaryDeploy``: some pods of the new release beside those of the live one."""

from __future__ import annotations

from lastgood.pipelines.shape import Key, choice, number, refused
from lastgood.pipelines.step import (
    COMES_LATER,
    SKIP_DRY_RUN,
    TRAFFIC_ROUTING,
    StepType,
    command_flags,
    instance_selection,
)

PROGRESSIVE = f"a progressive canary {COMES_LATER}: write Standard, or leave it out"

STEP = StepType(
    type="K8sCanaryDeploy",
    does="makes copies of the workloads, called <name>-canary, with so many pods; more than one workload is allowed",
    keys=(
        instance_selection(least=1, required=True),
        Key("canaryType", choice("Standard", refused={"Progressive": PROGRESSIVE}), default="Standard"),
        refused("targetPercentage", f"belongs to a progressive canary, which {COMES_LATER}", number(least=1, most=100)),
        SKIP_DRY_RUN,
        command_flags("Apply"),
        TRAFFIC_ROUTING,
    ),
    undone_by="K8sCanaryDelete",
    outputs={"canaryWorkload": "the name of the canary's workload; of several, with commas between them"},
    deploys=True,
)
