"""Which images are deployed: given on the command line, or fixed in the service; no registry is asked."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest

from lastgood.errors import ExpressionError, SettingError
from lastgood.model.source import File
from lastgood.pipelines.artifact import artifact_of
from lastgood.pipelines.definition import read_service
from lastgood.pipelines.file_store import FileStore
from lastgood.pipelines.scoping import Setting
from lastgood.pipelines.service import release_of
from lastgood.pipelines.stores import Stores
from tests.pipelines.shop import Shop, data_of, service_text

ARTIFACTS = """
  primary:
    primaryArtifactRef: {reference}
    sources:
      - identifier: fixed
        type: DockerRegistry
        spec: {{connectorRef: hub, imagePath: team/web, tag: "1.10"}}
      - identifier: pinned
        type: DockerRegistry
        spec: {{connectorRef: own, imagePath: team/web, digest: "sha256:{digest}"}}
      - identifier: asked
        type: DockerRegistry
        spec: {{connectorRef: own, imagePath: team/web, tag: <+input>}}
      - identifier: open
        type: DockerRegistry
        spec: {{connectorRef: own, imagePath: team/web, tagRegex: 1.*}}
      - identifier: cloud
        type: Ecr
        spec: {{connectorRef: aws, region: eu, imagePath: web, tag: "1"}}
  sidecars:
    - sidecar:
        identifier: log
        type: DockerRegistry
        spec: {{connectorRef: own, imagePath: team/log, tag: "3"}}
"""
DIGEST = "a" * 64
CONNECTORS = {"hub": "https://index.docker.io/v2/", "own": "https://registry.lab:5000/v2/"}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path).config(a="'{{ .Values.a }}'")


def service(reference: str = "fixed") -> str:
    artifacts = textwrap.indent(ARTIFACTS.format(reference=reference, digest=DIGEST), "      ")
    return service_text(values="[/values.yaml]").replace("\n        primary: {}", artifacts.rstrip())


def value(shop: Shop, expression: str, reference: str = "fixed", **given: Any) -> str:
    shop.put("/values.yaml", f"a: '<+{expression}>'\n")
    result: str = data_of(shop.load(service(reference), **{"connectors": CONNECTORS, **given}))["a"]
    return result


@pytest.mark.parametrize(
    ("reference", "image"),
    [
        ("fixed", "team/web:1.10"),
        ("pinned", f"registry.lab:5000/team/web@sha256:{DIGEST}"),
        ("<+service.tags.none>", None),
    ],
)
def test_a_source_that_says_all_of_an_image_needs_no_registry(shop: Shop, reference: str, image: str | None) -> None:
    if image is None:
        with pytest.raises(ExpressionError, match=r"primaryArtifactRef: <\+service\.tags\.none> is not known"):
            value(shop, "artifact.image", reference)
    else:
        assert value(shop, "artifact.image", reference) == image


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("artifacts.primary.imagePath", "team/web"),
        ("artifacts.primary.tag", "1.10"),
        ("artifacts.primary.metadata.tag", "1.10"),
        ("artifacts.primary.connectorRef", "hub"),
        ("artifacts.primary.type", "DockerRegistry"),
        ("artifacts.primary.identifier", "fixed"),
        ("artifacts.sidecars.log.image", "registry.lab:5000/team/log:3"),
        ("artifacts.sidecars.log.imagePath", "team/log"),
        ("artifacts.sidecars.log.tag", "3"),
        ("artifacts.sidecars.log.type", "DockerRegistry"),
        ("artifacts.sidecars.log.connectorRef", "own"),
        ("artifacts.sidecars.log.imagePullSecret", ""),
        ("rollbackArtifact.metadata.image", "null"),
    ],
)
def test_every_part_can_be_used(shop: Shop, expression: str, result: str) -> None:
    assert value(shop, expression) == result


def test_the_digest_is_also_called_as_the_registry_calls_it(shop: Shop) -> None:
    assert value(shop, "artifact.metadata.SHAV2", "pinned") == f"sha256:{DIGEST}"
    assert value(shop, "artifact.metadata.SHAV2", artifact=f"web@sha256:{DIGEST}") == f"sha256:{DIGEST}"


def test_an_image_that_is_given_counts(shop: Shop) -> None:
    given = {"primary": "registry.lab/web:2", "log": "log:9"}
    assert value(shop, "artifact.image", artifact=given) == "registry.lab/web:2"
    assert value(shop, "artifact.metadata.image", artifact=given) == "registry.lab/web:2"
    assert value(shop, "artifacts.sidecars.log.tag", artifact=given) == "9"
    assert value(shop, "artifact.image", artifact="web:3") == "web:3"


def test_an_image_may_be_given_for_a_source_which_is_then_the_one(shop: Shop) -> None:
    assert value(shop, "artifact.identifier", artifact={"cloud": "x.ecr/web:1"}) == "cloud"
    assert value(shop, "artifact.image", artifact={"cloud": "x.ecr/web:1"}) == "x.ecr/web:1"


def test_a_tag_may_be_a_runtime_input(shop: Shop) -> None:
    entry = {"identifier": "asked", "spec": {"tag": "7"}}
    spec = {"artifacts": {"primary": {"primaryArtifactRef": "asked", "sources": [entry]}}}
    inputs = {"service": {"serviceDefinition": {"spec": spec}}}
    assert value(shop, "artifact.image", "<+input>", inputs=inputs) == "registry.lab:5000/team/web:7"


@pytest.mark.parametrize(
    ("reference", "problem", "hint"),
    [
        (
            "open",
            "comes from the source open, which names no tag, and no registry is asked for one",
            "--artifact IMAGE",
        ),
        ("cloud", "comes from a source (cloud, Ecr) that is not asked here", "give one with --artifact IMAGE"),
        ("asked", "tag: <+input> is a runtime input, and none is given", "give it in an input file"),
    ],
)
def test_what_a_source_does_not_say_has_to_be_given(shop: Shop, reference: str, problem: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        value(shop, "artifact.image", reference)
    assert problem in str(caught.value)
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("given", "problem", "hint"),
    [
        ({"lgo": "x:1"}, "--artifact lgo: the service has no such artifact", "did you mean log?"),
        (
            {"": "x:1", "fixed": "y:1"},
            "--artifact names two images of the primary artifact: x:1 and y:1",
            "leave one out",
        ),
    ],
)
def test_an_artifact_that_is_not_there_cannot_be_given(
    shop: Shop, given: dict[str, str], problem: str, hint: str
) -> None:
    with pytest.raises(SettingError) as caught:
        value(shop, "artifact.image", artifact=given)
    assert str(caught.value) == problem
    assert caught.value.hint.startswith(hint)


def test_a_source_that_is_not_there_cannot_be_chosen(shop: Shop) -> None:
    with pytest.raises(
        SettingError, match=r"service\.yaml:10: .*primaryArtifactRef: there is no source fixd"
    ) as caught:
        value(shop, "artifact.image", "fixd")
    assert caught.value.hint == "there are fixed, pinned, asked, open, cloud"


def test_a_rollback_knows_what_was_deployed_before(shop: Shop) -> None:
    shop.put("/values.yaml", "a: <+rollbackArtifact.metadata.image>, <+rollbackArtifact.tag>\n")
    setting = Setting(rollback_artifact=artifact_of("web:1"), connectors=CONNECTORS)
    release = release_of(read_service(File("service.yaml", service())), setting, Stores(FileStore(shop.store)))
    assert data_of(release) == {"a": "web:1, 1"}
