"""The namespace that the demo makes on a person's own cluster, and that it removes whatever happens."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from lastgood.cli.demos.playing import Stage
from lastgood.errors import Conflict, Forbidden
from lastgood.model.plan import Guard
from lastgood.model.resource import Body, Ref
from lastgood.ports import Right

LABEL = "lastgood.dev/demo"
REMOVED_WITHIN, LOOKS_EVERY = 120.0, 0.5
"""Seconds: how long the removal may take, and how often it is asked whether it is done."""

NEEDED = tuple(Right(verb, "", "namespaces", "") for verb in ("get", "patch", "create", "delete"))


@dataclass(slots=True)
class Namespace:
    """The namespace of a stage. ``asked`` says that the cluster was asked to make it: from then on it may be there."""

    stage: Stage
    asked: bool = False

    @property
    def name(self) -> str:
        """What it is called."""
        return self.stage.where["namespace"]

    @property
    def ref(self) -> Ref:
        """Which it is."""
        return Ref("", "Namespace", "", self.name, "v1")

    async def make(self) -> None:
        """Make it. Raises ``Forbidden`` if it could not be removed again, ``Conflict`` if somebody has one like it."""
        async with self.stage.connected() as deployer:
            denied = await deployer.cluster.denied(NEEDED)
            if denied:
                what = "; ".join(map(str, denied))
                hint = "the demo makes a namespace and removes it; without --context it needs no cluster"
                raise Forbidden(f"not allowed: {what}", hint=hint)
            if await deployer.cluster.read([self.ref]):
                raise Conflict(f"namespace {self.name} is there already", hint="type the same again for another name")
            self.asked = True
            await deployer.cluster.apply(self._body(), Guard())

    async def remove(self) -> None:
        """Remove it, and wait until it is gone. Raises ``TimeoutError`` when that takes too long.

        Nothing happens to a namespace of that name that the demo did not make.
        """
        async with asyncio.timeout(REMOVED_WITHIN), self.stage.connected() as deployer:
            while (live := (await deployer.cluster.read([self.ref])).get(self.ref)) and self._is_ours(live):
                if "deletionTimestamp" not in live["metadata"]:
                    guard = Guard(live["metadata"]["uid"])
                    await deployer.cluster.delete(self.ref, guard, propagation="Background")
                await deployer.clock.sleep(LOOKS_EVERY)

    def _body(self) -> Body:
        return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.name, "labels": {LABEL: self.name}}}

    def _is_ours(self, live: Body) -> bool:
        return (live["metadata"].get("labels") or {}).get(LABEL) == self.name
