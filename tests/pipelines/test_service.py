"""A service file becomes a release. S19 to S36 are the rows of the specification for the service YAML."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lastgood.errors import ExpressionError, LastgoodError, ManifestError, SettingError, TemplateError
from lastgood.model.release import Mode
from lastgood.model.resource import Resource
from lastgood.model.source import NUMBER_MARKER
from lastgood.pipelines.service import ServiceRelease, load_service, pod_labels
from tests.pipelines.shop import CONFIG, NGINX, Shop, data_of, service_text

DECLARATIVE = {"enableDeclarativeRollback": "true"}
IMAGE = "registry.lab/web:1"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path).config(a="b")


def load_example(**given: Any) -> ServiceRelease:
    return load_service(NGINX / "service.yaml", file_store=NGINX / "file-store", **given)


def refused(shop: Shop, service: str = "", **given: Any) -> LastgoodError:
    with pytest.raises((SettingError, ExpressionError, TemplateError, ManifestError)) as caught:
        shop.load(service, **given)
    return caught.value


def resource(release: ServiceRelease, kind: str) -> Resource:
    return next(one for one in release.resources if one.ref.kind == kind)


# The specification's own service


def test_the_specification_s_service_loads_unchanged() -> None:
    release = load_example(artifact=IMAGE, variables={"memory": "64Mi"})
    assert (release.name, release.identifier, release.release_name) == ("nginx", "K8s", "k8s")
    assert [str(one.ref) for one in release.resources] == [
        "configmap/nginx-config",
        "deployment.apps/nginx",
        "service/nginx",
    ]
    assert release.warnings == ()


def test_the_specification_s_service_gives_its_values_to_the_templates() -> None:
    spec = resource(load_example(artifact=IMAGE, variables={"memory": "64Mi"}), "Deployment").body["spec"]
    (container,) = spec["template"]["spec"]["containers"]
    assert (spec["replicas"], container["image"]) == (1, IMAGE)
    assert container["resources"] == {"requests": {"cpu": "0.25"}, "limits": {"memory": "64Mi"}}


# S19 to S36


def test_s19_declarative_rollback_is_asked_for(shop: Shop) -> None:
    """Nothing said means the standard mode."""
    assert shop.load(service_text()).mode is Mode.STANDARD
    assert shop.load(service_text(settings=DECLARATIVE)).mode is Mode.DECLARATIVE


def test_s20_the_option_belongs_to_the_service(shop: Shop, tmp_path: Path) -> None:
    """Two services with one file store each have their own."""
    one, other = shop.load(service_text(settings=DECLARATIVE)), shop.load(service_text())
    assert (one.mode, other.mode) == (Mode.DECLARATIVE, Mode.STANDARD)


@pytest.mark.parametrize(
    ("written", "mode"),
    [
        ("true", Mode.DECLARATIVE),
        ('"true"', Mode.DECLARATIVE),
        ("True", Mode.DECLARATIVE),
        ("yes", Mode.DECLARATIVE),
        ("<+serviceVariables.on>", Mode.DECLARATIVE),
        ("false", Mode.STANDARD),
        ('"false"', Mode.STANDARD),
        ("", Mode.STANDARD),
        ("<+serviceVariables.off>", Mode.STANDARD),
    ],
)
def test_s21_the_option_may_be_a_boolean_a_string_or_an_expression(shop: Shop, written: str, mode: Mode) -> None:
    text = service_text(settings={"enableDeclarativeRollback": written}, variables={"on": "true", "off": "false"})
    assert shop.load(text).mode is mode


def test_s21_what_is_neither_true_nor_false_is_refused(shop: Shop) -> None:
    text = service_text(settings={"enableDeclarativeRollback": "perhaps"})
    assert re.search(r'service\.yaml:\d+: .*enableDeclarativeRollback: "perhaps" is neither', str(refused(shop, text)))
    runtime = service_text(settings={"enableDeclarativeRollback": "<+input>"})
    assert "<+input> is a runtime input" in str(refused(shop, runtime))


def test_s22_and_s36_skipping_versions_beside_declarative_rollback_is_told(shop: Shop) -> None:
    """Declarative wins; nothing is versioned in any case."""
    release = shop.load(service_text(settings={**DECLARATIVE, "skipResourceVersioning": "true"}))
    (warning,) = release.warnings
    assert warning.endswith(
        "skipResourceVersioning: has no effect: with enableDeclarativeRollback nothing is versioned"
    )
    assert (release.mode, release.skip_versioning) == (Mode.DECLARATIVE, True)
    assert shop.load(service_text(settings={**DECLARATIVE, "skipResourceVersioning": "false"})).warnings == ()


def test_s23_name_and_identifier_can_be_used(shop: Shop) -> None:
    shop.config(a="{{ .Values.name }}", b="{{ .Values.id }}")
    shop.put("/values.yaml", "name: <+service.name>\nid: <+service.identifier>\n")
    assert data_of(shop.load(service_text(values="[/values.yaml]"))) == {"a": "shop", "b": "Shop_1"}


@pytest.mark.parametrize("identifier", ["1st", "a-b", "a b", "x" * 129, "é"])
def test_s23_an_identifier_has_its_pattern(shop: Shop, identifier: str) -> None:
    error = refused(shop, service_text().replace("Shop_1", f'"{identifier}"'))
    assert str(error).endswith(f'service.yaml:3: service.identifier: "{identifier}" is no identifier')


def test_s24_tags_can_be_used(shop: Shop) -> None:
    shop.config(a="{{ .Values.a }}", b="{{ .Values.b | quote }}").put(
        "/values.yaml", 'a: <+service.tags.harness>\nb: <+service.tags["x.y"]>\n'
    )
    text = service_text(values="[/values.yaml]", tags='harness: "app", x.y: 1.10')
    assert data_of(shop.load(text)) == {"a": "app", "b": "1.10"}


def test_s25_the_order_of_keys_means_nothing(shop: Shop) -> None:
    first = service_text()
    last = first.replace("    type: Kubernetes\n", "").rstrip() + "\n    type: Kubernetes\n"
    assert "type: Kubernetes" in last
    assert shop.load(first).resources == shop.load(last).resources


def test_s25_services_of_other_types_are_refused(shop: Shop) -> None:
    error = refused(shop, service_text().replace("type: Kubernetes", "type: ECS"))
    assert str(error).endswith("service.serviceDefinition.type: services of type ECS are not deployed by this tool")
    assert error.hint == "the type has to be Kubernetes"


def test_s26_an_empty_artifact_is_fine_where_none_is_asked_for(shop: Shop) -> None:
    assert len(shop.load(service_text()).resources) == 1


def test_s26_an_artifact_that_is_asked_for_has_to_be_given(shop: Shop) -> None:
    shop.config(a="{{ .Values.a }}").put("/values.yaml", "# the image\nx:\n  a: <+artifact.image>\n")
    error = refused(shop, service_text(values="[/values.yaml]"))
    problem = "<+artifacts.primary.image> has no value: there is no artifact"
    assert (str(error), error.hint) == (f"/values.yaml:3: x.a: {problem}", "give one with --artifact IMAGE")


SOURCES = """
          primaryArtifactRef: hub
          sources:
            - identifier: hub
              type: DockerRegistry
              spec: {connectorRef: hub, imagePath: library/nginx, tag: <+input>}
"""


def test_s26_an_artifact_with_sources_is_read_and_has_to_be_given_as_well(shop: Shop) -> None:
    text = service_text(values="[/values.yaml]").replace("primary: {}", f"primary:{SOURCES.rstrip()}")
    shop.config(a="{{ .Values.a }}").put("/values.yaml", "a: <+artifacts.primary.image>\n")
    error = refused(shop, text)
    assert "<+connector.hub.registry> has no value: where the connector hub leads is not known" in str(error)
    assert error.hint == "give it with --connector hub=HOST, or the whole image with --artifact"
    assert data_of(shop.load(text, artifact=IMAGE)) == {"a": IMAGE}


def test_s27_two_manifests_with_one_identifier_are_refused(shop: Shop) -> None:
    error = refused(shop, two_manifests(second="dev"))
    assert "there are two manifests called dev" in str(error)


def test_s27_fields_of_a_manifest_can_be_used(shop: Shop) -> None:
    shop.config(a="{{ .Values.a }}").put("/values.yaml", "a: <+manifests.dev.type>/<+manifest.dev.identifier>\n")
    assert data_of(shop.load(service_text(values="[/values.yaml]"))) == {"a": "K8sManifest/dev"}


@pytest.mark.parametrize(
    ("kind", "hint"),
    [
        ("HelmChart", "render it with helm template, and deploy what comes out"),
        ("Kustomize", "render it with kustomize build, and deploy what comes out"),
        ("OpenshiftTemplate", "render it with oc process, and deploy what comes out"),
    ],
)
def test_s28_kinds_of_manifests_that_come_later_are_refused(shop: Shop, kind: str, hint: str) -> None:
    error = refused(shop, service_text().replace("K8sManifest", kind))
    assert f"manifest.type: {kind} is not read by this tool yet" in str(error)
    assert error.hint == hint


@pytest.mark.parametrize(("store", "why"), [("CustomRemote", ": its script is not run here"), ("Cellar", "")])
def test_s29_other_stores_are_refused(shop: Shop, store: str, why: str) -> None:
    error = refused(shop, service_text().replace("type: Harness", f"type: {store}"))
    assert f"spec.store.type: a store of type {store} is not read by this tool{why}" in str(error)
    assert error.hint.startswith("it reads Harness, Inline, ")


def test_s30_files_may_be_folders_with_blanks_and_scopes(tmp_path: Path) -> None:
    shop = Shop(tmp_path).config("/My App/templates/a.yaml", a="1x").put("/My App/notes.txt", "not yaml: [")
    for entry in ("/My App", "account:/My App", "My App/templates/a.yaml"):
        assert data_of(shop.load(service_text(files=f'["{entry}"]'))) == {"a": "1x"}


def test_s30_what_is_named_twice_is_deployed_once(shop: Shop) -> None:
    assert len(shop.load(service_text(files="[/app, /app/config.yaml]")).resources) == 1


def test_s31_later_values_win_and_mappings_are_merged(shop: Shop) -> None:
    shop.config(a="{{ .Values.x.a }}", b="{{ .Values.x.b }}", c="{{ .Values.c | toJson | quote }}")
    shop.put("/app/values.yaml", "x: {a: folder, b: folder}\nc: [1, 2]\n")
    shop.put("/one.yaml", "x: {b: one}\nc: [3]\n").put("/two.yaml", "x: {b: two}\n")
    text = service_text(values="[/one.yaml, /two.yaml]")
    assert data_of(shop.load(text)) == {"a": "folder", "b": "two", "c": "[3]"}


def test_s31_null_takes_a_value_away(shop: Shop) -> None:
    shop.config(a='{{ hasKey .Values "a" | quote }}').put("/one.yaml", "a: x\n").put("/two.yaml", "a:\n")
    assert data_of(shop.load(service_text(values="[/one.yaml, /two.yaml]"))) == {"a": "false"}


def test_s31_a_values_file_that_is_not_there_is_an_error_unless_it_may_be_missing(shop: Shop) -> None:
    text = service_text(values="[/nope.yaml]")
    assert "there is no /nope.yaml" in str(refused(shop, text))
    optional = service_text(values="[/nope.yaml]", settings={"optionalValuesYaml": "true"})
    assert shop.load(optional).warnings == ("/nope.yaml is not there, and need not be",)


def test_s31_paths_may_be_expressions(shop: Shop) -> None:
    shop.config(a="{{ .Values.a }}").put("/prod-values.yaml", "a: prod\n")
    text = service_text(values="[<+env.name>-values.yaml]")
    assert data_of(shop.load(text, infra={"env.name": "prod"})) == {"a": "prod"}


@pytest.mark.parametrize(("written", "skips"), [("false", False), ("true", True), ('"true"', True), ("", False)])
def test_s32_versioning_may_be_skipped(shop: Shop, written: str, *, skips: bool) -> None:
    release = shop.load(service_text(settings={"skipResourceVersioning": written}))
    assert (release.mode, release.skip_versioning) == (Mode.STANDARD, skips)


def test_s33_the_option_is_a_key_of_the_manifest(shop: Shop) -> None:
    """Anywhere else it means nothing, and is told where it looks like a slip."""
    misspelled = service_text(settings={"enableDeclarativeRolback": "true"})
    assert refused(shop, misspelled).hint == "did you mean enableDeclarativeRollback?"
    elsewhere = service_text().replace("  name: shop\n", "  name: shop\n  enableDeclarativeRollback: true\n")
    assert shop.load(elsewhere).mode is Mode.STANDARD


def test_s34_variables_can_be_used_with_an_empty_description(shop: Shop) -> None:
    shop.config(a="{{ .Values.a }}", b="{{ .Values.b }}").put(
        "/values.yaml", "a: <+serviceVariables.one>-x\nb: <+serviceVariables.two>\n"
    )
    text = service_text(values="[/values.yaml]", variables={"one": "a1", "two": "b2"}, types={"two": "Number"})
    described = text.replace("          type: String\n", '          type: String\n          description: ""\n')
    assert data_of(shop.load(described)) == {"a": "a1-x", "b": "b2"}


def test_s34_a_variable_may_stand_for_others(shop: Shop) -> None:
    shop.config(a="{{ .Values.a }}").put("/values.yaml", "a: <+serviceVariables.whole>\n")
    text = service_text(
        values="[/values.yaml]", variables={"part": "x", "whole": "<+serviceVariables.part>-<+service.name>"}
    )
    assert data_of(shop.load(text)) == {"a": "x-shop"}


def test_s34_a_secret_has_to_be_given(shop: Shop) -> None:
    shop.config(a="{{ .Values.a }}").put("/values.yaml", "a: <+serviceVariables.pass>\n")
    text = service_text(values="[/values.yaml]", variables={"pass": "account.db.pass"}, types={"pass": "Secret"})
    error = refused(shop, text)
    assert "<+serviceVariables.pass> is a secret that nothing was given for" in str(error)
    instead = "or in the environment, LASTGOOD_SECRET_db_pass, or in a file of secrets"
    assert error.hint == f"give it with --set-variable pass=VALUE, {instead}"
    assert data_of(shop.load(text, variables={"pass": "hunter2"})) == {"a": "hunter2"}
    assert data_of(shop.load(text, secrets={"account.db.pass": "hunter3"})) == {"a": "hunter3"}


@pytest.mark.parametrize(
    ("name", "problem"),
    [("Bool", "Bool is no type of variable"), ("String", "there are two variables called one")],
)
def test_s34_variables_are_checked(shop: Shop, name: str, problem: str) -> None:
    text = service_text(variables={"one": "1"}, types={"one": name})
    entry = text[text.index("        - name: one") :]
    assert problem in str(refused(shop, text + entry))


@pytest.mark.parametrize(
    ("written", "text"),
    [
        *(("1", "1"), ("020724", "020724"), ("1.0", "1.0"), ("yes", "yes"), ("1Gb", "1Gb")),
        *(('"1"', "1"), ('"0.25"', "0.25"), ('""', "")),
    ],
)
def test_s35_values_of_variables_are_strings_and_stay_as_they_are_written(shop: Shop, written: str, text: str) -> None:
    shop.config(a="{{ .Values.a | quote }}", kind="{{ kindOf .Values.a }}")
    shop.put("/values.yaml", "a: <+serviceVariables.x>\n")
    release = shop.load(service_text(values="[/values.yaml]", variables={"x": written}))
    assert data_of(release) == {"a": text, "kind": "string"}


def test_s35_a_string_can_be_made_a_number() -> None:
    release = load_example(artifact=IMAGE, variables={"memory": "64Mi", "replica": "3"})
    assert resource(release, "Deployment").body["spec"]["replicas"] == 3


def test_s35_a_gigabyte_that_kubernetes_does_not_know_is_refused_before_anything_is_touched() -> None:
    with pytest.raises(ManifestError) as caught:
        load_example(artifact=IMAGE)
    error = caught.value
    where = "/Sample Manifest Onboarding/templates/deployment.yaml:33: deployment.apps/nginx"
    field = "spec.template.spec.containers[name=nginx].resources.limits.memory"
    cause = f"from service variable memory ({NGINX / 'service.yaml'}:37), via /values.yaml:6: memory"
    assert str(error) == f'{where}: {field}: "1Gb" is not a quantity ({cause})'
    assert error.hint == "use 1Gi (Gi is 2^30) or 1G (G is 10^9): --set-variable memory=1Gi"


# The service file as a whole


def two_manifests(*, second: str = "other", settings: str = "", kind: str = "K8sManifest") -> str:
    entry = f"""\
        - manifest:
            identifier: {second}
            type: {kind}
            spec:
              store: {{type: Harness, spec: {{files: [/more]}}}}
{settings}
      variables:
"""
    return service_text(variables={"one": "1"}).replace("      variables:\n", entry)


def test_manifests_that_disagree_on_the_mode_are_refused(shop: Shop) -> None:
    shop.config("/more/a.yaml", a="b")
    error = refused(shop, two_manifests(settings="              enableDeclarativeRollback: true"))
    assert str(error).endswith("agree on enableDeclarativeRollback: dev says false, other says true")


def test_several_manifests_make_one_release(shop: Shop) -> None:
    shop.put("/more/a.yaml", CONFIG.replace("name: config", "name: more"))
    assert [one.ref.name for one in shop.load(two_manifests()).resources] == ["config", "more"]


def test_values_manifests_win_over_the_folder_s_values(shop: Shop) -> None:
    shop.config(a="{{ .Values.a }}").put("/app/values.yaml", "a: folder\n").put("/more", "a: more\n")
    assert data_of(shop.load(two_manifests(kind="Values"))) == {"a": "more"}


def test_a_resource_in_two_manifests_is_told(shop: Shop) -> None:
    shop.config("/more/a.yaml", a="b")
    assert "configmap/config: is there twice, first in /app/config.yaml:1" in str(refused(shop, two_manifests()))


@pytest.mark.parametrize(
    ("text", "problem", "hint"),
    [
        ("", "a service file holds one document, and this one 0", ""),
        ("service: {}\n---\nservice: {}\n", "a service file holds one document, and this one 2", ""),
        ("- a\n", "a service file is a mapping with the key service", ""),
        ("services: {}\n", "services: there is no such key", "did you mean service?"),
        ("service: []\n", "service: a mapping is wanted here", ""),
        ("service: {name: a}\n", "service.serviceDefinition: is missing", ""),
        ("a: [\n", "this is not valid YAML", ""),
    ],
)
def test_what_is_no_service_file_is_told(shop: Shop, text: str, problem: str, hint: str) -> None:
    error = refused(shop, text or "# nothing\n")
    assert problem in str(error)
    assert error.hint == hint


@pytest.mark.parametrize(
    ("before", "after", "key", "hint"),
    [
        ("serviceDefinition:", "servicedefinition:", "service.servicedefinition", "did you mean serviceDefinition?"),
        ("      manifests:", "      manifest:", "service.serviceDefinition.spec.manifest", "did you mean manifests?"),
        ("valuesPaths:", "values_paths:", "manifests[0].manifest.spec.values_paths", "did you mean valuesPaths?"),
        ("valuesPaths:", "valuesPath:", "manifests[0].manifest.spec.valuesPath", "did you mean valuesPaths?"),
        ("                  files:", "                  file:", "store.spec.file", "did you mean files?"),
        ("        primary: {}", "        Primary: {}", "spec.artifacts.Primary", "did you mean primary?"),
    ],
)  # fmt: skip
def test_a_key_that_looks_misspelled_is_told(shop: Shop, before: str, after: str, key: str, hint: str) -> None:
    error = refused(shop, service_text().replace(before, after))
    assert f"{key}: there is no such key" in str(error)
    assert error.hint == hint


def test_keys_that_mean_something_elsewhere_are_tolerated(shop: Shop) -> None:
    text = service_text(settings={"commandFlags": "[]", "somethingNew": "x"})
    assert shop.load(text.replace("  name: shop\n", "  name: shop\n  orgIdentifier: default\n")).resources


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("files: [/app]", "files: /app", "files: a list is wanted here"),
        ("files: [/app]", "files: [[a]]", "files[0]: a string is wanted here"),
        ("identifier: Shop_1", "identifier: {a: b}", "service.identifier: a string is wanted here"),
        ("name: shop", "name:", "service.name: is missing"),
        ("files: [/app]", "files: []", "there are no .yaml or .yml files in"),
    ],
)
def test_what_has_the_wrong_shape_is_told(shop: Shop, before: str, after: str, problem: str) -> None:
    assert problem in str(refused(shop, service_text().replace(before, after, 1)))


def test_a_service_without_manifests_has_nothing_to_deploy(shop: Shop) -> None:
    text = service_text()
    empty = text[: text.index("      manifests:")]
    assert "the service Shop_1 has no K8sManifest to deploy" in str(refused(shop, empty))


def test_a_service_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"nope\.yaml: cannot be read"):
        load_service(tmp_path / "nope.yaml", file_store=tmp_path)


# What is given beside it


def test_variables_that_are_given_win(shop: Shop) -> None:
    shop.config(a="{{ .Values.a }}").put("/values.yaml", "a: <+serviceVariables.x>\n")
    text = service_text(values="[/values.yaml]", variables={"x": "old"})
    assert data_of(shop.load(text, variables={"x": "new"})) == {"a": "new"}


def test_a_variable_that_is_not_there_cannot_be_given(shop: Shop) -> None:
    error = refused(shop, service_text(variables={"memory": "1", "cpu": "1"}), variables={"memry": "2"})
    assert str(error) == "--set-variable memry: the service Shop_1 has no such variable"
    assert error.hint == "did you mean memory? it has memory, cpu"
    assert refused(shop, service_text(), variables={"a": "b"}).hint == "it has none"


def test_a_variable_that_is_given_and_not_used_is_told(shop: Shop) -> None:
    release = shop.load(service_text(variables={"x": "1"}), variables={"x": "2"})
    assert release.warnings == ("--set-variable x has no effect: nothing uses <+serviceVariables.x>",)


def test_parts_of_the_artifact_can_be_used(shop: Shop) -> None:
    shop.config(a="{{ .Values.a }}").put("/values.yaml", "a: <+artifact.imagePath>|<+artifact.tag>|<+artifact.image>\n")
    text = service_text(values="[/values.yaml]")
    assert data_of(shop.load(text, artifact="reg.io/team/web:1.2")) == {"a": "team/web|1.2|reg.io/team/web:1.2"}


def test_a_part_that_the_artifact_does_not_have_is_told(shop: Shop) -> None:
    shop.config(a="{{ .Values.a }}").put("/values.yaml", "a: <+artifact.digest>\n")
    error = refused(shop, service_text(values="[/values.yaml]"), artifact="web:1")
    assert "<+artifacts.primary.digest> has no value: web:1 does not say it" in str(error)


def test_pull_secrets_are_empty_and_that_is_told(shop: Shop) -> None:
    """Values files of the product have them by default, and templates ask whether they are there."""
    shop.config(a='{{ if .Values.dockercfg }}x{{ else }}"no"{{ end }}')
    shop.put("/values.yaml", "dockercfg: <+artifacts.primary.imagePullSecret>\n")
    release = shop.load(service_text(values="[/values.yaml]"))
    assert data_of(release) == {"a": "no"}
    assert "<+artifacts.primary.imagePullSecret> is empty" in release.warnings[0]


def test_the_infrastructure_can_be_used(shop: Shop) -> None:
    shop.config(a="{{ .Values.a }}").put("/values.yaml", "a: <+infra.namespace>/<+infra.releaseName>/<+env.name>\n")
    text = service_text(values="[/values.yaml]")
    infra = {"namespace": "shop-1", "env.name": "prod"}
    assert data_of(shop.load(text, infra=infra)) == {"a": "shop-1/shop-1/prod"}
    assert data_of(shop.load(text, infra={**infra, "releaseName": "mine"})) == {"a": "shop-1/mine/prod"}


@pytest.mark.parametrize(
    ("identifier", "name"),
    [("K8s", "k8s"), ("Shop_1", "shop-1"), ("_a__b_", "a-b"), ("X" * 63, "x" * 63)],
)
def test_the_release_is_called_as_the_service(shop: Shop, identifier: str, name: str) -> None:
    assert shop.load(service_text().replace("Shop_1", identifier)).release_name == name


def test_a_long_identifier_makes_a_name_of_its_own(shop: Shop) -> None:
    """Two that start alike must not share a history."""
    names = {shop.load(service_text().replace("Shop_1", "x" * 100 + end)).release_name for end in "ab"}
    assert len(names) == 2
    assert {len(name) for name in names} == {63}


def test_a_release_may_be_given_its_name(shop: Shop) -> None:
    assert shop.load(service_text(), infra={"releaseName": "web.prod"}).release_name == "web.prod"
    for name in ("Web", "a_b", "-a", "x" * 64, ""):
        assert "cannot be the name of a release" in str(refused(shop, service_text(), infra={"releaseName": name}))


def test_an_identifier_that_makes_no_name_is_told(shop: Shop) -> None:
    assert refused(shop, service_text().replace("Shop_1", "___")).hint == "give it one: --infra releaseName=NAME"


def test_pods_carry_the_name_of_the_release() -> None:
    assert pod_labels("k8s") == (("harness.io/release-name", "k8s"),)


# Values and templates


def test_comments_of_values_files_are_not_evaluated(shop: Shop) -> None:
    shop.config(a="{{ .Values.a }}").put("/values.yaml", "# <+nope.nope>\na: b # <+nope>\n")
    assert data_of(shop.load(service_text(values="[/values.yaml]"))) == {"a": "b"}


def test_a_whole_value_stays_a_string_and_a_plain_one_what_it_is(shop: Shop) -> None:
    shop.config(a="{{ kindOf .Values.a }}", b="{{ kindOf .Values.b }}", c="{{ kindOf .Values.c }}")
    shop.put("/values.yaml", "a: <+serviceVariables.x>\nb: 1\nc: true\n")
    text = service_text(values="[/values.yaml]", variables={"x": "true"})
    assert data_of(shop.load(text)) == {"a": "string", "b": "float64", "c": "bool"}


def test_a_false_that_an_if_would_take_for_true_is_told(shop: Shop) -> None:
    shop.put("/values.yaml", "a:\n  on: <+serviceVariables.x>\n  note: it is <+serviceVariables.x>\n")
    (warning,) = shop.load(service_text(values="[/values.yaml]", variables={"x": "False"})).warnings
    assert warning.startswith('/values.yaml:2: a.true: is the string "false"')


def test_keys_may_hold_expressions(shop: Shop) -> None:
    shop.config(a="{{ .Values.a.prod }}").put("/values.yaml", "a:\n  <+env.name>: here\n")
    assert data_of(shop.load(service_text(values="[/values.yaml]"), infra={"env.name": "prod"})) == {"a": "here"}


@pytest.mark.parametrize("text", ["- a\n", "a: 1\n---\nb: 2\n", "just words\n"])
def test_a_values_file_is_one_mapping(shop: Shop, text: str) -> None:
    shop.put("/values.yaml", text)
    assert str(refused(shop, service_text(values="[/values.yaml]"))) == "/values.yaml: a values file holds one mapping"


def test_an_empty_values_file_has_no_values(shop: Shop) -> None:
    shop.put("/values.yaml", "# nothing\n")
    assert shop.load(service_text(values="[/values.yaml]")).resources


def test_a_values_file_that_is_listed_is_no_manifest(shop: Shop) -> None:
    shop.config(a="{{ .Values.a }}").put("/app/prod.yaml", "a: prod\n")
    assert data_of(shop.load(service_text(values="[/app/prod.yaml]"))) == {"a": "prod"}


def test_expressions_are_not_evaluated_in_manifests(shop: Shop) -> None:
    shop.config(a="{{ .Values.a }}", b='"x <+artifact.image> y"').put("/values.yaml", "a: b\n")
    error = refused(shop, service_text(values="[/values.yaml]"), artifact="web:1")
    problem = "configmap/config: <+artifact.image> stands in a manifest, where none is evaluated"
    assert isinstance(error, ExpressionError)
    assert str(error) == f"/app/config.yaml:7: {problem}"
    assert error.hint == "put it under a key of a values file, and print that here: {{ .Values.KEY }}"


def test_a_sign_that_only_looks_like_one_is_left_alone(shop: Shop) -> None:
    shop.config(a='"1 <+ 2, <+>"')
    assert data_of(shop.load(service_text())) == {"a": "1 <+ 2, <+>"}


def test_a_template_that_fails_is_told_with_its_place(shop: Shop) -> None:
    shop.config(a="{{ .Values.nope }}")
    assert str(refused(shop, service_text())) == "/app/config.yaml:6: {{ .Values.nope }} has no value"


def test_files_without_actions_need_no_template_engine(tmp_path: Path) -> None:
    Shop(tmp_path).config(a="b").load(service_text())
    code = (
        "import sys; from pathlib import Path; from lastgood.pipelines.service import load_service;"
        f"load_service(Path({str(tmp_path / 'service.yaml')!r}), file_store=Path({str(tmp_path / 'store')!r}));"
        "print('gotpl' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_file_may_be_left_out(shop: Shop) -> None:
    shop.put("/app/job.yaml", "# harness.io/skip-file-for-deploy\n" + CONFIG.replace("name: config", "name: job"))
    assert [one.ref.name for one in shop.load(service_text()).resources] == ["config"]


def test_resources_are_normalised_and_know_their_files(shop: Shop) -> None:
    shop.put("/app/config.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: b}\n")
    shop.put("/app/other.yaml", "{{ if true }}\n" + CONFIG + "{{ end }}\n")
    release = shop.load(service_text())
    assert release.resources[0].body["data"] == {"a": "Yg=="}
    assert [str(one.origin) for one in release.resources] == ["/app/config.yaml:1", "/app/other.yaml"]


# The number of the release


def test_the_number_is_marked_where_configuration_is_numbered(shop: Shop) -> None:
    shop.config(a="{{ .Values.a }}").put("/values.yaml", "a: config-<+kubernetes.release.revision>\n")
    release = shop.load(service_text(values="[/values.yaml]"))
    assert data_of(release) == {"a": f"config-{NUMBER_MARKER}"}
    assert release.uses_number


def test_there_is_no_number_in_declarative_mode(shop: Shop) -> None:
    shop.config(a="{{ .Values.a }}").put("/values.yaml", "a: config-<+kubernetes.release.revision>\n")
    error = refused(shop, service_text(values="[/values.yaml]", settings=DECLARATIVE))
    assert "<+kubernetes.release.revision> names numbered ConfigMaps and Secrets" in str(error)
    assert error.hint == "write the plain name"


def test_a_number_that_nothing_prints_is_told(shop: Shop) -> None:
    shop.put("/values.yaml", "a: <+kubernetes.release.revision>\n")
    release = shop.load(service_text(values="[/values.yaml]"))
    assert not release.uses_number
    assert "<+kubernetes.release.revision> has no effect" in release.warnings[0]
