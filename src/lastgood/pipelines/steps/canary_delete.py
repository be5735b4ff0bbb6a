"""``K8sCanaryDelete``: the canary goes."""

from __future__ import annotations

from lastgood.pipelines.step import StepType

STEP = StepType(
    type="K8sCanaryDelete",
    does="deletes what the canary made, by the names that were recorded, also after partial success",
    deploys=True,
)
