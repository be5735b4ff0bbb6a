"""Where stories are played: on the cluster in memory, or on the lab's API server. The same story, the same words.

What a deployer tells in them is held against docs/reference, as what the command line prints is.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from lastgood.asking import guard_of
from lastgood.cli import documents
from lastgood.cli.documents import envelope
from lastgood.connecting import connect_deployer
from lastgood.deployer import Deployer
from lastgood.errors import LastgoodError
from lastgood.model.event import Event
from lastgood.model.plan import Guard, Plan
from lastgood.model.proof import Proof
from lastgood.model.release import History, Mode, Release, Strategy
from lastgood.model.request import Options, Request
from lastgood.model.resource import Body, Ref, Resource
from lastgood.testing import FakeClock, MemoryCluster, MemoryStore, memory_deployer
from tests.cli.reference import validate, validate_events
from tests.conftest import Lab

NAME = "shop"


@dataclass
class Ending:
    """How a run ended: the exit code a person would see, and what was returned or raised."""

    code: int
    release: Release | None = None
    error: LastgoodError | None = None
    events: list[Event] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        """What went wrong, in words."""
        return str(self.error) if self.error else ""

    def told(self, kind: type[Any]) -> list[Any]:
        """The events of one type."""
        return [event for event in self.events if isinstance(event, kind)]


@dataclass
class Scene:
    """A story's hands: what a person does, and what they look at."""

    open: Callable[[Callable[[Event], None]], Any]
    namespace: str
    in_memory: bool
    memory: MemoryCluster | None = None
    store: MemoryStore | None = None
    lab: Lab | None = None

    mode: Mode = Mode.DECLARATIVE

    def request(
        self,
        *resources: Resource,
        name: str = NAME,
        prune: bool | None = None,
        mode: Mode | None = None,
        versioned: bool = True,
        strategy: str = "rolling",
        canary: str = "1",
        staged: bool = False,
        **options: Any,
    ) -> Request:
        """What a person asks for; in the mode of the scene unless another is named."""
        wanted = Request(name, self.namespace, resources, mode=mode or self.mode, options=self.options(**options))
        phases = {"strategy": Strategy(strategy), "canary": canary, "staged": staged}
        return replace(wanted, prune=prune, versioned=versioned, **phases)  # type: ignore[arg-type]

    async def deploy(
        self, *resources: Resource, also: Callable[[Event], None] = lambda event: None, **more: Any
    ) -> Ending:
        """``also`` hears the events while they happen."""
        request = self.request(*resources, **more)
        return await self._run(lambda deployer: deployer.deploy(request), also)

    async def plan(self, *resources: Resource, **more: Any) -> Plan:
        async with self.open(lambda event: None) as deployer:
            found: Plan = await deployer.plan(self.request(*resources, **more))
            return found

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """What a person types on the lab."""
        assert self.lab is not None
        return self.lab.run_kubectl(*arguments, "-n", self.namespace, stdin=stdin)

    async def rollback(self, to: int | None = None, **options: Any) -> Ending:
        return await self._run(lambda deployer: deployer.rollback(NAME, to=to, options=self.options(**options)))

    async def promote(self, **options: Any) -> Ending:
        return await self._run(lambda deployer: deployer.promote(NAME, options=self.options(**options)))

    async def swap(self, **options: Any) -> Ending:
        return await self._run(lambda deployer: deployer.swap(NAME, options=self.options(**options)))

    async def abort(self, **options: Any) -> Ending:
        return await self._run(lambda deployer: deployer.abort(NAME, options=self.options(**options)))

    async def recover(self, **options: Any) -> Ending:
        return await self._run(lambda deployer: deployer.recover(NAME, options=self.options(**options)))

    async def uninstall(self, *, everything: bool = False, keep_history: bool = False, **options: Any) -> Ending:
        return await self._run(
            lambda deployer: deployer.uninstall(
                NAME, everything=everything, keep_history=keep_history, options=self.options(**options)
            )
        )

    async def verify(self, *, strict: bool = False) -> Proof:
        async with self.open(lambda event: None) as deployer:
            proof: Proof = await deployer.verify(NAME, strict=strict)
            return proof

    async def history(self, name: str = NAME) -> list[str]:
        """The history as words, oldest first: ``good``, ``failed``, ``good=1`` for one that restores release 1."""
        async with self.open(lambda event: None) as deployer:
            found: History = await deployer.history(name)
            return [f"{one.state}{f'={one.restores}' if one.restores else ''}" for one in reversed(found.summaries)]

    async def record(self, number: int) -> Release:
        async with self.open(lambda event: None) as deployer:
            release: Release = await deployer.show(NAME, number)
            validate(envelope("Release", documents.record(release)))
            return release

    async def live(self, kind: str, name: str, group: str = "") -> Body | None:
        ref = Ref(group, kind, self.namespace, name)
        async with self.open(lambda event: None) as deployer:
            found: Body | None = (await deployer.cluster.read([ref])).get(ref)
            return found

    async def image(self, name: str = "web", kind: str = "Deployment") -> str:
        body = await self.live(kind, name, "apps")
        assert body is not None
        return str(body["spec"]["template"]["spec"]["containers"][0]["image"])

    async def names(self, kind: str = "ConfigMap") -> set[str]:
        """The names of what is there of a kind, without what Kubernetes puts into every namespace."""
        async with self.open(lambda event: None) as deployer:
            served = await deployer.cluster.served()
            kinds = [one for one in served if one.kind == kind]
            found = await deployer.cluster.find(kinds, self.namespace, label="")
        return {
            body["metadata"]["name"]
            for body in found
            if not body["metadata"].get("deletionTimestamp") and body["metadata"]["name"] != "kube-root-ca.crt"
        }

    async def pods(self, name: str = "web") -> list[Body]:
        """The pods of a workload that are not going away."""
        async with self.open(lambda event: None) as deployer:
            served = await deployer.cluster.served()
            kinds = [one for one in served if one.kind == "Pod" and not one.group]
            found = await deployer.cluster.find(kinds, self.namespace, label=f"app={name}")
        return [pod for pod in found if not pod["metadata"].get("deletionTimestamp")]

    async def edits(self, kind: str, name: str, group: str, path: str, value: Any) -> None:
        """Somebody changes one field of a live resource by hand; the path is written with slashes."""
        if self.memory is not None:
            ref = Ref(group, kind, self.namespace, name)
            self.memory.edit(ref, lambda body: _put(body, path.split("/"), value))
            return
        assert self.lab is not None
        patch = json.dumps([{"op": "replace", "path": f"/{path}", "value": value}])
        self.lab.run_kubectl(
            "patch", f"{kind}.{group}".rstrip("."), name, "-n", self.namespace, "--type=json", "-p", patch
        )

    async def deletes(self, kind: str, name: str, group: str = "") -> None:
        """Somebody deletes a live resource by hand."""
        live = await self.live(kind, name, group)
        async with self.working() as deployer:
            ref = Ref(group, kind, self.namespace, name)
            await deployer.cluster.delete(ref, Guard(guard_of(live).uid), propagation="Background")

    def options(self, **given: Any) -> Options:
        return Options(**{"timeout": 60.0, "wait_lock": 60.0, **given})

    @asynccontextmanager
    async def working(self) -> AsyncIterator[Deployer]:
        async with self.open(lambda event: None) as deployer:
            yield deployer

    async def _run(
        self,
        work: Callable[[Deployer], Awaitable[Release | None]],
        also: Callable[[Event], None] = lambda event: None,
    ) -> Ending:
        events: list[Event] = []

        def tell(event: Event) -> None:
            events.append(event)
            also(event)

        try:
            async with self.open(tell) as deployer:
                return Ending(0, await work(deployer), events=events)
        except LastgoodError as error:
            return Ending(error.exit_code, error=error, events=events)
        finally:
            validate_events(events)


Story = Callable[[Scene], Awaitable[None]]


class MemoryStage:
    """The cluster in memory, in its own time."""

    def play(self, story: Story) -> None:
        clock = FakeClock()
        cluster = MemoryCluster(clock)
        cluster.add_namespace("stories")

        @asynccontextmanager
        async def opened(tell: Callable[[Event], None]) -> AsyncIterator[Deployer]:
            yield memory_deployer(cluster, namespace="stories", tell=tell)

        scene = Scene(opened, "stories", in_memory=True, memory=cluster, store=cluster.store("stories"))
        clock.run(_told(story, scene))


@dataclass
class LabStage:
    """The lab's API server, in a namespace of the story's own."""

    lab: Lab
    namespace: str

    def play(self, story: Story) -> None:
        def opened(tell: Callable[[Event], None]) -> Any:
            return connect_deployer(kubeconfig=str(self.lab.kubeconfig), namespace=self.namespace, tell=tell)

        asyncio.run(_told(story, Scene(opened, self.namespace, in_memory=False, lab=self.lab)))


def _put(body: Body, keys: list[str], value: Any) -> None:
    place: Any = body
    for key in keys[:-1]:
        place = place[int(key)] if key.isdigit() else place[key]
    place[keys[-1]] = value


async def _told(story: Story, scene: Scene) -> None:
    await story(scene)


def story(work: Story) -> Callable[..., None]:
    """A test that plays the story twice: in memory, and on the lab's API server."""

    @pytest.mark.parametrize("stage", ["memory", pytest.param("lab", marks=pytest.mark.cluster)], indirect=True)
    def test(stage: MemoryStage | LabStage) -> None:
        stage.play(work)

    test.__name__ = work.__name__
    test.__doc__ = work.__doc__
    return test


@pytest.fixture
def stage(request: pytest.FixtureRequest) -> MemoryStage | LabStage:
    """Where this story is played."""
    if request.param == "memory":
        return MemoryStage()
    lab: Lab = request.getfixturevalue("lab")
    if request.node.get_closest_marker("pods") and lab.node != "real":
        pytest.skip("only real pods read their configuration, and leave logs")
    return LabStage(lab, request.getfixturevalue("namespace"))
