"""Observations: the resources asked for, and everything that stands below them by ownership."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager

from lastgood.model.health import Observation
from lastgood.model.resource import Body, GroupKind, Ref
from lastgood.ports import Clock
from lastgood.testing.objects import Objects

GATHERS = 0.005
"""Seconds in which changes are gathered into one observation."""

Dependents = Mapping[GroupKind, Collection[GroupKind]]


@asynccontextmanager
async def observing(
    objects: Objects, clock: Clock, refs: Collection[Ref], dependents: Dependents
) -> AsyncIterator[AsyncIterator[Observation]]:
    """An observation at once, and another after each change of anything in it."""
    changed = asyncio.Event()
    kinds = {kind for ref in refs for kind in dependents.get(ref.group_kind, ())}
    spaces = {ref.namespace for ref in refs}

    def heard(ref: Ref, _before: Body | None, _now: Body | None) -> None:
        if ref in refs or (ref.group_kind in kinds and ref.namespace in spaces):
            changed.set()

    async def observations() -> AsyncIterator[Observation]:
        while True:
            changed.clear()
            yield observation(objects, clock.monotonic(), refs, dependents)
            await changed.wait()
            await clock.sleep(GATHERS)

    stop = objects.listen(heard)
    try:
        yield observations()
    finally:
        stop()


def observation(objects: Objects, at: float, refs: Collection[Ref], dependents: Dependents) -> Observation:
    """What is there now."""
    bodies = {ref: body for ref in refs if (body := objects.get(ref)) is not None}
    roots = {body["metadata"]["uid"] for body in bodies.values()}
    below: dict[str, list[Body]] = {}
    for body in _candidates(objects, refs, dependents):
        above = _above(objects, body)
        for uid in () if roots.isdisjoint(above) else above:
            below.setdefault(uid, []).append(body)
    return Observation(at, bodies, {uid: tuple(found) for uid, found in below.items()})


def _candidates(objects: Objects, refs: Collection[Ref], dependents: Dependents) -> list[Body]:
    pairs = {(kind, ref.namespace) for ref in refs for kind in dependents.get(ref.group_kind, ())}
    return [body for kind, namespace in sorted(pairs) for body in objects.of_kind(kind, namespace)]


def _above(objects: Objects, body: Body) -> set[str]:
    """Whom this belongs to: an Event to what it is about and to that one's owners, everything else to its owners."""
    if body["kind"] != "Event":
        return objects.above(body["metadata"]["uid"])
    uid = body["involvedObject"]["uid"]
    return {uid} | objects.above(uid)
