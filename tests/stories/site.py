"""A story's hands for operations beside a release."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lastgood.model.event import Event
from lastgood.model.operation import Done
from lastgood.model.resource import Ref
from lastgood.operating import Site, site_of
from tests.cli.reference import validate_events
from tests.stories.stage import Scene

WITHIN = 60.0
"""Seconds; no operation of a story takes as long."""


@asynccontextmanager
async def at_work(scene: Scene) -> AsyncIterator[Site]:
    """Where operations work; what they tell is held against the reference."""
    events: list[Event] = []
    async with scene.open(events.append) as deployer:
        yield site_of(deployer)
    validate_events(events)


def workload(scene: Scene, name: str = "web", kind: str = "Deployment") -> Ref:
    """One of a story's workloads."""
    return Ref("apps", kind, scene.namespace, name, "v1")


def what(done: Done) -> dict[str, str]:
    """What became of each, by its name as kubectl prints it."""
    return {str(one.ref): str(one.op) for one in done.touched}
