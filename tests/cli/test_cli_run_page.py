"""How the run of a pipeline is told at its end, and what the process leaves with."""

from __future__ import annotations

import json

import pytest

from lastgood.cli.pages.run import RunPage
from lastgood.cli.progress import Progress
from lastgood.model.event import Stepped
from lastgood.pipelines.journal import Journal, Mark, Note
from tests.cli.world import lastgood


def page(mark: Mark, *notes: Note) -> RunPage:
    journal = Journal("shop-1", "shop", "", mark=mark)
    for note in notes:
        journal = journal.noted(note)
    return RunPage(journal, 14.6)


WHY = "roll: it broke"
BROKEN = Note(("prod", "roll"), Mark.FAILED, "it broke", is_broken=True)
UNROLL = ("prod", "rollback", "unroll")


@pytest.mark.parametrize(
    ("mark", "notes", "code"),
    [
        (Mark.SUCCEEDED, (Note(("prod",), Mark.SUCCEEDED),), 0),
        (Mark.ROLLED_BACK, (Note(("prod",), Mark.ROLLED_BACK, WHY), Note(UNROLL, Mark.SUCCEEDED)), 1),
        (Mark.FAILED, (Note(("prod",), Mark.FAILED, WHY), Note(UNROLL, Mark.FAILED)), 3),
        (Mark.ABORTED, (Note(("prod",), Mark.ABORTED, WHY), Note(("prod", "test"), Mark.ABORTED)), 1),
        (Mark.ABORTED, (Note(("prod",), Mark.ABORTED, WHY), BROKEN), 3),
        (Mark.ROLLED_BACK, (Note(("prod",), Mark.ROLLED_BACK, WHY), BROKEN, Note(UNROLL, Mark.SUCCEEDED)), 1),
        (
            Mark.FAILED,
            (
                Note(("prod",), Mark.FAILED, WHY),
                Note(("prod", "g"), Mark.ROLLED_BACK),
                Note(("prod", "g", "roll"), Mark.FAILED, is_broken=True),
            ),
            1,
        ),
    ],
)
def test_3_says_that_what_was_good_is_not_back(mark: Mark, notes: tuple[Note, ...], code: int) -> None:
    assert page(mark, *notes).exit_code == code


def test_stages_then_what_nothing_rolled_back_then_all_of_it_in_one_line() -> None:
    applied = Note(("staging", "migrate"), Mark.SUCCEEDED, left=("job.batch/migrate created",))
    stages = (Note(("staging",), Mark.SUCCEEDED), applied, Note(("prod",), Mark.ROLLED_BACK, WHY))
    assert [str(line.text) for line in page(Mark.ROLLED_BACK, *stages).lines()] == [
        "stage staging: succeeded",
        "stage prod: failed, and rolled back: roll: it broke",
        "  not rolled back: job.batch/migrate created",
        "run shop-1 failed, and rolled back (14.6s)",
    ]


def test_what_steps_did_beside_releases_is_no_news_when_all_went_well() -> None:
    applied = Note(("staging", "migrate"), Mark.SUCCEEDED, left=("job.batch/migrate created",))
    assert [line.text for line in page(Mark.SUCCEEDED, Note(("staging",), Mark.SUCCEEDED), applied).lines()] == [
        "stage staging: succeeded",
        "run shop-1 succeeded (14.6s)",
    ]


def test_who_reads_the_end_learns_what_in_a_rollback_has_failed() -> None:
    notes = (Note(("prod",), Mark.FAILED, WHY), Note(UNROLL, Mark.FAILED, "may not patch deployments"))
    assert [line.text for line in page(Mark.FAILED, *notes).lines()] == [
        "stage prod: failed: roll: it broke",
        "  not back: prod/rollback/unroll: may not patch deployments",
        "run shop-1 failed, and what was good before is not back (14.6s)",
    ]


def test_a_failure_that_was_ignored_is_told_all_the_same() -> None:
    ignored = Note(("prod", "roll"), Mark.IGNORED, "it broke")
    assert [line.text for line in page(Mark.SUCCEEDED, Note(("prod",), Mark.SUCCEEDED), ignored).lines()] == [
        "stage prod: succeeded",
        "  ignored: prod/roll: it broke",
        "run shop-1 succeeded, but for 1 failure that was ignored (14.6s)",
    ]


def test_where_a_stage_begins_and_where_it_is_rolled_back_are_told_apart() -> None:
    told = [Progress().lines(Stepped(("prod",), "Running", why))[0].text for why in ("", WHY)]
    assert told == ["prod", "prod: is rolled back: roll: it broke"]


def test_what_keeps_a_run_from_its_answer_is_an_error_for_programs() -> None:
    """It is no release, so that it is no document about one."""
    ran = lastgood("run", "there-is-none.yaml", "-o", "json")
    document = json.loads(ran.out)
    assert (ran.code, document["kind"], document["exitCode"]) == (2, "Error", 2)
