"""``<+input>`` is answered from an input file of the same shape, and only with what may be given."""

from __future__ import annotations

import pytest

from lastgood.errors import ExpressionError, ManifestError, SettingError
from lastgood.model.source import File
from lastgood.pipelines.expressions import Known, Scope
from lastgood.pipelines.inputs import Inputs, read_inputs
from lastgood.pipelines.spots import Spot

PIPELINE = File(
    "pipeline.yaml",
    """\
pipeline:
  stages:
    - stage:
        identifier: build
        variables:
          - {name: size, value: <+input>}
    - stage:
        identifier: ship
        variables:
          - {name: size, value: <+input>}
          - {name: colour, value: <+input>}
        hosts: [<+input>, <+input>]
""",
)
SHIP_SIZE = Spot(PIPELINE, ("pipeline", "stages", 1, "stage", "variables", 0, "value"))
GIVEN = """\
pipeline:
  stages:
    - stage:
        identifier: ship
        variables:
          - name: colour
            value: red
          - name: size
            value: 012
        hosts: [a, b]
"""


def answer(text: str, spot: Spot = SHIP_SIZE, *, given: str = GIVEN) -> str:
    inputs = read_inputs(File("input.yaml", given))
    return Scope({"env.name": Known("prod")}, inputs=inputs).evaluate(text, spot)


def refused(text: str, *, given: str = GIVEN) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        answer(text, given=given)
    return caught.value


def with_size(value: str) -> str:
    return GIVEN.replace("012", value)


def test_the_element_of_a_list_is_the_one_with_the_same_identifier_or_name() -> None:
    assert answer("<+input>") == "012"
    assert answer("<+input>", Spot(PIPELINE, ("pipeline", "stages", 1, "stage", "hosts", 1))) == "b"


def test_a_place_that_is_not_answered_is_told_with_both_files() -> None:
    build = Spot(PIPELINE, ("pipeline", "stages", 0, "stage", "variables", 0, "value"))
    with pytest.raises(ExpressionError) as caught:
        answer("<+input>", build)
    place = "pipeline.yaml:6: pipeline.stages[0].stage.variables[0].value"
    assert str(caught.value) == f"{place}: <+input> is a runtime input, and none is given"
    assert caught.value.hint.startswith("give it in input.yaml under the same keys")


@pytest.mark.parametrize(
    ("text", "value", "result"),
    [
        ("<+input>.default(5)", "7", "7"),
        ("<+input>.default(5)", "", "5"),
        ("<+input>.default('a, b').allowedValues('a, b', c)", "", "a, b"),
        ("<+input>.allowedValues(6,7)", "7", "7"),
        ("<+input>.allowedValues(6,7).default(6)", "", "6"),
        ("<+input>.executionInput()", "7", "7"),
        (r"<+input>.regex(^v\d+(\.\d+)?$)", "v1.2", "v1.2"),
        ("a-<+input>-<+env.name>", "x", "a-x-prod"),
        ("<+input>", "<+env.name>", "prod"),
        ("<+input>.svc", "x", "x.svc"),
        ("<+input>.default(<+env.name>)", "", "prod"),
    ],
)
def test_what_is_given_counts_before_a_default(text: str, value: str, result: str) -> None:
    assert answer(text, given=with_size(f"'{value}'")) == result


@pytest.mark.parametrize(
    ("text", "value", "problem"),
    [
        ("<+input>.allowedValues(6,7)", "8", '"8" is none of the allowed values 6, 7'),
        (r"<+input>.regex(\d+)", "a", r'"a" does not match \d+'),
        ("<+input>", "<+nope>", "<+nope> is not known"),
        ("<+input>", "<+input>", "<+input> is a runtime input, and none is given"),
    ],
)
def test_what_may_not_be_given_is_told_where_it_was_given(text: str, value: str, problem: str) -> None:
    place = "input.yaml:9: pipeline.stages[0].stage.variables[1].value: "
    assert str(refused(text, given=with_size(f"'{value}'"))).startswith(place + problem)


@pytest.mark.parametrize(
    ("text", "problem", "hint"),
    [
        ("<+input>.defualt(1)", "<+input>.defualt() is not known", "did you mean .default()?"),
        ("<+input>.default(1", "has no ) at its end", ""),
        ("<+input>.regex([)", "<+input>.regex([) cannot be read", ""),
    ],
)
def test_what_an_input_says_of_itself_is_checked(text: str, problem: str, hint: str) -> None:
    error = refused(text)
    assert str(error).startswith("pipeline.yaml:10: ")
    assert problem in str(error)
    assert error.hint == hint


def test_an_answer_to_nothing_is_noticed() -> None:
    inputs = read_inputs(File("input.yaml", GIVEN))
    scope = Scope({}, inputs=inputs)
    scope.evaluate("<+input>", SHIP_SIZE)
    assert inputs.unused(scope.answered) == (
        "input.yaml:7: pipeline.stages[0].stage.variables[0].value",
        "input.yaml:10: pipeline.stages[0].stage.hosts[0]",
        "input.yaml:10: pipeline.stages[0].stage.hosts[1]",
    )


def test_an_input_may_be_a_boolean_or_a_number_of_python() -> None:
    spot = Spot(File("a.yaml", "on: <+input>\nsize: <+input>\n"), ("on",))
    scope = Scope({}, inputs=Inputs({"on": True, "size": 3}))
    assert scope.evaluate("<+input>", spot) == "true"
    assert scope.evaluate("<+input>", Spot(spot.file, ("size",))) == "3"


@pytest.mark.parametrize(("text", "error"), [("- a\n", SettingError), ("a: [", ManifestError)])
def test_an_input_file_is_a_mapping(text: str, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"input\.yaml"):
        read_inputs(File("input.yaml", text))
