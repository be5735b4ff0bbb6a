"""``<+...>`` is replaced by text, and what has no value is told with its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lastgood.errors import ExpressionError
from lastgood.model.source import File
from lastgood.pipelines.expressions import Known, Scope
from lastgood.pipelines.spots import Spot, flag

SERVICE = File("service.yaml", "a: <+b>\nc:\n  - x\n  - d: <+e>\n")
HERE = Spot(SERVICE, ("c", 1, "d"))


def known(text: str) -> Known:
    return Known(text, HERE)


SCOPE = {
    "service.name": Known("shop"),
    "service.tags.a.b": Known("tagged"),
    "artifacts.primary.image": Known("web:1"),
    "artifacts.primary.tag": Known(None, why="has no value: there is no artifact", hint="give one"),
    "manifests.dev.identifier": Known("dev"),
    "env.name": Known("prod"),
    "serviceVariables.plain": known("1"),
    "serviceVariables.prod_size": known("big"),
    "serviceVariables.image": known("<+artifact.image>-<+env.name>"),
    "serviceVariables.a": known("<+serviceVariables.b>"),
    "serviceVariables.b": known("<+serviceVariables.a>"),
}


def evaluate(text: str) -> str:
    return Scope(SCOPE).evaluate(text, HERE)


def refused(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        evaluate(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("plain > text < here +", "plain > text < here +"),
        ("<+service.name>", "shop"),
        ("a-<+service.name>-<+env.name>-z", "a-shop-prod-z"),
        ("<+ service.name >", "shop"),
        ("<+serviceVariables.plain>", "1"),
        ("<+artifact.image> <+artifacts.primary.image>", "web:1 web:1"),
        ("<+manifest.dev.identifier>", "dev"),
        ("<+service.tags[\"a.b\"]> <+service.tags['a.b']>", "tagged tagged"),
        ("<+serviceVariables.<+env.name>_size>", "big"),
        ("<+serviceVariables.image>", "web:1-prod"),
        ("two\nlines <+env.name>\n", "two\nlines prod\n"),
        ("<+input>.default(1)", "1"),
        ('<+<+env.name> == "prod" ? "big" : "small">', "big"),
        ('<+env.name == "dev" ? "big" : serviceVariables.plain>', "1"),
        ("<+env.name.toUpperCase()>-<+<+artifact.image>.split(':')[1]>", "PROD-1"),
        ('<+<+env.name> + "-" + <+service.name>>', "prod-shop"),
        ('<+<+env.name> == "a>b" ? "x" : "<+service.name>>">', "shop>"),
        ("<+(<+serviceVariables.plain> > 0) ? 'more' : 'none'>", "more"),
        ("<+<+serviceVariables.plain> + 41>", "42"),
        ('<+<+env.name> == "prod" && !(<+service.name>.contains("x"))>', "true"),
    ],
)
def test_an_expression_is_replaced_by_its_text(text: str, result: str) -> None:
    assert evaluate(text) == result


@pytest.mark.parametrize(
    ("text", "problem", "hint"),
    [
        ("<+service.nam>", "<+service.nam> is not known", "did you mean <+service.name>?"),
        ("<+artifact.tag>", "<+artifacts.primary.tag> has no value: there is no artifact", "give one"),
        ("<+service.zzzzzz>", "<+service.zzzzzz> is not known", "known are <+service.name>, <+service.tags.a.b>"),
        ("<+service.name", "<+service.name has no > at its end", ""),
        ("<+input>", "<+input> is a runtime input", None),
        ('<+secrets.getValue("x")>', "is a secret that nothing was given for", None),
        ("<+infra.namespace>", "<+infra.namespace> is not known", "give it with --infra namespace=VALUE"),
        ("<+env.type>", "<+env.type> is not known", "give it with --infra env.type=VALUE"),
        ("<+pipeline.sequenceId>", "belongs to a pipeline, and none is run here", "use a service variable"),
        ("<+serviceVariables.<+env.nope>>", "<+env.nope> is not known", None),
        ("<+>", "<+> is not known", None),
    ],
)  # fmt: skip
def test_what_has_no_value_is_told_with_its_place(text: str, problem: str, hint: str | None) -> None:
    error = refused(text)
    assert str(error).startswith("service.yaml:4: c[1].d: ")
    assert problem in str(error)
    assert hint in (None, error.hint)


def test_expressions_that_stand_for_each_other_are_told_as_a_chain() -> None:
    chain = "serviceVariables.a -> serviceVariables.b -> serviceVariables.a"
    assert str(refused("<+serviceVariables.a>")).endswith(f"<+serviceVariables.a> stands for itself: {chain}")


def test_many_names_are_not_all_told() -> None:
    scope = Scope({f"x.y{number}": Known("") for number in range(40)})
    with pytest.raises(ExpressionError) as caught:
        scope.evaluate("<+q>", HERE)
    assert caught.value.hint.endswith("and 28 more")


def test_no_expression_stands_for_more_than_256_kib() -> None:
    scope = Scope({"a": Known("x" * 100_000)})
    assert len(scope.evaluate("<+a>", HERE)) == 100_000
    with pytest.raises(ExpressionError, match="more than 256 KiB"):
        scope.evaluate("<+a><+a><+a>", HERE)


def test_variables_that_double_each_other_are_evaluated_once_each() -> None:
    chain = {f"v{n}": known(f"<+v{n - 1}><+v{n - 1}>") for n in range(1, 30)}
    assert Scope({"v0": Known(""), **chain}).evaluate("<+v29>", HERE) == ""


def test_a_chain_that_is_too_long_is_refused() -> None:
    chain = {f"v{n}": known(f"<+v{n - 1}>") for n in range(1, 2000)}
    with pytest.raises(ExpressionError, match="stands for itself"):
        Scope({"v0": Known("x"), **chain}).evaluate("<+v1999>", HERE)


def test_what_was_asked_is_remembered() -> None:
    scope = Scope(SCOPE)
    scope.evaluate("<+artifact.image>", HERE)
    assert scope.used == {"artifacts.primary.image"}


def test_a_value_of_the_command_line_has_no_line() -> None:
    with pytest.raises(ExpressionError, match=r"^--set-variable: size: <\+nope> is not known"):
        Scope({}).evaluate("<+nope>", flag("--set-variable", "size"))


PIECES = [
    "<+",
    ">",
    "a",
    ".",
    "service.name",
    "<",
    "+",
    '["',
    '"]',
    "\n",
    "input>",
    ".default(",
    ")",
    "==",
    "?",
    ":",
    "!",
]


@given(st.lists(st.sampled_from(PIECES), max_size=15).map("".join))
def test_no_text_breaks_the_evaluation(text: str) -> None:
    try:
        evaluate(text)
    except ExpressionError as error:
        assert str(error)  # noqa: PT017  # whether it is raised at all depends on the text
