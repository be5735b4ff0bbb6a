"""Flags of kubectl: each has a meaning here, is what is done anyway, or is refused by its name."""

from __future__ import annotations

import re

import pytest

from lastgood.model.source import File
from lastgood.pipelines.flags import FLAGS, Flag, Use, given_flags
from lastgood.pipelines.inspecting import inspect
from lastgood.pipelines.stage import Step
from lastgood.pipelines.staging import pipeline_of

STEP = {
    "Apply": "K8sRollingDeploy, spec: {",
    "Delete": "K8sDelete, spec: {deleteResources: {type: ReleaseName, spec: {}}, ",
    "Patch": "K8sPatch, spec: {workload: Deployment/a, mergeStrategyType: Json, source: {type: Inline, spec: "
    "{content: '[]'}}, ",
    "Rollout": "K8sRollout, spec: {command: COMMAND, resources: {type: ReleaseName}, ",
}
STAGE = """
stage:
  name: flags
  identifier: flags
  type: Deployment
  spec:
    service: {{serviceRef: orders}}
    environment: {{environmentRef: prod, infrastructureDefinitions: [{{identifier: prod}}]}}
    execution:
      steps:
        - step: {{name: a, identifier: a, type: {step} commandFlags: [{{commandType: {kind}, flag: '{flag}'}}]}}}}
"""


def stage(kind: str, flag: str, command: str = "undo") -> File:
    step = STEP[kind].replace("COMMAND", command)
    return File("stage.yaml", STAGE.format(step=step, kind=kind, flag=flag))


def complaints(kind: str, flag: str, command: str = "undo") -> list[str]:
    return [one.sentence for one in inspect(stage(kind, flag, command)).findings]


def sample(flag: Flag) -> str:
    """A value that it takes."""
    return next(one for one in ("", "5", "10s", "server", "foreground", "true") if re.fullmatch(flag.values, one))


def written(flag: Flag) -> str:
    return f"{flag.name}={sample(flag)}".removesuffix("=")


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: f"{flag.type}{flag.name}")
def test_a_flag_is_taken_or_refused_as_the_table_says(flag: Flag) -> None:
    found = complaints(flag.type, written(flag), next(iter(flag.needs), "undo"))
    wanted = [f"{flag.name} is not honoured: {flag.means}"] if flag.use is Use.REFUSED else []
    assert found == wanted


@pytest.mark.parametrize("flag", [one for one in FLAGS if one.needs], ids=lambda flag: flag.name)
def test_a_flag_of_another_command_is_refused(flag: Flag) -> None:
    (told,) = complaints("Rollout", written(flag), "pause")
    assert told == f"{flag.name} belongs to {' and '.join(flag.needs)}, and the command is pause"


@pytest.mark.parametrize(
    ("flag", "told"),
    [
        ("--sever-side", "--sever-side has no meaning here; did you mean --server-side?"),
        ("--kubeconfig=x", "--kubeconfig has no meaning here"),
        ("--timeout", "--timeout needs a value: write --name=value"),
        ("--timeout soon", "--timeout cannot be soon"),
        ("--server-side=false", "--server-side cannot be false: everything is applied on the server"),
        ("force", "force is no flag of kubectl: write --name or --name=value"),
        ("--record --record", "--record stands twice"),
    ],
)
def test_others_are_refused_by_their_name(flag: str, told: str) -> None:
    assert complaints("Apply", flag) == [told]


@pytest.mark.parametrize("flag", ["<+input>", "<+pipeline.variables.flag>", "--timeout=<+input>", "--dry-run=server"])
def test_what_is_known_only_later_is_left_for_later(flag: str) -> None:
    assert complaints("Apply", flag) == []


def test_flags_come_apart_as_in_a_shell() -> None:
    found = inspect(stage("Rollout", "--revision 3 -w=false --timeout=1m", "status"))
    (one,) = pipeline_of(found.root, found.file).each_stage()
    (step,) = one.nodes
    assert isinstance(step, Step)
    assert [(given.type, given.name, given.value) for given in given_flags(step)] == [
        ("Rollout", "--revision", "3"),
        ("Rollout", "--watch", "false"),
        ("Rollout", "--timeout", "1m"),
    ]


def test_every_refusal_says_what_to_do_or_why() -> None:
    assert [flag.name for flag in FLAGS if not flag.means] == []
