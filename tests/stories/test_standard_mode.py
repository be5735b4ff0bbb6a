"""Standard mode: a rollback as ``kubectl rollout undo`` does it, to the last good release, and without its trap."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from lastgood.model.event import Left, Planned, Restoring, Unblocked, Written
from lastgood.model.plan import Guard, Op
from lastgood.model.proof import Match, Scope
from lastgood.model.release import Mode, State
from lastgood.model.request import Options, Request
from lastgood.model.resource import Body, Resource
from lastgood.testing import Killed, KillSwitch
from lastgood.testing.faults import Request as Asked
from tests.stories.cast import (
    DONE,
    GOOD_1,
    GOOD_2,
    GOOD_3,
    MISSING,
    NOT_READY,
    altered,
    config,
    daemon,
    made,
    secret,
    service,
    stateful,
    web,
)
from tests.stories.stage import Ending, MemoryStage, Scene, story
from tests.stories.test_coming_back import cart, crashing_when_told, definition
from tests.stories.test_crashes import World

on_both_stages = pytest.mark.parametrize(
    "stage", ["memory", pytest.param("lab", marks=pytest.mark.cluster)], indirect=True
)


async def replica_sets(scene: Scene, name: str = "web") -> dict[str, int]:
    """The ReplicaSets of a Deployment, and how many pods each wants."""
    async with scene.working() as deployer:
        kinds = [one for one in await deployer.cluster.served() if one.kind == "ReplicaSet"]
        found = await deployer.cluster.find(kinds, scene.namespace, label=f"app={name}")
    return {body["metadata"]["name"]: body["spec"]["replicas"] for body in found}


async def live(scene: Scene, kind: str, name: str, group: str = "") -> Body:
    """What is there, as it has to be."""
    body = await scene.live(kind, name, group)
    assert body is not None
    return body


async def template(scene: Scene, of: Resource) -> Body:
    """The pod template that is live."""
    found: Body = (await live(scene, of.ref.kind, of.ref.name, of.ref.group))["spec"]["template"]
    return found


async def reads(scene: Scene, name: str = "web") -> str:
    """The name of the ConfigMap that the pods of a Deployment take their environment from."""
    spec = (await template(scene, web(GOOD_1, name)))["spec"]
    return str(spec["containers"][0]["envFrom"][0]["configMapRef"]["name"])


async def running(scene: Scene, name: str = "web") -> set[str]:
    """The ReplicaSets of a Deployment that have pods."""
    return {one for one, size in (await replica_sets(scene, name)).items() if size}


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    """Look again, until it is so, for a minute at most."""
    async with asyncio.timeout(60):
        while not await is_so():
            await asyncio.sleep(0.2)


def notes(ending: Ending) -> list[str]:
    """What was said of how each workload came back."""
    return [one.note for one in ending.told(Written) if one.note]


async def deploys(scene: Scene, *resources: Resource, **more: Any) -> None:
    """A deploy that is good."""
    ending = await scene.deploy(*resources, **more)
    assert ending.code == 0, ending.sentence


async def fails(scene: Scene, *resources: Resource, **more: Any) -> Ending:
    """A deploy that fails, after which what was good is back."""
    ending = await scene.deploy(*resources, **more)
    assert ending.code == 1, ending.sentence
    return ending


async def sets_image(scene: Scene, image: str) -> None:
    """Somebody changes the image of the Deployment by hand."""
    if scene.memory is not None:
        ref = (await live_resource(scene)).ref
        scene.memory.edit(ref, lambda body: body["spec"]["template"]["spec"]["containers"][0].update(image=image))
    else:
        scene.kubectl("set", "image", "deployment/web", f"web={image}")


async def live_resource(scene: Scene) -> Resource:
    return Resource(await live(scene, "Deployment", "web", "apps"))


async def removes(scene: Scene, kind: str, name: str) -> None:
    """Somebody deletes something by hand, whatever its status does meanwhile."""
    body = await live(scene, kind, name, "apps")
    async with scene.working() as deployer:
        guard = Guard(body["metadata"]["uid"])
        await deployer.cluster.delete(Resource(body).ref, guard, propagation="Background")


async def applies(scene: Scene, resource: Resource) -> None:
    """Somebody else makes a resource, or changes it."""
    if scene.memory is not None:
        metadata = {**resource.body["metadata"], "namespace": scene.namespace}
        scene.memory.create({**resource.body, "metadata": metadata})
    else:
        scene.kubectl("apply", "-f", "-", stdin=json.dumps(resource.body))


@story
async def test_after_two_failures_the_second_good_release_is_back(scene: Scene) -> None:
    """Good, good, bad, bad: the pods run the second, from the ReplicaSet that they had."""
    scene.mode = Mode.STANDARD
    for image in (GOOD_1, GOOD_2):
        assert (await scene.deploy(web(image))).code == 0
    second = {name for name, size in (await replica_sets(scene)).items() if size}
    for _ in range(2):
        ending = await scene.deploy(web(MISSING))
        assert ending.code == 1, ending.sentence
        assert await scene.image() == GOOD_2
    assert second == {name for name, size in (await replica_sets(scene)).items() if size}
    assert await scene.history() == ["good", "good", "failed", "good=2", "failed", "good=2"]
    proof = await scene.verify()
    assert (proof.holds, proof.scope) == (True, Scope.WORKLOADS)


@story
async def test_only_workloads_come_back_and_the_rest_is_named(scene: Scene) -> None:
    """A Service, an Ingress and a plain ConfigMap keep what the failed release made of them, to the version."""
    scene.mode = Mode.STANDARD
    first = (service(), ingress("one"), config("flags", a="1"), web(GOOD_1))
    changed = altered(service(), spec__ports=[{"port": 80, "targetPort": 9090}])
    failing = (changed, ingress("two"), config("flags", a="2"), config("added"), web(MISSING))
    assert (await scene.deploy(*first, versioned=False)).code == 0
    ending = await scene.deploy(*failing, versioned=False)
    assert ending.code == 1, ending.sentence
    assert await scene.image() == GOOD_1
    left = {str(one.ref): [field.path for field in one.fields] for one in ending.told(Left)}
    assert left == {
        "service/web": ["spec.ports[port=80].targetPort"],
        "ingress.networking.k8s.io/web": ["spec.rules[0].host"],
        "configmap/flags": ["data.a"],
        "configmap/added": [],
    }
    assert (await live(scene, "ConfigMap", "flags"))["data"] == {"a": "2"}
    proof = await scene.verify()
    assert (proof.holds, len(proof.outside)) == (True, 3)


def ingress(host: str) -> Resource:
    """A route by the name of a host."""
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    rules = [{"host": f"{host}.example", "http": {"paths": [path]}}]
    return made("networking.k8s.io/v1", "Ingress", "web", spec={"rules": rules})


@story
async def test_configuration_is_numbered_and_pods_come_back_with_theirs(scene: Scene) -> None:
    scene.mode = Mode.STANDARD
    assert (await scene.deploy(config(a="1"), web(GOOD_1, reads="app"))).code == 0
    ending = await scene.deploy(config(a="2"), web(MISSING, reads="app"))
    assert ending.code == 1, ending.sentence
    assert await scene.names() == {"app-1", "app-2"}
    assert await reads(scene) == "app-1"
    assert (await scene.verify()).holds


@story
async def test_a_number_alone_restarts_nothing(scene: Scene) -> None:
    """What has the content of the last good release keeps its name, after a failure in between too."""
    scene.mode = Mode.STANDARD
    wanted = (config(a="1"), web(GOOD_1, reads="app"))
    assert (await scene.deploy(*wanted)).code == 0
    before = {pod["metadata"]["uid"] for pod in await scene.pods()}
    assert (await scene.deploy(*wanted)).code == 0
    assert await scene.history() == ["good"]
    assert (await scene.deploy(config(a="2"), web(MISSING, reads="app"))).code == 1
    ending = await scene.deploy(*wanted, service())
    assert ending.code == 0, ending.sentence
    assert {pod["metadata"]["uid"] for pod in await scene.pods()} == before
    assert "app-1" in await scene.names()


@story
async def test_numbered_configuration_is_kept_while_a_good_release_needs_it(scene: Scene) -> None:
    """As long as one can go back to a release, what its pods read is there; after that a good deploy clears it."""
    scene.mode = Mode.STANDARD
    for turn in ("1", "2", "3", "4"):
        assert (await scene.deploy(config(a=turn), web(GOOD_1, reads="app"), history_max=2)).code == 0
    assert await scene.names() == {"app-2", "app-3", "app-4"}
    assert (await scene.deploy(config(a="5"), web(MISSING, reads="app"), history_max=2)).code == 1
    assert (await scene.rollback(history_max=2)).code == 0
    assert await reads(scene) == "app-3"


# --- without the trap: what an undo brought back, a later release can remove


X: dict[str, Any] = {"env": [{"name": "X", "value": "1"}]}
EXTRA: dict[str, Any] = {
    "volumes": [{"name": "extra", "emptyDir": {}}],
    "container": {"volumeMounts": [{"name": "extra", "mountPath": "/extra"}]},
}
FIRST_CONTAINER: dict[str, Any] = {"initContainers": [{"name": "first", "image": DONE}]}
TWO_CONTAINERS = [
    *web(GOOD_1).body["spec"]["template"]["spec"]["containers"],
    {"name": "second", "image": "registry.lab/pause:1"},
]

Make = Callable[..., Resource]
DROPPED: dict[str, tuple[Make, Resource]] = {
    "env": (web, web(GOOD_1, container=X)),
    "volume": (web, web(GOOD_1, **EXTRA)),
    "container": (web, altered(web(GOOD_1), spec__template__spec__containers=TWO_CONTAINERS)),
    "init container": (web, web(GOOD_1, **FIRST_CONTAINER)),
    "label of pods": (web, altered(web(GOOD_1), spec__template__metadata__labels__tier="front")),
    "annotation of pods": (web, altered(web(GOOD_1), spec__template__metadata__annotations={"note": "1"})),
    "env of a StatefulSet": (stateful, stateful(GOOD_1, container=X)),
    "env of a DaemonSet": (daemon, daemon(GOOD_1, container=X)),
}
DROPPABLE: dict[str, Callable[[Body], Any]] = {
    "env": lambda pod: pod["spec"]["containers"][0].get("env"),
    "volume": lambda pod: pod["spec"].get("volumes"),
    "container": lambda pod: pod["spec"]["containers"][1:],
    "init container": lambda pod: pod["spec"].get("initContainers"),
    "label of pods": lambda pod: pod["metadata"]["labels"].get("tier"),
    "annotation of pods": lambda pod: pod["metadata"].get("annotations"),
}


@pytest.mark.parametrize("what", DROPPED)
@on_both_stages
def test_what_a_later_release_drops_is_gone_after_an_undo_in_between(stage: Any, what: str) -> None:
    """Release 1 has X; release 2 drops it and fails; the undo brings X back; release 3, without X, removes it.

    Twice over: also when two releases failed.
    """
    make, first = DROPPED[what]
    found = DROPPABLE[what.partition(" of a ")[0]]

    async def play(scene: Scene) -> None:
        scene.mode = Mode.STANDARD
        await deploys(scene, first)
        for _ in range(2):
            await fails(scene, make(MISSING))
            assert found(await template(scene, first)), "it is back"
            assert await is_ours(scene, first)
        await deploys(scene, make(GOOD_2))
        assert not found(await template(scene, first)), "it is gone"
        assert (await scene.verify()).holds

    stage.play(play)


async def is_ours(scene: Scene, resource: Resource) -> bool:
    """Whether what an undo wrote is the release's own, and no longer the undo's."""
    body = await live(scene, resource.ref.kind, resource.ref.name, "apps")
    return ("lastgood", "Update") not in {
        (one["manager"], one["operation"]) for one in body["metadata"]["managedFields"]
    }


class StandardWorld(World):
    """Processes that can be killed, and deploy in standard mode."""

    def deploy(self, resources: tuple[Resource, ...], switch: KillSwitch | None = None, *_: Any) -> Any:
        request = Request("shop", "stories", resources, mode=Mode.STANDARD, options=Options(timeout=60))
        return self.run(lambda deployer: deployer.deploy(request), switch)

    def recover(self) -> Any:
        return self.run(lambda deployer: deployer.recover("shop", options=Options(timeout=60)))

    def web(self) -> Body:
        """The Deployment that is live."""
        found = self.cluster.live(self.ref(web(GOOD_1).ref))
        assert found is not None
        return found

    def container(self) -> Body:
        found: Body = self.web()["spec"]["template"]["spec"]["containers"][0]
        return found


WITH_X = (config(a="1"), service(), web(GOOD_1, reads="app", container=X))
WITHOUT_X = (config(a="2"), service(), web(GOOD_2, reads="app"))
BROKEN = (config(a="3"), config("bad"), web(MISSING, reads="app"))


class BeforeTheFold(KillSwitch):
    """Kills a run whose undo has put the template back, and has not yet made it the release's own."""

    patches = 0

    def __call__(self, request: Asked) -> None:
        self.patches += (request.verb, request.ref and request.ref.kind) == ("patch", "Deployment")
        self.dead = self.dead or self.patches == 2
        super().__call__(request)


def half_undone() -> StandardWorld:
    """A release failed, and its undo was killed in the middle."""
    world, switch = StandardWorld(), BeforeTheFold()
    world.deploy(WITH_X)
    assert isinstance(world.deploy(BROKEN, switch), Killed)
    managers = {(one["manager"], one["operation"]) for one in world.web()["metadata"]["managedFields"]}
    assert (GOOD_1, True) == (world.container()["image"], ("lastgood", "Update") in managers)
    return world


IN_BETWEEN: dict[str, Callable[[StandardWorld], Any]] = {
    "nothing": lambda world: None,
    "recover": lambda world: world.recover(),
    "another failure": lambda world: world.deploy(BROKEN),
    "the first once more": lambda world: world.deploy(WITH_X),
}


@pytest.mark.parametrize("first", IN_BETWEEN.values(), ids=IN_BETWEEN)
def test_an_undo_that_died_before_it_was_whole_leaves_no_trap(first: Callable[[StandardWorld], Any]) -> None:
    """Whatever comes first: a later release removes what that undo brought back."""
    world = half_undone()
    first(world)
    assert X["env"] == world.container()["env"]
    outcome = world.deploy(WITHOUT_X)
    assert not isinstance(outcome, BaseException), outcome
    assert (GOOD_2, None) == (world.container()["image"], world.container().get("env"))
    assert world.verify().holds


ATTEMPTS = {"good": WITHOUT_X, "broken": BROKEN}


def killed_everywhere(attempted: tuple[Resource, ...]) -> Iterator[tuple[StandardWorld, int]]:
    """A world for each write at which the deploy, or its undo, was killed, and the number of that write."""
    for at in itertools.count(1):
        world, switch = StandardWorld(), KillSwitch(at)
        world.deploy(WITH_X)
        world.deploy(attempted, switch)
        if not switch.dead:
            return
        yield world, at


@pytest.mark.parametrize("attempted", ATTEMPTS.values(), ids=ATTEMPTS)
def test_after_a_kill_anywhere_recover_ends_proved(attempted: tuple[Resource, ...]) -> None:
    """It finishes the release or goes back: what runs is all of the one, or all of the other."""
    for world, at in killed_everywhere(attempted):
        outcome = world.recover()
        assert not isinstance(outcome, BaseException), (at, outcome)
        assert world.verify().holds, at
        assert State.GOOD is world.states()[0], at
        one = world.container()
        found = (one["image"], one.get("env"), one["envFrom"][0]["configMapRef"]["name"])
        assert found in ((GOOD_1, X["env"], "app-1"), (GOOD_2, None, "app-2")), at


@pytest.mark.parametrize("attempted", ATTEMPTS.values(), ids=ATTEMPTS)
def test_after_a_kill_anywhere_a_failing_deploy_still_comes_back(attempted: tuple[Resource, ...]) -> None:
    """And the next good one has nothing left in it of those before."""
    for world, at in killed_everywhere(attempted):
        outcome = world.deploy(BROKEN)
        assert 1 == outcome.exit_code, (at, outcome)
        assert world.container()["image"] in (GOOD_1, GOOD_2), at
        assert world.verify().holds, at
        world.deploy(WITHOUT_X)
        assert (GOOD_2, None) == (world.container()["image"], world.container().get("env")), at
        assert world.verify().holds, at


# --- which revision


@pytest.mark.parametrize(("limit", "keeps"), [(0, False), (1, True)])
@on_both_stages
def test_an_old_replica_set_that_kubernetes_let_go_is_no_wrong_revision(stage: Any, limit: int, *, keeps: bool) -> None:
    """The failing releases roll out here, so that the old ReplicaSet may go; what else is in them fails.

    Where it is gone the stored manifest is used, and that is said.
    """

    def forgetful(image: str) -> Resource:
        return altered(web(image, replicas=1), spec__revisionHistoryLimit=limit)

    async def play(scene: Scene) -> None:
        scene.mode = Mode.STANDARD
        await deploys(scene, forgetful(GOOD_1), web(GOOD_1, "other", replicas=1))
        first = await running(scene)
        for image in (GOOD_2, GOOD_3, GOOD_2) if scene.in_memory else (GOOD_2,):
            ending = await fails(scene, forgetful(image), web(NOT_READY, "other", replicas=1), timeout=10.0)
            (name,) = first
            kept, gone = f"back to replicaset.apps/{name}", f"replicaset.apps/{name} is gone"
            note = kept if keeps else f"{gone}: its stored manifest is used"
            assert note in notes(ending)
            assert await scene.image() == GOOD_1
            assert (await scene.verify()).holds
        assert first == await running(scene)

    stage.play(play)


@story
async def test_a_replica_set_that_somebody_deleted_is_made_again_from_the_stored_manifest(scene: Scene) -> None:
    scene.mode = Mode.STANDARD
    await deploys(scene, web(GOOD_1, replicas=1), web(GOOD_1, "other", replicas=1))
    (old,) = await running(scene)

    async def deletes_it() -> None:
        async def is_empty() -> bool:
            return (await replica_sets(scene)).get(old) == 0

        await until(is_empty)
        await removes(scene, "ReplicaSet", old)

    failing = fails(scene, web(GOOD_2, replicas=1), web(NOT_READY, "other", replicas=1), timeout=10.0)
    ending, _ = await asyncio.gather(failing, deletes_it())
    assert f"replicaset.apps/{old} is gone: its stored manifest is used" in notes(ending)
    assert await scene.image() == GOOD_1
    assert (await scene.verify()).holds


@pytest.mark.parametrize(("image", "note"), [(GOOD_3, "its stored manifest is used"), (GOOD_1, "back to replicaset")])
@on_both_stages
def test_a_workload_that_somebody_made_anew_comes_back_too(stage: Any, image: str, note: str) -> None:
    """Its revisions start anew: the recorded ReplicaSet is gone with the old one, unless the new one made it, too."""

    async def play(scene: Scene) -> None:
        scene.mode = Mode.STANDARD
        await deploys(scene, web(GOOD_2))
        await deploys(scene, web(GOOD_1))
        before = await live(scene, "Deployment", "web", "apps")
        await removes(scene, "Deployment", "web")
        await until(lambda: is_gone(scene))
        await applies(scene, web(image))
        await until(lambda: is_up(scene))
        ending = await fails(scene, web(MISSING))
        assert [note in one for one in notes(ending)] == [True]
        after = await live(scene, "Deployment", "web", "apps")
        assert (await scene.image(), after["metadata"]["uid"] != before["metadata"]["uid"]) == (GOOD_1, True)
        assert (await scene.verify()).holds

    stage.play(play)


async def is_gone(scene: Scene) -> bool:
    return not (await scene.names("Deployment") | set(await replica_sets(scene)))


async def is_up(scene: Scene) -> bool:
    body = await live(scene, "Deployment", "web", "apps")
    return bool(body.get("status", {}).get("readyReplicas") == body["spec"]["replicas"])


@pytest.mark.parametrize("after", [1, 2], ids=["between two good releases", "after the last good one"])
@on_both_stages
def test_what_somebody_changed_by_hand_is_not_the_release_to_come_back_to(stage: Any, after: int) -> None:
    """It makes a revision of its own; the recorded one comes back, in the ReplicaSet that it had."""

    async def play(scene: Scene) -> None:
        scene.mode = Mode.STANDARD
        for number, image in enumerate((GOOD_1, GOOD_2), 1):
            await deploys(scene, web(image))
            good = await running(scene)
            if number == after:
                await sets_image(scene, GOOD_3)
                await until(lambda: has_sets(scene, after + 1))
        await fails(scene, web(MISSING))
        assert (await scene.image(), await running(scene)) == (GOOD_2, good)
        assert (await scene.verify()).holds

    stage.play(play)


async def has_sets(scene: Scene, number: int) -> bool:
    return len(await replica_sets(scene)) == number


@story
async def test_pods_have_the_very_image_that_was_recorded(scene: Scene) -> None:
    """Nothing is asked for anew: where the image came from may have moved on."""
    scene.mode = Mode.STANDARD
    await deploys(scene, web(GOOD_1))
    recorded = (await scene.record(1)).resources[0].body["spec"]["template"]["spec"]["containers"][0]["image"]
    await fails(scene, web(MISSING))
    images = {one["image"] for pod in await scene.pods() for one in pod["spec"]["containers"]}
    assert (images, recorded) == ({GOOD_1}, GOOD_1)


# --- what comes back, and what does not


@pytest.mark.pods
@pytest.mark.parametrize("mode", ["crash", "notready"])
@on_both_stages
def test_pods_that_a_configuration_broke_read_what_they_read_before(stage: Any, mode: str) -> None:
    """Only the ConfigMap changed, and all pods are new: they are ready with the one of release 1, numbered so."""

    async def play(scene: Scene) -> None:
        scene.mode = Mode.STANDARD
        wanted = altered(crashing_when_told("app"), spec__strategy={"type": "Recreate"})
        await deploys(scene, config(mode="ok"), wanted)
        await fails(scene, config(mode=mode), wanted, timeout=15.0)
        env = (await template(scene, wanted))["spec"]["containers"][0]["env"][0]
        assert env["valueFrom"]["configMapKeyRef"]["name"] == "app-1"
        assert (await live(scene, "ConfigMap", "app-1"))["data"] == {"mode": "ok"}
        pods = await scene.pods()
        assert [True, True] == [is_ready(pod) for pod in pods]
        assert {"ok"} == {mode_of(scene, pod) for pod in pods}
        assert (await scene.verify()).holds

    stage.play(play)


def mode_of(scene: Scene, pod: Body) -> str:
    """What a real pod says that it read."""
    if scene.lab is None:
        return "ok"
    name, space = pod["metadata"]["name"], pod["metadata"]["namespace"]
    return scene.lab.run_kubectl("exec", "-n", space, name, "--", "sh", "-c", "echo $MODE").strip()


def is_ready(pod: Body) -> bool:
    return any((one["type"], one["status"]) == ("Ready", "True") for one in pod["status"]["conditions"])


@story
async def test_secrets_are_numbered_too_and_pods_come_back_with_theirs(scene: Scene) -> None:
    scene.mode = Mode.STANDARD
    reading: dict[str, Any] = {"container": {"envFrom": [{"secretRef": {"name": "key"}}]}}
    await deploys(scene, secret("key", token="Zmlyc3Q="), web(GOOD_1, **reading))
    await fails(scene, secret("key", token="c2Vjb25k"), web(MISSING, **reading))
    source = (await template(scene, web(GOOD_1)))["spec"]["containers"][0]["envFrom"]
    assert source == [{"secretRef": {"name": "key-1"}}]
    assert (await live(scene, "Secret", "key-1"))["data"] == {"token": "Zmlyc3Q="}


@story
async def test_all_workloads_of_a_release_come_back(scene: Scene) -> None:
    """Two Deployments and a StatefulSet, of which only one cannot run."""
    scene.mode = Mode.STANDARD
    await deploys(scene, web(GOOD_1), web(GOOD_1, "api", replicas=1), stateful(GOOD_1, replicas=1))
    first = await running(scene) | await running(scene, "api")
    await fails(scene, web(GOOD_2), web(MISSING, "api", replicas=1), stateful(GOOD_2, replicas=1))
    images = [await scene.image(), await scene.image("api"), await scene.image("db", "StatefulSet")]
    assert images == [GOOD_1] * 3
    assert first == await running(scene) | await running(scene, "api")
    proof = await scene.verify()
    assert (proof.holds, len(proof.findings), proof.pods) == (True, 3, 4)


@story
async def test_what_somebody_else_applied_is_not_touched(scene: Scene) -> None:
    scene.mode = Mode.STANDARD
    await applies(scene, web(GOOD_1, "extra", replicas=1))
    await applies(scene, config("theirs", a="1"))
    await deploys(scene, web(GOOD_1))
    before = [await live(scene, "Deployment", "extra", "apps"), await live(scene, "ConfigMap", "theirs")]
    await fails(scene, web(MISSING))
    after = [await live(scene, "Deployment", "extra", "apps"), await live(scene, "ConfigMap", "theirs")]
    assert [identity(one) for one in before] == [identity(one) for one in after]


def identity(body: Body) -> tuple[str, int, Any, Any]:
    """What moves when somebody writes it."""
    metadata = body["metadata"]
    return metadata["uid"], metadata.get("generation", 0), body.get("spec"), metadata.get("labels")


@story
async def test_a_workload_that_is_only_applied_is_neither_waited_for_nor_undone(scene: Scene) -> None:
    """As its annotation asks; what becomes of it is named, and does not count."""
    scene.mode = Mode.STANDARD

    def side(image: str) -> Resource:
        return altered(web(image, "side"), metadata__annotations={"harness.io/direct-apply": "true"})

    await deploys(scene, web(GOOD_1), side(GOOD_1))
    await deploys(scene, web(GOOD_2), side(MISSING))
    assert (await scene.verify()).holds
    ending = await fails(scene, web(MISSING), side(NOT_READY))
    assert (await scene.image(), await scene.image("side")) == (GOOD_2, NOT_READY)
    assert [str(one.ref) for one in ending.told(Left)] == ["deployment.apps/side"]
    proof = await scene.verify()
    assert (proof.holds, [str(one.ref) for one in proof.outside]) == (True, ["deployment.apps/side"])


@story
async def test_custom_resources_and_cron_jobs_are_left_and_named(scene: Scene) -> None:
    scene.mode = Mode.STANDARD
    group = f"{scene.namespace}.example"
    await deploys(scene, definition(group), cart(group, items=1), tick("1 * * * *"), web(GOOD_1))
    ending = await fails(scene, definition(group), cart(group, items=2), tick("2 * * * *"), web(MISSING))
    left = {str(one.ref): [(field.path, field.before) for field in one.fields] for one in ending.told(Left)}
    assert left == {f"cart.{group}/mine": [("spec.items", 2)], "cronjob.batch/tick": [("spec.schedule", "2 * * * *")]}
    assert (await live(scene, "Cart", "mine", group))["spec"] == {"items": 2}
    assert (await live(scene, "CronJob", "tick", "batch"))["spec"]["schedule"] == "2 * * * *"
    assert await scene.image() == GOOD_1


def tick(schedule: str) -> Resource:
    """A CronJob."""
    pod = {"restartPolicy": "Never", "containers": [{"name": "job", "image": DONE}]}
    return made(
        "batch/v1", "CronJob", "tick", spec={"schedule": schedule, "jobTemplate": {"spec": {"template": {"spec": pod}}}}
    )


@story
async def test_configuration_that_asks_for_it_keeps_its_name(scene: Scene) -> None:
    scene.mode = Mode.STANDARD
    plain = {"metadata__annotations": {"harness.io/skip-versioning": "true"}}
    await deploys(scene, altered(config("flags", a="1"), **plain), config(a="1"), web(GOOD_1, reads="flags"))
    ending = await fails(scene, altered(config("flags", a="2"), **plain), config(a="1"), web(MISSING, reads="flags"))
    assert (await scene.names(), await reads(scene)) == ({"flags", "app-1"}, "flags")
    assert (await live(scene, "ConfigMap", "flags"))["data"] == {"a": "2"}
    assert [str(one.ref) for one in ending.told(Left)] == ["configmap/flags"]


@story
async def test_configuration_of_failed_releases_is_cleared_by_a_later_good_one(scene: Scene) -> None:
    scene.mode = Mode.STANDARD
    await deploys(scene, config(a="1"), web(GOOD_1, reads="app"))
    for turn in ("2", "3"):
        await fails(scene, config(a=turn), web(MISSING, reads="app"))
    assert await scene.names() == {"app-1", "app-2", "app-4"}
    await deploys(scene, config(a="4"), web(GOOD_2, reads="app"))
    assert (await scene.names(), await reads(scene)) == ({"app-1", "app-6"}, "app-6")


@story
async def test_a_stuck_stateful_set_comes_back(scene: Scene) -> None:
    """Its broken pod would block the undo for ever: exactly that pod is deleted, and no other."""
    scene.mode = Mode.STANDARD
    await deploys(scene, stateful(GOOD_1))
    before = {pod["metadata"]["name"]: pod["metadata"]["uid"] for pod in await scene.pods("db")}
    ending = await fails(scene, stateful(MISSING))
    after = {pod["metadata"]["name"]: pod["metadata"]["uid"] for pod in await scene.pods("db")}
    assert ["db-1"] == [one.pod.name for one in ending.told(Unblocked)]
    assert (after["db-0"] == before["db-0"], after["db-1"] == before["db-1"]) == (True, False)
    assert [Op.UNDO] == [one.op for one in ending.told(Written) if one.note]
    assert (await scene.verify()).holds


@story
async def test_a_broken_daemon_set_comes_back(scene: Scene) -> None:
    scene.mode = Mode.STANDARD
    await deploys(scene, daemon(GOOD_1))
    await fails(scene, daemon(MISSING))
    assert await scene.image("agent", "DaemonSet") == GOOD_1
    assert (await scene.verify()).holds


def test_many_failures_in_a_row_end_where_they_began() -> None:
    """The last good release stays in the history, its configuration and its ReplicaSet in the cluster."""

    async def play(scene: Scene) -> None:
        scene.mode = Mode.STANDARD
        await deploys(scene, config(a="0"), web(GOOD_1, reads="app"))
        first = await running(scene)
        for turn in range(1, 21):
            failing = web(MISSING, reads="app", container={"env": [{"name": "TURN", "value": str(turn)}]})
            await fails(scene, config(a=str(turn)), failing, history_max=2)
            assert (await scene.image(), await reads(scene), await running(scene)) == (GOOD_1, "app-1", first)
        assert (await scene.verify()).holds
        await deploys(scene, config(a="last"), web(GOOD_2, reads="app"))
        assert await scene.names() == {"app-1", "app-42"}

    MemoryStage().play(play)


# --- going back on purpose


@story
async def test_rollback_undoes_to_other_good_content_and_that_is_what_a_failure_returns_to(scene: Scene) -> None:
    """Without --to to the newest that differs, with it to the one named: by its ReplicaSet, its configuration there."""
    scene.mode = Mode.STANDARD
    sets: list[set[str]] = []
    for turn, image in enumerate((GOOD_1, GOOD_2, GOOD_3), 1):
        await deploys(scene, config(a=str(turn)), service(), web(image, reads="app"))
        sets.append(await running(scene))
    for to, turn in ((None, 2), (1, 1)):
        ending = await scene.rollback(to)
        assert ending.code == 0, ending.sentence
        assert (await reads(scene), await running(scene)) == (f"app-{turn}", sets[turn - 1])
        assert (await scene.verify()).scope is Scope.WORKLOADS
    await fails(scene, config(a="9"), service(), web(MISSING, reads="app"))
    assert (await scene.image(), await reads(scene), await running(scene)) == (GOOD_1, "app-1", sets[0])
    assert await scene.history() == ["good", "good", "good", "good=2", "good=1", "failed", "good=1"]


@story
async def test_rollback_leaves_what_is_no_workload_and_names_it(scene: Scene) -> None:
    scene.mode = Mode.STANDARD
    await deploys(scene, service(), web(GOOD_1))
    await deploys(scene, altered(service(), spec__ports=[{"port": 80, "targetPort": 9090}]), web(GOOD_2, replicas=3))
    ending = await scene.rollback()
    assert ending.code == 0, ending.sentence
    left = {str(one.ref): [field.path for field in one.fields] for one in ending.told(Left)}
    assert left == {
        "service/web": ["spec.ports[port=80].targetPort"],
        "deployment.apps/web": ["spec.replicas"],
    }
    body = await live(scene, "Deployment", "web", "apps")
    assert (await scene.image(), body["spec"]["replicas"]) == (GOOD_1, 3)


@story
async def test_rollback_to_a_failed_release_that_fails_again_comes_back(scene: Scene) -> None:
    scene.mode = Mode.STANDARD
    await deploys(scene, config(a="1"), web(GOOD_1, reads="app"))
    await fails(scene, config(a="2"), web(MISSING, reads="app"))
    forced = await scene.rollback(to=2, force=True)
    assert forced.code == 1, forced.sentence
    assert (await scene.image(), await reads(scene)) == (GOOD_1, "app-1")
    assert (await scene.verify()).holds


# --- from one mode to the other


PORT = [{"port": 80, "targetPort": 9090}]


def everything(image: str, turn: str, *more: Resource, **changes: Any) -> tuple[Resource, ...]:
    """A Deployment, the ConfigMap it reads and the Service before it."""
    return (config(a=turn), altered(service(), **changes), web(image, reads="app"), *more)


FROM_TO = {
    "standard to declarative": (Mode.STANDARD, Mode.DECLARATIVE, "app-1", ""),
    "declarative to standard": (
        Mode.DECLARATIVE,
        Mode.STANDARD,
        "app",
        "release 1 was recorded in declarative mode: all of it comes back",
    ),
}


@pytest.mark.parametrize("change", FROM_TO)
@on_both_stages
def test_a_failure_in_the_other_mode_brings_all_of_the_last_good_release_back(stage: Any, change: str) -> None:
    """Whole, whichever way: the Service and the configuration too, and what the failed one added is gone.

    Where that is more than the mode of the attempt says, it is said.
    """
    before, now, name, why = FROM_TO[change]

    async def play(scene: Scene) -> None:
        await deploys(scene, *everything(GOOD_1, "1"), mode=before)
        first = await running(scene)
        failing = everything(MISSING, "2", config("added"), spec__ports=PORT)
        ending = await fails(scene, *failing, mode=now)
        assert [(Mode.DECLARATIVE, why)] == [(one.mode, one.why) for one in ending.told(Restoring)]
        assert (await scene.image(), await reads(scene), await scene.names()) == (GOOD_1, name, {name})
        assert (await live(scene, "Service", "web"))["spec"]["ports"][0]["targetPort"] == 8080
        assert (await live(scene, "ConfigMap", name))["data"] == {"a": "1"}
        assert first == await running(scene)
        proof = await scene.verify()
        assert (proof.holds, proof.scope) == (True, Scope.WHOLE)

    stage.play(play)


@story
async def test_a_service_may_change_its_mode_and_go_back_to_before(scene: Scene) -> None:
    """Good in standard mode, then in declarative, then in standard again; then back to the first, and a failure."""
    await deploys(scene, *everything(GOOD_1, "1"), mode=Mode.STANDARD)
    await deploys(scene, *everything(GOOD_2, "2"), mode=Mode.DECLARATIVE)
    assert await reads(scene) == "app"
    await deploys(scene, *everything(GOOD_3, "3"), mode=Mode.STANDARD)
    assert await reads(scene) == "app-3"
    ending = await scene.rollback(to=1)
    assert ending.code == 0, ending.sentence
    assert (await scene.image(), await reads(scene)) == (GOOD_1, "app-1")
    assert (await live(scene, "ConfigMap", "app-1"))["data"] == {"a": "1"}
    await fails(scene, *everything(MISSING, "5"), mode=Mode.STANDARD)
    assert (await scene.image(), await reads(scene)) == (GOOD_1, "app-1")
    assert (await scene.verify()).holds


@story
async def test_a_change_of_mode_alone_restarts_nothing(scene: Scene) -> None:
    """Content that stays gets no number, and the hash of what is read stays on the template."""
    await deploys(scene, *everything(GOOD_1, "1"), mode=Mode.DECLARATIVE)
    before = {pod["metadata"]["uid"] for pod in await scene.pods()}
    await deploys(scene, *everything(GOOD_1, "1"), config("more"), mode=Mode.STANDARD)
    assert (await reads(scene), await scene.names()) == ("app", {"app", "more-2"})
    assert (await scene.verify()).holds
    assert before == {pod["metadata"]["uid"] for pod in await scene.pods()}


# --- the proof


@story
async def test_a_template_that_somebody_edited_after_an_undo_is_drift(scene: Scene) -> None:
    """What else is edited is only told: an undo answers for pod templates."""
    scene.mode = Mode.STANDARD
    await deploys(scene, web(GOOD_1), service())
    await fails(scene, web(MISSING), service())
    await scene.edits("Deployment", "web", "apps", "spec/replicas", 3)
    await until(lambda: is_up(scene))
    proof = await scene.verify()
    told = [(str(one.ref), [field.path for field in one.fields]) for one in proof.outside]
    assert (proof.holds, told) == (True, [("deployment.apps/web", ["spec.replicas"])])
    await sets_image(scene, GOOD_3)
    proof = await scene.verify()
    found = [(str(one.ref), one.match, [field.path for field in one.fields]) for one in proof.failures]
    path = "spec.template.spec.containers[name=web].image"
    assert found == [("deployment.apps/web", Match.DIFFERS, [path])]


@story
async def test_after_a_good_deploy_everything_is_drift(scene: Scene) -> None:
    """Also in standard mode: the proof of a release that was deployed is whole."""
    scene.mode = Mode.STANDARD
    await deploys(scene, web(GOOD_1), config("flags", a="1"), versioned=False)
    await scene.edits("ConfigMap", "flags", "", "data/a", "2")
    proof = await scene.verify()
    assert (proof.scope, [str(one.ref) for one in proof.failures]) == (Scope.WHOLE, ["configmap/flags"])


@story
async def test_after_an_undo_the_next_plan_shows_what_was_left(scene: Scene) -> None:
    """Deploying the good release once more puts back what the undo left, and touches no pod."""
    scene.mode = Mode.STANDARD
    good = (service(), web(GOOD_1))
    await deploys(scene, *good)
    await fails(scene, altered(service(), spec__ports=PORT), web(MISSING))
    before = {pod["metadata"]["uid"] for pod in await scene.pods()}
    ending = await scene.deploy(*good)
    assert ending.code == 0, ending.sentence
    (planned,) = ending.told(Planned)
    assert [str(one.ref) for one in planned.plan.changes if one.fields] == ["service/web"]
    assert before == {pod["metadata"]["uid"] for pod in await scene.pods()}
    assert (await scene.verify()).scope is Scope.WHOLE
