"""Releases of two phases on the command line: staged, promoted, swapped, aborted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from lastgood.cli.commands import COMMANDS
from lastgood.errors import NothingStaged
from lastgood.model.event import Planned, Settled, Staged
from lastgood.model.plan import Apply, Plan, Route, Wait
from lastgood.model.release import History, State, Strategy
from lastgood.model.status import Status
from tests.cli import cast
from tests.cli.cast import UPDATE_WEB, WEB
from tests.cli.world import FakeDeployer, lastgood

MANIFEST = "{apiVersion: v1, kind: ConfigMap, metadata: {name: app}, data: {LEVEL: info}}\n"
STAGED = replace(cast.release(5, State.STAGED, strategy="blue-green", colour="green"), ended=None)
SWAP = Plan((Route((UPDATE_WEB,)), Wait((WEB,))), (UPDATE_WEB,), phase="swap")
PLAN = Plan(
    (Apply((UPDATE_WEB,)), Wait((WEB,))), (UPDATE_WEB,), phase="stage", then=SWAP, notes=("each colour has a volume",)
)


@pytest.fixture
def deploy(tmp_path: Path) -> tuple[str, ...]:
    """A deploy of one file."""
    (tmp_path / "app.yaml").write_text(MANIFEST)
    return ("-f", str(tmp_path / "app.yaml"), "--name", "shop", "-n", "prod")


def test_a_deploy_says_its_strategy_and_where_it_stops(deploy: tuple[str, ...]) -> None:
    deployer = FakeDeployer(answer=STAGED, story=(Staged(STAGED),))
    ran = lastgood("deploy", *deploy, "--strategy", "canary", "--canary", "25%", "--staged", deployer=deployer)
    request = deployer.asked[0]
    assert (request.strategy, request.canary, request.staged) == (Strategy.CANARY, "25%", True)
    assert ran.code == 0
    assert "release 5 is healthy beside the live one" in ran.out
    assert "release 5 is staged: lastgood promote shop -n prod makes it live, lastgood abort shop -n prod" in ran.out


def test_without_another_word_a_deploy_is_rolling(deploy: tuple[str, ...]) -> None:
    deployer = FakeDeployer(answer=cast.GOOD)
    assert lastgood("deploy", *deploy, deployer=deployer).code == 0
    assert (deployer.asked[0].strategy, deployer.asked[0].staged) == (Strategy.ROLLING, False)


@pytest.mark.parametrize(
    ("flags", "problem"),
    [
        (("--staged",), "--staged cannot stand beside --strategy rolling, which has one phase"),
        (("--canary", "2"), "--canary cannot stand beside --strategy rolling"),
        (("--strategy", "blue-green", "--canary", "25%"), "--canary cannot stand beside --strategy blue-green"),
    ],
)
def test_nothing_rolls_out_to_everybody_where_something_else_was_asked_for(
    deploy: tuple[str, ...], flags: tuple[str, ...], problem: str
) -> None:
    deployer = FakeDeployer(answer=cast.GOOD)
    ran = lastgood("deploy", *deploy, *flags, deployer=deployer)
    assert (ran.code, deployer.asked) == (2, [])
    assert f"error: {problem}" in ran.err


def test_what_is_staged_is_the_outcome_of_a_run(deploy: tuple[str, ...]) -> None:
    deployer = FakeDeployer(answer=STAGED)
    ran = lastgood("deploy", *deploy, "--strategy", "blue-green", "--staged", "-o", "json", deployer=deployer)
    run = json.loads(ran.out)
    assert (run["outcome"], run["exitCode"], run["release"]["colour"]) == ("staged", 0, "green")


@pytest.mark.parametrize("command", ["promote", "swap", "abort"])
def test_what_is_staged_goes_on_or_goes(command: str) -> None:
    """Each takes the flags of a run."""
    deployer = FakeDeployer(answer=cast.GOOD)
    ran = lastgood(command, "shop", "-n", "prod", "--timeout", "1m", "--why", "it is fine", deployer=deployer)
    assert ran.code == 0
    name, options = deployer.asked[0]
    assert (name, options.timeout, options.why) == ("shop", 60.0, "it is fine")
    assert command in COMMANDS


@pytest.mark.parametrize("command", ["promote", "swap", "abort"])
def test_with_nothing_staged_it_ends_with_5(command: str) -> None:
    error = NothingStaged("nothing of shop is staged", hint="lastgood deploy --staged stages a release")
    ran = lastgood(command, "shop", "-n", "prod", deployer=FakeDeployer(story=(error,)))
    assert ran.code == 5
    assert "nothing of shop is staged" in ran.out + ran.err


@pytest.mark.parametrize(("command", "swaps"), [("promote", False), ("swap", True)])
def test_a_promotion_can_be_asked_for_its_plan(command: str, *, swaps: bool) -> None:
    deployer = FakeDeployer(story=(Planned(STAGED, SWAP, cast.release(4, State.GOOD)),))
    ran = lastgood(command, "shop", "-n", "prod", "--dry-run", deployer=deployer)
    assert deployer.asked[0][1] is swaps
    assert "phase swap:\n 1. route 1 resource\n" in ran.out


def test_an_abort_of_a_first_release_says_that_nothing_is_live() -> None:
    gone = replace(STAGED, state=State.FAILED, reason="aborted")
    ran = lastgood("abort", "shop", "-n", "prod", deployer=FakeDeployer(answer=gone, story=(Settled(5, aborted=True),)))
    assert ran.code == 0
    assert "release 5 was staged and not promoted: it is aborted" in ran.out
    assert "release 5 is aborted; there is no good release" in ran.out


def test_a_plan_tells_one_phase_after_the_other(deploy: tuple[str, ...]) -> None:
    """The steps are numbered through; what a person should know is told."""
    deployer = FakeDeployer(story=(Planned(STAGED, PLAN, cast.release(4, State.GOOD)),))
    said = lastgood("plan", *deploy, "--strategy", "blue-green", deployer=deployer).out
    places = [
        said.index(text) for text in ("phase stage:", " 1. apply", "note: each colour", "phase swap:", " 3. route")
    ]
    assert places == sorted(places)
    plan = json.loads(lastgood("plan", *deploy, "-o", "json", deployer=deployer).out)
    assert (plan["phase"], plan["next"]["phase"], plan["notes"]) == ("stage", "swap", ["each colour has a volume"])


def test_the_status_says_what_can_be_done_about_a_staged_release() -> None:
    good = cast.release(4, State.GOOD)
    history = History((STAGED.summary, good.summary))
    status = Status("shop", "prod", history, good, cast.proof(4))
    said = lastgood("status", "shop", "-n", "prod", deployer=FakeDeployer(answer=status)).out
    assert "release 5 staged" in said
    assert "lastgood promote shop -n prod makes release 5 live; lastgood abort shop -n prod deletes it" in said
