"""What a person and a program see of ``lastgood health``: of what a cluster wrote, and of what lives in one."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lastgood.cli.main import run
from lastgood.cli.outside import Outside
from lastgood.deployer import Deployer
from lastgood.errors import DeployFailed
from lastgood.loading import snapshot
from lastgood.model.request import Options, Request
from lastgood.model.resource import Body, Ref, Resource
from lastgood.ports import Right
from lastgood.testing import FakeClock, MemoryCluster, memory_deployer
from tests.cli.world import Ran, golden, lastgood
from tests.stories.cast import GOOD_1, MISSING, config, job, made, service, web
from tests.test_diagnosing import VALUES, case

FIXED = ["kind", "namespace", "name", "status", "message"]


def a_list(*bodies: Any, **more: Any) -> str:
    """As kubectl prints it."""
    return json.dumps({"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": bodies} | more)


def widget(name: str, status: Any, **more: Any) -> Body:
    return {"apiVersion": "shop.example/v1", "kind": "Widget", "metadata": {"name": name} | more, "status": status}


def ready(value: str) -> Body:
    return {"conditions": [{"type": "Ready", "status": value, "reason": "Because", "message": "for a reason"}]}


WELL, BUSY = widget("well", ready("True"), namespace="shop"), widget("busy", ready("False"), namespace="shop")
BROKEN = case("deployment/inprogress_image_missing")
CLUSTER_WIDE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "prod"}, "status": {"phase": "Active"}}


def health(stdin: str, *arguments: str, **more: Any) -> Ran:
    return lastgood("health", "-", *arguments, stdin=stdin, **more)


def told(stdin: str, *arguments: str) -> list[Body]:
    found: list[Body] = json.loads(health(stdin, "-o", "json", *arguments).out)
    return found


# --- what is printed


def test_a_deployment_and_all_that_explains_it() -> None:
    golden("health_broken", health(a_list(*BROKEN)))


def test_explained() -> None:
    golden("health_explained", health(a_list(*BROKEN), "--explain"))


def test_wide() -> None:
    golden("health_wide", health(a_list(*BROKEN, CLUSTER_WIDE), "-o", "wide"))


def test_the_namespace_is_told_where_there_are_several() -> None:
    one, several = health(a_list(WELL, BUSY)), health(a_list(WELL, CLUSTER_WIDE))
    assert one.out.splitlines()[0].split() == ["RESOURCE", "STATUS", "MESSAGE"]
    assert several.out.splitlines()[0].split()[0] == "NAMESPACE"
    assert several.out.splitlines()[2].split()[0] == "<none>"


def test_a_terminal_shows_a_status_by_its_colour() -> None:
    out = health(a_list(WELL, BUSY, BROKEN[0], *BROKEN[1:]), screen=True).out
    assert "\x1b[32mwidget.shop.example/well" in out
    assert "\x1b[33mwidget.shop.example/busy" in out
    assert "\x1b[31mdeployment.apps/web" in out


def test_a_program_gets_a_bare_list_whose_first_keys_are_fixed() -> None:
    found = told(a_list(WELL, BUSY, CLUSTER_WIDE))
    assert [list(one)[:5] for one in found] == [FIXED] * 3
    assert [tuple(one[key] for key in FIXED) for one in found[:2]] == [
        ("Widget", "shop", "well", "Current", "is ready"),
        ("Widget", "shop", "busy", "InProgress", found[1]["message"]),
    ]
    assert found[2]["namespace"] == ""


def test_the_list_has_every_object_in_the_order_of_the_input_events_too() -> None:
    found = told(a_list(*BROKEN))
    assert [(one["kind"], one["name"]) for one in found] == [
        (one["kind"], one["metadata"]["name"]) for one in BROKEN
    ]  # fmt: skip
    assert found[0]["causes"][0]["reason"] == "ErrImagePull"


def test_yaml_is_the_same_list() -> None:
    assert yaml.safe_load(health(a_list(*BROKEN), "-o", "yaml").out) == told(a_list(*BROKEN))


def test_names_are_those_of_what_is_not_as_it_should_be() -> None:
    assert health(a_list(WELL, BUSY), "-o", "name").out == "widget.shop.example/busy\n"


@pytest.mark.parametrize(("bodies", "code"), [([WELL], 0), ([WELL, BUSY], 6), ([], 0)])
@pytest.mark.parametrize("output", ["text", "wide", "name", "json", "yaml"])
def test_the_exit_code_tells_the_status_only_on_request(bodies: list[Body], code: int, output: str) -> None:
    assert health(a_list(*bodies), "-o", output).code == 0
    assert health(a_list(*bodies), "-o", output, "--exit-code").code == code


@pytest.mark.parametrize(
    ("output", "out"), [("text", "there is nothing to judge\n"), ("json", "[]\n"), ("yaml", "[]\n"), ("name", "")]
)
def test_an_empty_list_is_an_empty_answer(output: str, out: str) -> None:
    ran = health(a_list(), "-o", output)
    assert (out, "", 0) == (ran.out, ran.err, ran.code)


# --- what is read


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(WELL),
        f"{json.dumps(WELL)}\n\n {json.dumps(BUSY)} \n",
        yaml.safe_dump_all([WELL, None, BUSY]),
        json.dumps([WELL, BUSY]),
        json.dumps({"items": [WELL, BUSY]}),
        a_list({"apiVersion": "v1", "kind": "List", "items": [WELL]}, BUSY),
        json.dumps({"apiVersion": "shop.example/v1", "kind": "WidgetList", "items": [
            {key: value for key, value in one.items() if key not in ("kind", "apiVersion")} for one in (WELL, BUSY)]}),
    ],
    ids=["object", "json lines", "documents", "array", "items", "lists in lists", "list of one kind"],
)  # fmt: skip
def test_objects_may_be_written_in_many_ways(text: str) -> None:
    found = [(one["kind"], one["name"], one["apiVersion"]) for one in told(text)]
    both = [("Widget", name, "shop.example/v1") for name in ("well", "busy")]
    assert found == (both if "busy" in text else both[:1])


def test_a_list_of_one_kind_may_have_null_for_items() -> None:
    assert told('{"apiVersion": "v1", "kind": "PodList", "items": null}') == []


def test_an_object_may_have_a_field_called_items() -> None:
    """Only what is called a list is one."""
    found = told(json.dumps(widget("w", {}) | {"items": [{"a": 1}]}))
    assert [one["name"] for one in found] == ["w"]


@pytest.mark.parametrize(
    "odd",
    [
        {"metadata": {"generateName": "web-"}},
        {"metadata": {"name": "UPPER_case:x"}},
        {"metadata": {"name": "w", "managedFields": [{}], "uid": "u", "resourceVersion": "1", "ownerReferences": []}},
        {"unknown": {"field": [1]}},
        {"metadata": {"name": 5, "namespace": ["x"]}},
        {"metadata": None},
    ],
    ids=["generateName", "name", "server fields", "unknown field", "name of another type", "no metadata"],
)
def test_nothing_is_refused_that_a_manifest_is_refused_for(odd: Body) -> None:
    bodies = [WELL | odd, WELL | odd]
    assert [one["status"] for one in told(a_list(*bodies))] == ["Current", "Current"]
    assert [one["status"] for one in told(yaml.safe_dump_all(bodies))] == ["Current", "Current"]


def test_files_and_folders_are_read_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name, body in (("b.json", BUSY), ("a.yaml", WELL), ("in/c.yml", CLUSTER_WIDE)):
        (tmp_path / name).write_text(json.dumps(body))
    arguments = ("health", str(tmp_path), "-f", str(tmp_path / "b.json"), "-o", "json")
    flat, deep = (json.loads(lastgood(*arguments, *more).out) for more in ((), ("-R",)))
    assert [one["name"] for one in flat] == ["well", "busy", "busy"]
    assert [one["name"] for one in deep] == ["well", "busy", "prod", "busy"]


def test_json_is_not_read_as_yaml(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which would take some ten times as long."""
    monkeypatch.setattr(snapshot, "parse", None)
    assert len(told(a_list(*[WELL] * 2000))) == 2000


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "-: holds nothing, not even an empty list"),
        ("---\n# nothing\n", "-: holds nothing, not even an empty list"),
        ("a: [1\n", "-:2: this is not valid YAML"),
        ('{"kind": "Pod",\n "status": {"phase": "Run', "-:2: this is not valid YAML"),
        ('{"kind": "X", "a": [1, 2}', "-:1: this is not valid YAML"),
        ("just words", "-:1: this is no object of a cluster, which is a mapping"),
        (a_list(WELL, 7), "-:1: items[1]: this is no object of a cluster, which is a mapping"),
        ("replicas: 3\nimage: web\n", "-:1: this is no object of a cluster: kind is missing"),
        ("[" * 5000, "-:1: this is nested more than 200 levels deep"),
        (json.dumps({"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": "pods is forbidden"}),
         "-:1: the API server answered with an error: pods is forbidden"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_where(text: str, error: str) -> None:
    ran = health(text)
    assert ran.code == 2
    assert ran.err.startswith(f"error: {error}")
    assert json.loads(health(text, "-o", "json").out)["kind"] == "Error"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    ran = lastgood("health", str(tmp_path / "none.yaml"))
    assert (2, True) == (ran.code, ran.err.endswith("none.yaml: there is no such file or folder\n"))


def test_yaml_that_is_too_large_is_better_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "LARGEST", 100)
    ran = health(yaml.safe_dump_all([WELL] * 3))
    assert (2, True) == (ran.code, "kubectl get ... -o json" in ran.err)
    assert len(told(a_list(*[WELL] * 3))) == 3


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("-", "-n", "prod"), "--namespace asks a cluster, and cannot stand beside -"),
        (("-", "--name", "shop"), "--name asks a cluster, and cannot stand beside -"),
        (("-", "--all"), "--all asks a cluster, and cannot stand beside -"),
        (("-R",), "--recursive means something only beside a folder"),
        (("--name", "shop", "--all"), "--all is about a namespace, and cannot stand beside --name"),
    ],
)
def test_what_cannot_stand_together(arguments: tuple[str, ...], error: str) -> None:
    ran = lastgood("health", *arguments)
    assert (2, True) == (ran.code, ran.err.startswith(f"error: {error}\n"))


def test_no_value_of_a_secret_is_told_whatever_its_shape() -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}
    bodies = [secret | {"data": "hunter2"}, secret | {"status": "hunter2"}, secret | {"spec": ["hunter2"]}]
    for output in ("text", "wide", "json", "yaml"):
        ran = health(a_list(*bodies), "-o", output, "--explain")
        assert (0, False) == (ran.code, "hunter2" in ran.out + ran.err)


KEYS = st.sampled_from(["kind", "apiVersion", "metadata", "items", "status", "spec"])
HEADS = st.sampled_from(["Pod", "Deployment", "List", "PodList", "Job", "Event", "Status", "apps/v1", "v1", "batch/v1"])
DOCUMENTS = st.recursive(
    st.dictionaries(KEYS, HEADS | VALUES, max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.builds(lambda held: {"kind": "List", "items": held}, st.lists(inner))
    ),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(DOCUMENTS | VALUES, st.sampled_from(["text", "wide", "name", "json", "yaml"]), st.booleans())
def test_whatever_json_is_piped_in_is_answered_or_refused(document: Any, output: str, as_yaml: bool) -> None:
    """Never a traceback, and what is printed for programs is what the reference says."""
    text = yaml.safe_dump(document) if as_yaml else json.dumps(document)
    ran = health(text, "-o", output, "--explain")
    assert ran.code in (0, 2), ran.err
    assert "Traceback" not in ran.err


# --- what lives in a cluster


class Prod:
    """A cluster with one good release and what else is there."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.cluster = MemoryCluster(self.clock)
        self.cluster.add_namespace("prod")

    def deploys(self, *resources: Resource) -> Prod:
        request = Request("shop", "prod", resources, options=Options(timeout=30.0))
        self.clock.run(self._deploy(request))
        return self

    async def _deploy(self, request: Request) -> None:
        await memory_deployer(self.cluster, namespace="prod").deploy(request)

    def has(self, *resources: Resource) -> Prod:
        """Somebody makes these, and some time passes."""
        for one in resources:
            body = one.copy_body()
            self.cluster.create(body | {"metadata": body["metadata"] | {"namespace": "prod"}})
        self.clock.run(self._some_time())
        return self

    async def _some_time(self) -> None:
        await self.cluster.served()  # from here on the cluster works
        await asyncio.sleep(5)

    @asynccontextmanager
    async def connect(self, *, namespace: str | None, tell: Any, **_: Any) -> AsyncIterator[Deployer]:
        yield memory_deployer(self.cluster, namespace=namespace or "prod", tell=tell)

    def health(self, *arguments: str) -> Ran:
        out, err, env = io.StringIO(), io.StringIO(), {"TERM": "xterm"}
        outside = Outside(out, err, None, env, self.clock.monotonic, self.connect, run_loop=self.clock.run)
        code = run(("health", *arguments), outside)
        return Ran(("health", *arguments), code, out.getvalue(), err.getvalue())

    def statuses(self, *arguments: str) -> dict[str, str]:
        found = json.loads(self.health("-o", "json", *arguments).out)
        return {f"{one['kind']}/{one['name']}": one["status"] for one in found}


def test_of_a_namespace_it_tells_of_workloads_and_of_what_has_a_status() -> None:
    prod = Prod().has(web(GOOD_1), web(MISSING, "api"), config("app"), service("web"), job("registry.lab/web:ok"))
    assert prod.statuses("-n", "prod") == {
        "Service/web": "Current",
        "Deployment/api": "Failed",
        "Deployment/web": "Current",
        "Job/migrate": "Current",
    }
    assert "image registry.lab/web:missing: not found" in prod.health("-n", "prod").out


def test_what_belongs_to_an_owner_is_told_on_request() -> None:
    prod = Prod().has(web(GOOD_1))
    assert set(prod.statuses("-n", "prod")) == {"Deployment/web"}
    kinds = [name.partition("/")[0] for name in prod.statuses("-n", "prod", "--all")]
    assert kinds == ["Pod", "Pod", "Deployment", "ReplicaSet"]


def test_an_empty_namespace_has_nothing_to_judge() -> None:
    ran = Prod().health("-n", "prod", "--exit-code")
    assert ("there is nothing to judge\n", "", 0) == (ran.out, ran.err, ran.code)


def test_kinds_that_may_not_be_read_are_named_and_hide_nothing_else() -> None:
    prod = Prod().has(web(GOOD_1), job("registry.lab/web:ok"))
    prod.cluster.deny(Right("list", "batch", "jobs", "prod"), Right("list", "", "secrets", "prod"))
    ran = prod.health("-n", "prod", "-o", "name", "--exit-code")
    assert ("", 0, "warning: these kinds could not be read: job.batch\n") == (ran.out, ran.code, ran.err)
    assert "deployment.apps/web" in prod.health("-n", "prod").out


def test_of_a_release_it_tells_of_what_it_is_made_of() -> None:
    prod = Prod().deploys(config("app"), web(GOOD_1)).has(web(GOOD_1, "other"))
    assert prod.statuses("--name", "shop") == {"ConfigMap/app": "Current", "Deployment/web": "Current"}


def test_what_a_release_had_and_is_gone_is_not_found() -> None:
    prod = Prod().deploys(config("app"), config("more"))
    body = prod.cluster.live(Ref("", "ConfigMap", "prod", "app"))
    assert body is not None
    prod.cluster.machinery.objects.remove(Ref("", "ConfigMap", "prod", "app"))
    assert prod.statuses("--name", "shop") == {"ConfigMap/app": "NotFound", "ConfigMap/more": "Current"}
    assert prod.health("--name", "shop", "--exit-code").code == 6


def test_the_last_good_release_is_told_of_not_one_that_failed() -> None:
    prod = Prod().deploys(config("app"), web(GOOD_1))
    with pytest.raises(DeployFailed):
        prod.deploys(config("app"), web(MISSING), config("added"))
    assert "ConfigMap/added" not in prod.statuses("--name", "shop")


def test_a_release_that_nobody_made() -> None:
    assert Prod().health("--name", "shop").code == 5


def test_the_cluster_is_one_that_answers_in_its_own_order_and_the_answer_is_sorted() -> None:
    prod = Prod().has(
        web(GOOD_1, "b"),
        web(GOOD_1, "a"),
        made("v1", "Pod", "p", spec={"containers": [{"name": "web", "image": GOOD_1}]}),
    )
    assert list(prod.statuses("-n", "prod")) == ["Pod/p", "Deployment/a", "Deployment/b"]


@pytest.mark.parametrize("where", [(), ("--name", "shop")])
def test_of_what_lives_rules_of_ones_own_say_how_it_is(tmp_path: Path, where: tuple[str, ...]) -> None:
    """Of a namespace, and of a release."""
    file = tmp_path / "health.yaml"
    file.write_text("rules:\n- {group: apps, kind: Deployment, healthy: spec.replicas == 3}\n")
    prod = Prod().deploys(web(GOOD_1))
    assert prod.statuses(*where)["Deployment/web"] == "Current"
    assert prod.statuses(*where, "--health-rules", str(file))["Deployment/web"] == "InProgress"
