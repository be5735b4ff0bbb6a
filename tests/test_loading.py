"""Files, folders and stdin become resources, and what is wrong with them is told with its line."""

from __future__ import annotations

import io
import os
import textwrap
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lastgood import loading
from lastgood.emitting import emit
from lastgood.errors import ManifestError
from lastgood.loading import check, normalised, problems, resources_in
from lastgood.loading.reading import read as load
from lastgood.model.resource import Origin, Resource
from lastgood.model.source import File
from lastgood.parsing import LARGEST

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n"


def read(text: str) -> list[Resource]:
    return list(resources_in(File("f.yaml", textwrap.dedent(text))))


def refused(text: str) -> ManifestError:
    with pytest.raises(ManifestError) as caught:
        read(text)
    return caught.value


def body(api_version: str, kind: str, **fields: Any) -> Resource:
    metadata = {"name": "web", **fields.pop("metadata", {})}
    return Resource({"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields})


def deployment(**container: Any) -> Resource:
    spec = {"containers": [{"name": "web", **container}]}
    return body("apps/v1", "Deployment", spec={"template": {"spec": spec}})


def told(*resources: Resource) -> list[tuple[str, str]]:
    return [(problem.field, problem.sentence) for problem in problems(resources)]


# Where resources come from


def test_a_folder_gives_its_manifests_sorted_and_not_those_below(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yml", "c.json", "d.txt", "below/e.yaml"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text('{"apiVersion":"v1","kind":"Pod","metadata":{"name":"c"}}' if "json" in name else CONFIG % "x")
    files = [Path(str(one.origin.file)).name for one in load([str(tmp_path)]) if one.origin]
    assert files == ["a.yml", "b.yaml", "c.json"]


def test_a_configuration_in_a_folder_is_no_manifest(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    for folder in (tmp_path, tmp_path / "below"):
        (folder / "lastgood.yaml").write_text("name: shop\n")
    with pytest.raises(ManifestError, match=r"holds no \.json, \.yaml, \.yml file beside lastgood\.yaml"):
        load([str(tmp_path)])
    (tmp_path / "below" / "a.yaml").write_text(CONFIG % "a")
    assert [one.ref.name for one in load([str(tmp_path)], recursive=True)] == ["a"]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("name: shop\n", "this is a configuration, not a manifest: --config "),
        ("apiVersion: lastgood.dev/v1\nkind: Config\n", "it says what is otherwise typed: lastgood ... --config FILE"),
    ],
)
def test_a_configuration_that_is_named_as_a_manifest_is_told_from_one(tmp_path: Path, text: str, hint: str) -> None:
    (tmp_path / "lastgood.yaml").write_text(text)
    with pytest.raises(ManifestError) as caught:
        load([str(tmp_path / "lastgood.yaml")])
    assert caught.value.hint.startswith(hint)


def test_sub_folders_are_read_on_request(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "a.yaml").write_text(CONFIG % "a")
    assert [one.ref.name for one in load([str(tmp_path)], recursive=True)] == ["a"]
    with pytest.raises(ManifestError, match=r"holds no \.json, \.yaml, \.yml file") as caught:
        load([str(tmp_path)])
    assert caught.value.hint == "its sub-folders are read on request"


@pytest.mark.parametrize("stream", [io.StringIO(CONFIG % "a"), io.BytesIO((CONFIG % "a").encode())])
def test_a_dash_is_stdin(stream: Any) -> None:
    assert [(one.ref.name, str(one.origin)) for one in load(["-"], stdin=stream)] == [("a", "-:1")]


def test_a_dash_without_a_stdin_is_told() -> None:
    with pytest.raises(ManifestError, match="-: there is no stdin to read from"):
        load(["-"])


def test_sources_keep_their_order(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.yaml").write_text(CONFIG % name)
    assert [one.ref.name for one in load([str(tmp_path / "b.yaml"), str(tmp_path / "a.yaml")])] == ["b", "a"]


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"nope\.yaml: there is no such file or folder"):
        load([str(tmp_path / "nope.yaml")])


def test_an_address_is_answered_with_how_to_fetch_it() -> None:
    with pytest.raises(ManifestError) as caught:
        load(["https://example.org/a.yaml"])
    assert caught.value.hint == "fetch it: curl -sSL https://example.org/a.yaml | lastgood ... -f -"


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").symlink_to(tmp_path / "gone.yaml")
    with pytest.raises(ManifestError, match=r"a\.yaml: cannot be read"):
        load([str(tmp_path)])


def test_nothing_at_all_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("# nothing but words\n---\n")
    with pytest.raises(ManifestError, match="there is no resource in"):
        load([str(tmp_path)])


def test_a_file_that_is_too_large_is_not_read_to_its_end() -> None:
    """A device that never ends is the extreme case."""
    with pytest.raises(ManifestError, match="/dev/zero: is larger than 32 MiB"):
        load(["/dev/zero"])
    with pytest.raises(ManifestError, match="-: is larger than 32 MiB"):
        load(["-"], stdin=io.BytesIO(b"#" * (LARGEST + 1)))


def test_a_pipe_is_a_file(tmp_path: Path) -> None:
    """``-f <(helm template ...)`` names one."""
    reading, writing = os.pipe()
    os.write(writing, (CONFIG % "a").encode())
    os.close(writing)
    assert [one.ref.name for one in load([f"/dev/fd/{reading}"])] == ["a"]
    os.close(reading)


# What a resource is


def test_every_resource_knows_its_file_line_and_document() -> None:
    text = "---\n" + CONFIG % "a" + "---\n# words\n---\n\n" + CONFIG % "b"
    assert [str(one.origin) for one in read(text)] == ["f.yaml:2", "f.yaml:9 (document 3)"]


def test_a_list_is_unpacked_and_its_items_know_their_lines() -> None:
    resources = read("""\
        apiVersion: v1
        kind: List
        items:
          - apiVersion: v1
            kind: ConfigMap
            metadata: {name: a}
          - apiVersion: v1
            kind: List
            items:
              - apiVersion: v1
                kind: ConfigMap
                metadata: {name: b}
        """)
    assert [(one.ref.name, one.origin) for one in resources] == [
        ("a", Origin("f.yaml", 4, 1)),
        ("b", Origin("f.yaml", 7, 1)),
    ]


def test_items_of_a_list_of_one_kind_need_not_say_what_they_are() -> None:
    resources = read("apiVersion: v1\nkind: ConfigMapList\nitems: [{metadata: {name: a}}]\n")
    assert [str(one.ref) for one in resources] == ["configmap/a"]


def test_aliases_in_a_list_are_items() -> None:
    text = "apiVersion: v1\nkind: List\nitems:\n- &a {apiVersion: v1, kind: Pod, metadata: {name: a}}\n- *a\n"
    assert [one.ref.name for one in read(text)] == ["a", "a"]


def test_an_empty_list_is_nothing() -> None:
    assert read("apiVersion: v1\nkind: List\nitems: []\n") == []


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("just words", "f.yaml:1: a resource is a mapping; this is a string", ""),
        ("- a", "f.yaml:1: a resource is a mapping; this is a list", ""),
        ("kind: Pod\nmetadata: {name: a}", "f.yaml:1: apiVersion is missing", ""),
        ("apiVersion: v1\nKind: Pod", "f.yaml:1: kind is missing", "it is spelled kind, not Kind"),
        ("apiVersion: v1\nkind: 5\nmetadata: {name: a}", "f.yaml:2: kind: the number 5 is no kind", ""),
        ("apiVersion: v1\nkind: true\nmetadata: {name: a}", "f.yaml:2: kind: true is no kind", ""),
        ("apiVersion: a/b/c\nkind: P\nmetadata: {}", 'f.yaml:1: apiVersion: the string "a/b/c" is no apiVersion', ""),
        ("apiVersion: v1\nkind: Pod", "f.yaml:1: metadata: metadata is missing; a resource needs metadata.name", ""),
        ("apiVersion: v1\nkind: Pod\nmetadata: {}", "f.yaml:3: metadata.name: is missing", ""),
        (
            "apiVersion: v1\nkind: Pod\nmetadata:\n  labels: {}\n  name: 12",
            "f.yaml:5: metadata.name: is the number 12, not a string",
            'put it in quotes: name: "12"',
        ),
        (
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  namespace: 3",
            "f.yaml:5: pod/a: metadata.namespace: is the number 3, not a string",
            'put it in quotes: namespace: "3"',
        ),
        (
            "apiVersion: v1\nkind: Pod\nmetadata:\n  generateName: a-",
            "f.yaml:4: metadata.generateName: makes another resource at every deploy, and none could be found again",
            "give it a name",
        ),
        (
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization",
            "f.yaml:1: a Kustomization is read by its own tool, not by the cluster",
            "build it first: kubectl kustomize FOLDER | lastgood ... -f -",
        ),
    ],
)
def test_what_is_no_resource_is_refused_where_it_stands(text: str, message: str, hint: str) -> None:
    error = refused(text)
    assert (str(error), error.hint) == (message, hint)


def test_a_part_of_a_chart_is_recognised() -> None:
    with pytest.raises(ManifestError) as caught:
        list(resources_in(File("chart/values.yaml", "replicas: 1\n")))
    assert "helm template" in caught.value.hint


def test_a_text_that_might_be_a_secret_is_not_repeated() -> None:
    assert "hunter2" not in str(refused("hunter2"))


# What the API would refuse

WRONG = {"overhead": {"cpu": "1x"}}
METRIC = {"pods": {"target": {"averageValue": "1kk"}}}
CLAIM = {"resources": {"requests": {"storage": "1TB"}}}


@pytest.mark.parametrize(
    ("resource", "field"),
    [
        (deployment(resources={"limits": {"memory": "1Gb"}}), "containers[name=web].resources.limits.memory"),
        (deployment(resources={"requests": {"cpu": "much"}}), "containers[name=web].resources.requests.cpu"),
        (deployment(env=[{"name": "A", "valueFrom": {"resourceFieldRef": {"divisor": "1mb"}}}]), "divisor"),
        *(
            (body("v1", "Pod", spec=spec), field)
            for spec, field in (
                ({"initContainers": [{"resources": {"limits": {"cpu": "1x"}}}]}, "spec.initContainers[0]"),
                ({"ephemeralContainers": [{"resources": {"limits": {"cpu": "1x"}}}]}, "spec.ephemeralContainers[0]"),
                ({"resources": {"limits": {"memory": "1Gb"}}}, "spec.resources.limits.memory"),
                ({"overhead": {"cpu": "1x"}}, "spec.overhead.cpu"),
                ({"volumes": [{"name": "v", "emptyDir": {"sizeLimit": "1gb"}}]}, "volumes[name=v].emptyDir.sizeLimit"),
            )
        ),
        *(
            (body(version, kind, spec={"template": {"spec": WRONG}}), "spec.template.spec.overhead.cpu")
            for version, kind in (
                ("apps/v1", "Deployment"),
                ("apps/v1", "StatefulSet"),
                ("apps/v1", "DaemonSet"),
                ("apps/v1", "ReplicaSet"),
                ("batch/v1", "Job"),
            )
        ),
        (
            body("batch/v1", "CronJob", spec={"jobTemplate": {"spec": {"template": {"spec": WRONG}}}}),
            "spec.jobTemplate.spec.template.spec.overhead.cpu",
        ),
        (
            body("v1", "PersistentVolumeClaim", spec=CLAIM),
            "spec.resources.requests.storage",
        ),
        (
            body("apps/v1", "StatefulSet", spec={"volumeClaimTemplates": [{"spec": CLAIM}]}),
            "spec.volumeClaimTemplates[0].spec.resources.requests.storage",
        ),
        (body("v1", "PersistentVolume", spec={"capacity": {"storage": "1TB"}}), "spec.capacity.storage"),
        (body("v1", "ResourceQuota", spec={"hard": {"limits.memory": "1GB"}}), "spec.hard[limits.memory]"),
        (body("v1", "LimitRange", spec={"limits": [{"max": {"cpu": "1x"}}]}), "spec.limits[0].max.cpu"),
        (
            body("autoscaling/v2", "HorizontalPodAutoscaler", spec={"metrics": [METRIC]}),
            "spec.metrics[0].pods.target.averageValue",
        ),
    ],
)  # fmt: skip
def test_a_quantity_is_checked_wherever_core_kinds_have_one(resource: Resource, field: str) -> None:
    (problem,) = problems([resource])
    assert field in problem.field
    assert "is not a quantity" in problem.sentence


@pytest.mark.parametrize("value", ["1", "500m", "128m", "1Gi", "1e3", ".5", " 1 ", 1, 0.25, 1000])
def test_a_quantity_that_kubernetes_takes_is_fine(value: Any) -> None:
    assert told(deployment(resources={"limits": {"memory": value}})) == []


@pytest.mark.parametrize("value", [None, ""])
def test_an_empty_quantity_would_be_a_limit_of_zero(value: Any) -> None:
    assert told(deployment(resources={"limits": {"memory": value}}))[0][1] == "is empty"


@pytest.mark.parametrize("value", [True, ["1"], {"a": 1}])
def test_what_is_no_number_is_no_quantity(value: Any) -> None:
    assert told(deployment(resources={"limits": {"memory": value}}))[0][1] == "is not a quantity"


def test_a_quantity_comes_with_a_suggestion() -> None:
    (problem,) = problems([deployment(resources={"limits": {"memory": "1Gb"}})])
    assert (problem.sentence, problem.hint) == ('"1Gb" is not a quantity', "use 1Gi (Gi is 2^30) or 1G (G is 10^9)")


def test_quantities_of_other_groups_are_their_own_business() -> None:
    assert told(body("example.org/v1", "Deployment", spec={"template": {"spec": {"overhead": {"cpu": "x"}}}})) == []


@pytest.mark.parametrize(
    ("resource", "field"),
    [
        (body("v1", "Pod", metadata={"labels": {"version": 1}}), "metadata.labels.version"),
        (body("v1", "Pod", metadata={"annotations": {"a.b/c": True}}), "metadata.annotations[a.b/c]"),
        (body("v1", "Pod", spec={"nodeSelector": {"gpu": True}}), "spec.nodeSelector.gpu"),
        (body("v1", "Service", spec={"selector": {"version": 1}}), "spec.selector.version"),
        (body("apps/v1", "Deployment", spec={"selector": {"matchLabels": {"v": 1}}}), "spec.selector.matchLabels.v"),
        (
            body("apps/v1", "Deployment", spec={"template": {"metadata": {"labels": {"v": 1}}}}),
            "spec.template.metadata.labels.v",
        ),
        (deployment(env=[{"name": "A", "value": 1}]), "spec.template.spec.containers[name=web].env[name=A].value"),
        (deployment(env=[{"name": True, "value": "1"}]), "spec.template.spec.containers[name=web].env[0].name"),
        (deployment(args=["-p", 80]), "spec.template.spec.containers[name=web].args[1]"),
        (body("v1", "ConfigMap", data={"port": 80}), "data.port"),
        (body("example.org/v1", "Any", metadata={"labels": {"a": 1}}), "metadata.labels.a"),
    ],
)
def test_what_has_to_be_a_string_is_told_where_it_is_none(resource: Resource, field: str) -> None:
    (problem,) = problems([resource])
    assert problem.field == field
    assert problem.sentence.endswith(", and has to be a string")


@pytest.mark.parametrize("value", [None, "1", ""])
def test_null_is_an_empty_string_to_the_api(value: Any) -> None:
    assert told(body("v1", "ConfigMap", data={"a": value}), deployment(env=[{"name": "A", "value": value}])) == []


@pytest.mark.parametrize("key", ["harness.io/direct-apply", "lastgood.dev/irreversible"])
def test_annotations_of_ours_may_do_without_quotes(key: str) -> None:
    resource = body("v1", "Pod", metadata={"annotations": {key: True}})
    assert told(resource) == []
    assert normalised(resource).annotations == {key: "true"}


@pytest.mark.parametrize(
    ("resource", "field", "sentence"),
    [
        (body("v1", "ConfigMap", data="x"), "data", "has to be a mapping"),
        (body("v1", "Secret", stringData=["x"]), "stringData", "has to be a mapping"),
        (body("v1", "Pod", metadata={"labels": ["a"]}), "metadata.labels", "has to be a mapping"),
        (deployment(args="-v"), "spec.template.spec.containers[name=web].args", "has to be a list"),
    ],
)
def test_what_holds_strings_has_its_shape(resource: Resource, field: str, sentence: str) -> None:
    assert told(resource) == [(field, sentence)]


def test_a_label_that_is_too_long_or_odd_is_told() -> None:
    resource = body("v1", "Pod", metadata={"labels": {"a": "x" * 64, "b": "not good", "c": "fine-1.2_3", "d": ""}})
    assert [field for field, _ in told(resource)] == ["metadata.labels.a", "metadata.labels.b"]


@pytest.mark.parametrize(
    ("resource", "field", "sentence"),
    [
        (deployment(env=[{"name": "A"}, {"name": "B"}, {"name": "A"}]), "env[2]", "name A stands twice in this list"),
        (
            deployment(ports=[{"containerPort": 80}, {"containerPort": 80, "protocol": "TCP"}]),
            "ports[1]",
            "containerPort 80, protocol TCP stands twice in this list",
        ),
        (deployment(volumeMounts=[{"mountPath": "/a"}, {"mountPath": "/a"}]), "volumeMounts[1]", "mountPath /a stands"),
        (body("v1", "Pod", spec={"containers": [{"name": "a"}, {"name": "a"}]}), "spec.containers[1]", "name a stands"),
        (body("v1", "Pod", spec={"volumes": [{"name": "a"}, {"name": "a"}]}), "spec.volumes[1]", "name a stands twice"),
        (body("v1", "Service", spec={"ports": [{"port": 80}, {"port": 80}]}), "spec.ports[1]", "port 80, protocol TCP"),
        (body("v1", "Pod", metadata={"finalizers": ["a/b", "a/b"]}), "metadata.finalizers[1]", '"a/b" stands twice'),
    ],
)
def test_elements_with_the_same_key_are_told(resource: Resource, field: str, sentence: str) -> None:
    """Server-side apply tells the elements of these lists apart by their keys, and refuses two that are alike."""
    (problem,) = problems([resource])
    assert problem.field.endswith(field)
    assert problem.sentence.startswith(sentence)


@pytest.mark.parametrize(
    "resource",
    [
        deployment(ports=[{"containerPort": 53, "protocol": "TCP"}, {"containerPort": 53, "protocol": "UDP"}]),
        deployment(env=[{"name": "A"}, {"name": "a"}], args=["-v", "-v"]),
        body("v1", "Service", spec={"ports": [{"port": 53, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}]}),
    ],
)
def test_elements_that_differ_in_a_key_are_fine(resource: Resource) -> None:
    assert told(resource) == []


def test_a_resource_that_is_there_twice_is_told_with_both_places() -> None:
    first, second = read(CONFIG % "a" + "---\n" + CONFIG % "a")
    with pytest.raises(ManifestError) as caught:
        check([first, second])
    assert str(caught.value) == "f.yaml:5 (document 2): configmap/a: is there twice, first in f.yaml:1"


def test_the_same_name_in_another_namespace_is_another_resource() -> None:
    assert told(body("v1", "Pod", metadata={"namespace": "a"}), body("v1", "Pod", metadata={"namespace": "b"})) == []


@pytest.mark.parametrize(
    ("version", "kind", "name", "hint"),
    [
        ("v1", "ConfigMap", "My_Map", "call it my-map"),
        ("apps/v1", "Deployment", "Web", "call it web"),
        ("example.org/v1", "Any", "a b", "call it a-b"),
        ("v1", "Namespace", "a.b", "call it a-b"),
        ("v1", "Service", "a.b", "call it a-b"),
        ("v1", "Pod", "---", ""),
        ("v1", "ConfigMap", "x" * 254, ""),
        ("v1", "Service", "x" * 64, ""),
        ("batch/v1", "CronJob", "x" * 53, ""),
    ],
)
def test_a_name_that_the_api_refuses_is_told(version: str, kind: str, name: str, hint: str) -> None:
    (problem,) = problems([body(version, kind, metadata={"name": name})])
    assert (problem.field, problem.hint) == ("metadata.name", hint)


@pytest.mark.parametrize(
    ("version", "kind", "name"),
    [
        ("rbac.authorization.k8s.io/v1", "ClusterRole", "system:node-proxier"),
        ("user.openshift.io/v1", "Identity", "ldap:ann"),
        ("v1", "ConfigMap", "a.b-c.1"),
        ("v1", "Service", "1a"),
        ("batch/v1", "CronJob", "x" * 52),
    ],
)
def test_a_name_that_the_api_takes_is_fine(version: str, kind: str, name: str) -> None:
    assert told(body(version, kind, metadata={"name": name})) == []


@pytest.mark.parametrize("field", ["data", "binaryData"])
def test_what_has_to_be_base64_is_told_without_its_value(field: str) -> None:
    kind = "Secret" if field == "data" else "ConfigMap"
    (problem,) = problems([body("v1", kind, **{field: {"good": "aGVs\nbG8=", "bad": "hunter2!"}})])
    assert (problem.field, problem.sentence) == (f"{field}.bad", "is not base64")
    assert "hunter2" not in problem.hint


# How it is told


BROKEN = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    version: 1.0
spec:
  template:
    spec:
      containers:
        - name: web
          resources:
            limits:
              memory: 1Gb
---
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Secret
    metadata: {name: keys}
    data:
      pin: 1234
"""


def test_one_problem_is_told_with_its_line_and_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "web.yaml"
    path.write_text(BROKEN.replace("1.0", '"1.0"').replace("pin: 1234", "pin: aGk="))
    with pytest.raises(ManifestError) as caught:
        check(load([str(path)]))
    error = caught.value
    field = "spec.template.spec.containers[name=web].resources.limits.memory"
    assert str(error) == f'{path}:14: deployment.apps/web: {field}: "1Gb" is not a quantity'
    assert (error.field, error.hint) == (field, "use 1Gi (Gi is 2^30) or 1G (G is 10^9)")


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "web.yaml"
    path.write_text(BROKEN)
    with pytest.raises(ManifestError) as caught:
        check(load([str(path)]))
    label, memory, secret = str(caught.value).split("\n")
    assert label.startswith(f"{path}:6: deployment.apps/web: metadata.labels.version: is a number")
    assert label.endswith('(put it in quotes: version: "1.0")')
    assert memory.startswith(f"{path}:14: deployment.apps/web: spec.template")
    assert secret.startswith(f"{path}:23 (document 2): secret/keys: data.pin: is a number")


def test_a_secret_is_not_told_even_to_say_how_to_quote_it(tmp_path: Path) -> None:
    path = tmp_path / "web.yaml"
    path.write_text(BROKEN)
    with pytest.raises(ManifestError) as caught:
        check(load([str(path)]))
    assert "1234" not in f"{caught.value}{caught.value.hint}"


def test_many_problems_are_counted() -> None:
    resources = [body("v1", "Pod", metadata={"name": f"p{n}", "labels": {"a": 1}}) for n in range(30)]
    with pytest.raises(ManifestError) as caught:
        check(resources)
    assert str(caught.value).split("\n")[-1] == "and 10 more"


def test_what_came_from_stdin_is_told_with_the_line_of_the_resource() -> None:
    resources = load(["-"], stdin=io.StringIO("---\n" + CONFIG % "A"))
    with pytest.raises(ManifestError, match=r"^-:2: configmap/A: metadata\.name"):
        check(resources)


def test_a_file_that_is_gone_by_now_still_names_the_resource(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(CONFIG % "A")
    resources = load([str(path)])
    path.unlink()
    with pytest.raises(ManifestError, match=r"a\.yaml:1: configmap/A"):
        check(resources)


def test_a_file_that_can_no_longer_be_read_still_names_the_resource(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(CONFIG % "A")
    resources = load([str(path)])
    path.write_bytes(b"\xff\xff")
    with pytest.raises(ManifestError, match=r"a\.yaml:1: configmap/A"):
        check(resources)


def test_what_is_fine_passes() -> None:
    check([deployment(image="web:1", env=[{"name": "A", "value": "1"}]), body("v1", "Secret", data={"a": "aGk="})])


# The form in which it is planned


def test_string_data_becomes_data_and_wins() -> None:
    secret = body("v1", "Secret", data={"a": "b2xk", "b": "aGk="}, stringData={"a": "new", "c": None})
    assert normalised(secret).body["data"] == {"a": "bmV3", "b": "aGk=", "c": ""}
    assert "stringData" not in normalised(secret).body


def test_string_data_of_others_is_not_touched() -> None:
    resource = body("example.org/v1", "Secret", stringData={"a": "b"})
    assert normalised(resource) is resource


def test_what_only_the_server_says_is_left_out() -> None:
    """Manifests that were exported with ``kubectl get -o yaml`` have it."""
    exported: dict[str, Any] = {
        "uid": "1",
        "resourceVersion": "5",
        "creationTimestamp": None,
        "managedFields": [],
        "generation": 2,
    }
    record = {"kubectl.kubernetes.io/last-applied-configuration": "{}"}
    resource = body("v1", "Pod", metadata={**exported, "annotations": record, "labels": {"a": "b"}})
    assert normalised(resource).body["metadata"] == {"name": "web", "labels": {"a": "b"}}


def test_the_body_that_was_loaded_is_not_changed() -> None:
    secret = body("v1", "Secret", stringData={"a": "b"}, metadata={"uid": "1"})
    before = secret.copy_body()
    normalised(secret)
    assert secret.body == before


FIELDS = st.sampled_from(
    [
        *("a", "name", "labels", "annotations", "spec", "template", "metadata", "containers", "env", "ports", "value"),
        *("resources", "limits", "memory", "data", "stringData", "items", "finalizers", "selector", "matchLabels"),
        *("volumes", "emptyDir", "sizeLimit", "containerPort", "volumeClaimTemplates"),
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(FIELDS, children, max_size=4),
    max_leaves=25,
)
KINDS = st.sampled_from(
    [
        ("v1", "Pod"),
        ("apps/v1", "StatefulSet"),
        ("v1", "Secret"),
        ("v1", "ConfigMap"),
        ("v1", "Service"),
        ("x.io/v1", "X"),
    ]
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(KINDS, st.dictionaries(FIELDS, JSON, max_size=3), st.dictionaries(FIELDS, JSON, max_size=3))
def test_no_body_breaks_the_checks(kind: tuple[str, str], fields: dict[str, Any], metadata: dict[str, Any]) -> None:
    """Whatever is in a body: it is refused with a ``ManifestError``, or its problems are told, or it is fine."""
    text = emit({**fields, "apiVersion": kind[0], "kind": kind[1], "metadata": {**metadata, "name": "a"}})
    try:
        resources = list(resources_in(File("f", text)))
        for resource in resources:
            normalised(resource)
        check(resources)
    except ManifestError as error:
        assert str(error)  # noqa: PT017  # whether it is raised at all depends on the body


def test_the_one_verb_loads_checks_and_normalises(tmp_path: Path) -> None:
    """What a library user calls: the form that is deployed, or an error before anything is."""
    good = tmp_path / "good.yaml"
    good.write_text("apiVersion: v1\nkind: Secret\nmetadata: {name: key}\nstringData: {a: b}\n")
    (found,) = loading.load([str(good)])
    assert {"a": "Yg=="} == found.body["data"]
    bad = tmp_path / "bad.yaml"
    bad.write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, labels: {version: 1.0}}\n")
    with pytest.raises(ManifestError, match="version"):
        loading.load([str(bad)])
