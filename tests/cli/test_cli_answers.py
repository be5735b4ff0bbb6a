"""What a person sees of the commands that change nothing: plan, history, show, verify, version."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import pytest
import yaml

from lastgood import __version__
from lastgood.errors import ReleaseNotFound
from lastgood.model.event import Planned
from lastgood.model.plan import MISSING, FieldChange, Plan, Wait
from lastgood.model.proof import Finding, Match
from lastgood.model.release import State
from tests.cli.cast import (
    BACK,
    CONFIG,
    CRASHING,
    DATA,
    EVERYTHING,
    GOOD,
    HISTORY,
    KEEP_CONFIG,
    KEYS,
    MIGRATE,
    OLD,
    PASSWORD,
    PLAN,
    WEB,
    proof,
    release,
)
from tests.cli.world import FakeDeployer, golden, lastgood

PLAN_COMMAND = ("plan", "-f", "-", "--name", "shop", "-n", "prod")


def planned(plan: Plan, **more: object) -> FakeDeployer:
    return FakeDeployer((Planned(release(7), plan, release(6)),), past=HISTORY, **more)  # type: ignore[arg-type]


def test_a_plan_shows_every_step_field_and_reservation() -> None:
    golden("plan_everything", lastgood(*PLAN_COMMAND, deployer=planned(EVERYTHING)))


def test_a_plan_that_can_be_undone_says_so_and_exit_code_tells_of_a_difference() -> None:
    golden("plan_reversible", lastgood(*PLAN_COMMAND, "--exit-code", deployer=planned(PLAN)))


def test_a_plan_with_nothing_to_do() -> None:
    nothing = Plan((Wait((CONFIG,)),), (KEEP_CONFIG,))
    golden("plan_nothing", lastgood(*PLAN_COMMAND, "--exit-code", deployer=planned(nothing)))


def test_a_first_plan_says_that_there_is_nothing_to_come_back_to() -> None:
    deployer = FakeDeployer((Planned(release(1), PLAN),), past=ReleaseNotFound("no release shop"))
    ran = lastgood(*PLAN_COMMAND, deployer=deployer)
    assert ran.out.endswith("coming back: there is no good release yet to come back to\n")


@pytest.mark.parametrize("output", ["text", "json"])
def test_no_value_of_a_secret_is_in_a_plan_nor_how_long_it_is(output: str) -> None:
    ran = lastgood(*PLAN_COMMAND, "-o", output, deployer=planned(EVERYTHING))
    assert PASSWORD not in ran.out
    assert "*****" in ran.out
    assert "******" not in ran.out


def test_a_secret_that_changes_length_is_masked_alike() -> None:
    def lines(before: object, after: object) -> str:
        change = replace(EVERYTHING.changes[1], fields=(FieldChange("data.password", before, after),))
        plan = replace(EVERYTHING, changes=(change,), steps=(replace(EVERYTHING.steps[0], changes=(change,)),))  # type: ignore[arg-type]
        return lastgood(*PLAN_COMMAND, deployer=planned(plan)).out

    assert lines("a", "b") == lines("a" * 500, "b\n" * 9)
    assert "data.password: ***** → ***** (changed)" in lines("a", "b")
    assert "***** (removed)" in lines("a", MISSING)


def test_a_plan_is_one_document() -> None:
    ran = lastgood(*PLAN_COMMAND, "-o", "json", deployer=planned(EVERYTHING))
    document = json.loads(ran.out)
    assert document["comingBack"] == {
        "to": 6,
        "possible": False,
        "irreversible": [
            {
                "apiVersion": "batch/v1",
                "group": "batch",
                "kind": "Job",
                "namespace": "prod",
                "name": "migrate",
                "sentence": "it says of itself: drops a column",
            }
        ],
    }
    assert ["apply", "apply", "wait", "prune"] == [step["step"] for step in document["steps"]]
    assert document["steps"][1]["changes"][0]["fields"] == [
        {"path": "spec.replicas", "before": 2, "after": 3, "owner": "kubectl"},
        {
            "path": "spec.template.spec.containers[name=web].image",
            "before": "registry.lab/web:1",
            "after": "registry.lab/web:missing",
        },
        {"path": "spec.paused", "before": True},
        {"path": "metadata.labels.tier", "after": "front"},
    ]
    assert (6, 0) == (document["writes"], document["exitCode"])


def test_a_history_is_a_table() -> None:
    golden("history_table", lastgood("history", "shop", deployer=FakeDeployer(past=HISTORY)))


def test_a_history_is_one_document_with_items() -> None:
    ran = lastgood("history", "shop", "-o", "json", deployer=FakeDeployer(past=HISTORY))
    document = json.loads(ran.out)
    assert {"apiVersion": "lastgood.dev/v1", "kind": "History"}.items() <= document.items()
    newest, *others = document["items"]
    assert newest == {
        "number": 6,
        "state": "good",
        "lastGood": True,
        "created": "2026-11-23T12:06:00Z",
        "mode": "declarative",
        "strategy": "rolling",
        "restores": 4,
        "who": "ann@laptop",
        "why": "",
        "reason": "",
    }
    assert [(5, "failed"), (4, "good"), (3, "failed")] == [(one["number"], one["state"]) for one in others]


def test_a_release_that_is_not_there_is_an_error() -> None:
    missing = ReleaseNotFound("no release shop is recorded in namespace prod", hint="-n names the namespace")
    golden("history_missing", lastgood("history", "shop", deployer=FakeDeployer(past=missing)))


def test_the_evidence_of_a_failure_is_shown_months_later() -> None:
    deployer = FakeDeployer(answer=CRASHING)
    golden("show_evidence", lastgood("show", "shop", "5", deployer=deployer))
    assert [("shop", 5)] == deployer.asked


def test_without_a_number_the_newest_release_is_shown() -> None:
    deployer = FakeDeployer(answer=BACK)
    golden("show_newest", lastgood("show", "shop", deployer=deployer))
    assert [("shop", None)] == deployer.asked


def test_a_record_is_a_document_with_everything_but_the_bodies() -> None:
    document = json.loads(lastgood("show", "shop", "5", "-o", "json", deployer=FakeDeployer(answer=CRASHING)).out)
    assert document["evidence"]["pods"][0]["containers"][0]["logs"].startswith("starting web crash")
    assert document["evidence"]["events"][0]["about"]["kind"] == "Pod"
    assert document["health"][0]["cause"]["sentence"] == "container web crashed 3 times, last with exit code 3 (Error)"
    assert {"inventory", "workloads", "proof", "prune"} <= document.keys()


def test_verify_says_what_holds() -> None:
    golden("verify_good", lastgood("verify", "shop", deployer=FakeDeployer(answer=proof(4))))


DRIFT = proof(
    4,
    findings=(
        Finding(CONFIG, Match.MISSING),
        Finding(KEYS, Match.DIFFERS, (FieldChange("data.password", PASSWORD, "x", owner="kubectl-patch"),)),
        Finding(WEB, Match.DIFFERS, (FieldChange("spec.replicas", 5, 3, owner="kubectl"),)),
        Finding(OLD, Match.LEFT_OVER),
        Finding(MIGRATE, Match.NOT_READY, sentence="its pod is being created"),
        Finding(DATA, Match.TAKEN, (FieldChange("spec.volumeName", "pv-1", MISSING, owner="binder"),)),
    ),
    left=(DATA,),
)


def test_verify_names_every_field_that_moved_and_who_moved_it() -> None:
    golden("verify_drift", lastgood("verify", "shop", "-n", "prod", deployer=FakeDeployer(answer=DRIFT)))


def test_verify_is_one_document_and_masks_secrets() -> None:
    ran = lastgood("verify", "shop", "--strict", "-o", "json", deployer=FakeDeployer(answer=DRIFT))
    document = json.loads(ran.out)
    assert (6, 6, False) == (ran.code, document["exitCode"], document["proof"]["holds"])
    keys, web = document["proof"]["findings"][1:3]
    assert [{"path": "spec.replicas", "live": 5, "recorded": 3, "owner": "kubectl"}] == web["fields"]
    assert [{"path": "data.password", "live": "*****", "recorded": "*****", "owner": "kubectl-patch"}] == keys["fields"]
    assert PASSWORD not in ran.out


def test_verify_with_v_lists_what_is_as_recorded() -> None:
    ran = lastgood("verify", "shop", "-v", deployer=FakeDeployer(answer=proof(4)))
    assert ran.out.startswith("deployment.apps/web as recorded\n")


def test_a_good_release_shows_its_proof() -> None:
    ran = lastgood("show", "shop", "5", deployer=FakeDeployer(answer=GOOD))
    assert "proved at 2026-11-23T12:00:00Z: 3 resources as recorded, 3 pods ready" in ran.out


def test_a_pending_release_is_shown_as_what_it_is() -> None:
    ran = lastgood("show", "shop", deployer=FakeDeployer(answer=release(8, State.PENDING)))
    assert "state      pending" in ran.out


@pytest.mark.parametrize("arguments", [("version",), ("-v", "version"), ("version", "--output", "text")])
def test_the_version_is_one_line(arguments: tuple[str, ...]) -> None:
    python = ".".join(map(str, sys.version_info[:3]))
    assert f"lastgood {__version__} (Python {python})\n" == lastgood(*arguments).out


def test_the_version_is_a_document_too() -> None:
    """It is written by hand, so that nothing has to be imported for it."""
    document = json.loads(lastgood("version", "-o", "json").out)
    assert document == yaml.safe_load(lastgood("-o", "yaml", "version").out)
    assert document == {
        "apiVersion": "lastgood.dev/v1",
        "kind": "Version",
        "version": __version__,
        "python": ".".join(map(str, sys.version_info[:3])),
    }
