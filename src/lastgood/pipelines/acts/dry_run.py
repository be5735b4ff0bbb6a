"""``K8sDryRun``: the manifests of the service as the API would make them."""

from __future__ import annotations

from lastgood import operating
from lastgood.pipelines.crew import Done
from lastgood.pipelines.hands import Hands

OUTPUT = "k8s.ManifestDryRun"


async def act(hands: Hands) -> Done:
    """Ask the API; nothing is changed. The output is the YAML, with what Secrets hold masked."""
    preview = await operating.dry_run(hands.site, hands.wanted())
    return Done({OUTPUT: preview.text}, f"{preview.text.count('apiVersion:')} resources would be as they should")
