"""``K8sScale``: another number of pods for one workload."""

from __future__ import annotations

from lastgood.pipelines.shape import Key
from lastgood.pipelines.step import SKIP_STEADY_STATE_CHECK, StepType, instance_selection, resource_name

NO_REPLICAS = "a DaemonSet has no replicas: it runs one pod on each node"

STEP = StepType(
    type="K8sScale",
    does="sets the replicas of one workload; a percentage is of what its manifest says, or else of what it has now",
    keys=(
        Key("workload", resource_name("Deployment", "StatefulSet", refused={"DaemonSet": NO_REPLICAS}), required=True),
        instance_selection(least=0, required=True),
        SKIP_STEADY_STATE_CHECK,
    ),
    undone_by="nothing by itself: write a step of your own",
)
