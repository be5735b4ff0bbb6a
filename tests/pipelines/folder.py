"""A folder with a stage in it, the service and the environment that it names, and whatever lies over them."""

from __future__ import annotations

from dataclasses import dataclass

from lastgood.loading import read_file
from lastgood.pipelines.grounds import Given, Ground, Grounds
from lastgood.pipelines.inspecting import read_pipeline
from lastgood.pipelines.journal import Journal
from lastgood.pipelines.neighbours import look_around
from tests.pipelines.shop import Shop, service_text

ENVIRONMENT = "{name: prod, identifier: prod, type: Production}"
INFRASTRUCTURE = """\
infrastructureDefinition:
  name: cluster
  identifier: cluster
  environmentRef: prod
  type: KubernetesDirect
  spec: {namespace: prod, releaseName: shop}
"""
STAGE = """\
stage:
  name: ship
  identifier: ship
  type: Deployment
  spec:
    deploymentType: Kubernetes
    service: {serviceRef: Shop_1}
    environment: {environmentRef: prod, infrastructureDefinitions: [{identifier: cluster}]}
    execution: {steps: [%s], rollbackSteps: []}
"""


@dataclass(frozen=True)
class Folder(Shop):
    """A file store that has the other files, too."""

    def stage(self, *steps: str) -> Folder:
        """Write the stage and what it names."""
        self.put("stage.yaml", STAGE % ", ".join(steps))
        self.put("service.yaml", service_text(variables={"size": "small"}))
        self.put("cluster.yaml", INFRASTRUCTURE)
        self.put("prod.yaml", f"environment: {ENVIRONMENT}")
        return self

    def grounds(self) -> Grounds:
        """What a run of it stands on."""
        return Grounds(read_pipeline(read_file(self.store / "stage.yaml", "stage.yaml")), self.given())

    def given(self) -> Given:
        """What a run of it is given."""
        return Given(look_around(self.store), self.store)

    def ground(self, journal: Journal | None = None) -> Ground:
        """What its stage stands on."""
        grounds = self.grounds()
        return grounds.of(next(grounds.pipeline.each_stage()), journal or Journal("run", "ship", ""))
