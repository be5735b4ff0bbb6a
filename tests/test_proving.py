"""A proof is read off the plan that would make the release live again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from lastgood.model.health import Health, Status
from lastgood.model.plan import Change, FieldChange, Op, Plan
from lastgood.model.proof import Match, Proof
from lastgood.model.release import Release, Workload
from lastgood.model.resource import Ref
from lastgood.proving import prove
from tests.stories.cast import GOOD_1, config, job, web

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RESOURCES = (config("app"), web(GOOD_1))
RELEASE = Release("web", "shop", 3, NOW, resources=RESOURCES)
CONFIG, WEB = (one.ref for one in RESOURCES)
LIVE: dict[str, Any] = {"metadata": {"name": "web"}}
READY = {WEB: Health(Status.CURRENT, done=2, wanted=2)}


def proof(
    *changes: Change, strict: bool = False, healths: dict[Ref, Health] | None = None, release: Release = RELEASE
) -> Proof:
    return prove(release, Plan((), changes), READY if healths is None else healths, at=NOW, strict=strict)


def change(op: Op, ref: Ref = WEB, *fields: FieldChange, live: dict[str, Any] | None = LIVE) -> Change:
    return Change(op, ref, live=live, fields=fields)


def test_nothing_to_do_and_everything_ready_is_proved() -> None:
    found = proof(change(Op.KEEP, CONFIG), change(Op.KEEP))
    assert found.holds
    assert (3, 2, [Match.AS_RECORDED] * 2) == (found.number, found.pods, [one.match for one in found.findings])


@pytest.mark.parametrize(
    ("op", "match"),
    [
        (Op.CREATE, Match.MISSING),
        (Op.UPDATE, Match.DIFFERS),
        (Op.REPLACE, Match.DIFFERS),
        (Op.DELETE, Match.LEFT_OVER),
    ],
)
def test_whatever_is_to_be_done_disproves(op: Op, match: Match) -> None:
    found = proof(change(op, WEB, FieldChange("spec.replicas", 5, 2, "kubectl-edit")))
    assert (False, match) == (found.holds, found.findings[0].match)


def test_an_update_that_moves_nothing_but_ownership_is_no_difference() -> None:
    assert proof(change(Op.UPDATE)).holds


def test_an_update_that_could_not_be_tried_proves_nothing() -> None:
    """What is known is that something has moved; what it is nobody could ask."""
    (found,) = proof(replace(change(Op.UPDATE), unchecked="ann may not patch it")).findings
    assert (found.holds, found.match, found.sentence) == (False, Match.DIFFERS, "ann may not patch it")


def test_what_a_controller_rewrote_is_taken_and_counts_only_when_strict() -> None:
    injected = change(
        Op.UPDATE, WEB, FieldChange("webhooks[0].clientConfig.caBundle", "a", "", "cert-manager-cainjector")
    )
    assert (Match.TAKEN, True) == (proof(injected).findings[0].match, proof(injected).holds)
    assert not proof(injected, strict=True).holds


def test_what_a_person_rewrote_is_a_difference_also_beside_a_controller() -> None:
    both = change(
        Op.UPDATE, WEB, FieldChange("a", 1, 2, "cert-manager-cainjector"), FieldChange("b", 1, 2, "kubectl-edit")
    )
    assert Match.DIFFERS == proof(both).findings[0].match


def test_as_recorded_but_not_ready_does_not_hold() -> None:
    unready = {WEB: Health(Status.IN_PROGRESS, "pods ready: 1 of 2", done=1, wanted=2)}
    found = proof(change(Op.KEEP), healths=unready)
    assert (Match.NOT_READY, "pods ready: 1 of 2") == (found.findings[0].match, found.findings[0].sentence)


def test_a_job_that_completed_and_is_gone_is_done() -> None:
    migration = job("done").ref
    release = Release("web", "shop", 3, NOW, workloads=(Workload(migration, "u", done=True),))
    found = proof(change(Op.KEEP, migration, live=None), release=release, healths={})
    assert (True, Match.DONE) == (found.holds, found.findings[0].match)
