"""Dismantling: everything goes, in the opposite order of its coming, each wave before the next. Pure.

Whoever has to clean up after a resource (the controller behind a finalizer) is still there while that resource goes.
"""

from __future__ import annotations

from itertools import groupby

from lastgood.kinds import kind_of
from lastgood.model.kind import Rank
from lastgood.model.plan import Change, Prune


def dismantle(changes: tuple[Change, ...]) -> tuple[Prune, ...]:
    """A step for each wave; what does not go in time fails it."""
    ordered = sorted(changes, key=_rank, reverse=True)
    return tuple(Prune(tuple(wave), must_go=True) for _, wave in groupby(ordered, key=_rank))


def _rank(change: Change) -> Rank:
    return kind_of(change.ref.group_kind).rank
