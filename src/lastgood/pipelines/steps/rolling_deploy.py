"""``K8sRollingDeploy``: a release, in the order in which things need each other."""

from __future__ import annotations

from lastgood.pipelines.shape import better, truth
from lastgood.pipelines.step import SKIP_DRY_RUN, StepType, command_flags

STEP = StepType(
    type="K8sRollingDeploy",
    does="makes the service's manifests live, waits until they are healthy, and proves it",
    keys=(
        SKIP_DRY_RUN,
        better(
            "pruningEnabled",
            truth(),
            "prunes what any release since the last good one made, not only the release before; without the key the "
            "mode decides: declarative prunes, standard does not",
        ),
        command_flags("Apply"),
    ),
    undone_by="K8sRollingRollback",
    deploys=True,
)
