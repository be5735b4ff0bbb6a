"""Files that are written into the service, files taken from where others are, and config files."""

from __future__ import annotations

from pathlib import Path

import pytest

from lastgood.errors import InputError
from lastgood.model.source import File
from lastgood.pipelines.definition import read_service, with_files
from lastgood.pipelines.file_store import SKIP, FileStore
from lastgood.pipelines.nodes import Word
from lastgood.pipelines.scoping import Setting
from lastgood.pipelines.service import ServiceRelease, release_of
from lastgood.pipelines.spots import Spot
from lastgood.pipelines.stores import Stores
from tests.pipelines.shop import CONFIG, Shop, data_of, service_text

INLINE = """\
service:
  name: shop
  identifier: shop
  serviceDefinition:
    type: Kubernetes
    spec:
      manifests:
        - manifest:
            identifier: main
            type: K8sManifest
            spec:
              store:
                type: Inline
                spec:
                  content: |
                    apiVersion: v1
                    kind: ConfigMap
                    metadata:
                      name: config
                    data:
                      a: {{ .Values.a | quote }}
        - manifest:
            identifier: values
            type: Values
            spec:
              store: {type: Inline, spec: {content: "a: <+service.name>"}}
"""
CONFIG_FILES = """\
      configFiles:
        - configFile:
            identifier: motd
            spec: {store: {type: Harness, spec: {files: [/motd.txt]}}}
        - configFile:
            identifier: inline
            spec: {store: {type: Inline, spec: {content: "x <+service.name>"}}}
        - configFile:
            identifier: two
            spec: {store: {type: Harness, spec: {files: [/motd.txt, /motd.txt]}}}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path).config(a="'{{ .Values.a }}'").put("/motd.txt", "for <+service.name>\n")


def refused(shop: Shop, text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        shop.load(text)
    return caught.value


def test_manifests_and_values_may_be_written_into_the_service(shop: Shop) -> None:
    assert data_of(shop.load(INLINE)) == {"a": "shop"}


def test_a_mistake_in_them_is_told_with_where_they_are_written(shop: Shop) -> None:
    error = refused(shop, INLINE.replace("name: config", "name: [config"))
    assert str(error).startswith("content in ")
    assert "service.yaml:15:5: " in str(error)


def test_an_inline_store_has_a_content(shop: Shop) -> None:
    error = refused(shop, INLINE.replace('{content: "a: <+service.name>"}', "{}"))
    assert str(error).endswith("manifests[1].manifest.spec.store.spec.content: is missing")


def test_inherited_values_need_files_beside_them(shop: Shop) -> None:
    inherit = "{type: InheritFromManifest, spec: {paths: [a]}}"
    error = refused(shop, INLINE.replace('{type: Inline, spec: {content: "a: <+service.name>"}}', inherit))
    assert "InheritFromManifest takes files from where the manifests are, and they are written inline" in str(error)
    text = service_text().replace("type: Harness", "type: InheritFromManifest")
    assert "takes files from where the manifests are, and there are none" in str(refused(shop, text))


def test_values_are_inherited_from_the_file_store_as_well(shop: Shop) -> None:
    shop.put("/prod.yaml", "a: 1\n")
    separate = """
        - manifest:
            identifier: prod
            type: Values
            spec: {store: {type: InheritFromManifest, spec: {paths: [prod.yaml]}}}
"""
    assert data_of(shop.load(service_text() + separate)) == {"a": "1"}


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ('configFile.getAsString("motd")', "for shop\n"),
        ("configFile.getAsString('inline')", "x shop"),
        ('configFile.getAsBase64("motd")', "Zm9yIHNob3AK"),
    ],
)
def test_a_config_file_can_be_used(shop: Shop, expression: str, result: str) -> None:
    shop.config(a="{{ .Values.a | quote }}").put("/values.yaml", f"a: |-\n  <+{expression}>\n")
    assert data_of(shop.load(service_text(values="[/values.yaml]") + CONFIG_FILES)) == {"a": result}


@pytest.mark.parametrize(
    ("name", "problem", "hint"),
    [
        ("mottd", "names no config file of the service Shop_1", "did you mean motd?"),
        ("two", "configFiles[2].configFile: has 2 files, and an expression stands for one", "name one file"),
    ],
)
def test_a_config_file_that_cannot_be_used_is_told(shop: Shop, name: str, problem: str, hint: str) -> None:
    shop.put("/values.yaml", f"a: <+configFile.getAsString('{name}')>\n")
    error = refused(shop, service_text(values="[/values.yaml]") + CONFIG_FILES)
    assert problem in str(error)
    assert error.hint == hint


def test_secret_files_are_refused_rather_than_left_out(shop: Shop) -> None:
    error = refused(shop, service_text() + CONFIG_FILES.replace("files: [/motd.txt]", "secretFiles: [account.x]"))
    assert "configFiles[0].configFile.spec.store.spec.secretFiles: no secret store is read here" in str(error)


@pytest.mark.parametrize("paths", [["/values.yaml"], ["/values.yaml", "/more.yaml"]])
def test_a_list_may_be_a_runtime_input(shop: Shop, paths: list[str]) -> None:
    shop.put("/values.yaml", "a: 1\n").put("/more.yaml", "a: 2\n")
    manifest = {"manifest": {"identifier": "dev", "spec": {"valuesPaths": paths}}}
    inputs = {"service": {"serviceDefinition": {"spec": {"manifests": [manifest]}}}}
    release = shop.load(service_text(values="<+input>"), inputs=inputs)
    assert (data_of(release), release.warnings) == ({"a": str(len(paths))}, ())
    error = refused(shop, service_text(values="<+input>"))
    assert str(error).endswith("manifest.spec.valuesPaths: a list is wanted here, and none is given for <+input>")


def test_an_answer_to_no_input_is_warned_about(shop: Shop) -> None:
    shop.config(a="x")
    release = shop.load(service_text(), inputs={"service": {"name": "x", "description": "y"}})
    assert release.warnings == ("inputs: service.description has no effect: no <+input> stands there",)


def applied(shop: Shop, path: str, *, plain: bool = False, files: str = "[/app]") -> ServiceRelease:
    service = read_service(File("service.yaml", service_text(files=files)))
    spot = Spot(File("stage.yaml", "filePaths: [x]\n"), ("filePaths", 0))
    step = with_files(service, (Word(path, spot),), plain=plain)
    return release_of(step, Setting(), Stores(FileStore(shop.store)))


@pytest.mark.parametrize("path", ["jobs/one.yaml", "/jobs/one.yaml", "/app/jobs/one.yaml"])
def test_single_files_may_be_asked_for_from_the_manifests_folder_or_the_root(shop: Shop, path: str) -> None:
    """Also such as are skipped otherwise, with the values that all manifests have."""
    shop.put("/app/values.yaml", "a: 1\n").put("/app/jobs/one.yaml", f"{SKIP}\n{CONFIG}  a: '{{{{ .Values.a }}}}'\n")
    assert data_of(applied(shop, path)) == {"a": "1"}
    assert data_of(shop.load(service_text())) == {"a": "1"}  # the other file; this one is skipped


def test_a_file_that_is_asked_for_may_be_no_template(shop: Shop) -> None:
    shop.put("/app/plain.yaml", CONFIG + "  a: '{{ not a template }}'\n")
    assert data_of(applied(shop, "plain.yaml", plain=True)) == {"a": "{{ not a template }}"}


def test_a_file_that_is_asked_for_and_not_there_is_told_with_the_step_s_place(shop: Shop) -> None:
    with pytest.raises(InputError, match=r"^stage\.yaml:1: filePaths\[0\]: there is no /nope\.yaml"):
        applied(shop, "nope.yaml")
