"""Which release to go back to, and the release that does it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lastgood.errors import NothingToRollBackTo, ReleaseNotFound
from lastgood.model.plan import Change, Op, Plan, Prune
from lastgood.model.release import Mode, Release, Workload
from lastgood.model.resource import Ref, Resource
from lastgood.restoring import as_a_restore, bring_back, rollback_target
from lastgood.strategies import arrange
from tests.stories.cast import DONE, GOOD_1, config, job, web
from tests.test_release import history

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def good(*resources: Resource, number: int = 2, **facts: object) -> Release:
    return Release("web", "shop", number, NOW, resources=resources, key="ab", **facts)  # type: ignore[arg-type]


def test_a_rollback_without_a_number_goes_to_the_newest_other_good_release() -> None:
    assert 2 == rollback_target("web", history("gggf"), to=None, force=False).number


def test_a_number_that_is_not_there_is_said_with_those_that_are() -> None:
    with pytest.raises(ReleaseNotFound, match="no release 9") as raised:
        rollback_target("web", history("gf"), to=9, force=False)
    assert "2, 1" in raised.value.hint


def test_a_failed_release_is_gone_to_only_by_force() -> None:
    with pytest.raises(NothingToRollBackTo, match="failed, not good"):
        rollback_target("web", history("gf"), to=2, force=False)
    assert 2 == rollback_target("web", history("gf"), to=2, force=True).number


def test_without_another_good_release_there_is_nowhere_to_go() -> None:
    with pytest.raises(NothingToRollBackTo):
        rollback_target("web", history("gf"), to=None, force=False)


def test_a_restore_carries_the_resources_and_names_their_release() -> None:
    """A restore of a restore names the release that holds the resources, not the record in between."""
    target = good(config("a"), restores=1)
    earlier = frozenset({Ref("", "ConfigMap", "shop", "left")})
    found = bring_back(target, mode=Mode.DECLARATIVE, number=5, earlier=earlier, now=NOW)
    assert (5, 1, target.resources, "ab") == (found.number, found.restores, found.resources, found.key)
    assert {ref.name for ref in found.inventory} == {"a", "left"}


def job_plan(change: Change) -> Plan:
    other = Change(Op.UPDATE, web(GOOD_1).ref, body=web(GOOD_1).body, live={"metadata": {}})
    return Plan(arrange((change, other), ()), (change, other))


MIGRATION = job(DONE)
COMPLETED = good(MIGRATION, workloads=(Workload(MIGRATION.ref, "u", done=True),))


@pytest.mark.parametrize(
    ("op", "live", "becomes"), [(Op.CREATE, None, Op.KEEP), (Op.REPLACE, {"metadata": {}}, Op.DELETE)]
)
def test_a_job_that_completed_is_not_run_again(op: Op, live: dict[str, object] | None, becomes: Op) -> None:
    """Gone by its time to live it stays gone; what a failed release put in its place is removed."""
    plan = as_a_restore(job_plan(Change(op, MIGRATION.ref, body=MIGRATION.body, live=live)), COMPLETED)
    found = next(one for one in plan.changes if one.ref == MIGRATION.ref)
    assert (becomes, True) == (found.op, "not run it again" in found.note)
    assert isinstance(plan.steps[-1], Prune) is (becomes is Op.DELETE)


def test_a_job_that_did_not_complete_is_made_again() -> None:
    plan = as_a_restore(job_plan(Change(Op.CREATE, MIGRATION.ref, body=MIGRATION.body)), good(MIGRATION))
    assert Op.CREATE == plan.changes[0].op
