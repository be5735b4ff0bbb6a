"""Flags: what they become, and what is said of those that cannot be understood."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import pytest

from lastgood.cli.commands import COMMANDS
from lastgood.cli.usage import OTHER_FLAGS
from lastgood.model.release import Mode
from lastgood.model.request import OnConflict, Options, Request
from tests.cli.cast import GOOD, PLAN, release
from tests.cli.test_cli_documented import flags, the_command
from tests.cli.world import MANIFEST, FakeDeployer, lastgood

from lastgood.model.event import Planned  # isort: skip

DEPLOY = ("deploy", "-f", "-", "--name", "shop")

MISTAKES = {
    "upgrade": ("there is no command upgrade", "did you mean lastgood deploy?"),
    "depoly": ("there is no command depoly", "did you mean lastgood deploy?"),
    "frobnicate": ("there is no command frobnicate", "lastgood --help tells what there is"),
    "show": ("NAME is missing", "type it, or write name: NAME into lastgood.yaml"),
    "verify shop --strct": ("there is no option --strct", "did you mean --strict?"),
    "history a -o toml": (
        "--output: 'toml' is not one of 'text', 'json', 'yaml', 'wide', 'name'",
        "lastgood history --help tells what there is",
    ),
    "deploy a -o wide": (
        "--output: 'wide' is not one of 'text', 'json', 'yaml', 'name', 'jsonl'",
        "lastgood deploy --help tells what there is",
    ),
    "-o jsonl plan k8s --name shop": (
        "--output: 'jsonl' is not one of 'text', 'json', 'yaml', 'name'",
        "did you mean json?",
    ),
    "history a -o jsn": ("--output: 'jsn' is not one of 'text', 'json', 'yaml', 'wide', 'name'", "did you mean json?"),
    "history a -o JSON": (
        "--output: 'JSON' is not one of 'text', 'json', 'yaml', 'wide', 'name'",
        "did you mean json?",
    ),
    "deploy a --mode standrd": (
        "--mode: 'standrd' is not one of 'declarative', 'standard'",
        "did you mean standard?",
    ),
    "deploy a --atomic": ("there is no option --atomic", "deploy always does that: leave it out"),
    "deploy a --wait=true": (
        "there is no option --wait",
        "deploy always waits until everything is healthy: leave it out; --timeout says how long",
    ),
    "rollback a --to-revision=3": (
        "there is no option --to-revision",
        "rollback NAME --to NUMBER goes back to a release, show NAME NUMBER shows it",
    ),
    "deploy -k overlays/prod": (
        "there is no option -k",
        "render it first: kubectl kustomize DIR | lastgood deploy -f - --name NAME",
    ),
    "rollback a --to x": ("--to: 'x' is not a valid number", "lastgood rollback --help tells what there is"),
    "rollback a --to 0": ("--to: 0 is not in the range x>=1", "lastgood rollback --help tells what there is"),
    "deploy a --timeout 600": (
        "--timeout: '600' is not a duration: write it as 90s, 10m or 1h30m",
        "lastgood deploy --help tells what there is",
    ),
    "deploy a --timeout 0": ("--timeout: must be longer than nothing", "lastgood deploy --help tells what there is"),
    "deploy a --history-max 1": (
        "--history-max: 1 is not in the range x>=2",
        "lastgood deploy --help tells what there is",
    ),
    "deploy a --set-variable x": (
        "--set-variable: 'x' is not KEY=VALUE",
        "lastgood deploy --help tells what there is",
    ),
    "deploy": (
        "there is nothing to deploy",
        "name files or folders, - for stdin, a --service, or write a lastgood.yaml that does",
    ),
    "deploy -f -": ("files alone do not say what the release is called", "add --name NAME"),
    "deploy a --name shop --artifact web:1": ("--artifact means something only beside --service", ""),
    "deploy --service s.yaml --mode declarative": (
        "--mode cannot stand beside --service: a service says itself how it is rolled back",
        "set enableDeclarativeRollback in the spec of its manifests",
    ),
    "deploy k8s --service s.yaml": (
        "k8s cannot stand beside --service: a service names its manifests itself",
        "leave one out",
    ),
}


@pytest.mark.parametrize("typed", MISTAKES)
def test_a_mistake_is_told_in_one_sentence(typed: str) -> None:
    sentence, hint = MISTAKES[typed]
    ran = lastgood(*typed.split())
    assert (2, "") == (ran.code, ran.out)
    assert ran.err == f"error: {sentence}\n" + (f"hint: {hint}\n" if hint else "")


@pytest.mark.parametrize("flag", OTHER_FLAGS)
def test_a_flag_of_kubectl_or_helm_is_answered_with_what_to_do(flag: str) -> None:
    """Unless a command has it, where it means what it says; what the answer names is there."""
    ran = lastgood("version", flag)
    assert ran.err == f"error: there is no option {flag}\nhint: {OTHER_FLAGS[flag]}\n"
    named = set(re.findall(r"--[a-z-]+", OTHER_FLAGS[flag]))
    assert named <= {one for command in COMMANDS for one in flags(the_command(command))}


@pytest.mark.parametrize(
    "spelling", [("-o", "json"), ("-ojson",), ("-vojson",), ("--output", "json"), ("--output=json",)]
)
def test_a_mistake_is_a_document_for_those_who_asked_for_documents(spelling: tuple[str, ...]) -> None:
    document = json.loads(lastgood("history", *spelling).out)
    assert {"type": "SettingError", "message": "NAME is missing"}.items() <= document["error"].items()
    assert document["exitCode"] == 2


def asked(*arguments: str, stdin: str = MANIFEST) -> Request:
    deployer = FakeDeployer(answer=GOOD)
    assert lastgood(*arguments, deployer=deployer, stdin=stdin).code == 0
    request: Request = deployer.asked[0]
    return request


def test_a_deploy_without_flags_is_declarative_and_takes_ten_minutes() -> None:
    request = asked(*DEPLOY)
    assert (request.name, request.namespace, request.mode, request.prune) == ("shop", "prod", Mode.DECLARATIVE, None)
    assert Options() == replace(request.options, who="")
    assert request.options.who.startswith("ann@")


def test_every_flag_reaches_the_deployer() -> None:
    flags = (
        "--timeout 1h30m --hold 2m --grace Error=90s --grace FailedMount=never --wait-lock 0 "
        "--history-max 3 --create-namespace --clean-up --strict --take-over "
        "--on-interrupt restore --no-prune --mode standard --on-conflict keep -n shops"
    )
    request = asked(*DEPLOY, *flags.split(), "--why", "1.5.0, at last")
    assert (request.namespace, request.prune, request.mode) == ("shops", False, Mode.STANDARD)
    assert replace(request.options, who="") == Options(
        timeout=5400.0,
        hold=120.0,
        grace={"Error": 90.0, "FailedMount": math.inf},
        wait_lock=0.0,
        history_max=3,
        create_namespace=True,
        clean_up=True,
        strict=True,
        on_conflict=OnConflict.KEEP,
        take_over=True,
        restore_on_interrupt=True,
        why="1.5.0, at last",
    )


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("ErrImagePul=2m", "'ErrImagePul' is not a known reason, meant is ErrImagePull?"),
        ("ErrImagePull=soon", "'soon' is not a time; write it as 90s, 2m, 1h30m or never"),
        ("2m", "'2m' is not KEY=VALUE"),
    ],
)
def test_a_grace_that_cannot_be_read_is_refused(written: str, said: str) -> None:
    ran = lastgood(*DEPLOY, "--grace", written)
    assert (2, True) == (ran.code, said in ran.err)


def test_recover_holds_as_the_release_was_asked_to_unless_it_is_told_otherwise() -> None:
    deployer = FakeDeployer(answer=None)
    lastgood("recover", "shop", deployer=deployer)
    lastgood("recover", "shop", "--hold", "0", deployer=deployer)
    assert [None, 0.0] == [options.hold for _, options in deployer.asked]


def test_rollback_hands_on_where_to_go_and_whether_to_insist() -> None:
    deployer = FakeDeployer(answer=GOOD)
    lastgood("rollback", "shop", "--to", "3", "--force", deployer=deployer)
    name, to, options = deployer.asked[0]
    assert ("shop", 3, True) == (name, to, options.force)


def test_files_stand_with_or_without_f_and_folders_are_read(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(MANIFEST.replace("app", name))
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "three.yaml").write_text(MANIFEST.replace("app", "three"))
    one, two = str(tmp_path / "one.yaml"), str(tmp_path / "two.yaml")

    def names(*arguments: str) -> list[str]:
        return sorted(resource.ref.name for resource in asked("deploy", *arguments, "--name", "shop").resources)

    assert names(one, "-f", two) == ["one", "two"]
    assert names(str(tmp_path)) == ["one", "two"]
    assert names(str(tmp_path), "-R") == ["one", "three", "two"]


def test_secrets_written_in_the_clear_are_asked_for_as_data() -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: keys}\nstringData: {password: hunter22}\n"
    (resource,) = asked(*DEPLOY, stdin=secret).resources
    assert resource.body["data"] == {"password": "aHVudGVyMjI="}
    assert "stringData" not in resource.body


def test_a_manifest_that_the_api_would_refuse_is_refused_with_its_line() -> None:
    wrong = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\ndata: {PORT: 8080}\n"
    ran = lastgood(*DEPLOY, stdin=wrong)
    assert ran.code == 2
    assert ran.err.startswith("error: -:")


def test_where_to_connect_may_be_said_before_the_command_or_after_it() -> None:
    for arguments in (
        ("-n", "prod", "--context", "lab", "--kubeconfig", "k", "history", "shop"),
        ("history", "shop", "-n", "prod", "--context", "lab", "--kubeconfig", "k"),
        ("-n", "dev", "--context", "lab", "history", "shop", "-n", "prod", "--kubeconfig", "k"),
    ):
        deployer = FakeDeployer()
        lastgood(*arguments, deployer=deployer)
        assert deployer.connected == {"namespace": "prod", "context": "lab", "kubeconfig": "k"}


def test_without_a_namespace_the_context_decides() -> None:
    deployer = FakeDeployer((Planned(release(1), PLAN),), namespace="from-context")
    assert lastgood("plan", "-f", "-", "--name", "shop", deployer=deployer).code == 0
    assert (None, "from-context") == (deployer.connected["namespace"], deployer.asked[0].namespace)
