"""Stages, pipelines and the files beside them become frozen values, whose words are still words."""

from __future__ import annotations

from pathlib import Path

import pytest

from lastgood.errors import SettingError
from lastgood.model.source import File
from lastgood.pipelines.definition import service_of
from lastgood.pipelines.entry import Entry
from lastgood.pipelines.environment import environment_of, infrastructure_of
from lastgood.pipelines.inspecting import read_environment, read_infrastructure, read_overrides, read_pipeline
from lastgood.pipelines.layering import Level
from lastgood.pipelines.stage import Group, Parallel, ParallelStages, Pipeline, Stage, Step

STAGES = Path(__file__).parent / "stages"


def file(name: str) -> File:
    return File(f"{name}.yaml", (STAGES / f"{name}.yaml").read_text())


def pipeline(name: str) -> Pipeline:
    return read_pipeline(file(name))


def stage(name: str) -> Stage:
    (found,) = pipeline(name).each_stage()
    return found


def test_a_file_of_one_stage_is_a_pipeline_of_it() -> None:
    found = pipeline("rolling")
    assert (found.identifier, len(found.stages)) == ("", 1)
    assert stage("rolling").identifier == "rolling"


def test_everything_of_a_stage_can_be_compared_and_hashed() -> None:
    assert hash(pipeline("canary")) == hash(pipeline("canary"))
    assert pipeline("canary") == pipeline("canary")
    assert pipeline("canary") != pipeline("rolling")


def test_the_words_of_a_step_are_where_they_stand() -> None:
    (step,) = stage("rolling").nodes
    assert isinstance(step, Step)
    assert (step.type, step.identifier, step.timeout.text) == ("K8sRollingDeploy", "roll", "10m")
    word = step.spec.word("pruningEnabled")
    assert (word.text, word.spot.line) == ("true", 23)
    assert [one.word("flag").text for one in step.spec.entries("commandFlags")] == [
        "--server-side --force-conflicts",
        "--timeout 5m",
    ]


def test_what_is_not_written_is_its_default_or_empty() -> None:
    (step,) = stage("written_out").nodes
    assert isinstance(step, Step)
    assert [step.spec.word(key).text for key in ("skipDryRun", "pruningEnabled")] == ["false", ""]
    assert step.spec.word("pruningEnabled").spot.key.endswith("spec.pruningEnabled")
    assert step.spec.entries("commandFlags") == ()


def test_groups_say_how_they_are_rolled_back() -> None:
    canary, primary = stage("canary").nodes
    assert isinstance(canary, Group)
    assert isinstance(primary, Group)
    assert [one.identifier for one in canary.rollback] == ["rollbackCanaryDelete"]
    assert primary.when is not None
    assert primary.when.condition is not None
    assert (primary.when.status, primary.when.condition.text) == ("Success", '<+pipeline.variables.go> == "yes"')
    assert [one.identifier for one in stage("canary").steps()] == [
        "canaryDeployment", "look", "canaryDelete", "rollingDeployment", "rollbackCanaryDelete", "rollingRollback",
    ]  # fmt: skip


def test_what_goes_on_at_the_same_time_stands_together() -> None:
    found = File("p.yaml", file("parallel").text.replace("K8sRollingRollback, name: c", "K8sDiff, name: c"))
    ((first, second),) = (one.nodes for one in read_pipeline(found).each_stage())
    assert isinstance(first, Parallel)
    assert isinstance(second, Parallel)
    assert [one.identifier for one in first.nodes] == ["diff", "dry", "script"]


def test_actions_hold_what_they_need_and_what_follows_them() -> None:
    step, _ = stage("failures").nodes
    assert isinstance(step, Step)
    retry, manual = (one.action for one in step.failures)
    assert retry.count is not None
    assert retry.then is not None
    assert (retry.type, retry.count.text, retry.then.type) == ("Retry", "2", "StageRollback")
    assert [one.text for one in retry.intervals] == ["10s", "1m"]
    assert manual.timeout is not None
    assert manual.then is not None
    assert (manual.type, manual.timeout.text, manual.then.type) == ("ManualIntervention", "1d", "PipelineRollback")
    first, *_ = stage("failures").failures
    assert [word.text for word in first.errors] == ["Authentication", "Authorization"]


def test_a_stage_names_its_service_and_its_place() -> None:
    found = stage("rolling")
    assert found.service.ref is not None
    assert found.environment.ref is not None
    assert found.environment.infrastructure is not None
    names = (found.service.ref, found.environment.ref, found.environment.infrastructure)
    assert [word.text for word in names] == ["orders", "staging", "staging_cluster"]


def test_a_stage_may_take_them_from_one_before_it() -> None:
    text = file("inputs").text.replace("stage: europe", "stage: staging")
    found = read_pipeline(File("inputs.yaml", text))
    first, second = found.stages
    assert isinstance(first, Stage)
    assert isinstance(second, ParallelStages)
    europe = second.stages[0]
    assert europe.service.from_stage is not None
    assert (europe.service.from_stage.text, europe.service.ref) == ("staging", None)
    assert [one.identifier for one in found.each_stage()] == ["staging", "europe", "america"]


def test_inputs_stay_as_they_are_written() -> None:
    first = read_pipeline(File("i.yaml", file("inputs").text.replace("stage: europe", "stage: staging"))).stages[0]
    assert isinstance(first, Stage)
    inputs = first.service.inputs
    assert isinstance(inputs, Entry)
    assert inputs.entry("serviceDefinition").entry("spec").entries("variables")[0].word("value").text == "small"


def test_a_stage_may_hold_its_service_and_its_place_itself() -> None:
    found = stage("written_out")
    assert found.service.inline is not None
    service = service_of(found.service.inline.plain(), found.service.inline.spot)
    assert (service.identifier, service.manifests[0].identifier) == ("orders", "orders")
    assert service.manifests[0].declarative.text == "true"
    assert service.manifests[0].declarative.spot.line == 27
    assert found.environment.inline_environment is not None
    assert found.environment.inline_infrastructure is not None
    assert environment_of(found.environment.inline_environment).type == "PreProduction"
    assert infrastructure_of(found.environment.inline_infrastructure).release_name.text == "release-<+INFRA_KEY>"


def test_an_environment_has_variables_and_values() -> None:
    found = read_environment(file("environment"))
    assert (found.identifier, found.name, found.type) == ("staging", "Staging", "PreProduction")
    assert [(one.name, one.value.text, one.default.text) for one in found.variables] == [("tier", "two", "one")]
    assert [word.text for word in found.layer.manifests[0].store.files] == ["/staging.yaml"]
    assert dict(found.tags)["tier"].text == "two"


def test_an_infrastructure_says_where_and_under_which_name() -> None:
    found = read_infrastructure(file("infrastructure"))
    assert (found.environment.text, found.namespace.text) == ("staging", "orders-<+env.name>")
    assert (found.connector.text, [word.text for word in found.services]) == ("staging", ["orders"])


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("overrides", Level.INFRASTRUCTURE_SERVICE),
        ("overrides_flat", Level.ENVIRONMENT),
        ("service_overrides", Level.ENVIRONMENT_SERVICE),
    ],
)
def test_overrides_say_how_high_they_lie(name: str, level: Level) -> None:
    found = read_overrides(file(name))
    assert (found.name, found.level) == (f"{name}.yaml", level)
    assert [one.identifier for one in found.manifests] == ["values"]
    assert len(found.variables) == 1


def test_what_cannot_be_run_is_refused_with_every_error_at_once() -> None:
    with pytest.raises(SettingError) as caught:
        pipeline("failure_mistakes")
    lines = str(caught.value).splitlines()
    assert len(lines) == 16
    assert lines[0].startswith("failure_mistakes.yaml:24:38: stage.spec.execution.steps[0]")
    assert caught.value.hint == "lastgood lint failure_mistakes.yaml tells warnings too"


def test_another_kind_of_file_is_named() -> None:
    with pytest.raises(SettingError, match=r"environment.yaml: holds environment, and stage or pipeline is wanted"):
        pipeline("environment")


def test_warnings_keep_nothing_from_being_run() -> None:
    assert stage("canary_percentage").identifier == "canary_percentage"
