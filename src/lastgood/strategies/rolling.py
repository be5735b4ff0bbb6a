"""Rolling: apply in waves by rank, wait once for everything, then prune. Pure.

The waves are those of ``model.kind.Rank``: what others need comes first, so that a ConfigMap is there before the pods
that read it. Definitions are waited for at once, since their kinds do not exist before they are established.
"""

from __future__ import annotations

from itertools import groupby

from lastgood.kinds import kind_of
from lastgood.model.kind import Rank
from lastgood.model.plan import Apply, Change, Prune, Step, Wait


def arrange(changes: tuple[Change, ...], pruned: tuple[Change, ...]) -> tuple[Step, ...]:
    """The steps that make these changes; ``pruned`` goes last, once the release is healthy."""
    ordered = sorted(changes, key=_rank)
    waves = [step for rank, wave in groupby(ordered, key=_rank) for step in _wave(rank, tuple(wave))]
    refs = tuple(change.ref for change in changes if change.writes or change.live)
    prune = tuple(sorted(pruned, key=_rank, reverse=True))
    return (*waves, *((Wait(refs),) if refs else ()), *((Prune(prune),) if prune else ()))


def _wave(rank: Rank, wave: tuple[Change, ...]) -> tuple[Step, ...]:
    written = tuple(change for change in wave if change.writes)
    if not written:
        return ()
    if rank is not Rank.DEFINITION:
        return (Apply(written),)
    return (Apply(written), Wait(tuple(change.ref for change in written)))


def _rank(change: Change) -> Rank:
    return kind_of(change.ref.group_kind).rank
