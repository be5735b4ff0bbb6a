"""What is around a service is put together from parts: environment, infrastructure, pipeline, stage, steps."""

from __future__ import annotations

import pytest

from lastgood.errors import ExpressionError
from lastgood.model.source import File
from lastgood.pipelines.expressions import Known, Part, scope_of_parts
from lastgood.pipelines.nodes import Word
from lastgood.pipelines.spots import Spot
from lastgood.pipelines.surroundings import (
    Address,
    address_of,
    environment_part,
    infra_keys,
    infrastructure_part,
    pipeline_part,
    stage_part,
    steps_part,
)

HERE = Spot(File("values.yaml", "a: 1\n"), ("a",))
KEYS = infra_keys("shop", "prod", "cluster", "web")


def value(text: str, *parts: Part) -> str:
    return scope_of_parts(*parts).evaluate(text, HERE)


ENVIRONMENT = environment_part(
    {"name": "prod", "type": "Production", "variables": {"size": Word("<+env.name>-x", HERE)}}
)
INFRASTRUCTURE = infrastructure_part(
    {
        "name": "eu",
        "namespace": "web",
        "connectorRef": "cluster",
        "releaseName": Word("release-<+INFRA_KEY_SHORT_ID>", HERE),
    }
)
PIPELINE = pipeline_part({"name": "ship it", "sequenceId": 7, "executionId": "e1", "variables": {"v": "1"}})
STAGE = stage_part({"identifier": "go", "name": "Go", "variables": {"on": True}})


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("<+env.name> <+env.type> <+env.variables.size>", "prod Production prod-x"),
        ("<+infra.name> <+infra.namespace> <+infra.connectorRef>", "eu web cluster"),
        ("<+pipeline.name> <+pipeline.sequenceId> <+pipeline.executionId> <+pipeline.variables.v>", "ship it 7 e1 1"),
        ("<+pipeline.executionMode>", "NORMAL"),
        ("<+stage.name> <+stage.variables.on>", "Go true"),
        ("<+pipeline.stages.go.variables.on>", "true"),
    ],
)
def test_each_part_knows_its_names(text: str, result: str) -> None:
    assert value(text, ENVIRONMENT, INFRASTRUCTURE, KEYS, PIPELINE, STAGE) == result


def test_the_key_of_an_infrastructure_is_the_same_for_the_same_place_only() -> None:
    """Written out, since releases are called by it: another value would cut them off from their history."""
    assert value("<+INFRA_KEY>", KEYS) == "0121f8204c99b2df96194694c2a9d02806d7b008"
    assert value("<+infra.releaseName>", INFRASTRUCTURE, KEYS) == "release-0121f820"
    others = [infra_keys(*one) for one in (("x", "prod", "cluster", "web"), ("shop", "prod", "clusterw", "eb"))]
    assert len({value("<+INFRA_KEY>", one) for one in (KEYS, *others)}) == 3


def test_where_two_parts_know_a_name_the_later_counts() -> None:
    assert value("<+env.name>", ENVIRONMENT, environment_part({"name": "test"})) == "test"


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("pipeline.stages.a.spec.execution.steps.s.output.x", Address("a", "steps", ("s",), "output.x")),
        ("pipeline.stages.a.spec.execution.steps.g.steps.s.status", Address("a", "steps", ("g", "s"), "status")),
        ("stage.spec.execution.steps.s.output.x", Address("", "steps", ("s",), "output.x")),
        ("execution.steps.s.output.outputVariables.x", Address("", "steps", ("s",), "output.outputVariables.x")),
        ("steps.s.output.x", Address("", "steps", ("s",), "output.x")),
        ("execution.rollbackSteps.s.status", Address("", "rollbackSteps", ("s",), "status")),
        ("pipeline.stages.a.status", Address("a", "", (), "status")),
        ("stage.currentStatus", Address("", "", (), "currentStatus")),
        ("stage.variables.x", None),
        ("pipeline.stages.a.variables.x", None),
        ("pipeline.name", None),
        ("env.name", None),
        ("steps.s", None),
    ],
)
def test_an_expression_points_to_a_step_or_a_stage(name: str, address: Address | None) -> None:
    assert address_of(name) == address


def test_what_steps_have_given_is_asked_for_each_time() -> None:
    outputs = {Address("", "steps", ("s",), "output.x"): "1"}
    scope = scope_of_parts(steps_part(lambda address: Known(outputs[address]) if address in outputs else None))
    assert scope.evaluate("<+steps.s.output.x>", HERE) == "1"
    outputs[Address("", "steps", ("s",), "output.x")] = "2"
    assert scope.evaluate("<+execution.steps.s.output.x>", HERE) == "2"
    with pytest.raises(ExpressionError, match=r"<\+steps\.t\.output\.x> is not known"):
        scope.evaluate("<+steps.t.output.x>", HERE)
