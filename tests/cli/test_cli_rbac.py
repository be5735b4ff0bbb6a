"""``lastgood rbac``: manifests on stdout and nothing else; what they hold is tested beside the rules."""

from __future__ import annotations

import json

import yaml

from lastgood.model.permission import Permissions, Rule
from tests.cli.world import FakeDeployer, Ran, golden, lastgood

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
