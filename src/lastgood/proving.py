"""The live resources against a recorded release: Proof. Pure.

A proof is read off the plan that would make the release live again: where that plan has nothing to do, live is as
recorded. What is ready is asked of the kinds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from lastgood.kinds import kind_of
from lastgood.model.health import Health
from lastgood.model.marks import says
from lastgood.model.plan import Change, Op, Plan
from lastgood.model.proof import Finding, Match, Proof, Scope
from lastgood.model.release import Release
from lastgood.model.resource import Ref
from lastgood.planning import taken_by_controllers
from lastgood.strategies import DIRECT_APPLY

MATCHES = {
    Op.KEEP: Match.AS_RECORDED,
    Op.UPDATE: Match.DIFFERS,
    Op.REPLACE: Match.DIFFERS,
    Op.UNDO: Match.DIFFERS,
    Op.CREATE: Match.MISSING,
    Op.DELETE: Match.LEFT_OVER,
}


def prove(release: Release, plan: Plan, healths: Mapping[Ref, Health], *, at: datetime, strict: bool = False) -> Proof:
    """Compare live with what is recorded, resource by resource.

    ``plan`` is what would have to be done now to make ``release`` live; ``healths`` how its resources are.
    ``strict`` counts fields that controllers rewrote as differences too. An undo answers for workloads only; what else
    differs is told.
    """
    done = {one.ref for one in release.workloads if one.done}
    findings = tuple(_finding(change, healths.get(change.ref), done, strict=strict) for change in plan.changes)
    refs = {change.ref for change in plan.changes}
    pods = sum(one.done or 0 for ref, one in healths.items() if ref in refs and kind_of(ref.group_kind).pod_template)
    return Proof(
        number=release.number,
        scope=Scope.WORKLOADS if release.undoes else Scope.WHOLE,
        findings=findings,
        at=at,
        pods=pods,
        left=tuple(change.ref for change in plan.left),
        outside=tuple(_outside(change) for change in plan.outside),
    )


def _is_amiss(change: Change, health: Health) -> bool:
    """Nobody answers for the health of what asks only to be applied."""
    return not health.suffices and not says(change.body or {}, DIRECT_APPLY)


def _outside(change: Change) -> Finding:
    match = Match.DIFFERS if change.fields else MATCHES[change.op]
    return Finding(change.ref, match, change.fields, change.note)


def _finding(change: Change, health: Health | None, done: set[Ref], *, strict: bool) -> Finding:
    if change.ref in done and change.live is None:
        return Finding(change.ref, Match.DONE, sentence="completed")
    match = MATCHES[change.op]
    if change.op is Op.UPDATE and not (change.fields or change.unchecked):  # only who owns what would change
        match = Match.AS_RECORDED
    if match is Match.DIFFERS and not strict and taken_by_controllers(change):
        match = Match.TAKEN
    if match in (Match.AS_RECORDED, Match.TAKEN) and health and _is_amiss(change, health):
        return Finding(change.ref, Match.NOT_READY, change.fields, health.sentence or str(health.status))
    return Finding(change.ref, match, change.fields, change.note or change.unchecked)
