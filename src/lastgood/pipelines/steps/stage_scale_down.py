"""``K8sBlueGreenStageScaleDown``: frees what the idle colour holds."""

from __future__ import annotations

from lastgood.pipelines.step import StepType

STEP = StepType(
    type="K8sBlueGreenStageScaleDown",
    does="takes the pods of the idle colour away; what it was is recorded, so that scaling up brings all of it back",
    undone_by="K8sBlueGreenStageScaleUp",
    deploys=True,
)
