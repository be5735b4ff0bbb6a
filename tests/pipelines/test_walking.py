"""A pipeline goes its way, and what is done when a step fails: told with a crew that only writes down its work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from textwrap import dedent
from typing import Any

import pytest

from lastgood.errors import DeployFailed, ExpressionError, Fenced, Forbidden, LastgoodError, Rejected, Unreachable
from lastgood.model.health import Health, Judged, Ruling, Status
from lastgood.model.proof import Finding, Match, Proof, Scope
from lastgood.model.release import Release
from lastgood.model.resource import Ref
from lastgood.model.source import File
from lastgood.model.telling import TIMED_OUT
from lastgood.parsing import as_written, parse
from lastgood.pipelines.crew import Done, Question
from lastgood.pipelines.entry import Entry, value_of
from lastgood.pipelines.journal import Journal, Mark, Note
from lastgood.pipelines.keys.failure import ALL_ERRORS, ERRORS
from lastgood.pipelines.nodes import Word
from lastgood.pipelines.spots import Spot
from lastgood.pipelines.stage import Pipeline, Stage, Step
from lastgood.pipelines.staging import pipeline_of
from lastgood.pipelines.walking import Walk
from lastgood.testing import FakeClock

Ends = Exception | Done | None


@dataclass
class Logged:
    """A crew that does nothing but write down what it was to do; ``ends`` says how each try of a step goes."""

    ends: Mapping[str, Sequence[Ends]] = field(default_factory=dict)
    takes: Mapping[str, float] = field(default_factory=dict)
    true: frozenset[str] = frozenset()
    log: list[str] = field(default_factory=list)

    async def act(self, stage: Stage, step: Step, journal: Journal, *, seconds: float, rolls_back: bool) -> Done:
        tried = self.log.count(step.identifier)
        self.log.append(step.identifier)
        async with asyncio.timeout(seconds):
            await asyncio.sleep(self.takes.get(step.identifier, 0.0))
        ends = self.ends.get(step.identifier, ())
        end = ends[min(tried, len(ends) - 1)] if ends else None
        if isinstance(end, Exception):
            raise end
        return end or Done()

    def text(self, stage: Stage | None, word: Word, journal: Journal) -> str:
        if word.text == UNKNOWN:
            raise ExpressionError(f"{word.text} is not known")
        return word.text

    def holds(self, stage: Stage | None, condition: Word, journal: Journal) -> bool:
        if condition.text == UNKNOWN:
            raise ExpressionError(f"{condition.text} is not known")
        return condition.text in self.true

    async def leave(self, stage: Stage, journal: Journal, mark: Mark) -> tuple[str, ...]:
        self.log.append(f"({stage.identifier} {mark.value})")
        return ()


@dataclass
class Walked:
    """A walk that is over."""

    journal: Journal
    log: list[str]
    told: list[Note]
    seconds: float
    questions: list[Question]

    def mark(self, *path: str) -> Mark | None:
        note = self.journal.note(path)
        return note.mark if note else None


BROKEN = LastgoodError("it broke")
WEB = Ref("apps", "Deployment", "prod", "web", "v1")
UNKNOWN = "<+nobody.knows>"


def written(text: str) -> Pipeline:
    file = File("pipeline.yaml", dedent(text))
    root = value_of(parse(file.text, file.name, scalar=as_written)[0].value, Spot(file))
    assert isinstance(root, Entry)
    return pipeline_of(root, file)


def failed(**more: Any) -> Release:
    return Release("shop", "prod", 2, datetime(2026, 1, 1, tzinfo=UTC), **more)


def failed_by(ruling: Ruling, sentence: str = "") -> Release:
    return failed(judged=(Judged(WEB, Health(Status.FAILED, sentence), ruling),))


def unproved() -> Release:
    found = Finding(WEB, Match.DIFFERS)
    return failed(proof=Proof(2, Scope.WHOLE, (found,), datetime(2026, 1, 1, tzinfo=UTC)))


def stage(steps: str, *, rollback: str = "", more: str = "", identifier: str = "ship") -> str:
    """A stage; steps are names, one in each line, or YAML where a line starts with a dash."""
    lines = [f"stage:\n  identifier: {identifier}\n  name: {identifier}\n  type: Deployment\n  spec:\n    execution:"]
    lines += ["      steps:", *_steps(steps)]
    lines += ["      rollbackSteps:", *_steps(rollback)] if rollback else []
    return "\n".join([*lines, _indented(dedent(more).strip("\n"), 2)])


def step(identifier: str, **more: str) -> str:
    keys = "".join(f", {key}: {value}" for key, value in more.items())
    return f"- step: {{type: Wait, name: {identifier}, identifier: {identifier}{keys}}}"


def _steps(text: str) -> list[str]:
    lines = dedent(text).strip("\n").split("\n")
    plain = not any(line.lstrip().startswith("-") for line in lines)
    found = [step(one) for one in text.split()] if plain else lines
    return [_indented(line, 8) for line in found]


def _indented(text: str, by: int) -> str:
    return "\n".join(" " * by + line for line in text.split("\n"))


def walk(
    text: str,
    ends: Mapping[str, Sequence[Ends]] | None = None,
    *,
    answers: Sequence[str | None] = (),
    journal: Journal | None = None,
    keep: Callable[[Journal], None] = lambda journal: None,
    crew: Logged | None = None,
    **crew_has: object,
) -> Walked:
    clock = FakeClock()
    told: list[Note] = []
    questions: list[Question] = []
    crew = crew or Logged(ends or {}, **crew_has)  # type: ignore[arg-type]
    given = list(answers)

    async def kept(journal: Journal) -> Journal:
        keep(journal)
        return journal

    async def ask(question: Question) -> str | None:
        questions.append(question)
        return given.pop(0) if given else None

    start = journal or Journal("run-1", "shop", "abc")
    walking = Walk(crew, clock, start, kept, ask, told.append)
    end = clock.run(walking.pipeline(written(text)))
    return Walked(end, crew.log, told, clock.monotonic(), questions)


def failing(action: str, *, errors: str = "[AllErrors]") -> str:
    return f"failureStrategies: [{{onFailure: {{errors: {errors}, action: {action}}}}}]"


ROLL_BACK = failing("{type: StageRollback}")


def test_steps_go_one_after_the_other() -> None:
    walked = walk(stage("one two three"))
    assert walked.log == ["one", "two", "three", "(ship Succeeded)"]
    assert walked.journal.mark is Mark.SUCCEEDED


def test_a_failure_without_a_strategy_rolls_the_stage_back() -> None:
    walked = walk(stage("one two three", rollback="undo tidy"), {"two": [BROKEN]})
    assert walked.log == ["one", "two", "undo", "tidy", "(ship RolledBack)"]
    assert walked.journal.mark is Mark.ROLLED_BACK
    assert walked.mark("ship", "two") is Mark.FAILED
    note = walked.journal.note(("ship",))
    assert note
    assert note.sentence == "two: it broke"


def test_what_failed_to_roll_back_does_not_keep_the_rest_from_it() -> None:
    walked = walk(stage("one", rollback="undo tidy"), {"one": [BROKEN], "undo": [BROKEN]})
    assert walked.log == ["one", "undo", "tidy", "(ship Failed)"]
    assert walked.journal.mark is Mark.FAILED


def test_a_failing_rollback_step_that_may_fail_does_not_count() -> None:
    ignored = f"- step: {{type: Wait, name: undo, identifier: undo, {failing('{type: Ignore}')}}}"
    walked = walk(stage("one", rollback=ignored), {"one": [BROKEN], "undo": [BROKEN]})
    assert walked.journal.mark is Mark.ROLLED_BACK


GROUPS = f"""
- stepGroup:
    name: canary
    identifier: canary
    steps:
      {step("canaryDeploy")}
      {step("canaryDelete")}
    rollbackSteps:
      {step("rollbackCanaryDelete")}
- stepGroup:
    name: primary
    identifier: primary
    steps:
      {step("roll")}
    rollbackSteps:
      {step("unroll")}
"""


@pytest.mark.parametrize(
    ("breaks", "log"),
    [
        ("canaryDeploy", ["canaryDeploy", "rollbackCanaryDelete", "last"]),
        ("canaryDelete", ["canaryDeploy", "canaryDelete", "rollbackCanaryDelete", "last"]),
        ("roll", ["canaryDeploy", "canaryDelete", "roll", "unroll", "rollbackCanaryDelete", "last"]),
    ],
)
def test_groups_that_began_are_rolled_back_the_last_first(breaks: str, log: list[str]) -> None:
    walked = walk(stage(GROUPS, rollback="last"), {breaks: [BROKEN]})
    assert walked.log[:-1] == log


def test_only_the_group_is_rolled_back_where_that_is_asked_for() -> None:
    walked = walk(stage(GROUPS, rollback="last", more=failing("{type: StepGroupRollback}")), {"canaryDelete": [BROKEN]})
    assert walked.log == ["canaryDeploy", "canaryDelete", "rollbackCanaryDelete", "(ship Failed)"]
    assert walked.mark("ship", "canary") is Mark.ROLLED_BACK
    assert walked.mark("ship", "primary") is Mark.SKIPPED


def strategy_of_all_three(step_says: str, group_says: str, stage_says: str) -> str:
    one = f"""
    - stepGroup:
        name: g
        identifier: g
        {group_says}
        steps:
          - step: {{type: Wait, name: one, identifier: one{", " + step_says if step_says else ""}}}
          {step("two")}
    """
    return stage(one, rollback="undo", more=stage_says)


IGNORE, ABORT = failing("{type: Ignore}"), failing("{type: Abort}")
SUCCEED, FAIL = failing("{type: MarkAsSuccess}"), failing("{type: MarkAsFailure}")


@pytest.mark.parametrize(
    ("step_says", "group_says", "stage_says", "log"),
    [
        (IGNORE, ABORT, ABORT, ["one", "two"]),
        ("", SUCCEED, ABORT, ["one", "two"]),
        ("", "", ABORT, ["one"]),
        ("", "", ROLL_BACK, ["one", "undo"]),
        (failing("{type: Ignore}", errors="[Timeout]"), "", ABORT, ["one"]),
        (failing("{type: Ignore}", errors="[Unknown]"), ABORT, "", ["one", "two"]),
    ],
)
def test_the_nearest_strategy_that_has_the_error_counts(
    step_says: str, group_says: str, stage_says: str, log: list[str]
) -> None:
    walked = walk(strategy_of_all_three(step_says, group_says, stage_says), {"one": [BROKEN]})
    assert walked.log[:-1] == log


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (Unreachable("no route"), "Connectivity"),
        (Forbidden("may not"), "Authorization"),
        (TimeoutError(), "Timeout"),
        (ExpressionError("<+x> is not known"), "ConfigurationFailure"),
        (Rejected("spec.replicas: must be positive"), "ConfigurationFailure"),
        (DeployFailed("web cannot start", release=failed_by(Ruling.FAIL)), "Verification"),
        (DeployFailed("web is not as it was sent", release=unproved()), "Verification"),
        (DeployFailed("web: not ready in time", release=failed_by(Ruling.FAIL, TIMED_OUT)), "Timeout"),
        (DeployFailed("web could not be written", release=failed_by(Ruling.WAIT)), "Unknown"),
        (BROKEN, "Unknown"),
    ],
)
def test_errors_have_the_names_that_strategies_use(error: Exception, named: str) -> None:
    others = ", ".join({one for one in ERRORS if one != ALL_ERRORS} - {named})
    ours = f"{{onFailure: {{errors: [{named}], action: {{type: Ignore}}}}}}"
    theirs = f"{{onFailure: {{errors: [{others}], action: {{type: Abort}}}}}}"
    walked = walk(stage("one two", more=f"failureStrategies: [{theirs}, {ours}]"), {"one": [error]})
    assert walked.log == ["one", "two", "(ship Succeeded)"]
    assert walked.mark("ship", "one") is Mark.IGNORED


def test_a_failure_that_counts_as_a_success_does_not_read_as_one() -> None:
    note = walk(stage("one", more=SUCCEED), {"one": [BROKEN]}).journal.note(("ship", "one"))
    assert note
    assert (note.mark, note.sentence) == (Mark.SUCCEEDED, "counts as a success: it broke")


def test_a_stage_of_which_only_a_group_was_rolled_back_has_failed_and_is_not_rolled_back() -> None:
    undo = _indented(step("undoGroup"), 6)
    back = failing("{type: StepGroupRollback}")
    group = f"- stepGroup:\n    name: g\n    identifier: g\n    {back}\n    steps:\n{_indented(step('one'), 6)}"
    walked = walk(stage(f"{group}\n    rollbackSteps:\n{undo}", rollback="undo"), {"one": [BROKEN]})
    assert walked.log == ["one", "undoGroup", "(ship Failed)"]
    assert (walked.mark("ship", "g"), walked.mark("ship")) == (Mark.ROLLED_BACK, Mark.FAILED)


def test_an_abort_leaves_everything_as_it_is() -> None:
    walked = walk(stage("one two", rollback="undo", more=ABORT), {"one": [BROKEN]})
    assert walked.log == ["one", "(ship Aborted)"]
    assert walked.journal.mark is Mark.ABORTED


def test_what_is_marked_as_failed_runs_only_what_waits_for_a_failure() -> None:
    last = "- step: {type: Wait, name: report, identifier: report, when: {stageStatus: Failure}}"
    always = "- step: {type: Wait, name: tidy, identifier: tidy, when: {stageStatus: All}}"
    walked = walk(stage("\n".join([step("one"), step("two"), last, always]), more=FAIL), {"one": [BROKEN]})
    assert walked.log == ["one", "report", "tidy", "(ship Failed)"]
    assert walked.mark("ship", "two") is Mark.SKIPPED


def test_what_waits_for_a_failure_is_passed_over_without_one() -> None:
    last = "- step: {type: Wait, name: report, identifier: report, when: {stageStatus: Failure}}"
    assert walk(stage("\n".join([step("one"), last]))).log == ["one", "(ship Succeeded)"]


def test_a_condition_that_cannot_be_told_is_a_failure() -> None:
    asked = f'- step: {{type: Wait, name: two, identifier: two, when: {{stageStatus: All, condition: "{UNKNOWN}"}}}}'
    walked = walk(stage("\n".join([step("one"), asked, step("three")]), rollback="undo"))
    assert walked.log == ["one", "undo", "(ship RolledBack)"]
    note = walked.journal.note(("ship", "two"))
    assert note
    assert note.sentence == f"{UNKNOWN} is not known"


def test_in_a_rollback_a_condition_that_cannot_be_told_keeps_nothing_else_from_being_done() -> None:
    asked = f'- step: {{type: Wait, name: un, identifier: un, when: {{stageStatus: All, condition: "{UNKNOWN}"}}}}'
    walked = walk(stage("one", rollback="\n".join([asked, step("undo")])), {"one": [BROKEN]})
    assert walked.log == ["one", "undo", "(ship Failed)"]
    assert walked.mark("ship", "rollback", "un") is Mark.FAILED


def test_a_stage_whose_condition_cannot_be_told_has_failed_and_the_run_goes_on_to_its_end() -> None:
    untold = f'when: {{pipelineStatus: Success, condition: "{UNKNOWN}"}}'
    walked = walk(two_stages(first_more=untold, second_more="when: {pipelineStatus: Failure}"))
    assert walked.log == ["two", "(production Succeeded)"]
    assert (walked.mark("staging"), walked.journal.mark) == (Mark.FAILED, Mark.FAILED)


@pytest.mark.parametrize(
    ("more", "place", "problem"),
    [
        ("timeout: <+x>", "timeout", "expected a duration"),
        (
            failing("{type: Retry, spec: {retryCount: <+x>}}"),
            "failureStrategies[0].onFailure.action.spec.retryCount",
            'expected a whole number, and <+x> is "<+x>"',
        ),
    ],
)
def test_a_word_that_stands_for_something_else_than_is_wanted_is_a_failure_with_its_place(
    more: str, place: str, problem: str
) -> None:
    one = f"- step: {{type: Wait, name: one, identifier: one, {more}}}"
    walked = walk(stage(one, rollback="undo"), {"one": [BROKEN]})
    assert walked.log[-2:] == ["undo", "(ship RolledBack)"]
    note = walked.journal.note(("ship",))
    assert note
    assert f"pipeline.yaml:8: stage.spec.execution.steps[0].step.{place}: {problem}" in note.sentence


def test_of_a_strategy_that_cannot_be_read_the_failure_itself_is_told_first() -> None:
    note = walk(stage("one", more=failing(f'{{type: Retry, spec: {{retryCount: "{UNKNOWN}"}}}}')), {"one": [BROKEN]})
    told = note.journal.note(("ship", "one"))
    assert told
    assert told.mark is Mark.FAILED
    assert told.sentence == f"it broke; and what is to be done then cannot be told: {UNKNOWN} is not known"


def test_what_to_do_about_it_is_told_with_what_went_wrong() -> None:
    error = Forbidden("ann may not patch deployments", hint="ask for a role that allows it")
    note = walk(stage("one"), {"one": [error]}).journal.note(("ship", "one"))
    assert note
    assert note.sentence == "ann may not patch deployments (ask for a role that allows it)"


def test_a_stage_whose_timeout_cannot_be_told_is_rolled_back() -> None:
    walked = walk(stage("one", rollback="undo", more=f'timeout: "{UNKNOWN}"'))
    assert walked.log == ["undo", "(ship RolledBack)"]


def test_a_condition_that_does_not_hold_passes_a_step_over() -> None:
    asked = '- step: {type: Wait, name: one, identifier: one, when: {stageStatus: Success, condition: "<+x> == 1"}}'
    assert walk(stage(asked)).log == ["(ship Succeeded)"]
    assert walk(stage(asked), true=frozenset({"<+x> == 1"})).log == ["one", "(ship Succeeded)"]


RETRY = failing(
    "{type: Retry, spec: {retryCount: 2, retryIntervals: [5s, 20s], onRetryFailure: {action: {type: Abort}}}}"
)


def test_a_step_is_tried_again_after_its_intervals() -> None:
    walked = walk(stage("one two", more=RETRY), {"one": [BROKEN, BROKEN, None]})
    assert walked.log == ["one", "one", "one", "two", "(ship Succeeded)"]
    assert walked.seconds == 25
    note = walked.journal.note(("ship", "one"))
    assert note
    assert note.tried == 3


def test_when_trying_again_does_not_help_the_next_action_counts() -> None:
    walked = walk(stage("one", rollback="undo", more=RETRY), {"one": [BROKEN]})
    assert walked.log == ["one", "one", "one", "(ship Aborted)"]


@pytest.mark.parametrize(("condition", "log"), [("<+x> == 1", ["one", "one", "one"]), ("<+x> == 2", ["one"])])
def test_a_step_is_tried_again_only_while_the_condition_of_the_retry_holds(condition: str, log: list[str]) -> None:
    again = failing(f'{{type: Retry, spec: {{retryCount: 2, condition: "{condition}"}}}}')
    walked = walk(stage("one", more=again), {"one": [BROKEN]}, true=frozenset({"<+x> == 1"}))
    assert walked.log[:-1] == log


MANUAL = failing("{type: ManualIntervention, spec: {timeout: 1h, onTimeout: {action: {type: StageRollback}}}}")


@pytest.mark.parametrize(
    ("answer", "log"),
    [
        ("Ignore", ["one", "two"]),
        ("Retry", ["one", "one", "two"]),
        ("Abort", ["one"]),
        ("StageRollback", ["one", "undo"]),
        (None, ["one", "undo"]),
    ],
)
def test_somebody_is_asked_and_else_the_action_of_the_timeout_counts(answer: str | None, log: list[str]) -> None:
    walked = walk(stage("one two", rollback="undo", more=MANUAL), {"one": [BROKEN, None]}, answers=[answer])
    assert walked.log[:-1] == log
    assert [(one.path, one.sentence, one.within) for one in walked.questions] == [(("ship", "one"), "it broke", 3600)]


def test_a_step_that_takes_too_long_has_timed_out() -> None:
    slow = step("one", timeout="10s")
    walked = walk(stage(slow, more=failing("{type: Ignore}", errors="[Timeout]")), takes={"one": 60.0})
    assert walked.seconds == 10
    note = walked.journal.note(("ship", "one"))
    assert note
    assert (note.mark, note.sentence) == (Mark.IGNORED, "it took longer than 10s")


def test_a_stage_that_takes_too_long_is_rolled_back_and_has_expired_if_not() -> None:
    text = stage("one two", rollback="undo", more="timeout: 30s")
    walked = walk(text, takes={"one": 20.0, "two": 20.0})
    assert walked.log == ["one", "two", "undo", "(ship RolledBack)"]
    walked = walk(stage("one", more="timeout: 30s\n" + ABORT), takes={"one": 40.0})
    assert walked.journal.mark is Mark.EXPIRED


def test_the_time_of_a_stage_is_what_its_steps_have_so_that_none_is_cut_off() -> None:
    text = stage("one two three", rollback="undo", more="timeout: 30s")
    walked = walk(text, takes={"one": 20.0, "two": 20.0})
    assert (walked.log, walked.seconds) == (["one", "two", "undo", "(ship RolledBack)"], 30)
    note = walked.journal.note(("ship", "two"))
    assert note
    assert (note.mark, note.sentence) == (Mark.EXPIRED, "its time was over")


def test_nothing_is_tried_again_and_nobody_is_asked_for_longer_than_the_stage_has() -> None:
    again = failing("{type: Retry, spec: {retryCount: 9, retryIntervals: [20s]}}")
    walked = walk(stage("one", rollback="undo", more="timeout: 30s\n" + again), {"one": [BROKEN]})
    assert (walked.log, walked.seconds) == (["one", "one", "undo", "(ship RolledBack)"], 30)
    note = walked.journal.note(("ship", "one"))
    assert note
    assert (note.mark, note.sentence) == (Mark.EXPIRED, "it broke")
    walked = walk(stage("one", more="timeout: 30s\n" + MANUAL), {"one": [BROKEN]}, answers=[None])
    assert [one.within for one in walked.questions] == [30]


def test_the_time_of_a_group_ends_no_later_than_that_of_its_stage() -> None:
    group = f"- stepGroup:\n    name: g\n    identifier: g\n    timeout: 10s\n    steps:\n{_indented(step('one'), 6)}"
    walked = walk(stage(group, rollback="undo"), takes={"one": 20.0})
    assert (walked.seconds, walked.mark("ship", "g")) == (10, Mark.EXPIRED)
    halt = walked.journal.note(("ship",))
    assert halt
    assert halt.sentence == "group g took longer than it may"


def test_a_pipeline_that_takes_too_long_is_rolled_back_where_it_is_and_begins_no_other_stage() -> None:
    text = two_stages(second_more="when: {pipelineStatus: All}").replace(
        "  identifier: shop", "  identifier: shop\n  timeout: 15s", 1
    )
    walked = walk(text, takes={"one": 20.0})
    assert (walked.log, walked.seconds) == (["one", "undoOne", "(staging RolledBack)"], 15)
    note = walked.journal.note(("staging",))
    assert note
    assert note.sentence == "the pipeline took longer than it may"
    assert walked.mark("production") is Mark.SKIPPED


def test_steps_that_are_parallel_go_on_at_the_same_time() -> None:
    both = f"- parallel:\n    {step('one')}\n    {step('two')}\n{step('three')}"
    walked = walk(stage(both), takes={"one": 10.0, "two": 10.0})
    assert (walked.log, walked.seconds) == (["one", "two", "three", "(ship Succeeded)"], 10)


def test_of_two_that_fail_at_the_same_time_the_graver_counts_and_both_are_told() -> None:
    one = f"- step: {{type: Wait, name: one, identifier: one, {FAIL}}}"
    both = f"- parallel:\n    {one}\n    {step('two')}\n{step('three')}"
    walked = walk(stage(both, rollback="undo"), {"one": [BROKEN], "two": [BROKEN]})
    assert walked.log == ["one", "two", "undo", "(ship RolledBack)"]


def two_stages(first_more: str = "", second_more: str = "") -> str:
    first = _indented(stage("one", rollback="undoOne", identifier="staging", more=first_more), 6)
    second = _indented(stage("two", rollback="undoTwo", identifier="production", more=second_more), 6)
    text = "\n".join(["pipeline:", "  identifier: shop", "  stages:", first, second])
    return text.replace("      stage:", "    - stage:")


def test_a_stage_that_was_rolled_back_has_failed_and_the_next_does_not_run() -> None:
    walked = walk(two_stages(), {"one": [BROKEN]})
    assert walked.log == ["one", "undoOne", "(staging RolledBack)"]
    assert walked.mark("production") is Mark.SKIPPED
    assert walked.journal.mark is Mark.ROLLED_BACK


def test_a_later_stage_that_waits_for_a_failure_runs_after_a_rollback() -> None:
    walked = walk(two_stages(second_more="when: {pipelineStatus: Failure}"), {"one": [BROKEN]})
    assert walked.log == ["one", "undoOne", "(staging RolledBack)", "two", "(production Succeeded)"]
    assert walked.journal.mark is Mark.ROLLED_BACK


def test_a_pipeline_rollback_rolls_back_the_stages_that_went_well_the_last_first() -> None:
    walked = walk(two_stages(second_more=failing("{type: PipelineRollback}")), {"two": [BROKEN]})
    assert walked.log == [
        "one", "(staging Succeeded)", "two", "undoTwo", "(production RolledBack)", "undoOne",
    ]  # fmt: skip
    assert walked.mark("staging") is Mark.ROLLED_BACK


def test_a_run_that_was_fenced_off_does_nothing_more() -> None:
    with pytest.raises(Fenced):
        walk(stage("one", rollback="undo"), {"one": [Fenced("another run took over")]})


def test_what_nothing_rolls_back_is_remembered() -> None:
    walked = walk(stage("one two"), {"one": [Done(left=("Job/migrate",))], "two": [Done(left=("Job/migrate", "x"))]})
    assert walked.journal.left() == ("Job/migrate", "x")


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        (stage(GROUPS), {}),
        (stage(GROUPS, rollback="last"), {"roll": [BROKEN]}),
        (stage(GROUPS, rollback="last"), {"canaryDelete": [BROKEN]}),
        (two_stages(), {}),
        (two_stages(second_more=failing("{type: PipelineRollback}")), {"two": [BROKEN]}),
    ],
)
def test_a_run_that_was_killed_goes_on_where_it_was(text: str, ends: Mapping[str, Sequence[Ends]]) -> None:
    """At every moment in turn: the end is the same, and no step that had succeeded is done again."""
    whole = walk(text, ends)
    for moment in range(len(whole.told)):
        kept: list[Journal] = []

        def keep(journal: Journal, kept: list[Journal] = kept, moment: int = moment) -> None:
            if len(kept) == moment:
                raise Killed
            kept.append(journal)

        crew = Logged(ends)
        with pytest.raises(Killed):
            walk(text, crew=crew, keep=keep)
        again = walk(text, crew=crew, journal=kept[-1] if kept else None)
        assert again.journal.mark is whole.journal.mark
        for one in ("canaryDeploy", "one"):
            done = kept and any(path[-1] == one and note.is_over for path, note in kept[-1].notes.items())
            assert crew.log.count(one) <= (1 if done else 2)
        assert set(crew.log) == set(whole.log)
