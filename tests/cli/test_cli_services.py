"""A service's YAML in place of files: what it gives, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from lastgood.model.release import Mode
from lastgood.model.request import Request
from tests.cli.cast import GOOD
from tests.cli.world import FakeDeployer, Ran, lastgood

SERVICE = """
service:
  name: Web Shop
  identifier: Web_Shop
  serviceDefinition:
    type: Kubernetes
    spec:
      manifests:
        - manifest:
            identifier: shop
            type: K8sManifest
            spec:
              store:
                type: Harness
                spec:
                  files: [/templates]
              valuesPaths: [/values.yaml]
              enableDeclarativeRollback: true
      variables:
        - {name: level, type: String, value: info}
"""
VALUES = "image: <+artifact.image>\nlevel: <+serviceVariables.level>\nwhere: <+infra.namespace>\n"
TEMPLATE = """
apiVersion: v1
kind: ConfigMap
metadata: {name: app}
data:
  image: {{ .Values.image }}
  level: {{ .Values.level }}
  where: {{ .Values.where }}
"""
SETTINGS = ("--artifact", "registry.lab/web:2", "-n", "prod")


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """A service file, with its file store beside it."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "config.yaml").write_text(TEMPLATE)
    (tmp_path / "values.yaml").write_text(VALUES)
    (tmp_path / "service.yaml").write_text(SERVICE)
    return tmp_path / "service.yaml"


def deploy(service: Path, *arguments: str) -> tuple[Ran, list[Request]]:
    deployer = FakeDeployer(answer=GOOD)
    return lastgood("deploy", "--service", str(service), *arguments, deployer=deployer), deployer.asked


def test_a_service_says_what_the_release_is_called_and_labels_its_pods(service: Path) -> None:
    ran, (request,) = deploy(service, *SETTINGS)
    assert (0, "") == (ran.code, ran.err)
    assert ("web-shop", "prod") == (request.name, request.namespace)
    assert (("harness.io/release-name", "web-shop"),) == request.pod_labels
    (resource,) = request.resources
    assert resource.body["data"] == {"image": "registry.lab/web:2", "level": "info", "where": "prod"}


def test_a_name_variables_and_infrastructure_may_be_given(service: Path) -> None:
    _, (request,) = deploy(
        service, *SETTINGS, "--name", "shop-eu", "--set-variable", "level=a=b", "--infra", "namespace=shops"
    )
    assert ("shop-eu", (("harness.io/release-name", "shop-eu"),)) == (request.name, request.pod_labels)
    assert request.resources[0].body["data"] == {"image": "registry.lab/web:2", "level": "a=b", "where": "shops"}


def test_a_file_store_may_be_somewhere_else(service: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "services" / "shop.yaml"
    elsewhere.parent.mkdir()
    elsewhere.write_text(service.read_text())
    assert deploy(elsewhere, *SETTINGS)[0].code == 2
    assert deploy(elsewhere, *SETTINGS, "--file-store", str(tmp_path))[0].code == 0


def test_a_service_without_declarative_rollback_is_deployed_in_standard_mode(service: Path) -> None:
    """As the product does it: workloads are undone, configuration is numbered, nothing is pruned unless asked."""
    service.write_text(SERVICE.replace("              enableDeclarativeRollback: true\n", ""))
    ran, asked = deploy(service, *SETTINGS)
    assert 0 == ran.code, ran.err
    (request,) = asked
    assert (Mode.STANDARD, None, True) == (request.mode, request.prune, request.versioned)


def test_a_service_that_skips_versioning_keeps_its_names(service: Path) -> None:
    skip = "              skipResourceVersioning: true\n"
    service.write_text(SERVICE.replace("              enableDeclarativeRollback: true\n", skip))
    _, (request,) = deploy(service, *SETTINGS)
    assert (Mode.STANDARD, False) == (request.mode, request.versioned)


def test_what_is_odd_about_a_service_is_a_warning(service: Path) -> None:
    service.write_text(f"{SERVICE}        - {{name: colour, type: String, value: blue}}\n")
    ran, _ = deploy(service, *SETTINGS, "--set-variable", "colour=red")
    assert ran.code == 0
    assert ran.err == "warning: --set-variable colour has no effect: nothing uses <+serviceVariables.colour>\n"


def test_a_service_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    ran, _ = deploy(tmp_path / "none.yaml")
    assert ran.code == 2
    assert ran.err.startswith("error: ")


SOURCES = """      artifacts:
        primary:
          primaryArtifactRef: web
          sources:
            - {identifier: web, type: DockerRegistry, spec: {connectorRef: own, imagePath: web, tag: <+input>}}
        sidecars:
          - sidecar: {identifier: log, type: DockerRegistry, spec: {connectorRef: own, imagePath: log}}
"""
INPUTS = """
service:
  serviceDefinition:
    spec:
      artifacts: {primary: {sources: [{identifier: web, spec: {tag: 1.10}}]}}
"""


def test_images_connectors_and_inputs_may_be_given(service: Path, tmp_path: Path) -> None:
    service.write_text(SERVICE + SOURCES)
    (tmp_path / "values.yaml").write_text(VALUES.replace("<+env.x>", "") + "log: <+artifacts.sidecars.log.image>\n")
    (tmp_path / "templates" / "config.yaml").write_text(TEMPLATE + "  log: {{ .Values.log }}\n")
    (tmp_path / "inputs.yaml").write_text(INPUTS)
    given = ("--artifact", "log=log:3", "--connector", "own=registry.lab", "--input", str(tmp_path / "inputs.yaml"))
    ran, (request,) = deploy(service, *given, "-n", "prod")
    assert (0, "") == (ran.code, ran.err)
    data = request.resources[0].body["data"]
    assert ("registry.lab/web:1.10", "log:3") == (data["image"], data["log"])


@pytest.mark.parametrize(
    ("images", "said"),
    [
        (("=x:1",), "--artifact =x:1: there is no ID before the ="),
        (("x:1", "x:2"), "--artifact x:2: that image was given before"),
        (("lgo=x:1",), "--artifact lgo: the service has no such artifact"),
    ],
)
def test_an_image_that_is_nobody_s_is_refused(service: Path, images: tuple[str, ...], said: str) -> None:
    service.write_text(SERVICE + SOURCES)
    ran, asked = deploy(service, *(word for image in images for word in ("--artifact", image)), "-n", "prod")
    assert (2, []) == (ran.code, asked)
    assert said in ran.err


def test_a_secret_is_used_and_not_told(service: Path, tmp_path: Path) -> None:
    (tmp_path / "values.yaml").write_text(VALUES + "x: <+secrets.getValue('db')>\n")
    (tmp_path / "templates" / "config.yaml").write_text(TEMPLATE + "  x: {{ .Values.x | quote }}\n")
    (tmp_path / "secrets.yaml").write_text("db: hunter2\n")
    ran, (request,) = deploy(service, *SETTINGS, "--secrets", str(tmp_path / "secrets.yaml"), "-v")
    assert "hunter2" == request.resources[0].body["data"]["x"]
    assert 'shop: x = "*****" from /values.yaml:4' in ran.err
    assert "hunter2" not in ran.out + ran.err


def test_a_file_of_secrets_is_never_quoted(service: Path, tmp_path: Path) -> None:
    for text in ("db: [hunter2\n", "- hunter2\n", "db: {a: hunter2}\n"):
        (tmp_path / "secrets.yaml").write_text(text)
        ran, asked = deploy(service, *SETTINGS, "--secrets", str(tmp_path / "secrets.yaml"))
        assert (2, []) == (ran.code, asked)
        assert "secrets.yaml" in ran.err
        assert "hunter2" not in ran.err


def test_where_values_come_from_is_told_to_who_asks(service: Path) -> None:
    ran, _ = deploy(service, *SETTINGS, "-v", "--set-variable", "level=warn")
    assert "variable level from --set-variable\n" in ran.err
    assert 'shop: level = "warn" from /values.yaml:2\n' in ran.err
    assert "from /values.yaml" not in deploy(service, *SETTINGS)[0].err
