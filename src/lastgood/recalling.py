"""What earlier releases left: the last good one, and everything that any attempt since may have made. Reads only."""

from __future__ import annotations

import asyncio
import difflib

from lastgood.errors import ReleaseNotFound
from lastgood.model.release import History, Mode, Release, State
from lastgood.model.resource import Ref
from lastgood.planning import Past
from lastgood.ports import Store

VERSIONED = ("ConfigMap", "Secret")


async def recall(store: Store, name: str, history: History) -> Past:
    """The past of a release; bodies are read of the last good record and of the newest, and of no more than needed."""
    numbers = {one.number for one in (history.last_good, history.latest) if one}
    releases = await asyncio.gather(*(store.read(name, number) for number in numbers))
    good = history.last_good and history.last_good.number
    last_good = next((one for one in releases if one.number == good), None)
    inventory = frozenset(ref for release in releases for ref in release.inventory)
    beside = frozenset(ref for release in releases for ref in release.beside)
    needed = await _needed(store, name, history, last_good, inventory)
    live = last_good.refs if last_good else frozenset()
    staged = {one.ref: one.body for release in releases if release.state is State.STAGED for one in release.staged}
    shared = {ref: body for ref, body in staged.items() if ref in live}
    return Past(last_good, inventory, needed, beside, frozenset(staged.keys() - shared.keys()), shared)


async def unknown(store: Store, name: str, namespace: str) -> ReleaseNotFound:
    """That there is no release of this name, and which one may be meant."""
    names = [one.name for one in await store.listing()]
    near = difflib.get_close_matches(name, names, n=1)
    elsewhere = "-n names the namespace, and lastgood list -A shows where there are releases"
    hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(names)}" if names else elsewhere
    return ReleaseNotFound(f"no release {name} is recorded in namespace {namespace}", hint=hint)


async def _needed(
    store: Store, name: str, history: History, last_good: Release | None, inventory: frozenset[Ref]
) -> frozenset[Ref]:
    """The ConfigMaps and Secrets that a good release in the history refers to; a later release must not clear them."""
    if last_good is None or last_good.mode is not Mode.STANDARD:
        return frozenset()
    versioned = frozenset(ref for ref in inventory if ref.kind in VERSIONED)
    left = versioned - last_good.refs
    earlier = {one.content_number for one in history.summaries if left and one.state is State.GOOD}
    releases = await asyncio.gather(*(store.read(name, number) for number in sorted(earlier)))
    return versioned & last_good.refs.union(*(release.refs for release in releases))
