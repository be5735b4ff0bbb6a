"""What is left to do of a later phase once an earlier one is done, as far as that can be told before either. Pure."""

from __future__ import annotations

from dataclasses import replace

from lastgood.diffing import as_change, differences
from lastgood.model.plan import Change, Op, Plan, Step
from lastgood.model.release import Release
from lastgood.strategies.routing import with_swap, without_canary

STAGE, SWAP, PROMOTE, TAKE_OVER = "stage", "swap", "promote", "take over"
CANARY_GOES = "the canary goes first"


def promotion_after(stage: Plan, promotion: Plan, release: Release, taken: tuple[Change, ...] = ()) -> Plan:
    """The promotion as it will be. Both plans were made of what is live now, as if nothing was staged.

    ``taken`` are the changes of a release that goes before both.
    """
    staged = {one.ref: one for one in (*taken, *stage.changes)}
    canary = release.staged_refs - release.refs
    gone = tuple(Change(Op.DELETE, ref, note=CANARY_GOES) for ref in sorted(canary))
    changes = tuple(_after(one, staged.get(one.ref)) for one in promotion.changes)
    changes = tuple(one for one in changes if one.op is not Op.DELETE or one.ref not in staged)
    return replace(promotion, steps=_steps(release, changes, gone), changes=(*gone, *changes), phase=phase_of(release))


def phase_of(release: Release) -> str:
    """What the promotion of a release is called."""
    return SWAP if release.routes else PROMOTE


def _steps(release: Release, changes: tuple[Change, ...], gone: tuple[Change, ...]) -> tuple[Step, ...]:
    applied = tuple(one for one in changes if one.op is not Op.DELETE)
    pruned = tuple(one for one in changes if one.op is Op.DELETE)
    if release.routes:
        return with_swap(applied, pruned, frozenset(release.routes), serving=True)
    return without_canary(applied, (*gone, *pruned), frozenset(one.ref for one in gone))


def _after(change: Change, staged: Change | None) -> Change:
    """The same change, made of what was staged."""
    if staged is None or staged.body is None or change.body is None:
        return change
    fields = tuple(as_change(change.ref, one) for one in differences(staged.body, change.body))
    if change.live is not None:
        asked = [one.path for one in (*change.fields, *staged.fields)]
        fields = tuple(one for one in fields if any(_overlap(one.path, path) for path in asked))
    op = Op.UPDATE if fields else Op.KEEP
    return replace(change, op=op, live=staged.body, fields=fields, note="", unchecked="", transitions=())


def _overlap(path: str, other: str) -> bool:
    """Whether one field is the other, or holds it: what the API answered of neither phase is as it stays."""
    return path.startswith(other) or other.startswith(path)
