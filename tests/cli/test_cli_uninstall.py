"""What a person sees of an uninstallation."""

from __future__ import annotations

import json

from lastgood.errors import Rejected, UninstallFailed
from lastgood.model.event import Ended, Failed, Left, Planned, Proved, Recorded, Written
from lastgood.model.plan import Op, Plan, Prune
from lastgood.model.release import State
from tests.cli.cast import DATA, DELETE_OLD, LEFT_DATA, OLD, proof, release
from tests.cli.world import FakeDeployer, golden, lastgood

UNINSTALL = ("uninstall", "shop", "-n", "prod")
REMOVAL = release(7, resources=())
GOES = Plan((Prune((DELETE_OLD,), must_go=True),), (DELETE_OLD,), left=(LEFT_DATA,))
DONE = release(7, State.UNINSTALLED, resources=())
BEGINNING = (0.2, Planned(REMOVAL, GOES), Recorded(REMOVAL), Left(DATA, LEFT_DATA.note), 0.1, Written(OLD, Op.DELETE))
HELD = "configmap/old could not be deleted: it is still there, and waits for example.com/hold"
NOT_GONE = UninstallFailed(f"not uninstalled: {HELD}", release=REMOVAL, hint="the same again goes on")


def gone() -> FakeDeployer:
    return FakeDeployer((*BEGINNING, Proved(proof(7, findings=())), Ended(DONE)), answer=DONE)


def test_an_uninstallation_tells_what_went_and_what_stays() -> None:
    deployer = gone()
    golden("uninstall_done", lastgood(*UNINSTALL, deployer=deployer))
    assert ("shop", False, False) == deployer.asked[0][:3]


def test_the_flags_of_an_uninstallation_are_handed_on() -> None:
    deployer = gone()
    lastgood(*UNINSTALL, "--all", "--keep-history", "--timeout", "2m", "--why", "over", deployer=deployer)
    name, everything, keep_history, options = deployer.asked[0]
    assert ("shop", True, True, 120.0, "over") == (name, everything, keep_history, options.timeout, options.why)


def test_what_is_still_there_is_named_and_the_exit_code_says_that_somebody_has_to_look() -> None:
    deployer = FakeDeployer((*BEGINNING, Failed(REMOVAL, HELD), NOT_GONE))
    golden("uninstall_failed", lastgood(*UNINSTALL, deployer=deployer))


def test_an_uninstallation_is_one_document() -> None:
    document = json.loads(lastgood(*UNINSTALL, "-o", "json", deployer=gone()).out)
    assert ("uninstalled", 0, "uninstalled") == (
        document["outcome"], document["exitCode"], document["release"]["state"]
    )  # fmt: skip
    failed = json.loads(lastgood(*UNINSTALL, "-o", "json", deployer=FakeDeployer((*BEGINNING, NOT_GONE))).out)
    assert ("failed", 3, "UninstallFailed") == (failed["outcome"], failed["exitCode"], failed["error"]["type"])


def test_an_uninstallation_that_was_refused_before_anything_went_is_an_error_of_the_cluster() -> None:
    ran = lastgood(*UNINSTALL, deployer=FakeDeployer((Rejected("no"),)))
    assert (4, "error: no\n") == (ran.code, ran.err)
