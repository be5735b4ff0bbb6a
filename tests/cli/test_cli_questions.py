"""What a person sees of list, status, diff, show --manifests, and of everything that only says what it would do."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from lastgood.model.event import Planned
from lastgood.model.plan import Change, Op, Plan, Prune
from lastgood.model.proof import Finding, Match
from lastgood.model.release import History, State
from lastgood.model.resource import Resource
from lastgood.model.status import Comparison, Listed, Status
from tests.cli.cast import (
    BACK,
    CONFIG,
    CRASHING,
    DELETE_OLD,
    GOOD,
    HISTORY,
    KEEP_KEYS,
    KEYS,
    LEFT_DATA,
    NOON,
    PASSWORD,
    PLAN,
    UPDATE_CONFIG,
    UPDATE_KEYS,
    WEB,
    proof,
    release,
)
from tests.cli.world import FakeDeployer, golden, lastgood

FIRST_TRY = History((replace(CRASHING.summary, number=1),))
GONE = History((release(7, State.UNINSTALLED).summary, *HISTORY.summaries))
LISTED = (
    Listed("basket", "prod", FIRST_TRY),
    Listed("shop", "prod", HISTORY),
    Listed("old-shop", "stage", GONE),
    Listed("torn", "stage", History(), "the record in Secret stage/lastgood.torn.v3 is damaged"),
)
DRIFTED = proof(6, findings=(Finding(CONFIG, Match.MISSING), Finding(WEB, Match.AS_RECORDED)))


def status(**more: object) -> Status:
    standing: dict[str, object] = {"history": HISTORY, "live": BACK, "proof": BACK.proof}
    return Status("shop", "prod", **standing | more)  # type: ignore[arg-type]


def test_a_list_has_a_line_for_each_name() -> None:
    deployer = FakeDeployer(answer=LISTED)
    golden("list_table", lastgood("list", "-A", deployer=deployer))
    assert [True] == deployer.asked


def test_a_list_is_a_document() -> None:
    document = json.loads(lastgood("list", "-o", "json", deployer=FakeDeployer(answer=LISTED)).out)
    basket, shop, old, torn = document["items"]
    assert (basket["name"], basket["namespace"], basket["lastGood"]) == ("basket", "prod", None)
    assert (shop["lastGood"], shop["latest"]["number"], shop["latest"]["state"]) == (6, 6, "good")
    assert (old["lastGood"], old["latest"]["state"]) == (None, "uninstalled")
    assert (torn["latest"], torn["damage"]) == (None, "the record in Secret stage/lastgood.torn.v3 is damaged")


def test_an_empty_list_says_where_it_looked() -> None:
    ran = lastgood("list", "-n", "prod", deployer=FakeDeployer(answer=()))
    assert (0, "there are no releases in namespace prod; -A looks into all\n") == (ran.code, ran.out)
    assert lastgood("list", "-A", deployer=FakeDeployer(answer=())).out == "there are no releases in any namespace\n"


@pytest.mark.parametrize(
    ("name", "found"),
    {
        "healthy": status(),
        "failed_since": status(
            history=History((replace(CRASHING.summary, number=6), GOOD.summary)),
            live=replace(GOOD, why="1.4.0"),
            proof=proof(5),
        ),
        "drifted": status(proof=DRIFTED),
        "never_good": status(history=FIRST_TRY, live=None, proof=None),
        "uninstalled": status(history=GONE, live=None, proof=None),
        "at_work": status(
            history=History((release(7).summary, *HISTORY.summaries)), holder="build-7-4711-0af1", renewed=NOON
        ),
        "at_work_and_drifted": status(
            history=History((release(7).summary, *HISTORY.summaries)),
            holder="build-7-4711-0af1",
            renewed=NOON,
            proof=DRIFTED,
        ),
        "dead_run": status(history=History((release(7).summary, *HISTORY.summaries))),
        "dead_run_and_drifted": status(history=History((release(7).summary, *HISTORY.summaries)), proof=DRIFTED),
    }.items(),
)
def test_status_tells_how_things_stand(name: str, found: Status) -> None:
    golden(f"status_{name}", lastgood("status", "shop", "-n", "prod", deployer=FakeDeployer(answer=found)))


def test_status_leaves_with_6_only_when_that_is_asked_for() -> None:
    codes = [
        lastgood("status", "shop", *flag, deployer=FakeDeployer(answer=found)).code
        for found in (status(), status(proof=DRIFTED))
        for flag in ((), ("--exit-code",))
    ]
    assert [0, 0, 0, 6] == codes


def test_status_is_a_document() -> None:
    ran = lastgood("status", "shop", "-o", "json", deployer=FakeDeployer(answer=status(holder="x")))
    document = json.loads(ran.out)
    assert (True, 6, 6, "x") == (
        document["holds"], document["live"]["number"], document["latest"]["number"], document["holder"]
    )  # fmt: skip


TWO = Comparison("shop", "prod", 4, 5, (UPDATE_CONFIG, UPDATE_KEYS, Change(Op.CREATE, WEB), DELETE_OLD, KEEP_KEYS))


def test_a_difference_is_told_field_by_field() -> None:
    deployer = FakeDeployer(answer=TWO)
    golden("diff_two", lastgood("diff", "shop", "4", "5", "--exit-code", "-n", "prod", deployer=deployer))
    assert [("shop", 4, 5)] == deployer.asked


@pytest.mark.parametrize(("numbers", "asked"), [((), (None, None)), (("3",), (None, 3)), (("2", "3"), (2, 3))])
def test_which_two_are_compared(numbers: tuple[str, ...], asked: tuple[int | None, ...]) -> None:
    deployer = FakeDeployer(answer=TWO)
    assert lastgood("diff", "shop", *numbers, deployer=deployer).code == 0
    assert [("shop", *asked)] == deployer.asked


def test_no_difference_leaves_with_0() -> None:
    alike = Comparison("shop", "prod", None, 6, (KEEP_KEYS,))
    ran = lastgood("diff", "shop", "--exit-code", deployer=FakeDeployer(answer=alike))
    assert (0, "shop: from what is live to release 6: nothing to change, 1 unchanged\n") == (ran.code, ran.out)


def test_a_difference_is_a_document_and_masks_secrets() -> None:
    ran = lastgood("diff", "shop", "-o", "json", deployer=FakeDeployer(answer=TWO))
    document = json.loads(ran.out)
    assert (4, 5, 4) == (document["from"], document["to"], len(document["changes"]))
    assert PASSWORD not in ran.out


def with_bodies() -> object:
    made = {
        CONFIG: {"data": {"LEVEL": "info", "app.conf": "a=1\nb=2\n"}},
        KEYS: {"data": {"password": PASSWORD}, "stringData": {"token": "hunter2"}},
    }
    resources = tuple(
        Resource({"apiVersion": ref.api_version, "kind": ref.kind, "metadata": {"name": ref.name}, **more})
        for ref, more in made.items()
    )
    return replace(GOOD, resources=resources)


def test_the_manifests_of_a_release_are_yaml_without_secrets() -> None:
    golden("show_manifests", lastgood("show", "shop", "5", "--manifests", deployer=FakeDeployer(answer=with_bodies())))


def test_the_manifests_of_a_release_are_a_document_without_secrets() -> None:
    ran = lastgood("show", "shop", "5", "--manifests", "-o", "json", deployer=FakeDeployer(answer=with_bodies()))
    document = json.loads(ran.out)
    assert ["ConfigMap", "Secret"] == [body["kind"] for body in document["items"]]
    assert {"password": "*****"} == document["items"][1]["data"]
    assert PASSWORD not in ran.out
    assert "hunter2" not in ran.out


# --- dry runs

REMOVAL = release(7, resources=())
GOES = Plan((Prune((DELETE_OLD,), must_go=True),), (DELETE_OLD,), left=(LEFT_DATA,))


def test_a_dry_run_of_deploy_is_its_plan() -> None:
    deployer = FakeDeployer((Planned(release(7), PLAN, release(6)),))
    said = {
        lastgood(command, "-f", "-", "--name", "shop", "-n", "prod", *flags, deployer=deployer).out
        for command, flags in (
            ("plan", ()), ("deploy", ("--dry-run",)), ("deploy", ("--dry-run=server",)),
        )
    }  # fmt: skip
    assert len(said) == 1
    assert "coming back to release 6: possible\n" in said.pop()


def test_a_dry_run_of_rollback_is_a_plan() -> None:
    deployer = FakeDeployer((Planned(release(7), PLAN, release(6)),))
    ran = lastgood("rollback", "shop", "--to", "4", "--dry-run", deployer=deployer)
    assert ran.out.startswith("shop: plan for release 7 in namespace prod")
    assert ("shop", 4) == deployer.asked[0][:2]


def test_a_dry_run_of_uninstall_names_what_goes_and_what_stays() -> None:
    deployer = FakeDeployer((Planned(REMOVAL, GOES),))
    golden("uninstall_plan", lastgood("uninstall", "shop", "--dry-run", "-n", "prod", deployer=deployer))


def test_a_dry_run_that_only_the_client_would_do_is_refused() -> None:
    ran = lastgood("deploy", "-f", "-", "--name", "shop", "--dry-run=client")
    assert (2, "error: --dry-run: 'client' is not one of 'none', 'server'\n") == (
        ran.code, ran.err.splitlines(keepends=True)[0]
    )  # fmt: skip


def test_a_wide_list_tells_how_the_newest_attempt_went() -> None:
    golden("list_wide", lastgood("list", "-A", "-o", "wide", deployer=FakeDeployer(answer=LISTED)))


def test_names_of_a_list_and_of_a_difference_are_for_other_commands() -> None:
    assert (
        lastgood("list", "-A", "-o", "name", deployer=FakeDeployer(answer=LISTED)).out
        == "basket\nshop\nold-shop\ntorn\n"
    )
    said = lastgood("diff", "shop", "4", "5", "-o", "name", deployer=FakeDeployer(answer=TWO)).out
    assert said == "configmap/app\nsecret/keys\ndeployment.apps/web\nconfigmap/old\n"
