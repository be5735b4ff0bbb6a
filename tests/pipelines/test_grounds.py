"""What a stage stands on: its service, and what lies over it, as ``lastgood lint`` reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lastgood.errors import SettingError
from tests.pipelines.folder import Folder
from tests.pipelines.shop import CONFIG

SIZE = "[{name: size, type: String, value: large}]"
VALUES = """\
{identifier: prod, name: prod, type: Production, overrides: {manifests: [{manifest:
 {identifier: own, type: Values, spec: {store: {type: Inline, spec: {content: "tier: prod"}}}}}]}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path)
    folder.put("app/values.yaml", "tier: none\nsize: <+serviceVariables.size>\n")
    folder.put("app/config.yaml", CONFIG + "  size: '{{ .Values.size }}'\n  tier: '{{ .Values.tier }}'\n")
    return folder


def data(folder: Folder) -> dict[str, str]:
    (resource,) = folder.ground().release().resources
    found: dict[str, str] = resource.body["data"]
    return found


def test_overrides_lie_over_the_service(folder: Folder) -> None:
    folder.stage().put("all.yaml", f"overrides: {{type: ENV_GLOBAL_OVERRIDE, environmentRef: prod, variables: {SIZE}}}")
    assert data(folder) == {"size": "large", "tier": "none"}


def test_what_an_environment_overrides_lies_over_the_service_too(folder: Folder) -> None:
    folder.stage().put("prod.yaml", f"environment: {VALUES}")
    assert data(folder)["tier"] == "prod"


def test_an_infrastructure_takes_only_the_services_that_it_names(folder: Folder) -> None:
    folder.stage()
    cluster = folder.store / "cluster.yaml"
    text = cluster.read_text()
    cluster.write_text(text + "  scopedServices: [other, account.Shop_1]\n")
    assert folder.ground().name == "shop"
    cluster.write_text(text + "  scopedServices: [other]\n")
    with pytest.raises(SettingError, match=r"cluster\.yaml:7.*only other may be deployed to cluster, and not Shop_1"):
        folder.ground()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{type: INFRA_GLOBAL_OVERRIDE, environmentRef: prod}", "overrides.infraIdentifier: is missing"),
        ("{type: ENV_GLOBAL_OVERRIDE, environmentRef: prod, variabels: []}", "did you mean variables"),
        ("{type: ENV_GLOBAL_OVERRIDE, environmentRef: prod, spec: {}, variables: []}", "is not read beside spec"),
        ("{type: ENV_GLOBAL, environmentRef: prod}", "overrides.type"),
    ],
)
def test_overrides_that_lint_complains_of_are_not_run(folder: Folder, text: str, told: str) -> None:
    folder.stage().put("all.yaml", f"overrides: {text}")
    with pytest.raises(SettingError, match=rf"all\.yaml:1.*{told}") as caught:
        folder.ground()
    assert "lastgood lint" in caught.value.hint
