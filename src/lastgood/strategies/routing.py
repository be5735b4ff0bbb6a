"""Routing: how what is changed of a release with two pictures is put in order. Pure.

A swap is one step, and the only one that moves traffic. Where the pods that are routed to are there and ready, it comes
before anything else, so that coming back takes no longer than a request; where they are not, they are made first.
"""

from __future__ import annotations

from collections.abc import Collection

from lastgood.kinds import kind_of
from lastgood.model.kind import Rank
from lastgood.model.marks import COLOUR
from lastgood.model.plan import Change, Prune, Route, Step
from lastgood.model.release import Release, Strategy
from lastgood.model.resource import Body, Ref
from lastgood.strategies.colours import colour_of
from lastgood.strategies.rolling import arrange, some, split, wait, waves
from lastgood.strategies.selecting import pod_labels

NEEDED_BY_PODS = frozenset({Rank.POLICY, Rank.STORAGE, Rank.CONFIG, Rank.AUTOSCALER})
"""The ranks of what a colour needs to go on as it is, besides its workloads."""


def arranged(release: Release, changes: tuple[Change, ...], pruned: tuple[Change, ...]) -> tuple[Step, ...]:
    """The steps of a phase, as the strategy of the release wants them."""
    if release.routes and not release.waits_to_be_promoted:
        return with_swap(changes, pruned, frozenset(release.routes))
    if release.strategy == Strategy.CANARY and release.promoted:
        return without_canary(changes, pruned, release.staged_refs - release.refs)
    return arrange(changes, pruned)


def standby_of(left: Release, wanted: Collection[Ref]) -> tuple[Ref, ...]:
    """What of a release has to stay for its colour to be swapped back: its coloured workloads, and what pods need.

    ``wanted`` are the refs of the release that takes its place: what is among them stays anyway.
    """
    found = (one for one in left.resources if one.ref not in wanted)
    return tuple(sorted(one.ref for one in found if colour_of(one.body) or _is_needed(one.ref)))


def with_swap(
    changes: tuple[Change, ...], pruned: tuple[Change, ...], routes: frozenset[Ref], *, serving: bool = False
) -> tuple[Step, ...]:
    """The steps of a swap; ``serving`` says that the pods which are routed to are known to be ready by then."""
    routed = tuple(change for change in changes if change.ref in routes)
    others = tuple(change for change in changes if change.ref not in routes)
    swap = some(Route, tuple(change for change in routed if change.writes))
    scalers, rest = split(pruned)
    if not swap or serving or _serve(others):
        return (*scalers, *swap, *waves(others), *wait(changes), *rest)
    return (*scalers, *waves(others), *wait(others), *swap, *wait(changes), *rest)


def _serve(changes: tuple[Change, ...]) -> bool:
    """Whether the pods are there, as they are wanted, and ready."""
    coloured = [one for one in changes if _makes_coloured_pods(one.body or one.live)]
    return all(not change.writes and _has_ready_pods(change.live) for change in coloured)


def _makes_coloured_pods(body: Body | None) -> bool:
    return body is not None and COLOUR in pod_labels(body)


def _has_ready_pods(live: Body | None) -> bool:
    status = (live or {}).get("status") or {}
    return bool(status.get("readyReplicas") or status.get("numberReady"))


def without_canary(changes: tuple[Change, ...], pruned: tuple[Change, ...], canary: frozenset[Ref]) -> tuple[Step, ...]:
    """The steps of a rolling update, before which the canary goes."""
    first = tuple(change for change in pruned if change.ref in canary)
    return (*some(Prune, first), *arrange(changes, tuple(change for change in pruned if change.ref not in canary)))


def _is_needed(ref: Ref) -> bool:
    return kind_of(ref.group_kind).rank in NEEDED_BY_PODS
