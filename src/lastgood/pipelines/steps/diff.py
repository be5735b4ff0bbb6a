"""``K8sDiff``: in which fields the manifests differ from what is live."""

from __future__ import annotations

from lastgood.pipelines.step import StepType

STEP = StepType(
    type="K8sDiff",
    does="shows field by field what would change, and changes nothing; needs no diff program, and custom resources and "
    "Secrets are compared too, the values of Secrets masked",
)
