"""Somebody who runs pipelines: on the cluster in memory, or on the lab's."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lastgood.connecting import connect_deployer
from lastgood.deployer import Deployer
from lastgood.loading import read_file
from lastgood.model.permission import Permissions
from lastgood.model.release import History
from lastgood.model.request import Options
from lastgood.model.resource import Body, Ref
from lastgood.pipelines import shell
from lastgood.pipelines.artifact import artifact_of
from lastgood.pipelines.crew import Question
from lastgood.pipelines.grounds import Given, Ground, Grounds
from lastgood.pipelines.inspecting import read_pipeline
from lastgood.pipelines.journal import Journal, Note
from lastgood.pipelines.neighbours import look_around
from lastgood.pipelines.permitting import permissions
from lastgood.pipelines.running import Outside, run
from lastgood.pipelines.script import Ran, Script
from lastgood.testing import FakeClock, MemoryCluster, memory_deployer

Connect = Callable[[str], Any]


@dataclass
class Company:
    """A folder with a pipeline, and a cluster. ``plays`` runs a coroutine in the cluster's time."""

    folder: Path
    opens: Connect
    plays: Callable[[Any], Any]
    in_real_time: bool
    told: list[Note] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    runs: int = 0

    def run(
        self,
        image: str,
        *,
        file: str = "pipeline.yaml",
        resuming: str = "",
        tell: Callable[[Note], None] = lambda note: None,
        variables: Mapping[str, str] | None = None,
    ) -> Journal:
        """Run the pipeline, or the stage, of a file; ``tell`` hears what becomes of each node."""
        grounds = self.grounds(image, file=file, variables=variables)
        self.runs += 1
        self.told.clear()
        journal: Journal = self.plays(self._run(grounds.pipeline, grounds.given, resuming, tell))
        return journal

    def grounds(
        self, image: str, *, file: str = "pipeline.yaml", variables: Mapping[str, str] | None = None
    ) -> Grounds:
        """What the stages of a file stand on."""
        path, images = self.folder / file, {"": artifact_of(image)}
        given = Given(look_around(self.folder), self.folder, variables=variables or {}, artifacts=images)
        return Grounds(read_pipeline(read_file(path, path.name)), given)

    def rights(
        self, image: str, *only: str, file: str = "pipeline.yaml", connectors: Mapping[str, str] | None = None
    ) -> Permissions:
        """What ``lastgood rbac --run`` is made of; ``only`` are stages."""
        grounds = self.grounds(image, file=file)
        grounds = replace(grounds, given=replace(grounds.given, connectors=connectors or {}))

        async def asked() -> Permissions:
            async with AsyncExitStack() as stack:

                async def connect(ground: Ground) -> Deployer:
                    deployer: Deployer = await stack.enter_async_context(self.opens(ground.namespace))
                    return deployer

                return await permissions(grounds, connect, Options(create_namespace=True), only=only)

        found: Permissions = self.plays(asked())
        return found

    def history(self, namespace: str, name: str = "shop") -> list[str]:
        """As words, oldest first: ``good``, ``failed``, ``good=1`` for one that restores release 1."""

        async def read(deployer: Deployer) -> History:
            return History(await deployer.store.summaries(name))

        found: History = self.ask(namespace, read)
        words = [f"{one.state}{f'={one.restores}' if one.restores else ''}" for one in found.summaries]
        return words[::-1]

    def live(self, namespace: str, kind: str, name: str, group: str = "") -> Body | None:
        """What is there of a resource."""
        ref = Ref(group, kind, namespace, name)

        async def read(deployer: Deployer) -> Body | None:
            return (await deployer.cluster.read([ref])).get(ref)

        found: Body | None = self.ask(namespace, read)
        return found

    def marks(self) -> Mapping[str, str]:
        """What became of each node in the run before, by its path."""
        return {"/".join(one.path): one.mark.value for one in self.told}

    def sentence(self, path: str) -> str:
        """What was last said of a node."""
        return next(one.sentence for one in reversed(self.told) if "/".join(one.path) == path)

    def ask(self, namespace: str, question: Callable[[Deployer], Any]) -> Any:
        """Ask something of the cluster."""

        async def asked() -> Any:
            async with self.opens(namespace) as deployer:
                return await question(deployer)

        return self.plays(asked())

    async def _run(self, pipeline: Any, given: Given, resuming: str, tell: Callable[[Note], None]) -> Journal:
        opened: dict[str, Deployer] = {}
        async with AsyncExitStack() as stack:

            async def connect(ground: Ground) -> Deployer:
                if ground.namespace not in opened:
                    opened[ground.namespace] = await stack.enter_async_context(self.opens(ground.namespace))
                return opened[ground.namespace]

            return await run(pipeline, given, self._outside(connect, tell), resuming=resuming)

    def _outside(self, connect: Any, tell: Callable[[Note], None]) -> Outside:
        async def nobody(question: Question) -> None:
            return None

        def heard(note: Note) -> None:
            self.told.append(note)
            tell(note)

        return Outside(
            connect=connect,
            options=Options(create_namespace=True),
            ask=nobody,
            tell=heard,
            hear=lambda path, line: self.heard.append(line),
            mark=f"{self.runs:04}",
            environment={"PATH": os.environ["PATH"]},
            script=shell.run if self.in_real_time else beside_the_clock,
        )


async def beside_the_clock(script: Script, *, within: float, hear: Callable[[str], None], folder: str | None) -> Ran:
    """The script itself, while the clock of the story stands."""

    def work() -> Ran:
        return asyncio.run(shell.run(script, within=within, hear=hear, folder=folder))

    return await asyncio.to_thread(work)


def in_memory(folder: Path, make: Callable[[FakeClock], MemoryCluster] = MemoryCluster) -> Company:
    """A company whose cluster is in memory."""
    clock = FakeClock()
    cluster = make(clock)

    def opens(namespace: str) -> Any:
        stack = AsyncExitStack()

        async def enter() -> Deployer:
            return memory_deployer(cluster, namespace=namespace)

        return _Entered(stack, enter)

    return Company(folder, opens, clock.run, in_real_time=False)


def on_the_lab(folder: Path, kubeconfig: str) -> Company:
    """A company whose cluster is the lab's."""

    def opens(namespace: str) -> Any:
        return connect_deployer(kubeconfig=kubeconfig, namespace=namespace)

    return Company(folder, opens, asyncio.run, in_real_time=True)


@dataclass
class _Entered:
    """A connection that is there already."""

    stack: AsyncExitStack
    enter: Callable[[], Any]

    async def __aenter__(self) -> Deployer:
        found: Deployer = await self.enter()
        return found

    async def __aexit__(self, *_: object) -> None:
        return None
