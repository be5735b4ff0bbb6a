"""The demo's stage in this process: a cluster in memory, in its own time. Nothing is contacted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from lastgood.cli.demos.asking import wait
from lastgood.cli.demos.playing import NotAsToldError, Player, Stage, own_folder
from lastgood.cli.demos.scenes import Images, story
from lastgood.cli.demos.stopping import Stops
from lastgood.cli.failing import Bug
from lastgood.cli.lines import Line, Tone
from lastgood.cli.outside import Outside
from lastgood.deployer import Deployer
from lastgood.model.event import Event
from lastgood.testing import Behaviour, FakeClock, MemoryCluster, memory_deployer

IMAGES = Images(
    first="example/shop:1.0",
    broken="example/shop:1.1-rc",
    second="example/shop:1.1",
    by_hand="example/shop:hotfix",
)
BEHAVIOURS = {IMAGES.broken: Behaviour(pull_error="not found"), "*": Behaviour()}
BETWEEN = 150.0
"""Seconds of the cluster's time from one command to the next, as if a person had typed them."""

BEGIN = (
    Line("A demo of lastgood on a simulated cluster: it lives in this process and its own time, nothing is contacted.",
         Tone.CHANGED),
)  # fmt: skip
END = (
    Line(),
    Line("That was a simulated cluster: nothing was contacted, and the folder is removed. On a cluster of yours:",
         Tone.CHANGED),
    Line("  lastgood demo --context NAME                   the same, in a namespace that is removed afterwards"),
    Line("  lastgood plan -f k8s/ --name shop -n prod      your own manifests: what would be done"),
    Line("  lastgood deploy -f k8s/ --name shop -n prod    and do it"),
)  # fmt: skip


class World:
    """A cluster in memory, and its time."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.cluster = MemoryCluster(self.clock, behaviours=BEHAVIOURS)

    @asynccontextmanager
    async def connect(self, *, tell: Callable[[Event], None], **where: Any) -> AsyncIterator[Deployer]:
        """As ``lastgood.connect()``, to this cluster."""
        yield memory_deployer(self.cluster, tell=tell)

    def seen_from(self, outside: Outside) -> Outside:
        """The same outside in this world. Nothing is drawn again and again there: a run is over at once."""
        return replace(
            outside,
            env={**outside.env, "CI": "true"},
            monotonic=self.clock.monotonic,
            connect=self.connect,
            run_loop=self.clock.run,
            finals=True,
        )


def show(outside: Outside, *, pause: bool) -> int:
    """Play the story. Raises ``Bug`` where it goes another way, ``Stopped`` when a signal ends it."""
    world = World()

    def between() -> None:
        if pause:
            wait(outside)
        world.clock.jump(BETWEEN)

    stage = Stage(world.seen_from(outside), "simulated, too", between)
    stage.printer.write(BEGIN)
    try:
        with Stops() as stops, own_folder(stage.printer):
            Player(stage, stops).play(story(IMAGES))
    except NotAsToldError as error:
        raise Bug(f"the demo went another way: {error}; this is a bug in lastgood", hint="please report it") from error
    stage.printer.write(END)
    return 0
