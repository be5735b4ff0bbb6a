"""Standard mode: a rollback as ``kubectl rollout undo`` does it, to the last good release, and without its trap."""

from __future__ import annotations

import pytest

from lastgood.model.event import Left
from lastgood.model.proof import Scope
from lastgood.model.release import Mode
from lastgood.model.resource import Body, Resource
from tests.stories.cast import GOOD_1, GOOD_2, MISSING, altered, config, made, service, web
from tests.stories.stage import Scene, story

STAGES = ["memory", pytest.param("lab", marks=pytest.mark.cluster)]


async def replica_sets(scene: Scene, name: str = "web") -> dict[str, int]:
    """The ReplicaSets of a Deployment, and how many pods each wants."""
    async with scene.working() as deployer:
        kinds = [one for one in await deployer.cluster.served() if one.kind == "ReplicaSet"]
        found = await deployer.cluster.find(kinds, scene.namespace, label=f"app={name}")
    return {body["metadata"]["name"]: body["spec"]["replicas"] for body in found}


async def version(scene: Scene, kind: str, name: str, group: str = "") -> str:
    body = await scene.live(kind, name, group)
    assert body is not None
    return str(body["metadata"]["resourceVersion"])


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
    told: list[Body] = []
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
    assert told == []
    live = await scene.live("ConfigMap", "flags")
    assert live is not None
    assert live["data"] == {"a": "2"}
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
    live = await scene.live("Deployment", "web", "apps")
    assert live is not None
    container = live["spec"]["template"]["spec"]["containers"][0]
    assert container["envFrom"] == [{"configMapRef": {"name": "app-1"}}]
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
    live = await scene.live("Deployment", "web", "apps")
    assert live is not None
    assert live["spec"]["template"]["spec"]["containers"][0]["envFrom"] == [{"configMapRef": {"name": "app-3"}}]
