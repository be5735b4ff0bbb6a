"""Replicas under an autoscaler are its own: through deploys, failures, restores and rollbacks, in both modes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from lastgood.asking import guard_of
from lastgood.model.event import Written
from lastgood.model.plan import Op
from lastgood.model.release import Mode
from lastgood.model.resource import Ref, Resource
from lastgood.owning import we_own
from tests.stories.cast import GOOD_1, GOOD_2, MISSING, altered, made, stateful, web
from tests.stories.stage import Scene, story

MANY = 4
PATIENCE = 60.0


def hpa(
    kind: str = "Deployment", name: str = "web", *, least: int = MANY, most: int = MANY, version: str = "v2"
) -> Resource:
    """An autoscaler; on every cluster it holds its target within its bounds, with metrics or without."""
    target = {"apiVersion": "apps/v1", "kind": kind, "name": name}
    spec = {"scaleTargetRef": target, "minReplicas": least, "maxReplicas": most}
    return made(f"autoscaling/{version}", "HorizontalPodAutoscaler", name, spec=spec)


async def replicas(scene: Scene, name: str = "web", kind: str = "Deployment") -> int:
    live = await scene.live(kind, name, "apps")
    assert live is not None
    return int(live["spec"]["replicas"])


async def until_scaled(scene: Scene, to: int = MANY, name: str = "web", kind: str = "Deployment") -> None:
    """An autoscaler looks at its target every 15 seconds."""
    async with scene.working() as deployer:
        end = deployer.clock.monotonic() + PATIENCE
        while await replicas(scene, name, kind) != to:
            assert deployer.clock.monotonic() < end
            await deployer.clock.sleep(0.5)


async def makes(scene: Scene, resource: Resource) -> None:
    """Somebody else makes it."""
    if scene.memory is not None:
        body = {**resource.body, "metadata": {**resource.body["metadata"], "namespace": scene.namespace}}
        scene.memory.create(body, manager="kubectl-autoscale")
        return
    spec = resource.body["spec"]
    target, least, most = spec["scaleTargetRef"], spec["minReplicas"], spec["maxReplicas"]
    scene.kubectl("autoscale", f"{target['kind']}/{target['name']}".lower(), f"--min={least}", f"--max={most}")


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("stage", ["memory", pytest.param("lab", marks=pytest.mark.cluster)], indirect=True)
def test_what_an_autoscaler_chose_stays_through_everything(stage: Any, mode: Mode) -> None:
    """The files say 2, the autoscaler 4: a new version, no change, a failure and a rollback leave it at 4."""

    async def play(scene: Scene) -> None:
        scene.mode = mode
        assert (await scene.deploy(web(GOOD_1), hpa())).code == 0
        assert await replicas(scene) == MANY
        steps: list[tuple[Callable[[], Awaitable[Any]], int]] = [
            (lambda: scene.deploy(web(GOOD_2), hpa()), 0),
            (lambda: scene.deploy(web(GOOD_2), hpa()), 0),
            (lambda: scene.deploy(web(MISSING), hpa()), 1),
            (scene.rollback, 0),
        ]
        for step, code in steps:
            ending = await step()
            assert (ending.code, MANY) == (code, await replicas(scene)), ending.sentence
        assert await scene.history() == ["good", "good", "failed", "good=2", "good=1"]
        assert (await scene.verify()).holds
        live = await scene.live("Deployment", "web", "apps")
        assert live is not None
        assert not we_own(live, ("spec", "replicas"))

    stage.play(play)


@story
async def test_a_workload_is_created_with_the_least_that_its_autoscaler_wants(scene: Scene) -> None:
    """Not with the 1 that the API would fill in, nor with what the file says: it would be raised seconds later."""
    ending = await scene.deploy(web(GOOD_1, replicas=1), hpa())
    assert ending.code == 0, ending.sentence
    record = await scene.record(1)
    assert record.proof is not None
    assert record.proof.pods == MANY


@story
async def test_an_autoscaler_of_somebody_else_counts_as_well(scene: Scene) -> None:
    """It appears after release 1, which owned the number: from then on nobody resets it, whatever the files say."""
    assert (await scene.deploy(web(GOOD_1))).code == 0
    await makes(scene, hpa())
    await until_scaled(scene)
    without = altered(web(GOOD_2))
    del without.body["spec"]["replicas"]
    for wanted, code in ((web(GOOD_2), 0), (without, 0), (web(MISSING), 1)):
        ending = await scene.deploy(wanted)
        assert (ending.code, MANY) == (code, await replicas(scene)), ending.sentence
    assert (await scene.verify()).holds


@story
async def test_an_autoscaler_that_goes_gives_the_replicas_back_to_the_release(scene: Scene) -> None:
    """It appears in release 2 and goes in release 3: after one deploy there are as many pods as the file says."""
    assert (await scene.deploy(web(GOOD_1))).code == 0
    assert (await scene.deploy(web(GOOD_1), hpa())).code == 0
    await until_scaled(scene)
    ending = await scene.deploy(web(GOOD_1))
    assert ending.code == 0, ending.sentence
    assert await scene.names("HorizontalPodAutoscaler") == set()
    assert await replicas(scene) == 2
    assert [Op.DELETE, Op.UPDATE] == [one.op for one in ending.told(Written)]
    assert (await scene.verify()).holds


@story
async def test_an_autoscaler_that_a_failed_release_added_goes_with_it(scene: Scene) -> None:
    """Release 1 had 2 pods and nobody who scaled them: so it is again."""
    assert (await scene.deploy(web(GOOD_1))).code == 0
    ending = await scene.deploy(web(MISSING), hpa())
    assert ending.code == 1, ending.sentence
    assert await scene.names("HorizontalPodAutoscaler") == set()
    assert await replicas(scene) == 2
    assert (await scene.verify()).holds


@story
async def test_an_autoscaler_that_a_failed_release_removed_is_back_and_scales(scene: Scene) -> None:
    assert (await scene.deploy(web(GOOD_1), hpa())).code == 0
    ending = await scene.deploy(web(MISSING))
    assert ending.code == 1, ending.sentence
    assert await scene.names("HorizontalPodAutoscaler") == {"web"}
    await until_scaled(scene)
    assert [] == [one.fields for one in (await scene.verify()).findings if one.fields]


@story
async def test_a_stateful_set_under_the_older_version_of_the_api(scene: Scene) -> None:
    wanted = hpa("StatefulSet", "db", version="v1" if not scene.in_memory else "v2")
    assert (await scene.deploy(stateful(GOOD_1), wanted)).code == 0
    assert await replicas(scene, "db", "StatefulSet") == MANY
    ending = await scene.deploy(stateful(GOOD_2), wanted)
    assert (ending.code, MANY) == (0, await replicas(scene, "db", "StatefulSet")), ending.sentence


@story
async def test_scaling_by_hand_without_an_autoscaler_is_found_and_taken_back(scene: Scene) -> None:
    """Nobody owns the number but the release: ``verify`` names who moved it, the next deploy says from whom it took."""
    assert (await scene.deploy(web(GOOD_1))).code == 0
    await scales(scene, 3)
    (finding,) = (await scene.verify()).failures
    assert ["spec.replicas"] == [one.path for one in finding.fields]
    ending = await scene.deploy(web(GOOD_1))
    assert (ending.code, 2) == (0, await replicas(scene)), ending.sentence
    taken = [(one.path, one.owner) for event in ending.told(Written) for one in event.taken]
    assert [("spec.replicas", "kubectl")] == taken


async def scales(scene: Scene, to: int) -> None:
    """Somebody types ``kubectl scale``."""
    if scene.memory is not None:
        ref = Ref("apps", "Deployment", scene.namespace, "web")
        scene.memory.edit(ref, lambda body: body["spec"].update(replicas=to), manager="kubectl", subresource="scale")
    else:
        scene.kubectl("scale", "deployment/web", f"--replicas={to}")


@story
async def test_what_keda_scales_is_left_alone_too(scene: Scene) -> None:
    """A ScaledObject need not name the kind of its target: it is a Deployment then."""
    group = "keda.sh"
    scaled = made(
        f"{group}/v1alpha1", "ScaledObject", "web", spec={"scaleTargetRef": {"name": "web"}, "minReplicaCount": 3}
    )
    try:
        assert (await scene.deploy(scaled_objects(group), scaled, web(GOOD_1))).code == 0
        assert await replicas(scene) == 3
        await scales(scene, 5)
        assert (await scene.deploy(scaled_objects(group), scaled, web(GOOD_2))).code == 0
        assert await replicas(scene) == 5
    finally:
        async with scene.working() as deployer:
            ref = scaled_objects(group).ref
            live = (await deployer.cluster.read([ref])).get(ref)
            await deployer.cluster.delete(ref, guard_of(live), propagation="Background")


def scaled_objects(group: str) -> Resource:
    """The definition of ScaledObjects, as much of it as is needed here."""
    free = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    schema = {"type": "object", "properties": {"spec": free}}
    version = {"name": "v1alpha1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {
        "kind": "ScaledObject",
        "plural": "scaledobjects",
        "singular": "scaledobject",
        "listKind": "ScaledObjectList",
    }
    spec = {"group": group, "scope": "Namespaced", "names": names, "versions": [version]}
    return made("apiextensions.k8s.io/v1", "CustomResourceDefinition", f"scaledobjects.{group}", spec=spec)


@story
async def test_an_autoscaler_that_appears_takes_the_number_from_the_release(scene: Scene) -> None:
    """Release 1 owns it; release 2 lets go of it, and nobody resets it to 1 on the way."""
    assert (await scene.deploy(web(GOOD_1))).code == 0
    assert await owned_replicas(scene)
    assert (await scene.deploy(web(GOOD_2), hpa(least=2))).code == 0
    assert (2, False) == (await replicas(scene), await owned_replicas(scene))
    await scales(scene, 3)
    await until_ready(scene, 3)
    assert (await scene.deploy(web(GOOD_2), hpa(least=2))).code == 0
    assert (3, ["good", "good"]) == (await replicas(scene), await scene.history())


async def until_ready(scene: Scene, count: int) -> None:
    async with scene.working() as deployer:
        end = deployer.clock.monotonic() + PATIENCE
        while (await scene.live("Deployment", "web", "apps") or {})["status"].get("readyReplicas") != count:
            assert deployer.clock.monotonic() < end
            await deployer.clock.sleep(0.5)


async def owned_replicas(scene: Scene) -> bool:
    live = await scene.live("Deployment", "web", "apps")
    assert live is not None
    return we_own(live, ("spec", "replicas"))


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("stage", ["memory", pytest.param("lab", marks=pytest.mark.cluster)], indirect=True)
def test_a_stateful_set_comes_back_with_as_many_pods_as_its_autoscaler_chose(stage: Any, mode: Mode) -> None:
    async def play(scene: Scene) -> None:
        scene.mode = mode
        wanted = (stateful(GOOD_1, replicas=1), hpa("StatefulSet", "db", least=2))
        assert (await scene.deploy(*wanted)).code == 0
        ending = await scene.deploy(stateful(MISSING, replicas=1), wanted[1])
        assert (ending.code, 2) == (1, await replicas(scene, "db", "StatefulSet")), ending.sentence
        assert (await scene.verify()).holds

    stage.play(play)


@story
async def test_scaling_within_the_bounds_of_an_autoscaler_is_no_difference(scene: Scene) -> None:
    assert (await scene.deploy(web(GOOD_1), hpa(least=1))).code == 0
    await scales(scene, 3)
    await until_ready(scene, 3)
    assert (await scene.verify()).holds
    ending = await scene.deploy(web(GOOD_1), hpa(least=1))
    assert (0, [], 3) == (ending.code, ending.told(Written), await replicas(scene))
