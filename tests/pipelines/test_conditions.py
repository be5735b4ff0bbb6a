"""Conditions compare what expressions stand for, and nothing that stands in a value changes what is asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lastgood.errors import ExpressionError
from lastgood.model.source import File
from lastgood.pipelines.conditions import holds
from lastgood.pipelines.expressions import Known, Scope
from lastgood.pipelines.spots import Spot

HERE = Spot(File("stage.yaml", "when:\n  condition: x\n"), ("when", "condition"))
KNOWN = {
    "pipeline.stages.build.status": Known("Failed"),
    "pipeline.pipelineStatus": Known("SUCCEEDED"),
    "pipeline.sequenceId": Known("12"),
    "pipeline.variables.branch": Known("release/1.2"),
    "pipeline.variables.sly": Known('x" || "1" == "1'),
    "pipeline.variables.version": Known("1.10"),
    "stage.variables.on": Known("true"),
    "env.type": Known("Production"),
    "rollbackArtifact.metadata.image": Known("null"),
    "steps.test.output.count": Known("3"),
}


def asked(condition: str) -> bool:
    return holds(condition, Scope(KNOWN), HERE)


def refused(condition: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        asked(condition)
    return caught.value


@pytest.mark.parametrize(
    "condition",
    [
        "",
        "true",
        '<+pipeline.stages.build.status> == "Failed"',
        "<+pipeline.stages.build.status> == 'Failed'",
        '<+pipeline.pipelineStatus> != "FAILED"',
        '<+pipeline.pipelineStatus> == "SUCCEEDED" && <+env.type> == "Production"',
        '<+env.type> == "PreProduction" || <+stage.variables.on>',
        "!<+stage.variables.on> == false",
        "<+stage.variables.on>",
        "<+stage.variables.on> == true",
        '<+<+env.type> == "Production">',
        "<+pipeline.sequenceId> > 9",
        "<+pipeline.sequenceId> >= 12 && <+pipeline.sequenceId> < 13.5",
        "<+pipeline.sequenceId> <= <+steps.test.output.count> + 9",
        '<+pipeline.variables.branch> =~ "release/.*"',
        '<+pipeline.variables.branch> !~ "feature/.*"',
        '<+pipeline.variables.branch>.startsWith("release/")',
        '<+pipeline.variables.branch.endsWith("2")>',
        'pipeline.variables.branch.contains("lease")',
        '<+pipeline.variables.branch>.split("/")[0] == "release"',
        '<+pipeline.variables.branch>.substring(8) == "1.2"',
        '<+pipeline.variables.branch>.replace("release/", "").length() == 3',
        '<+env.type>.toLowerCase().equals("production") and not false',
        '(<+env.type> eq "x" ? "no" : "yes") == "yes"',
        "<+rollbackArtifact.metadata.image> == null",
        '<+env.type> == "Production" || <+pipeline.stages.never.status> == "x"',
    ],
)
def test_a_condition_holds(condition: str) -> None:
    assert asked(condition)
    assert condition in ("", "true") or not asked(f"!({condition})")


def test_texts_that_look_like_numbers_are_compared_as_texts() -> None:
    assert not asked('<+pipeline.variables.version> == "1.1"')
    assert asked("<+pipeline.variables.version> == 1.1")


def test_a_value_is_never_part_of_the_question() -> None:
    """What a step prints may look like a condition; it is compared, not read."""
    assert not asked('<+pipeline.variables.sly> == "x"')
    assert asked(r"""<+pipeline.variables.sly> == 'x" || "1" == "1'""")


@pytest.mark.parametrize(
    ("condition", "problem"),
    [
        ("<+env.type> == Production", "<+Production> is not known"),
        ("<+env.type>", 'has "Production" where true or false is expected'),
        ("<+env.type> == ", "has nothing where a value is expected"),
        ('<+env.type> "x"', 'has "x" where nothing more is expected'),
        ('(<+env.type> == "x"', "has its end where ) is expected"),
        ("<+stage.variables.on> ? 1", "has its end where : is expected"),
        ("<+env.type>.toUppercase()", "has toUppercase(), which is not known: did you mean toUpperCase()?"),
        ("<+env.type>.contains()", "has contains() with 0 arguments, and it takes 1"),
        ("<+env.type>.substring(99)", 'asks for characters 99 to 10 of "Production"'),
        ('<+env.type> =~ "("', 'has the pattern "(", which cannot be read'),
        ("<+env.type> & <+env.type>", "cannot be read from '& <+env.type>' on"),
        ("__import__('os')", "has __import__(), which is not known"),
        ("<+pipeline.stages.never.status> == 'x'", "<+pipeline.stages.never.status>"),
        ("(" * 99 + "true" + ")" * 99, "has too many brackets in each other"),
        ("!" * 99 + "true", "has too many negations in each other"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(condition: str, problem: str) -> None:
    error = refused(condition)
    assert str(error).startswith("stage.yaml:2: when.condition: ")
    assert problem in str(error)


@given(
    st.lists(
        st.sampled_from(["<+env.type>", "(", ")", "==", "!", "&&", "||", "?", ":", '"x"', "1", ".", "split", ",", "["]),
        max_size=12,
    ).map(" ".join)
)
def test_no_condition_breaks_it(condition: str) -> None:
    try:
        asked(condition)
    except ExpressionError as error:
        assert str(error)  # noqa: PT017  # whether it is raised at all depends on the text
