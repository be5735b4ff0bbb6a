"""Names of one file are looked for in those that are looked at with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lastgood.model.source import File
from lastgood.pipelines.inspecting import inspect
from lastgood.pipelines.linking import identifier_of, linked

STAGES = Path(__file__).parent / "stages"
SERVICE = """
service:
  name: Orders
  identifier: {}
  serviceDefinition:
    type: Kubernetes
    spec:
      manifests:
        - manifest: {{identifier: m, type: K8sManifest, spec: {{store: {{type: Harness, spec: {{files: [/a]}}}}}}}}
"""
ENVIRONMENT = "environment: {{name: Staging, identifier: {}, type: PreProduction}}\n"
INFRASTRUCTURE = """
infrastructureDefinition:
  name: Cluster
  identifier: {}
  environmentRef: {}
  type: KubernetesDirect
  spec: {{namespace: orders}}
"""


def stage(name: str = "rolling") -> str:
    return (STAGES / f"{name}.yaml").read_text()


def complaints(*texts: str) -> list[str]:
    files = [inspect(File(f"{place}.yaml", text)) for place, text in enumerate(texts)]
    return [f"{one.file}:{one.line}: {one.sentence}" for each in linked(files) for one in each.findings]


def test_what_fits_together_is_well() -> None:
    service, environment = SERVICE.format("orders"), ENVIRONMENT.format("staging")
    assert complaints(stage(), service, environment, INFRASTRUCTURE.format("staging_cluster", "staging")) == []


def test_of_what_is_elsewhere_nothing_is_said() -> None:
    assert complaints(stage()) == []
    assert complaints(stage(), ENVIRONMENT.format("staging")) == []


def test_a_name_that_no_file_has_is_told_with_the_one_that_may_be_meant() -> None:
    assert complaints(stage(), SERVICE.format("order"), ENVIRONMENT.format("prod")) == [
        "0.yaml:9: none of these files holds the service orders; did you mean order?",
        "0.yaml:11: none of these files holds the environment staging",
    ]


def test_an_infrastructure_belongs_to_its_environment() -> None:
    elsewhere = INFRASTRUCTURE.format("staging_cluster", "prod")
    told = "none of these files holds the infrastructure staging_cluster in the environment staging"
    assert complaints(stage(), elsewhere) == [f"0.yaml:13: {told}"]


def test_overrides_and_infrastructures_name_others_too() -> None:
    infrastructure = INFRASTRUCTURE.format("prod_cluster", "prod")
    assert complaints(stage("overrides"), ENVIRONMENT.format("test"), infrastructure, SERVICE.format("orders")) == [
        "0.yaml:7: none of these files holds the environment prod",
        "2.yaml:5: none of these files holds the environment prod",
    ]


def test_two_files_with_one_name_are_an_error() -> None:
    twice = (SERVICE.format("orders"), SERVICE.format("orders"))
    assert complaints(*twice) == ["1.yaml:4: 0.yaml holds the service orders too"]
    infrastructures = (INFRASTRUCTURE.format("a", "staging"), INFRASTRUCTURE.format("a", "prod"))
    assert complaints(*infrastructures) == []


def test_expressions_name_what_is_known_only_later() -> None:
    text = stage().replace("serviceRef: orders", "serviceRef: <+input>").replace("staging", "<+input>")
    assert complaints(text, SERVICE.format("a"), ENVIRONMENT.format("b")) == []


@pytest.mark.parametrize("reference", ["orders", "account.orders", "org.orders"])
def test_scopes_of_the_product_are_left_out(reference: str) -> None:
    assert identifier_of(reference) == "orders"
    assert complaints(stage().replace("serviceRef: orders", f"serviceRef: {reference}"), SERVICE.format("orders")) == []
