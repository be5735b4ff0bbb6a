"""Pipelines that are run to their end, one way or the other: the shop of the examples, on the cluster in memory."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lastgood.deployer import Deployer
from lastgood.loading import read_file
from lastgood.model.release import History
from lastgood.model.request import Options
from lastgood.model.resource import Body, Ref
from lastgood.pipelines import shell
from lastgood.pipelines.artifact import artifact_of
from lastgood.pipelines.crew import Question
from lastgood.pipelines.grounds import Given, Ground
from lastgood.pipelines.inspecting import read_pipeline
from lastgood.pipelines.journal import Journal, Mark, Note
from lastgood.pipelines.neighbours import look_around
from lastgood.pipelines.running import Outside, run
from lastgood.pipelines.script import Ran, Script
from lastgood.testing import FakeClock, MemoryCluster, memory_deployer

SHOP = Path(__file__).parents[2] / "examples" / "shop"
STAGING, PRODUCTION = "shop-staging", "shop-production"


@dataclass
class Company:
    """One cluster, and somebody who runs the shop's pipeline on it."""

    clock: FakeClock = field(default_factory=FakeClock)
    cluster: MemoryCluster = field(init=False)
    told: list[Note] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    runs: int = 0

    def __post_init__(self) -> None:
        self.cluster = MemoryCluster(self.clock)

    def run(self, image: str, *, resuming: str = "", **variables: str) -> Journal:
        path = SHOP / "pipeline.yaml"
        pipeline = read_pipeline(read_file(path, path.name))
        images = {"": artifact_of(image)}
        given = Given(look_around(SHOP), SHOP, variables=variables, artifacts=images)
        self.runs += 1
        return self.clock.run(run(pipeline, given, self._outside(), resuming=resuming))

    def history(self, namespace: str) -> list[str]:
        summaries = self.clock.run(self.cluster.store(namespace).summaries("shop"))
        found = History(summaries).summaries
        return [f"{one.state}{f'={one.restores}' if one.restores else ''}" for one in reversed(found)]

    def live(self, namespace: str, kind: str, name: str, group: str = "") -> Body | None:
        ref = Ref(group, kind, namespace, name)
        return self.clock.run(self.cluster.read([ref])).get(ref)

    def colour(self, service: str = "shop") -> str:
        body = self.live(PRODUCTION, "Service", service)
        assert body
        return str(body["spec"]["selector"]["harness.io/color"])

    def marks(self) -> Mapping[str, str]:
        return {"/".join(one.path): one.mark.value for one in self.told}

    def _outside(self) -> Outside:
        async def connect(ground: Ground) -> Deployer:
            return memory_deployer(self.cluster, namespace=ground.namespace)

        async def nobody(question: Question) -> None:
            return None

        options = Options(create_namespace=True)
        hear = lambda path, line: self.heard.append(line)  # noqa: E731
        mark, environment = f"{self.runs:04}", {"PATH": os.environ["PATH"]}
        return Outside(connect, options, nobody, self.told.append, hear, mark, environment, in_real_time)


async def in_real_time(script: Script, *, within: float, hear: Callable[[str], None], folder: str | None) -> Ran:
    """The script itself, while the clock of the story stands."""

    def work() -> Ran:
        return asyncio.run(shell.run(script, within=within, hear=hear, folder=folder))

    return await asyncio.to_thread(work)


def test_a_release_goes_through_staging_into_production() -> None:
    company = Company()
    assert company.run("registry.lab/web:1").mark is Mark.SUCCEEDED
    assert company.history(STAGING) == ["good"]
    assert company.history(PRODUCTION) == ["good"]
    assert company.colour() == "blue"
    assert company.heard == ["canary shop-canary is live beside the shop"]
    assert company.live(STAGING, "Deployment", "shop-canary", "apps") is None
    assert company.run("registry.lab/web:2").mark is Mark.SUCCEEDED
    assert company.colour() == "green"
    assert company.history(PRODUCTION) == ["good", "good"]


def test_a_smoke_test_that_fails_after_the_swap_swaps_back() -> None:
    company = Company()
    company.run("registry.lab/web:1")
    journal = company.run("registry.lab/web:2", smokeTest="echo not what it was; false")
    assert journal.mark is Mark.ROLLED_BACK
    assert company.marks()["production"] == "RolledBack"
    assert company.marks()["production/rollback/rollbackBgSwapServices"] == "Succeeded"
    assert company.colour() == "blue"
    assert company.history(PRODUCTION) == ["good", "good", "good=1"]
    assert company.history(STAGING) == ["good", "good"]


def test_a_canary_that_never_runs_leaves_everything_as_it_was() -> None:
    company = Company()
    company.run("registry.lab/web:1")
    journal = company.run("registry.lab/web:missing")
    assert journal.mark is Mark.ROLLED_BACK
    assert company.history(STAGING) == ["good", "failed", "good=1"]
    assert company.history(PRODUCTION) == ["good"]
    assert company.live(STAGING, "Deployment", "shop-canary", "apps") is None
