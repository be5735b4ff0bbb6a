"""Which release to go back to, and the release that does it. Pure.

Going back is not another road: it is a new release that carries the resources of an old one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from lastgood.errors import NothingToRollBackTo, ReleaseNotFound
from lastgood.kinds import kind_of
from lastgood.model.plan import Change, Op, Plan, Prune, Step
from lastgood.model.release import History, Mode, Release, State, Summary
from lastgood.model.resource import Ref
from lastgood.strategies import arranged, standby_of

DENYING = frozenset(
    {
        "LimitRange",
        "MutatingWebhookConfiguration",
        "NetworkPolicy",
        "ResourceQuota",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
    }
)
"""Kinds that can keep everything else from being written or from running."""


def rollback_target(name: str, history: History, *, to: int | None, force: bool) -> Summary:
    """Where ``rollback`` goes: the release asked for, else the newest good one that differs from what is live.

    Raises ``ReleaseNotFound`` for a number that is not in the history, ``NothingToRollBackTo`` for one that is not
    good (unless forced) or when there is no other good release.
    """
    if to is None:
        return _other_good(name, history)
    found = history.find(to)
    if found is None:
        numbers = ", ".join(str(one.number) for one in history.summaries)
        raise ReleaseNotFound(f"{name} has no release {to}", hint=f"recorded are: {numbers}")
    if found.state is not State.GOOD and not force:
        raise NothingToRollBackTo(
            f"release {to} of {name} is {found.state}, not good", hint="--force goes there all the same"
        )
    return found


def restore_mode(undone: Mode, target: Release) -> Mode:
    """How to come back to a release from an attempt of that mode: as the attempt says, if the release can be.

    A release that was recorded in the other mode comes back whole: its workloads' revisions speak of other names.
    """
    both = undone is Mode.STANDARD and (target.mode is Mode.STANDARD or target.found)
    return Mode.STANDARD if both else Mode.DECLARATIVE


def why_whole(undone: Mode, target: Release) -> str:
    """Why all of a release comes back although the attempt asked for its workloads only; empty where it did not."""
    if undone is restore_mode(undone, target):
        return ""
    return f"release {target.number} was recorded in {target.mode} mode: all of it comes back"


def bring_back(
    target: Release,
    *,
    mode: Mode,
    prune: bool = True,
    number: int,
    earlier: frozenset[Ref],
    now: datetime,
    who: str = "",
    why: str = "",
) -> Release:
    """A new release with the resources of an old one. It stores none of its own: it names the one it restores.

    ``earlier`` is what may be in the cluster because of later attempts; what is not wanted of it will be pruned if
    ``prune`` says so. In standard mode workloads come back by their revisions, which are handed on.
    """
    undoes = mode is Mode.STANDARD
    return Release(
        name=target.name,
        namespace=target.namespace,
        number=number,
        created=now,
        mode=mode,
        prune=prune,
        strategy=target.strategy,
        resources=target.resources,
        inventory=tuple(sorted(target.refs | earlier)),
        restores=target.restores or target.number,
        key=target.key,
        kept=target.kept,
        who=who,
        why=why,
        sent=target.sent if undoes else (),
        workloads=tuple(one for one in target.workloads if one.done or undoes),
        colour=target.colour,
        routes=target.routes,
        promoted=bool(target.routes),
        asked=target.asked,
    )


def standby_after(left: Release, target: Release) -> tuple[Ref, ...]:
    """What of the other colour stays when ``target`` takes the place of ``left``, which may have failed.

    The colour that traffic was on stays; one that was only staged does not, nor what it has overwritten.
    """
    if not target.routes:
        return ()
    if left.colour not in ("", target.colour) and not left.waits_to_be_promoted:
        return standby_of(left, target.refs)
    overwritten = left.staged_refs if left.waits_to_be_promoted else frozenset()
    known = left.standby if left.colour == target.colour else target.standby
    return tuple(ref for ref in known if ref not in overwritten | target.refs)


def as_a_restore(plan: Plan, release: Release) -> Plan:
    """The same plan as it is done when coming back, by this release.

    Jobs that completed in the restored release are not run once more: one that is gone stays gone; one that a later
    attempt put in its place is removed. What a later attempt added that may deny our writes is pruned first.
    """
    done = {one.ref for one in release.workloads if one.done}
    changes = tuple(_not_again(change) if change.ref in done else change for change in plan.changes)
    return replace(plan, changes=changes, steps=_steps(release, changes))


def _steps(release: Release, changes: tuple[Change, ...]) -> tuple[Step, ...]:
    """As going forward, but what may deny our own writes and pods goes before them: nothing else can be done first."""
    applied = tuple(change for change in changes if change.op is not Op.DELETE)
    pruned = tuple(change for change in changes if change.op is Op.DELETE)
    denying = tuple(change for change in pruned if change.ref.kind in DENYING)
    first = (Prune(denying),) if denying else ()
    return (*first, *arranged(release, applied, tuple(change for change in pruned if change not in denying)))


def _not_again(change: Change) -> Change:
    if not kind_of(change.ref.group_kind).runs_once or not change.writes:
        return change
    note = "it completed before, and a restore does not run it again"
    return replace(change, op=Op.DELETE if change.live else Op.KEEP, body=None, fields=(), note=note)


def _other_good(name: str, history: History) -> Summary:
    found = history.differing_good()
    if found is None:
        raise NothingToRollBackTo(
            f"{name} has no good release that differs from the one that is live",
            hint="lastgood history lists what there is; --to names one of them",
        )
    return found
