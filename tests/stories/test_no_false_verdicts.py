"""What takes long, or looks bad for a while, and is well in the end: none of it may be condemned.

Each story deploys a good release first, so that a false verdict would show: the first release would be back.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from lastgood.deployer import Deployer
from lastgood.errors import LastgoodError, Rejected
from lastgood.model.event import Watched
from lastgood.model.plan import Guard
from lastgood.model.release import Release, State
from lastgood.model.request import Options, Request
from lastgood.model.resource import Body, Ref, Resource
from lastgood.testing import Behaviour, FakeClock, MemoryCluster
from lastgood.testing.behaviour import Behaviours
from tests.stories.cast import DONE, GOOD_1, GOOD_2, STUBBORN, altered, config, daemon, job, made, stateful, web
from tests.stories.stage import Scene, story

NAMESPACE = "stories"
WEB = Ref("apps", "Deployment", NAMESPACE, "web")
NEW = "registry.lab/new:1"
NOT_UP = Behaviour(ready_after=None, exits_after=0.5, exit_code=1)
DATABASE = "registry.lab/db:1"
SLOW = {DATABASE: Behaviour(ready_after=10.0)}

Meanwhile = Callable[["World"], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class SkewedClock:
    """The clock of a machine that goes wrong: its time of day is not the cluster's."""

    real: FakeClock
    ahead: timedelta

    def now(self) -> datetime:
        return self.real.now() + self.ahead

    def monotonic(self) -> float:
        return self.real.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self.real.sleep(seconds)


@dataclass
class World:
    """A cluster whose containers behave as a story says; runs are counted by their holders."""

    behaves: Behaviours = field(default_factory=dict)
    ahead: timedelta = timedelta()
    nodes: int = 1
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.began = 0.0
        self.asked: Counter[str] = Counter()
        self.cluster = MemoryCluster(self.clock, behaviours=self._behaviour, nodes=self.nodes)
        self.cluster.add_namespace(NAMESPACE)

    @property
    def since(self) -> float:
        """Seconds since the deploy that the story is about began."""
        return self.clock.monotonic() - self.began

    def _behaviour(self, pod: Body, image: str, environment: Mapping[str, str]) -> Behaviour | None:
        if callable(self.behaves):
            return self.behaves(pod, image, environment)
        return self.behaves.get(image)

    def deploy(self, *resources: Resource, meanwhile: Meanwhile | None = None) -> Release | LastgoodError:
        """One run to its end, with what happens in the middle of it."""
        return self.clock.run(self._deploy(resources, meanwhile))

    async def _deploy(self, resources: tuple[Resource, ...], meanwhile: Meanwhile | None) -> Release | LastgoodError:
        self.began = self.clock.monotonic()
        beside = asyncio.create_task(meanwhile(self)) if meanwhile else None
        request = Request("shop", NAMESPACE, resources, options=Options(timeout=1800.0))
        try:
            return await self._deployer().deploy(request)
        except LastgoodError as error:
            return error
        finally:
            if beside:
                await beside

    def _deployer(self) -> Deployer:
        clock, holder = SkewedClock(self.clock, self.ahead), self.cluster.new_holder()
        store = self.cluster.store(NAMESPACE)
        return Deployer(self.cluster, store, clock, NAMESPACE, holder, lambda event: None, lambda: "00" * 16)

    def rest(self, seconds: float) -> None:
        """Time in which nobody deploys."""

        async def wait() -> None:
            await self.cluster.served()
            await self.clock.sleep(seconds)

        self.clock.run(wait())

    def live(self, ref: Ref = WEB) -> Body:
        body = self.cluster.live(ref)
        assert body is not None
        return body

    def pods(self, name: str = "web") -> list[Body]:
        """The pods of a workload that were not told to go."""
        found = self.cluster.machinery.objects.of_kind(Ref("", "Pod", NAMESPACE, "").group_kind, NAMESPACE)
        mine = (pod for pod in found if pod["metadata"]["labels"].get("app") == name)
        return [pod for pod in mine if "deletionTimestamp" not in pod["metadata"]]


def assert_good(outcome: Release | LastgoodError) -> None:
    assert isinstance(outcome, Release), outcome
    assert outcome.state is State.GOOD


# --- slow and healthy


@dataclass(frozen=True, slots=True)
class Start:
    """A start that takes its time: what is deployed, how it behaves, and what comes while it waits."""

    resources: tuple[Resource, ...]
    behaves: Callable[[World], Behaviours] = lambda world: {}
    meanwhile: Meanwhile | None = None


def behaving(**does: Any) -> Callable[[World], Behaviours]:
    """The new image does this."""
    return lambda world: {NEW: Behaviour(**does)}


def crashing(times: int) -> Callable[[World], Behaviours]:
    """The new image ends so many times before it stays: what it needs is not up yet."""

    def behaves(world: World) -> Behaviours:
        def one(pod: Body, image: str, _: Mapping[str, str]) -> Behaviour | None:
            if image != NEW:
                return SLOW.get(image)
            world.asked[pod["metadata"]["uid"]] += 1  # before the pull, and at each start
            return NOT_UP if world.asked[pod["metadata"]["uid"]] - 1 <= times else Behaviour()

        return one

    return behaves


def slow(_: World) -> Behaviours:
    """Something else takes its time."""
    return SLOW


def failing(until: float) -> Callable[[World], Behaviours]:
    """The new image ends badly for so many seconds, and then well."""
    return lambda world: (
        lambda _pod, image, _environment: (
            Behaviour(exits_after=0.5, exit_code=int(world.since < until)) if image == NEW else None
        )
    )


def registry(error: str, until: float) -> Callable[[World], Behaviours]:
    """The registry answers like this for so many seconds, and then as it should."""

    def behaves(world: World) -> Behaviours:
        def one(_pod: Body, image: str, _: Mapping[str, str]) -> Behaviour | None:
            return Behaviour(pull_error=error if world.since < until else "") if image == NEW else None

        return one

    return behaves


def one_waits(world: World) -> Behaviours:
    """Every second replica is ready only when its leader lets go, six minutes later."""

    def one(pod: Body, image: str, _: Mapping[str, str]) -> Behaviour | None:
        if image != NEW:
            return None
        waits = int(pod["metadata"]["uid"][:4], 16) % 2
        return Behaviour(ready_after=360.0 * waits)

    return one


def made_after(seconds: float, resource: Resource) -> Meanwhile:
    """An operator makes it so much later."""

    async def make(world: World) -> None:
        await world.clock.sleep(seconds)
        body = resource.body
        world.cluster.create({**body, "metadata": {**body["metadata"], "namespace": NAMESPACE}})

    return make


async def a_node_comes(world: World) -> None:
    """An autoscaler of the cluster has made one with gold disks, four minutes later."""
    await world.clock.sleep(240)
    node = world.cluster.machinery.objects.of_kind(Ref("", "Node", "", "").group_kind)[0]
    labels = {**node["metadata"]["labels"], "disk": "gold"}
    gold = {**node, "metadata": {"name": "gold", "uid": "0000-gold", "labels": labels}}
    world.cluster.machinery.objects.put(gold)


def waiting_first(image: str) -> Resource:
    return altered(web(GOOD_2), spec__template__spec__initContainers=[{"name": "wait", "image": image}])


VOLUME: dict[str, Any] = {
    "volumes": [{"name": "v", "configMap": {"name": "late"}}],
    "container": {"volumeMounts": [{"name": "v", "mountPath": "/v"}]},
}
RATE_LIMIT = "429 Too Many Requests: toomanyrequests: You have reached your pull rate limit"
AWAY = "dial tcp 10.0.0.9:443: connect: connection refused"

STARTS: Mapping[str, Start] = {
    "an image that takes three minutes to pull": Start((web(NEW),), behaving(pulls_in=180.0)),
    "a probe that passes after eight minutes": Start((web(NEW),), behaving(ready_after=480.0)),
    "one crash, since the database is not up yet": Start((web(NEW),), crashing(1)),
    "two crashes, until the database is ready": Start((web(NEW), web(DATABASE, "db")), crashing(2)),
    "two crashes without any probe": Start(
        (web(NEW, container={"readinessProbe": None}), web(DATABASE, "db")), crashing(2)
    ),
    "an init container that waits for five minutes": Start(
        (waiting_first(NEW),), behaving(exits_after=300.0, last_words=("it is up",))
    ),
    "a Job that takes twenty minutes": Start((job(NEW),), behaving(exits_after=1200.0)),
    "a Job whose first tries fail": Start((job(NEW, backoffLimit=6),), failing(30.0)),
    "a replica that waits for its leader": Start((web(NEW, replicas=4),), one_waits),
    "a StatefulSet, pod after pod": Start((stateful(NEW, replicas=3),), behaving(ready_after=150.0)),
    "a DaemonSet that is slow on its nodes": Start((daemon(NEW),), behaving(ready_after=200.0)),
    "two minutes to prove itself": Start((altered(web(NEW), spec__minReadySeconds=120),), behaving(ready_after=60.0)),
    "a registry that limits pulls for four minutes": Start((web(NEW),), registry(RATE_LIMIT, 240.0)),
    "a registry that is away for half a minute": Start((web(NEW),), registry(AWAY, 29.0)),
    "a registry whose name is not known for a moment": Start((web(NEW),), registry("lookup r: no such host", 8.0)),
    "configuration that somebody makes a moment later": Start(
        (web(GOOD_2, reads="late"),), meanwhile=made_after(6.0, config("late", a="1"))
    ),
    "configuration that an operator of the same release makes": Start(
        (web(GOOD_2, reads="late"), web(DATABASE, "operator")), slow, made_after(14.0, config("late", a="1"))
    ),
    "a volume's ConfigMap that comes late": Start(
        (web(GOOD_2, **VOLUME), web(DATABASE, "operator")), slow, made_after(15.0, config("late", a="1"))
    ),
    "a node that is still to come": Start((web(GOOD_2, nodeSelector={"disk": "gold"}),), meanwhile=a_node_comes),
    "pods that are recreated and end slowly": Start(
        (altered(web(STUBBORN, terminationGracePeriodSeconds=90), spec__strategy={"type": "Recreate"}),)
    ),
}


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_a_start_that_is_slow_and_healthy(start: Start) -> None:
    world = World(nodes=2)
    assert_good(world.deploy(web(GOOD_1)))
    world.behaves = start.behaves(world)
    assert_good(world.deploy(*start.resources, meanwhile=start.meanwhile))


@pytest.mark.parametrize("minutes", [-7, 7], ids=["behind", "ahead"])
@pytest.mark.parametrize(
    "name",
    [
        "one crash, since the database is not up yet",
        "two crashes without any probe",
        "a registry that is away for half a minute",
        "configuration that somebody makes a moment later",
        "two minutes to prove itself",
    ],
)
def test_a_clock_that_goes_wrong_changes_nothing(name: str, minutes: int) -> None:
    """Ours is minutes away from the cluster's: no time stamp of the cluster is held against it."""
    start, world = STARTS[name], World(nodes=2, ahead=timedelta(minutes=minutes))
    assert_good(world.deploy(web(GOOD_1)))
    world.behaves = start.behaves(world)
    assert_good(world.deploy(*start.resources, meanwhile=start.meanwhile))


@pytest.mark.parametrize("minutes", [-7, 7], ids=["behind", "ahead"])
def test_a_clock_that_goes_wrong_hides_no_failure(minutes: int) -> None:
    world = World({NEW: Behaviour(ready_after=None, exits_after=0.5, exit_code=3)}, ahead=timedelta(minutes=minutes))
    assert_good(world.deploy(web(GOOD_1)))
    outcome = world.deploy(web(NEW))
    assert isinstance(outcome, LastgoodError)
    assert (outcome.exit_code, "crashed twice" in str(outcome), world.since < 60) == (1, True, True)


# --- news from before


def test_a_deadline_that_an_earlier_rollout_missed() -> None:
    """Somebody's own change has hung until its deadline; that condition is not ours."""
    world = World({NEW: Behaviour(ready_after=None)})
    impatient = altered(web(GOOD_1), spec__progressDeadlineSeconds=5)
    assert_good(world.deploy(impatient))
    world.cluster.edit(WEB, lambda body: body["spec"]["template"]["spec"]["containers"][0].update(image=NEW))
    world.rest(30)
    (progress,) = (one for one in world.live()["status"]["conditions"] if one["type"] == "Progressing")
    assert progress["reason"] == "ProgressDeadlineExceeded"
    assert_good(world.deploy(altered(web(GOOD_2), spec__progressDeadlineSeconds=5)))


def test_events_of_an_older_pod_with_the_same_name() -> None:
    """A pod of a StatefulSet comes back under its name; what was said of the one before is not about it."""
    world = World({NEW: Behaviour(pull_error="not found")})
    assert_good(world.deploy(stateful(GOOD_1)))
    assert isinstance(world.deploy(stateful(NEW)), LastgoodError)
    told = world.cluster.machinery.objects.of_kind(Ref("", "Event", NAMESPACE, "").group_kind, NAMESPACE)
    assert "Failed" in {event["reason"] for event in told if event["involvedObject"]["name"] == "db-1"}
    assert_good(world.deploy(stateful(GOOD_2)))


def test_a_quota_that_was_full_in_an_earlier_run() -> None:
    """The refusal of then still stands among the events when the room is there."""
    world = World()
    quota = made("v1", "ResourceQuota", "pods", spec={"hard": {"pods": "1"}})
    assert_good(world.deploy(quota, stateful(GOOD_1, replicas=1)))
    assert isinstance(world.deploy(quota, stateful(GOOD_1, replicas=2)), LastgoodError)
    room = made("v1", "ResourceQuota", "pods", spec={"hard": {"pods": "5"}})
    world.behaves = {NEW: Behaviour(ready_after=60.0)}
    assert_good(world.deploy(room, stateful(NEW, replicas=2)))


# --- others, in the middle of it


def later(seconds: float, does: Callable[[World], Any]) -> Meanwhile:
    """Somebody does this while the deploy waits."""

    async def act(world: World) -> None:
        await world.clock.sleep(seconds)
        does(world)

    return act


def restarts(world: World) -> None:
    """``kubectl rollout restart``."""
    note = {"kubectl.kubernetes.io/restartedAt": "2026-11-23T17:50:00Z"}
    world.cluster.edit(
        WEB, lambda body: body["spec"]["template"]["metadata"].setdefault("annotations", {}).update(note)
    )


def drains(world: World) -> None:
    """``kubectl drain``: the pods of one node are told to go."""
    for pod in world.pods():
        if pod["spec"].get("nodeName") == "node-1":
            ref = Ref("", "Pod", NAMESPACE, pod["metadata"]["name"])
            world.cluster.machinery.collector.delete(ref, Guard(pod["metadata"]["uid"]), "Background")


def scales(count: int) -> Callable[[World], Any]:
    """An autoscaler."""
    return lambda world: world.cluster.edit(
        WEB, lambda body: body["spec"].update(replicas=count), manager="hpa", subresource="scale"
    )


MIDDLES: Mapping[str, Meanwhile] = {
    "a rolling restart": later(2.0, restarts),
    "a node that is drained": later(2.0, drains),
    "an autoscaler that takes pods away": later(2.0, scales(1)),
    "an autoscaler that takes all of them away": later(2.0, scales(0)),
    "an autoscaler that adds pods": later(2.0, scales(5)),
}


@pytest.mark.parametrize("meanwhile", MIDDLES.values(), ids=MIDDLES)
def test_somebody_else_in_the_middle_of_a_deploy(meanwhile: Meanwhile) -> None:
    world = World({NEW: Behaviour(ready_after=5.0)}, nodes=3)
    unscaled = web(GOOD_1, replicas=3)
    assert_good(world.deploy(unscaled))
    assert_good(world.deploy(without_replicas(web(NEW, replicas=3)), meanwhile=meanwhile))


def without_replicas(resource: Resource) -> Resource:
    """The files leave the number to an autoscaler."""
    spec = {key: value for key, value in resource.body["spec"].items() if key != "replicas"}
    return resource.with_body({**resource.body, "spec": spec})


def test_a_rollout_that_somebody_pauses_and_resumes() -> None:
    """Only they know for how long."""
    world = World({NEW: Behaviour(ready_after=5.0)})
    assert_good(world.deploy(web(GOOD_1, replicas=3)))

    async def pause_and_resume(world: World) -> None:
        await world.clock.sleep(2)
        world.cluster.edit(WEB, lambda body: body["spec"].update(paused=True), manager="kubectl-rollout")
        await world.clock.sleep(120)
        world.cluster.edit(WEB, lambda body: body["spec"].pop("paused"), manager="kubectl-rollout")

    assert_good(world.deploy(web(NEW, replicas=3), meanwhile=pause_and_resume))
    assert world.since > 120


def test_nothing_to_run() -> None:
    world = World({NEW: Behaviour(pull_error="not found")})
    assert_good(world.deploy(web(GOOD_1)))
    assert_good(world.deploy(web(NEW, replicas=0)))


@pytest.mark.pods
@story
async def test_a_quota_that_pods_still_fill_while_they_go(scene: Scene) -> None:
    """One pod may be there at a time; the old one takes its time to go, and is counted until then."""
    quota = made("v1", "ResourceQuota", "pods", spec={"hard": {"pods": "1"}})
    one_by_one = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}
    stubborn = altered(web(STUBBORN, replicas=1, terminationGracePeriodSeconds=35), spec__strategy=one_by_one)
    assert (await scene.deploy(quota, stubborn)).code == 0
    ending = await scene.deploy(quota, altered(web(GOOD_2, replicas=1), spec__strategy=one_by_one), timeout=180.0)
    assert ending.code == 0, ending.sentence
    assert any("pods have to wait for others" in event.verdict.sentence for event in ending.told(Watched))


def test_a_quota_that_nobody_leaves_is_full() -> None:
    """The same without anything that goes."""
    world = World()
    quota = made("v1", "ResourceQuota", "pods", spec={"hard": {"pods": "1"}})
    assert_good(world.deploy(quota, web(GOOD_1, replicas=1)))
    outcome = world.deploy(quota, web(GOOD_2, replicas=1))
    assert "quota pods leaves no room: it asks for pods=1, used pods=1, limit pods=1" in str(outcome)
    assert world.since < 60


def test_a_webhook_that_is_away_for_twenty_seconds() -> None:
    """It is asked about every pod, and whoever cannot ask it may not make one."""
    world = World()
    assert_good(world.deploy(web(GOOD_1)))
    silent = 'failed calling webhook "check.example.com": failed to call webhook: connection refused'

    def ask(body: Body) -> None:
        if body["kind"] == "Pod" and world.since < 20:
            raise Rejected(f"Internal error occurred: {silent}")

    world.cluster.machinery.api.admission.append(ask)
    assert_good(world.deploy(web(GOOD_2)))
    assert world.since > 20


def test_a_done_job_stays_done() -> None:
    """It ran in an earlier release and is not looked at as if it were to run."""
    world = World()
    assert_good(world.deploy(job(DONE), web(GOOD_1)))
    assert_good(world.deploy(job(DONE), web(GOOD_2)))
