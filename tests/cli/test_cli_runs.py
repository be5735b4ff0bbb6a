"""What a person sees of deploy, rollback and recover: as it goes, and how it ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from lastgood.errors import ClusterError, DeployFailed, Fenced, ReleaseBusy, RestoreFailed, Unreachable
from lastgood.model.event import (
    AsFound,
    Ended,
    Event,
    Failed,
    Gathered,
    Left,
    NotWritten,
    Planned,
    Printed,
    Proved,
    Recorded,
    Restoring,
    Settled,
    Staged,
    Stepped,
    Unblocked,
    Unchanged,
    WaitingForLock,
    Watched,
    Written,
)
from lastgood.model.health import Cause, Held, Judged, Ruling, Verdict
from lastgood.model.plan import Op, Wait
from lastgood.model.release import Kept, State
from tests.cli.cast import (
    BACK,
    BROKEN,
    CONDEMNED,
    CONFIG,
    CRASHED,
    CRASHING,
    DATA,
    EVERYTHING,
    EVIDENCE,
    GADGET,
    GOOD,
    KEYS,
    MISSING_IMAGE,
    PLAN,
    POD,
    UPDATE_WEB,
    WEB,
    judged,
    proof,
    release,
    verdict,
)
from tests.cli.reference import validate
from tests.cli.world import FakeDeployer, Step, golden, lastgood

DEPLOY = ("deploy", "-f", "-", "--name", "shop", "-n", "prod")

BEGINNING: tuple[Step, ...] = (
    0.3,
    Planned(release(5), PLAN),
    Recorded(release(5)),
    0.1,
    Written(WEB, Op.UPDATE, taken=tuple(one for one in UPDATE_WEB.fields if one.owner)),
    0.2,
    Watched(verdict(judged("new pods up: 0 of 3", 0), judged("", None, Ruling.PASS, CONFIG))),
)
FAILING: tuple[Step, ...] = (
    *BEGINNING,
    1.0,
    Watched(verdict(CONDEMNED)),
    Gathered(5, EVIDENCE),
    Failed(BROKEN, BROKEN.reason),
)
COMING_BACK: tuple[Step, ...] = (
    Restoring(5, 4),
    Recorded(release(6, restores=4)),
    0.2,
    Written(WEB, Op.UPDATE),
    1.4,
    Watched(verdict(judged("pods ready: 3 of 3", 3, Ruling.PASS))),
    Proved(proof(6)),
    Ended(BACK),
    0.1,
)


def test_what_a_policy_leaves_to_others_is_named() -> None:
    """A release is good without it, whatever the files say there."""
    kept = tuple(Kept(WEB, ("spec", "template", "spec", name)) for name in ("a", "b", "c", "d"))
    planned = replace(release(5), kept=(Kept(CONFIG, ("data", "greeting")), *kept))
    ran = lastgood(*DEPLOY, deployer=FakeDeployer((Planned(planned, PLAN), Ended(GOOD)), answer=GOOD))
    assert "] left to others: configmap/app: data.greeting\n" in ran.out
    assert "] left to others: deployment.apps/web: " in ran.out
    assert "spec.template.spec.c and 1 more\n" in ran.out


def test_a_good_deploy_says_each_change_once_and_ends_with_the_proof() -> None:
    waiting = Cause("Unhealthy", "container web is not ready: its readiness probe has not passed yet")
    story = (
        *BEGINNING,
        0.5,
        Watched(verdict(judged("new pods up: 0 of 3", 0))),
        1.0,
        Watched(verdict(judged("new pods available: 1 of 3", 1, causes=(waiting,)))),
        1.0,
        Watched(verdict(judged("pods ready: 3 of 3", 3, Ruling.PASS))),
        0.1,
        Proved(proof(5)),
        Ended(GOOD),
        1.0,
    )
    golden("deploy_good", lastgood(*DEPLOY, deployer=FakeDeployer(story, GOOD)))


HEALTHY = judged("pods ready: 3 of 3", 3, Ruling.PASS)


def holding(seconds: float, *several: Judged) -> Watched:
    return Watched(Verdict(Ruling.WAIT, several or (HEALTHY,), held=Held(seconds, 30)))


def test_a_hold_is_told_step_by_step() -> None:
    """What is waited for meanwhile is told too, and a step that was told is not told again."""
    story = (
        *BEGINNING,
        1.0,
        holding(0),
        6.0,
        holding(6),
        1.0,
        holding(6, judged("new pods available: 2 of 3", 2)),
        2.0,
        holding(6),
        3.0,
        holding(12),
        18.0,
        Watched(Verdict(Ruling.PASS, (HEALTHY,), held=Held(30, 30))),
        Proved(proof(5)),
        Ended(GOOD),
    )
    golden("deploy_hold", lastgood(*DEPLOY, "--hold", "30s", deployer=FakeDeployer(story, GOOD)))
    golden("jsonl_deploy_hold", lastgood(*DEPLOY, "-o", "jsonl", deployer=FakeDeployer(story[6:12], GOOD)))


def test_a_hold_that_is_set_back_begins_to_be_told_anew() -> None:
    unready = Watched(verdict(judged("new pods available: 2 of 3", 2)))
    story = (*BEGINNING, holding(0), 6.0, holding(6), 1.0, unready, 3.0, holding(0), Ended(GOOD))
    said = lastgood(*DEPLOY, deployer=FakeDeployer(story, GOOD)).out
    assert 2 == said.count("healthy for 0 of 30 s")


def test_the_plan_says_that_a_release_has_to_stay_healthy() -> None:
    waits = replace(PLAN, steps=(*PLAN.steps[:-1], Wait((WEB,), 30.0)))
    story = (Planned(release(5), waits, release(4)),)
    ran = lastgood(*DEPLOY, "--dry-run", "--hold", "30s", deployer=FakeDeployer(story))
    assert " 2. wait until healthy, and stay so for 30 s: deployment.apps/web\n" in ran.out


class TestEvidenceDir:
    """Files of a failure, for a build to keep."""

    def test_a_failure_leaves_its_files_before_anything_comes_back(self, tmp_path: Path) -> None:
        folder = tmp_path / "ci" / "evidence"
        there: list[list[str]] = []

        async def look() -> None:
            there.append(sorted(one.name for one in folder.iterdir()))

        story = (*BEGINNING, Failed(CRASHING, CRASHING.reason), look, *COMING_BACK)
        error = DeployFailed(CRASHING.reason, release=CRASHING, restored=BACK, proof=BACK.proof)
        ran = lastgood(*DEPLOY, "--evidence-dir", str(folder), deployer=FakeDeployer((*story, error)))
        names = ["events.txt", "evidence.json", f"{POD.name}.migrate.log", f"{POD.name}.web.log"]
        assert (1, [[*names, f"{POD.name}.web.previous.log"]]) == (ran.code, there)
        assert f"evidence of release 5 is in {folder}\n" in ran.out
        assert "starting web crash\n" == (folder / f"{POD.name}.web.log").read_text()
        assert "DATABASE_URL is not set" in (folder / f"{POD.name}.web.previous.log").read_text()
        assert "Warning  BackOff  pod/web-6587f6db4c-cw68v: Back-off" in (folder / "events.txt").read_text()
        document = json.loads((folder / "evidence.json").read_text())
        validate(document)
        assert document == json.loads(
            lastgood("show", "shop", "5", "-o", "json", deployer=FakeDeployer(answer=CRASHING)).out
        )

    def test_a_restore_that_fails_too_has_a_folder_of_its_own(self, tmp_path: Path) -> None:
        again = replace(CRASHING, number=6, restores=4)
        story = (*BEGINNING, Failed(CRASHING, "it crashed"), Restoring(5, 4), Failed(again, "it crashed too"))
        error = RestoreFailed("it crashed; not restored: it crashed too", release=CRASHING, restored=again)
        ran = lastgood(*DEPLOY, "--evidence-dir", str(tmp_path), deployer=FakeDeployer((*story, error)))
        numbers = [json.loads((tmp_path / one / "evidence.json").read_text())["number"] for one in (".", "release-6")]
        assert (3, [5, 6]) == (ran.code, numbers)

    def test_recover_leaves_those_of_the_run_that_died(self, tmp_path: Path) -> None:
        """They are in the record that it goes back from."""
        error = RestoreFailed("not restored", release=CRASHING)
        lastgood("recover", "shop", "--evidence-dir", str(tmp_path), deployer=FakeDeployer((error,)))
        assert 5 == json.loads((tmp_path / "evidence.json").read_text())["number"]

    def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_asked(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        deployer = FakeDeployer(answer=GOOD)
        ran = lastgood(*DEPLOY, "--evidence-dir", str(tmp_path / "file" / "x"), deployer=deployer)
        assert (2, []) == (ran.code, deployer.asked)
        assert "/file/x cannot be written: Not a directory" in ran.err

    def test_one_that_cannot_be_written_any_more_is_a_warning(self, tmp_path: Path) -> None:
        folder = tmp_path / "evidence"

        async def vanish() -> None:
            folder.rmdir()
            folder.write_text("a file now")

        story = (*BEGINNING, vanish, Failed(CRASHING, CRASHING.reason), *COMING_BACK)
        error = DeployFailed(CRASHING.reason, release=CRASHING, restored=BACK, proof=BACK.proof)
        ran = lastgood(*DEPLOY, "--evidence-dir", str(folder), deployer=FakeDeployer((*story, error)))
        assert 1 == ran.code
        assert "warning: the evidence of release 5 cannot be written: " in ran.err

    def test_a_dry_run_makes_none(self, tmp_path: Path) -> None:
        story = (Planned(release(5), PLAN, release(4)),)
        lastgood(*DEPLOY, "--dry-run", "--evidence-dir", str(tmp_path / "x"), deployer=FakeDeployer(story))
        assert [] == list(tmp_path.iterdir())

    def test_a_good_release_leaves_nothing(self, tmp_path: Path) -> None:
        story = (*BEGINNING, Ended(GOOD))
        lastgood(*DEPLOY, "--evidence-dir", str(tmp_path), deployer=FakeDeployer(story, GOOD))
        assert [] == list(tmp_path.iterdir())


def test_with_v_it_also_says_what_was_recorded_and_taken() -> None:
    story = (*BEGINNING, 1, Watched(verdict(judged("", 3, Ruling.PASS))), Proved(proof(5)), Ended(GOOD))
    golden("deploy_verbose", lastgood(*DEPLOY, "-v", deployer=FakeDeployer(story, GOOD)))


def test_a_failed_deploy_that_is_restored_says_why_and_what_is_back() -> None:
    error = DeployFailed(BROKEN.reason, release=BROKEN, restored=BACK, proof=BACK.proof)
    golden("deploy_restored", lastgood(*DEPLOY, deployer=FakeDeployer((*FAILING, *COMING_BACK, error))))


def test_a_crash_is_told_with_the_last_words_of_the_container() -> None:
    story = (*BEGINNING, 9, Failed(CRASHING, CRASHING.reason), *COMING_BACK)
    error = DeployFailed(CRASHING.reason, release=CRASHING, restored=BACK, proof=BACK.proof)
    golden("deploy_crash", lastgood(*DEPLOY, deployer=FakeDeployer((*story, error))))


def test_a_first_release_that_fails_says_that_there_is_nothing_to_go_back_to() -> None:
    error = RestoreFailed(
        f"{BROKEN.reason}; not restored: there is no good release to go back to",
        release=BROKEN,
        hint="--clean-up deletes what a first release made",
    )
    golden("deploy_first_failed", lastgood(*DEPLOY, deployer=FakeDeployer((*FAILING, error))))


def test_a_restore_that_fails_says_what_is_live_and_what_could_not_be_written() -> None:
    tried = release(6, State.FAILED, restores=4, reason="configmap/app could not be written: denied")
    error = RestoreFailed(
        f"{BROKEN.reason}; not restored: {tried.reason}",
        release=BROKEN,
        restored=tried,
        hint="lastgood recover shop -n prod tries again",
    )
    story = (
        *FAILING,
        Restoring(5, 4),
        Recorded(tried),
        NotWritten(CONFIG, Op.UPDATE, "admission webhook denied the request"),
        Left(DATA, "a PersistentVolumeClaim is never pruned"),
        Unblocked(POD, WEB),
        1,
        error,
    )
    golden("deploy_not_restored", lastgood(*DEPLOY, deployer=FakeDeployer(story)))


def test_a_run_that_was_overtaken_says_who_decides_now() -> None:
    error = Fenced("another run (ci-7) took over shop; this one stopped")
    golden("deploy_fenced", lastgood(*DEPLOY, deployer=FakeDeployer((*BEGINNING, error))))


def test_nothing_to_do_is_said_in_one_line() -> None:
    story = (0.3, Unchanged(4, proof(4)), 0.1)
    golden("deploy_unchanged", lastgood(*DEPLOY, deployer=FakeDeployer(story, release(4, State.GOOD))))


def test_waiting_for_another_run_says_for_whom_and_for_nothing_else_while_it_lasts() -> None:
    story = (
        0.2,
        WaitingForLock("shop", "runner-7-4711"),
        10,
        ReleaseBusy("release shop is held by runner-7-4711", hint="wait longer with --wait-lock"),
    )
    golden("deploy_busy", lastgood(*DEPLOY, deployer=FakeDeployer(story)))


def test_an_earlier_run_that_died_is_mentioned() -> None:
    story = (0.2, Settled(4), *BEGINNING, Proved(proof(5)), Ended(GOOD))
    ran = lastgood(*DEPLOY, deployer=FakeDeployer(story, GOOD))
    assert "an earlier run had died: its release 4 is now recorded as failed (interrupted)" in ran.out


def test_a_change_that_cannot_be_undone_is_said_before_it_is_made() -> None:
    story = (Planned(release(5), EVERYTHING), Written(GADGET, Op.CREATE), Ended(GOOD))
    ran = lastgood(*DEPLOY, deployer=FakeDeployer(story, GOOD))
    assert "[  0.0s] cannot be undone: job.batch/migrate: it says of itself: drops a column" in ran.out
    assert "gadget.example.org/first in other created" in ran.out


def test_a_rollback_says_which_release_is_back() -> None:
    back = release(7, State.GOOD, restores=4, proof=proof(7))
    story = (0.3, Planned(release(7, restores=4), PLAN), Recorded(back), Written(WEB, Op.UPDATE), 2, Proved(proof(7)))
    golden("rollback_good", lastgood("rollback", "shop", "-n", "prod", deployer=FakeDeployer(story, back)))


def test_recover_that_brings_the_last_good_release_back() -> None:
    deployer = FakeDeployer((0.2, Settled(5), *COMING_BACK), BACK)
    golden("recover_restored", lastgood("recover", "shop", deployer=deployer))


def test_recover_that_finishes_what_was_pending() -> None:
    golden("recover_finished", lastgood("recover", "shop", deployer=FakeDeployer((1, Proved(proof(5))), GOOD)))


def test_recover_with_nothing_pending() -> None:
    golden("recover_nothing", lastgood("recover", "shop", deployer=FakeDeployer((0.4,), None)))


# --- the last line


WHY = f"deployment.apps/web: {MISSING_IMAGE}"
LAST_LINES = {
    f"shop: release 5 failed ({WHY}); "
    "release 4 is back as release 6, proved: 3 resources as recorded, 3 pods ready (1.6s)": (
        DeployFailed(BROKEN.reason, release=BROKEN, restored=BACK, proof=BACK.proof)
    ),
    f"shop: release 5 failed ({WHY}); not restored: it could not even be tried (1.6s)": (
        RestoreFailed(f"{BROKEN.reason}; not restored: it could not even be tried", release=BROKEN)
    ),
    "shop: another run took over shop; lastgood history shop -n prod tells how that one ends (1.6s)": (
        Fenced("another run took over shop")
    ),
    "shop: no answer from 10.0.0.1; what it changed may be half done: "
    "lastgood recover shop -n prod finishes it or brings the last good release back (1.6s)": (
        Unreachable("no answer from 10.0.0.1")
    ),
}  # fmt: skip


@pytest.mark.parametrize("line", LAST_LINES, ids=["restored", "not restored", "fenced", "half done"])
def test_the_last_line_of_a_log_tells_the_outcome_by_itself(line: str) -> None:
    ran = lastgood(*DEPLOY, deployer=FakeDeployer((*FAILING, LAST_LINES[line])))
    assert line == ran.out.splitlines()[-1]


def test_the_last_line_ends_with_the_outcome_however_long_the_reason_is() -> None:
    long = release(5, State.FAILED, reason="the API says\n" + "no " * 2000)
    ran = lastgood(*DEPLOY, deployer=FakeDeployer((DeployFailed(long.reason, release=long, restored=BACK),)))
    last = ran.out.splitlines()[-1]
    assert last.startswith("shop: release 5 failed (the API says no no no")
    assert last.endswith("…); release 4 is back as release 6 (0.0s)")
    assert len(last) < 500


# --- signals


def press(number: int) -> Step:
    """Somebody presses Ctrl-C, or sends a signal; the work is cancelled where it waits."""

    async def strike() -> None:
        os.kill(os.getpid(), number)
        await asyncio.sleep(10)

    return strike


def test_ctrl_c_says_how_far_it_came_and_how_to_recover() -> None:
    golden("deploy_interrupted", lastgood(*DEPLOY, deployer=FakeDeployer((*BEGINNING, press(signal.SIGINT)))))


def test_ctrl_c_before_anything_was_changed() -> None:
    ran = lastgood(*DEPLOY, deployer=FakeDeployer((press(signal.SIGINT),)))
    assert (130, "shop: interrupted before anything was changed (0.0s)") == (ran.code, ran.out.splitlines()[-1])


def test_ctrl_c_while_coming_back_says_so() -> None:
    ran = lastgood(*DEPLOY, deployer=FakeDeployer((*FAILING, *COMING_BACK[:4], press(signal.SIGINT))))
    assert "shop: interrupted while release 4 was being brought back; lastgood recover shop -n prod" in ran.out


def test_sigterm_leaves_with_143_and_the_context_in_the_hint() -> None:
    ran = lastgood(*DEPLOY, "--context", "lab", deployer=FakeDeployer((*BEGINNING, press(signal.SIGTERM))))
    assert ran.code == 143
    assert "lastgood recover shop -n prod --context lab finishes it" in ran.out


def test_an_interrupted_run_that_restores_first_tells_that_instead() -> None:
    interrupted = release(5, State.FAILED, reason="interrupted")
    error = DeployFailed("interrupted", release=interrupted, restored=BACK, proof=BACK.proof)

    async def strike() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            raise error from None

    ran = lastgood(*DEPLOY, "--on-interrupt", "restore", deployer=FakeDeployer((*BEGINNING, strike)))
    assert ran.code == 1
    assert "shop: release 5 failed (interrupted); release 4 is back as release 6, proved:" in ran.out


def test_a_question_can_be_interrupted_too() -> None:
    ran = lastgood("verify", "shop", deployer=FakeDeployer((press(signal.SIGINT),)))
    assert (130, "error: interrupted before anything was changed\n") == (ran.code, ran.err)


# --- a terminal


def test_on_a_terminal_only_what_stays_is_printed_and_the_rest_is_drawn() -> None:
    story = (*BEGINNING, 1, Watched(verdict(judged("", 3, Ruling.PASS))), Proved(proof(5)), Ended(GOOD))
    ran = lastgood(*DEPLOY, deployer=FakeDeployer(story, GOOD), screen=True)
    stays = ran.out.splitlines()
    assert any("deployment.apps/web: ready, 3 of 3 pods" in line for line in stays)
    assert not any("] deployment.apps/web: new pods up" in line for line in stays)
    assert "\x1b[32mshop: release 5 is good" in stays[-1]
    assert ran.out.rfind("\x1b[?25h") > ran.out.rfind("\x1b[?25l"), "the cursor is shown again"
    assert ran.out.rfind("\x1b[?25h") < ran.out.find("proved:"), "what is healthy is no longer drawn"


@pytest.mark.parametrize("env", [{"TERM": "dumb"}, {"CI": "true"}], ids=["dumb", "ci"])
def test_a_dumb_terminal_and_the_log_of_a_build_get_plain_lines(env: dict[str, str]) -> None:
    ran = lastgood(*DEPLOY, deployer=FakeDeployer((*BEGINNING, Ended(GOOD)), GOOD), screen=True, env=env)
    assert "] deployment.apps/web: new pods up: 0 of 3" in ran.out
    assert "\x1b[?25" not in ran.out


def test_no_color_is_obeyed() -> None:
    story = (*BEGINNING, Ended(GOOD))
    ran = lastgood(*DEPLOY, deployer=FakeDeployer(story, GOOD), screen=True, env={"NO_COLOR": "1"})
    assert not any(f"\x1b[{code}m" in ran.out for code in (31, 32, 33))


def test_a_display_is_taken_away_whatever_ends_the_run() -> None:
    ran = lastgood(*DEPLOY, deployer=FakeDeployer((*BEGINNING, ClusterError("gone"))), screen=True)
    assert ran.out.rfind("\x1b[?25h") > ran.out.rfind("\x1b[?25l")


def test_what_a_container_wrote_cannot_steer_the_terminal() -> None:
    nasty = Failed(BROKEN, "\x1b]0;owned\x07 and \x9b2J")
    ran = lastgood(*DEPLOY, deployer=FakeDeployer((*BEGINNING, nasty, Ended(GOOD)), GOOD))
    assert "release 5 failed: \\x1b]0;owned\\x07 and \\x9b2J" in ran.out


def test_events_of_every_type_can_be_told() -> None:
    """Whatever the deployer may tell has words here."""
    played = (*FAILING, *COMING_BACK)
    story: list[Event] = [step for step in played if isinstance(step, Event)]
    more: list[Event] = [
        WaitingForLock("shop", "x"),
        Settled(1),
        Unchanged(1, proof(1)),
        NotWritten(KEYS, Op.DELETE, "no"),
        Left(DATA, "kept"),
        AsFound(release(1)),
        Unblocked(POD, WEB),
        Staged(release(1, State.STAGED)),
        Stepped(("prod", "roll"), "Succeeded"),
        Printed(("prod", "roll"), "a line"),
    ]
    told = {type(event) for event in (*story, *more)}
    assert set(Event.__args__) == told
    ran = lastgood(*DEPLOY, "-v", deployer=FakeDeployer((*story, *more), GOOD))
    assert ran.code == 0
    assert CRASHED not in ran.out
