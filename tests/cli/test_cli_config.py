"""``lastgood.yaml`` in place of flags: which file counts, what counts before what, and every mistake at once."""

from __future__ import annotations

import json
import math
import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from lastgood.cli import commands
from lastgood.cli.config.checks import Wrong
from lastgood.cli.config.keys import KEYS, TYPED_ONLY, Key, Shape
from lastgood.cli.config.reading import Config, read
from lastgood.errors import SettingError
from lastgood.model.event import Planned
from lastgood.model.release import Mode
from lastgood.model.request import OnConflict, Options, Request
from lastgood.parsing import Word
from tests.cli.cast import GOOD, HISTORY, PLAN, release
from tests.cli.test_cli_documented import the_command
from tests.cli.test_cli_services import SERVICE, TEMPLATE, VALUES
from tests.cli.world import MANIFEST, FakeDeployer, Ran, golden, lastgood

ROOT = Path(__file__).parent.parent.parent
DOCUMENT = (ROOT / "docs" / "configuration.md").read_text()
EXAMPLES = re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)
CONFIGURED = [name for name in commands.COMMANDS if any(one.name == "config" for one in the_command(name).params)]
ABOUT_A_NAME = ("history", "show", "verify", "rollback", "recover")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: empty, but for what a story puts there."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def manifest(path: Path, name: str) -> None:
    put(path, MANIFEST.replace("app", name))


def a_service(folder: Path) -> None:
    put(folder / "service.yaml", SERVICE)
    put(folder / "values.yaml", VALUES)
    put(folder / "templates" / "config.yaml", TEMPLATE)


def deployed(*arguments: str, deployer: FakeDeployer | None = None) -> Request:
    deployer = deployer or FakeDeployer(answer=GOOD)
    ran = lastgood("deploy", *arguments, deployer=deployer)
    assert (0, "") == (ran.code, ran.err)
    request: Request = deployer.asked[0]
    return request


def names(request: Request) -> list[str]:
    return sorted(resource.ref.name for resource in request.resources)


def asked(*arguments: str) -> tuple[Any, dict[str, Any]]:
    """What a command asked for, and where it connected to."""
    deployer = FakeDeployer(answer=GOOD, past=HISTORY)
    lastgood(*arguments, deployer=deployer)
    return deployer.asked[0], deployer.connected


def refused(*arguments: str) -> Ran:
    """A command that must not have asked a cluster for anything."""
    deployer = FakeDeployer()
    ran = lastgood(*arguments, deployer=deployer)
    assert (2, [], {}) == (ran.code, deployer.asked, deployer.connected)
    return ran


# --- what it says


def test_the_example_of_the_documentation_is_a_whole_deploy(here: Path) -> None:
    put(here / "lastgood.yaml", EXAMPLES[0])
    put(here / "health.yaml", "rules: []\n")
    for name in ("base/web", "prod/quota"):
        manifest(here / "k8s" / f"{name}.yaml", Path(name).name)
    deployer = FakeDeployer(answer=GOOD)
    request = deployed(deployer=deployer)
    assert {"context": "prod-cluster", "kubeconfig": None, "namespace": "prod"} == deployer.connected
    assert ("shop", "prod", Mode.DECLARATIVE, True) == (request.name, request.namespace, request.mode, request.prune)
    assert ["quota", "web"] == names(request)
    assert replace(request.options, who="") == Options(
        timeout=300.0,
        hold=30.0,
        grace={"ErrImagePull": 120.0, "FailedMount": math.inf},
        wait_lock=1200.0,
        history_max=20,
        create_namespace=True,
        clean_up=True,
        on_conflict=OnConflict.KEEP,
        restore_on_interrupt=True,
    )


def test_the_example_with_a_service_is_a_whole_deploy(here: Path) -> None:
    a_service(here / "store")
    variables = "        - {name: build, type: String, value: none}\n"
    put(here / "service.yaml", SERVICE + variables)
    values = VALUES + "build: <+serviceVariables.build>\nregion: <+infra.region>\nkey: <+secrets.getValue('k')>\n"
    put(here / "inputs.yaml", "{}\n")
    put(here / "secrets.yaml", "k: v\n")
    put(here / "store" / "values.yaml", values)
    template = TEMPLATE + "  build: {{ .Values.build | quote }}\n  region: {{ .Values.region }}\n"
    put(here / "store" / "templates" / "config.yaml", template)
    put(here / "lastgood.yaml", EXAMPLES[1])
    request = deployed()
    assert "web-shop" == request.name
    assert request.resources[0].body["data"] == {
        "image": "registry.example/web:1.5",
        "level": "info",
        "where": "prod",
        "build": "020724",
        "region": "eu",
    }


def test_the_examples_say_every_key() -> None:
    said = {line.partition(":")[0] for example in EXAMPLES for line in example.splitlines() if line[:1].isalpha()}
    assert {*(key.name for key in KEYS), "apiVersion", "kind"} == said


def test_every_key_has_its_row_in_the_documentation_and_there_is_no_other() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(--[\w-]+)`", DOCUMENT, re.MULTILINE)
    assert [(key.name, key.flag) for key in KEYS] == rows
    (without,) = re.findall(r"^Without a key(.*?)\n\n", DOCUMENT, re.DOTALL | re.MULTILINE)
    assert sorted(TYPED_ONLY) == sorted(re.findall(r"`--([\w-]+)`", without))


def test_plan_takes_the_same_file_and_leaves_what_only_deploy_has(here: Path) -> None:
    put(here / "lastgood.yaml", "name: shop\nfiles: ['-']\nmode: standard\ntimeout: 1m\nhold: 30s\ncleanUp: true\n")
    deployer = FakeDeployer((Planned(release(1), PLAN),))
    assert lastgood("plan", deployer=deployer).code == 0
    request = deployer.asked[0]
    assert ("shop", Mode.STANDARD, 30.0) == (request.name, request.mode, request.options.hold)


@pytest.mark.parametrize("command", ["rollback", "recover"])
def test_going_back_goes_as_the_file_says(here: Path, command: str) -> None:
    put(here / "lastgood.yaml", "name: shop\ntimeout: 1m\nhistoryMax: 50\nonInterrupt: restore\nmode: standard\n")
    (name, *_, options), _ = asked(command)
    assert ("shop", 60.0, 50, True) == (name, options.timeout, options.history_max, options.restore_on_interrupt)


# --- what counts before what


FILE = """
name: shop
namespace: from-file
context: from-file
files: [a.yaml, b.yaml]
prune: false
timeout: 1m
waitLock: 2m
onConflict: keep
"""


def test_flags_count_before_the_file_and_the_file_before_the_defaults(here: Path) -> None:
    put(here / "lastgood.yaml", FILE)
    for name in "abc":
        manifest(here / f"{name}.yaml", name)
    deployer, typed = FakeDeployer(answer=GOOD), "c.yaml --timeout 3m --prune --on-conflict take --context typed"
    request = deployed(*typed.split(), deployer=deployer)
    assert (["c"], True) == (names(request), request.prune)
    assert (180.0, 120.0, OnConflict.TAKE, 10) == (
        request.options.timeout,
        request.options.wait_lock,
        request.options.on_conflict,
        request.options.history_max,
    )
    assert {"context": "typed", "namespace": "from-file", "kubeconfig": None} == deployer.connected


def test_a_flag_counts_even_where_it_says_what_the_default_is(here: Path) -> None:
    put(here / "lastgood.yaml", "name: shop\nfiles: ['-']\ntimeout: 1m\n")
    assert 600.0 == deployed("--timeout", "10m").options.timeout


def test_flags_in_front_of_the_command_count_before_the_file(here: Path) -> None:
    put(here / "lastgood.yaml", FILE)
    _, connected = asked("-n", "typed", "history")
    assert {"context": "from-file", "namespace": "typed", "kubeconfig": None} == connected


@pytest.mark.parametrize("spelling", [("c.yaml",), ("-f", "c.yaml")])
def test_typed_files_replace_those_of_the_file(here: Path, spelling: tuple[str, ...]) -> None:
    put(here / "lastgood.yaml", FILE)
    for name in "abc":
        manifest(here / f"{name}.yaml", name)
    assert ["a", "b"] == names(deployed())
    assert ["c"] == names(deployed(*spelling))


def test_settings_are_joined_and_the_typed_one_counts_for_its_key(here: Path) -> None:
    a_service(here)
    put(here / "lastgood.yaml", "namespace: prod\nservice: service.yaml\nartifact: web:1\nvariables: {level: warn}\n")
    (resource,) = deployed("--artifact", "web:2", "--infra", "namespace=shops").resources
    assert resource.body["data"] == {"image": "web:2", "level": "warn", "where": "shops"}
    (resource,) = deployed("--set-variable", "level=debug").resources
    assert resource.body["data"] == {"image": "web:1", "level": "debug", "where": "prod"}


BESIDE = {
    ("service: s.yaml", "k8s"): "FILES cannot stand beside service, which lastgood.yaml says: a service names its "
    "manifests itself",
    ("service: s.yaml", "--mode standard"): "--mode cannot stand beside service, which lastgood.yaml says: a service "
    "says itself how it is rolled back",
    ("files: [k8s]", "--service s.yaml"): "lastgood.yaml: files cannot stand beside --service: a service names its "
    "manifests itself",
    ("mode: standard", "--service s.yaml"): "lastgood.yaml: mode cannot stand beside --service: a service says itself "
    "how it is rolled back",
    ("artifact: web:1", "-f -"): "lastgood.yaml: artifact means something only beside service",
}


@pytest.mark.parametrize(("said", "typed"), BESIDE)
def test_what_excludes_each_other_is_refused_whoever_says_it(here: Path, said: str, typed: str) -> None:
    put(here / "lastgood.yaml", f"name: shop\n{said}\n")
    hint = "leave one out, or name another configuration with --config"
    assert f"error: {BESIDE[said, typed]}\nhint: {hint}\n" == refused("deploy", *typed.split()).err


def test_a_service_may_be_typed_beside_what_the_file_says_of_services(here: Path) -> None:
    a_service(here)
    put(here / "lastgood.yaml", "namespace: prod\nartifact: web:1\nvariables: {level: warn}\n")
    (resource,) = deployed("--service", "service.yaml").resources
    assert resource.body["data"] == {"image": "web:1", "level": "warn", "where": "prod"}


# --- which file, and which folder its paths count from


def test_a_file_that_is_named_counts_before_those_that_are_found(here: Path) -> None:
    put(here / "lastgood.yaml", "name: found\nfiles: ['-']\n")
    put(here / "other.yaml", "name: named\nfiles: ['-']\n")
    assert "named" == deployed("--config", "other.yaml").name
    assert "found" == deployed().name


def test_the_only_folder_that_is_typed_may_hold_the_file(here: Path) -> None:
    put(here / "shop" / "lastgood.yaml", "name: shop\n")
    manifest(here / "shop" / "web.yaml", "web")
    for spelling in (("shop",), ("-f", "shop/")):
        request = deployed(*spelling)
        assert ("shop", ["web"]) == (request.name, names(request))


def test_a_folder_that_holds_the_file_is_deployed_as_that_says(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same from outside and from inside: the folder says where the file is, the file which manifests."""
    put(here / "shop" / "lastgood.yaml", "name: shop\nfiles: [k8s]\n")
    manifest(here / "shop" / "k8s" / "web.yaml", "web")
    manifest(here / "shop" / "old.yaml", "old")
    assert ["web"] == names(deployed("shop"))
    monkeypatch.chdir(here / "shop")
    assert ["web"] == names(deployed(".")) == names(deployed())
    assert ["old"] == names(deployed(".", "--config", "lastgood.yaml"))


def test_of_several_folders_none_says_how_they_are_deployed(here: Path) -> None:
    for folder in ("a", "b"):
        put(here / folder / "lastgood.yaml", f"name: {folder}\n")
        manifest(here / folder / "x.yaml", folder)
    assert "error: files alone do not say what the release is called\n" in refused("deploy", "a", "b").err


def test_between_the_file_here_and_the_one_in_the_folder_nothing_is_guessed(here: Path) -> None:
    put(here / "lastgood.yaml", "name: all\n")
    put(here / "shop" / "lastgood.yaml", "name: shop\n")
    golden("config_two_files", refused("deploy", "shop"))


def test_paths_count_from_the_folder_of_the_file(here: Path) -> None:
    put(here / "conf" / "deep.yaml", f"name: shop\nfiles: [k8s, ../up.yaml, {here}/absolute.yaml]\n")
    manifest(here / "conf" / "k8s" / "below.yaml", "below")
    manifest(here / "up.yaml", "up")
    manifest(here / "absolute.yaml", "absolute")
    assert ["absolute", "below", "up"] == names(deployed("--config", "conf/deep.yaml"))


def test_a_service_and_its_store_count_from_the_folder_of_the_file(here: Path) -> None:
    a_service(here / "shop" / "store")
    (here / "shop" / "store" / "service.yaml").rename(here / "shop" / "service.yaml")
    put(here / "shop" / "lastgood.yaml", "namespace: prod\nservice: service.yaml\nfileStore: store\nartifact: web:1\n")
    assert "web-shop" == deployed("shop").name


def test_the_file_is_no_manifest_of_its_folder(here: Path) -> None:
    put(here / "lastgood.yaml", "name: shop\nfiles: [.]\nrecursive: true\n")
    put(here / "deep" / "lastgood.yaml", "name: other\n")
    manifest(here / "deep" / "web.yaml", "web")
    assert ["web"] == names(deployed())


def test_with_v_one_line_says_which_file_was_read(here: Path) -> None:
    put(here / "lastgood.yaml", "name: shop\nfiles: ['-']\n")
    line = "what is not typed is read from lastgood.yaml"
    told, quiet = (lastgood("deploy", *more, deployer=FakeDeployer(answer=GOOD)) for more in (["-v"], []))
    assert [True, False] == [line in ran.err for ran in (told, quiet)]
    assert line not in told.out, "what is piped on is not mixed with it"
    ran = lastgood("deploy", "-v", "-o", "json", deployer=FakeDeployer(answer=GOOD))
    assert f"{line}\n" == ran.err
    assert 0 == json.loads(ran.out)["exitCode"]


# --- the NAME left out


@pytest.mark.parametrize("command", ABOUT_A_NAME)
def test_the_file_says_the_name_and_where_it_is(here: Path, command: str) -> None:
    put(here / "lastgood.yaml", "name: shop\nnamespace: prod\ncontext: lab\n")
    what, connected = asked(command)
    assert "shop" == (what if isinstance(what, str) else what[0])
    assert {"namespace": "prod", "context": "lab", "kubeconfig": None} == connected


@pytest.mark.parametrize("command", ABOUT_A_NAME)
def test_a_name_that_neither_says_is_asked_for(here: Path, command: str) -> None:
    missing = refused(command).err
    assert "error: NAME is missing\nhint: type it, or write name: NAME into lastgood.yaml\n" == missing
    put(here / "lastgood.yaml", "namespace: prod\n")
    assert (
        "error: NAME is missing, and lastgood.yaml has no name\nhint: type it, or add name: NAME to lastgood.yaml\n"
        == refused(command).err
    )


def test_a_lone_number_is_a_number_where_the_file_says_the_name(here: Path) -> None:
    assert ("5", None) == asked("show", "5")[0]
    put(here / "lastgood.yaml", "name: shop\nnamespace: prod\n")
    assert (("shop", 5), "prod") == (asked("show", "5")[0], asked("show", "5")[1]["namespace"])
    assert [("shop", None), ("shop", 5), ("other", 5), ("other", None)] == [
        asked("show", *more.split())[0] for more in ("", "shop 5", "other 5", "other")
    ]


def test_the_first_number_of_a_difference_may_stand_where_the_name_would(here: Path) -> None:
    put(here / "lastgood.yaml", "name: shop\n")
    compared = [asked("diff", *more.split())[0] for more in ("", "4", "4 5", "shop 4 5", "other 4")]
    assert [("shop", None, None), ("shop", None, 4), ("shop", 4, 5), ("shop", 4, 5), ("other", None, 4)] == compared
    assert "3 releases cannot be compared" in refused("diff", "3", "4", "5").err


def test_uninstall_wants_its_name_typed(here: Path) -> None:
    put(here / "lastgood.yaml", "name: shop\nnamespace: prod\n")
    assert refused("uninstall").err.startswith("error: NAME is missing\n")
    assert "prod" == asked("uninstall", "shop")[1]["namespace"]


def test_a_file_that_was_only_found_leads_no_other_release_to_its_cluster(here: Path) -> None:
    put(here / "lastgood.yaml", "name: shop\nnamespace: prod\ncontext: prod\ntimeout: 1m\n")
    (name, _, options), connected = asked("rollback", "other")
    assert ("other", 600.0) == (name, options.timeout)
    assert {"namespace": None, "context": None, "kubeconfig": None} == connected
    said = lastgood("history", "other", "-v", deployer=FakeDeployer(past=HISTORY)).err
    assert "lastgood.yaml is left aside: it is about shop" in said
    _, connected = asked("rollback", "other", "--config", "lastgood.yaml")
    assert ("prod", "prod") == (connected["namespace"], connected["context"])


def test_a_file_about_no_release_in_particular_says_where_any_is(here: Path) -> None:
    put(here / "lastgood.yaml", "namespace: prod\n")
    assert ("other", "prod") == (asked("history", "other")[0], asked("history", "other")[1]["namespace"])


# --- mistakes


MISTAKEN = """\
apiVersion: lastgood.dev/v1
kind: Configuration
name:
  timout: 5m
timout: 5m
file-store: store
setVariable: {a: b}
why: because
frobnicate: 1
namespace: ""
files: k8s
service: [a.yaml]
recursive: "true"
prune: maybe
mode: standrad
onConflict: keep
onConflict: fail
timeout: 600
waitLock: 9000h
historyMax: 1
variables:
  level: info
  level: debug
  empty:
  list: [1]
infra: [region=eu]
onInterrupt:
strict: .nan
"""


def test_every_mistake_is_told_at_once_with_its_place_and_what_was_expected(here: Path) -> None:
    put(here / "lastgood.yaml", MISTAKEN)
    golden("config_mistakes", refused("deploy"))


def test_a_single_mistake_is_one_line(here: Path) -> None:
    put(here / "conf" / "shop.yaml", "  name: shop\n  # how long\n\n  timout: 5m\n")
    expected = "error: conf/shop.yaml:4:3: timout: unknown key; did you mean timeout?\n"
    assert expected == refused("plan", "--config", "conf/shop.yaml").err


def test_the_mistakes_of_the_documentation_are_told_as_it_says(here: Path) -> None:
    put(here / "lastgood.yaml", "name: x\ntimout: 5m\nmode: standrad\nvariables: {level: a,\n  level: b}\n")
    (shown,) = re.findall(r"```\n(error: .*?)```", DOCUMENT, re.DOTALL)
    assert shown == refused("deploy").err


UNREADABLE = {
    "": "lastgood.yaml:1:1: is empty: expected keys such as name and files",
    "# nothing yet\n": "lastgood.yaml:1:1: is empty: expected keys such as name and files",
    "---\n": "lastgood.yaml:2:1: is empty: expected keys such as name and files",
    "- name: shop\n": "lastgood.yaml:1:1: expected a mapping of keys to values, found a list",
    "shop\n": "lastgood.yaml:1:1: expected a mapping of keys to values, found shop",
    "name: a\n---\nname: b\n": "lastgood.yaml:3:1: expected one document, found 2",
    "name: shop\nfiles: [a\nmode: x\n": "lastgood.yaml:3: this is not valid YAML: did not find expected ',' or ']' "
    "(column 5)",
    "name: \0": "lastgood.yaml:1: this is not valid YAML: it holds a control character",
    MANIFEST.lstrip(): "lastgood.yaml:1:1: this is a manifest (ConfigMap), and a configuration is expected",
    'files: ["a\\0"]': "lastgood.yaml:1:9: files[0]: holds a control character",
    "apiVersion: v2\nname: shop\n": "lastgood.yaml:1:1: apiVersion: expected lastgood.dev/v1, found v2",
    "name: shop\nservice: s.yaml\nfiles: [a]\n": "lastgood.yaml:3:1: files: cannot stand beside service: a service "
    "names its manifests itself",
}


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_is_no_configuration_at_all_is_told(here: Path, text: str) -> None:
    put(here / "lastgood.yaml", text)
    assert f"error: {UNREADABLE[text]}\n" == refused("history", "shop").err


def test_a_file_that_is_not_there_or_not_text_is_told(here: Path) -> None:
    missing = refused("deploy", "--config", "nope.yaml").err
    assert "error: nope.yaml: cannot be read: No such file or directory\n" == missing
    assert "error: .: cannot be read: Is a directory\n" == refused("deploy", "--config", ".").err
    (here / "lastgood.yaml").write_bytes(b"name: \xff\n")
    assert "error: lastgood.yaml:1: this is not text in UTF-8" in refused("deploy").err


def test_many_mistakes_are_one_mistake_made_many_times(here: Path) -> None:
    put(here / "lastgood.yaml", "".join(f"zzz{number}: 1\n" for number in range(60)))
    lines = refused("deploy").err.splitlines()
    assert (52, "       and 10 more") == (len(lines), lines[-2])


def test_a_mistake_is_a_document_for_those_who_asked_for_documents(here: Path) -> None:
    put(here / "lastgood.yaml", "timout: 1m\n")
    error = json.loads(refused("deploy", "-o", "json").out)["error"]
    assert ("SettingError", "lastgood.yaml:1:1: timout: unknown key; did you mean timeout?") == (
        error["type"],
        error["message"],
    )


def test_a_value_of_a_variable_is_never_told(here: Path) -> None:
    put(here / "lastgood.yaml", "variables: {token: [hunter22], other: hunter22}\nname: [hunter22]\n")
    assert "hunter22" not in refused("deploy").err


LINES = some.lists(
    some.sampled_from(
        [
            *(f"{key.name}: " for key in KEYS),
            *(
                "  ",
                "- ",
                "a: ",
                "b",
                "[c, ",
                "]",
                "{d: 1, ",
                "}",
                "yes",
                "5m",
                "&x ",
                "*x",
                "<<: ",
                "? ",
                "|\n ",
                "\n",
            ),
        ]
    ),
    max_size=25,
).map("".join)


@settings(max_examples=300, deadline=None)
@given(LINES | some.text(max_size=40))
def test_any_text_is_a_configuration_or_refused_with_its_file(text: str) -> None:
    try:
        read(text, "f.yaml")
    except SettingError as error:
        assert all(line.startswith(("f.yaml", "and ")) for line in str(error).split("\n"))  # noqa: PT017


@pytest.mark.parametrize(
    ("written", "meant"),
    [("file-store", "fileStore"), ("fileStroe", "fileStore"), ("Name", "name"), ("set_variable", "variables"),
     ("filename", "files"), ("wait_lock", "waitLock"), ("apiversion", "apiVersion"), ("variable", "variables")],
)  # fmt: skip
def test_a_slip_of_the_pen_is_understood(here: Path, written: str, meant: str) -> None:
    put(here / "lastgood.yaml", f"{written}: x\n")
    assert f"error: lastgood.yaml:1:1: {written}: unknown key; did you mean {meant}?\n" == refused("deploy").err


# --- the table of keys


def parameter_of(key: Key) -> click.Option:
    options = {opt: one for one in the_command("deploy").params for opt in one.opts if isinstance(one, click.Option)}
    return options[key.flag]


def test_every_flag_has_a_key_or_deliberately_none() -> None:
    flags = {
        max(parameter.opts, key=len).removeprefix("--")
        for name in CONFIGURED
        for parameter in the_command(name).params
        if isinstance(parameter, click.Option)
    }
    keys = [key.flag.removeprefix("--") for key in KEYS]
    assert sorted(flags) == sorted([*keys, *TYPED_ONLY])


def test_commands_that_are_about_a_release_take_a_file() -> None:
    assert {"deploy", "plan", *ABOUT_A_NAME} <= set(CONFIGURED)


def test_every_key_is_a_field_of_what_is_read() -> None:
    assert ["file", *(key.field for key in KEYS)] == [field.name for field in fields(Config)]
    assert [key.parameter for key in KEYS] == [parameter_of(key).name for key in KEYS]


SAMPLES = ("x", "a b", "take", "keep", "fail", "restore", "standard", "declarative", "0", "1", "2", "10", "-1", "1.5",
           "90s", "10m", "1h30m", "9000h", "1d", ".5s")  # fmt: skip


@pytest.mark.parametrize("key", [key for key in KEYS if not parameter_of(key).is_flag], ids=lambda key: key.name)
@pytest.mark.parametrize("sample", SAMPLES)
def test_a_key_takes_what_its_flag_takes(key: Key, sample: str) -> None:
    flag = parameter_of(key)
    typed: Any = f"k={sample}" if key.shape is Shape.MAPPING else sample
    written: Any = {Shape.ONE: sample, Shape.LIST: f"[{sample}]", Shape.MAPPING: f"{{k: {sample}}}",
                    Shape.SOME: sample}[key.shape]  # fmt: skip
    text = f"{key.name}: {written}\n"
    try:
        meant = flag.type.convert(typed, flag, None)
    except click.BadParameter:
        with pytest.raises(SettingError, match=rf"f\.yaml:1:1: {key.name}: "):
            read(text, "f.yaml")
        return
    found = getattr(read(text, "f.yaml"), key.field)
    assert found == (meant if key.shape is Shape.ONE else (meant,))


@pytest.mark.parametrize("key", [key for key in KEYS if parameter_of(key).is_flag], ids=lambda key: key.name)
def test_a_switch_is_on_or_off_as_kubectl_reads_it(key: Key) -> None:
    assert [True, False, True, False] == [key.check.read(Word(one)) for one in ("true", "false", "yes", "off")]
    for other in (Word("1"), Word("x"), Word(""), "true"):
        with pytest.raises(Wrong):
            key.check.read(other)


# --- what it costs


@pytest.mark.parametrize("name", CONFIGURED)
def test_help_does_not_look_at_the_file(here: Path, name: str) -> None:
    put(here / "lastgood.yaml", "not: [yaml")
    assert 0 == lastgood(name, "--help").code
