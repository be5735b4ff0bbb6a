"""``K8sBGSwapServices``: the primary and the stage Service change their colours."""

from __future__ import annotations

from lastgood.pipelines.step import SKIP_DRY_RUN, StepType

STEP = StepType(
    type="K8sBGSwapServices",
    does="gives the primary Service the colour of the stage Service and the other way round, then watches the live one",
    keys=(SKIP_DRY_RUN,),
    undone_by="K8sBGSwapServices",
    deploys=True,
)
