"""``lastgood rbac``: manifests on stdout and nothing else; what they hold is tested beside the rules."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from lastgood.cli.main import run
from lastgood.deployer import Deployer
from lastgood.model.permission import Permissions, Rule
from lastgood.testing import FakeClock, MemoryCluster, memory_deployer
from tests.cli.world import FakeDeployer, Ran, golden, lastgood, outside_of

RULE = Rule("configuration", ("",), ("configmaps",), ("get", "patch"), ("app", "no"))
COMMAND = ("rbac", "-f", "-", "--name", "shop", "-n", "prod")


def printed(*flags: str, looking: bool = False) -> tuple[Ran, FakeDeployer]:
    deployer = FakeDeployer(answer=Permissions("shop", "prod", {"prod": (RULE,)}, looking=looking))
    return lastgood(*COMMAND, *flags, deployer=deployer), deployer


def test_it_is_yaml_that_says_what_each_rule_is_for() -> None:
    golden("rbac", printed()[0])


def test_in_json_it_is_a_list_of_kubernetes_own() -> None:
    ran, text = printed("-o", "json")[0], printed()[0].out
    document = json.loads(ran.out)
    assert (ran.code, document["apiVersion"], document["kind"]) == (0, "v1", "List")
    assert document["items"] == list(yaml.safe_load_all(text))


def test_who_is_to_have_the_rights() -> None:
    def names(*flags: str) -> list[tuple[str, str]]:
        bodies = yaml.safe_load_all(printed(*flags)[0].out)
        return [(one["kind"], one["name"]) for body in bodies for one in body.get("subjects") or ()]

    assert names() == [("ServiceAccount", "lastgood")]
    assert names("--service-account", "ci") == [("ServiceAccount", "ci")]
    assert names("--user", "ann@example.com") == [("User", "ann@example.com")]
    refused, _ = printed("--user", "ann", "--service-account", "ci")
    assert (refused.code, refused.out) == (2, "")
    assert "--user" in refused.err


def test_the_request_is_that_of_a_deploy_and_read_only_asks_for_less() -> None:
    _, deployer = printed("--read-only", "--mode", "standard", "--create-namespace")
    ((request, looking),) = deployer.asked
    assert (request.name, request.namespace, request.mode, looking) == ("shop", "prod", "standard", True)
    assert request.options.create_namespace


def test_roles_for_looking_have_a_name_of_their_own_so_that_both_can_be_given() -> None:
    roles = [next(yaml.safe_load_all(printed("--user", "ann", looking=one)[0].out)) for one in (False, True)]
    assert [role["metadata"]["name"] for role in roles] == ["lastgood:prod:shop", "lastgood:prod:shop:look"]


# --- for a run


SHOP = Path(__file__).parents[2] / "examples" / "shop"
PIPELINE = ("rbac", "--run", str(SHOP / "pipeline.yaml"), "--artifact", "registry.lab/web:1", "--create-namespace")


def of_a_run(*flags: str) -> tuple[Ran, list[dict[str, Any]]]:
    """What is printed, and where was asked for it."""
    clock, connected = FakeClock(), list[dict[str, Any]]()
    cluster = MemoryCluster(clock)

    @asynccontextmanager
    async def connect(**where: Any) -> AsyncIterator[Deployer]:
        connected.append(where)
        yield memory_deployer(cluster, namespace=where["namespace"])

    outside = replace(outside_of(FakeDeployer()), connect=connect, run_loop=clock.run)
    code = run((*PIPELINE, *flags), outside)
    assert isinstance(outside.out, io.StringIO)
    assert isinstance(outside.err, io.StringIO)
    return Ran(
        ("rbac", "--run", "pipeline.yaml", *flags), code, outside.out.getvalue(), outside.err.getvalue()
    ), connected


def test_for_a_run_it_is_roles_in_the_namespaces_of_its_stages_for_one_account() -> None:
    ran, _ = of_a_run()
    golden("rbac_run", ran)
    accounts = [body["metadata"] for body in yaml.safe_load_all(ran.out) if body["kind"] == "ServiceAccount"]
    assert accounts == [{"name": "lastgood", "namespace": "shop-staging"}]


def test_variables_say_where_and_stages_and_connectors_on_which_cluster() -> None:
    flags = ("--stage", "production", "--var", "suffix=-eu", "--connector", "production=prod-cluster")
    ran, connected = of_a_run(*flags)
    roles = [body["metadata"] for body in yaml.safe_load_all(ran.out) if body["kind"] == "Role"]
    assert [one["namespace"] for one in roles] == ["shop-production-eu"]
    assert [(one["namespace"], one["context"]) for one in connected] == [("shop-production-eu", "prod-cluster")]
    refused, _ = of_a_run(*flags[2:])
    assert refused.code == 2
    assert "--stage ID" in refused.err


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("app.yaml",), "FILES cannot stand beside --run"),
        (("--name", "shop"), "--name cannot stand beside --run"),
        (("--service", "service.yaml"), "--service cannot stand beside --run"),
        (("--read-only",), "--read-only cannot stand beside --run"),
        (("--config", "lastgood.yaml"), "--config cannot stand beside --run"),
        (("-n", "prod"), "-n cannot stand beside --run"),
        (("--stage", "prod"), "there is no stage prod"),
    ],
)
def test_what_the_files_of_a_run_say_is_not_said_again(flags: tuple[str, ...], told: str) -> None:
    ran, connected = of_a_run(*flags)
    assert (ran.code, ran.out, connected) == (2, "", [])
    assert told in ran.err


def test_what_is_about_a_run_is_refused_without_one() -> None:
    ran = lastgood(*COMMAND, "--stage", "prod")
    assert ran.code == 2
    assert "--stage means something only beside --run" in ran.err


def test_a_configuration_that_lies_about_is_no_part_of_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lastgood.yaml").write_text("name: other\nnamespace: other\nfiles: [k8s]\n")
    monkeypatch.chdir(tmp_path)
    assert of_a_run()[0].code == 0
