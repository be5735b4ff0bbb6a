"""``K8sDryRun``: what would be sent, once the API server has looked at it."""

from __future__ import annotations

from lastgood.pipelines.shape import Key, truth
from lastgood.pipelines.step import StepType

STEP = StepType(
    type="K8sDryRun",
    does="lets the API server check the rendered manifests, and changes nothing",
    keys=(Key("encryptYamlOutput", truth(), default="false"),),
    outputs={"k8s.ManifestDryRun": "the rendered manifests; with encryptYamlOutput the values of Secrets are masked"},
)
