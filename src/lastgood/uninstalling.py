"""The release that wants nothing to be there any more, and what it deletes. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from lastgood.errors import UninstallFailed
from lastgood.kinds import kind_of
from lastgood.model.kind import Pruning
from lastgood.model.plan import Change, Op, Plan
from lastgood.model.release import History, Mode, Release
from lastgood.model.request import Options
from lastgood.model.resource import Ref
from lastgood.strategies import dismantle

NOTHING: Mapping[Ref, str] = MappingProxyType({})

OF_HISTORY = "the history of the release is in it"


def removal(
    name: str, namespace: str, history: History, inventory: frozenset[Ref], *, now: datetime, options: Options
) -> Release:
    """An attempt without resources: all of the inventory is left over, and to be pruned."""
    return Release(
        name=name,
        namespace=namespace,
        number=history.next_number,
        created=now,
        mode=Mode.DECLARATIVE,
        inventory=tuple(sorted(inventory)),
        who=options.who,
        why=options.why,
    )


def as_removal(plan: Plan, release: Release, *, everything: bool, taken: Mapping[Ref, str] = NOTHING) -> Plan:
    """The same plan in the order in which things can go; with ``everything``, what is never pruned goes too.

    The namespace of the history stays in any case: it may hold what this release knows nothing of. ``taken`` is what
    other releases have taken over, each with the words that say so: it stays too.
    """
    left = tuple(_why_it_stays(change, release) for change in plan.left)
    more = tuple(change for change in left if everything and _is_only_listed(change, release))
    deleted = (*plan.writes, *(Change(Op.DELETE, change.ref, live=change.live) for change in more))
    stays = (*(change for change in left if change not in more), *_taken(taken))
    return replace(plan, steps=dismantle(deleted), changes=deleted, left=stays)


def _taken(taken: Mapping[Ref, str]) -> Iterator[Change]:
    for ref, words in sorted(taken.items()):
        yield Change(Op.KEEP, ref, note=words)


def not_gone(release: Release, sentence: str) -> UninstallFailed:
    """That something is still there, and the two ways on."""
    name = f"{release.name} -n {release.namespace}"
    return UninstallFailed(
        f"not uninstalled: {sentence}",
        release=release,
        hint=f"lastgood uninstall {name} goes on; lastgood recover {name} brings the last good release back",
    )


def _is_only_listed(change: Change, release: Release) -> bool:
    return kind_of(change.ref.group_kind).pruning is Pruning.LIST and not _holds_history(change.ref, release)


def _why_it_stays(change: Change, release: Release) -> Change:
    return replace(change, note=OF_HISTORY) if _holds_history(change.ref, release) else change


def _holds_history(ref: Ref, release: Release) -> bool:
    return (ref.group, ref.kind, ref.name) == ("", "Namespace", release.namespace)
