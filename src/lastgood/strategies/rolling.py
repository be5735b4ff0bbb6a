"""Rolling: apply or undo in waves by rank, wait once for everything, then prune. Pure.

The waves are those of ``model.kind.Rank``: what others need comes first, so that a ConfigMap is there before the pods
that read it. Definitions are waited for at once, since their kinds do not exist before they are established.
"""

from __future__ import annotations

from itertools import groupby
from typing import TypeVar

from lastgood.kinds import kind_of
from lastgood.model.kind import Rank
from lastgood.model.marks import DIRECT_APPLY, says
from lastgood.model.plan import Apply, Change, Op, Prune, Route, Step, Undo, Wait

Some = TypeVar("Some", Apply, Route, Undo, Prune)


def arrange(changes: tuple[Change, ...], pruned: tuple[Change, ...]) -> tuple[Step, ...]:
    """The steps that make these changes; ``pruned`` goes last, once the release is healthy.

    Only autoscalers go first: the number of replicas is the release's again, and nobody else's, when it is applied.
    """
    before, after = split(pruned)
    return (*before, *waves(changes), *wait(changes), *after)


def split(pruned: tuple[Change, ...]) -> tuple[tuple[Prune, ...], tuple[Prune, ...]]:
    """What is pruned before anything is applied, and what once everything is healthy."""
    scalers = tuple(change for change in pruned if _rank(change) is Rank.AUTOSCALER)
    ordered = sorted(pruned, key=_rank, reverse=True)
    rest = tuple(change for change in ordered if _rank(change) is not Rank.AUTOSCALER)
    return some(Prune, scalers), some(Prune, rest)


def waves(changes: tuple[Change, ...]) -> tuple[Step, ...]:
    """The steps that make these changes, and wait only where the next one needs it."""
    ordered = sorted(changes, key=_rank)
    return tuple(step for rank, wave in groupby(ordered, key=_rank) for step in _wave(rank, tuple(wave)))


def wait(changes: tuple[Change, ...]) -> tuple[Wait, ...]:
    """The wait for all of these that are waited for."""
    refs = tuple(change.ref for change in changes if _is_waited_for(change))
    return (Wait(refs),) if refs else ()


def some(step: type[Some], changes: tuple[Change, ...]) -> tuple[Some, ...]:
    """One such step, unless there is nothing to do in it."""
    return (step(changes),) if changes else ()


def _is_waited_for(change: Change) -> bool:
    return (change.writes or bool(change.live)) and not says(change.body or {}, DIRECT_APPLY)


def _wave(rank: Rank, wave: tuple[Change, ...]) -> tuple[Step, ...]:
    undone = tuple(change for change in wave if change.op is Op.UNDO)
    written = tuple(change for change in wave if change.writes and change.op is not Op.UNDO)
    waits = (Wait(tuple(change.ref for change in written)),) if written and rank is Rank.DEFINITION else ()
    return (*some(Apply, written), *some(Undo, undone), *waits)


def _rank(change: Change) -> Rank:
    return kind_of(change.ref.group_kind).rank
