"""Canary: a few pods of the new version take their share of traffic first; the live release is not touched by them."""

from __future__ import annotations

from typing import Any

import pytest

from lastgood.model.event import Written
from lastgood.model.plan import Op
from lastgood.model.release import Mode, State
from lastgood.model.resource import Resource
from tests.stories.cast import GOOD_1, GOOD_2, GOOD_3, MISSING, config, service, web
from tests.stories.stage import Ending, Scene, story
from tests.stories.test_blue_green import crew
from tests.stories.test_holding import crashing

BOTH_MODES = pytest.mark.parametrize("mode", Mode)
BOTH_STAGES = pytest.mark.parametrize(
    "stage", ["memory", pytest.param("lab", marks=pytest.mark.cluster)], indirect=True
)


async def deploys(scene: Scene, *resources: Resource, **more: Any) -> Ending:
    """A deploy by canary that is good."""
    ending = await scene.deploy(*resources, strategy="canary", **more)
    assert ending.code == 0, ending.sentence
    return ending


def shop(image: str, **data: str) -> tuple[Resource, ...]:
    """A Deployment that reads a ConfigMap, behind a Service."""
    return (config(**(data or {"a": "1"})), service(), web(image, reads="app"))


async def left_of_canaries(scene: Scene) -> set[str]:
    """The names of what a canary has left."""
    found = [name for kind in ("Deployment", "ConfigMap", "Service") for name in await scene.names(kind)]
    return {name for name in found if "canary" in name}


@BOTH_MODES
@BOTH_STAGES
def test_a_canary_that_is_healthy_becomes_the_release(stage: Any, mode: Mode) -> None:
    """It goes before the rolling update; nothing of it is left, and the record is one release."""

    async def play(scene: Scene) -> None:
        scene.mode = mode
        assert (await scene.deploy(*shop(GOOD_1))).code == 0
        ending = await deploys(scene, *shop(GOOD_2, a="2"))
        assert await scene.image() == GOOD_2
        assert await left_of_canaries(scene) == set()
        assert (await scene.verify()).holds
        assert await scene.history() == ["good", "good"]
        deleted = [str(one.ref) for one in ending.told(Written) if one.op is Op.DELETE]
        assert sorted(deleted)[:2] == ["configmap/app-canary", "deployment.apps/web-canary"]

    stage.play(play)


@story
async def test_after_blue_green_the_live_colour_goes_last_of_all(scene: Scene) -> None:
    """It has the traffic until what takes its place is ready; only the canary goes first."""
    assert (await scene.deploy(*shop(GOOD_1), strategy="blue-green")).code == 0
    assert (await scene.deploy(*shop(GOOD_2, a="2"), strategy="blue-green")).code == 0
    await deploys(scene, *shop(GOOD_3, a="3"), staged=True)
    ending = await scene.promote()
    assert ending.code == 0, ending.sentence
    written = [(one.op, one.ref.name) for one in ending.told(Written) if one.ref.kind == "Deployment"]
    made, gone = written.index((Op.CREATE, "web")), written.index((Op.DELETE, "web-green"))
    assert written.index((Op.DELETE, "web-canary")) < made < gone
    assert await scene.names("Deployment") == {"web"}


@BOTH_MODES
@BOTH_STAGES
def test_nothing_of_the_live_release_is_touched_by_a_canary(stage: Any, mode: Mode) -> None:
    """Staged, it has one pod, with configuration of its own; the live pods and their configuration are as they were."""

    async def play(scene: Scene) -> None:
        scene.mode = mode
        assert (await scene.deploy(*shop(GOOD_1))).code == 0
        pods, names = await crew(scene), await scene.names("ConfigMap")
        before = await scene.live("Deployment", "web", "apps")
        ending = await deploys(scene, *shop(GOOD_2, a="2"), staged=True)
        assert ending.release is not None
        assert ending.release.state is State.STAGED
        after = await scene.live("Deployment", "web", "apps")
        assert before is not None
        assert after is not None
        assert before["metadata"]["generation"] == after["metadata"]["generation"]
        assert len(await crew(scene)) == 3
        assert pods.items() <= (await crew(scene)).items()
        assert await scene.names("ConfigMap") == names | {"app-canary"}
        copy = await scene.live("ConfigMap", "app-canary")
        assert copy is not None
        assert copy["data"] == {"a": "2"}
        assert (await scene.verify()).holds
        ending = await scene.promote()
        assert ending.code == 0, ending.sentence
        assert await scene.image() == GOOD_2
        assert await left_of_canaries(scene) == set()
        assert await scene.history() == ["good", "good"]

    stage.play(play)


@BOTH_MODES
@BOTH_STAGES
def test_a_canary_that_fails_is_gone_and_was_all_that_failed(stage: Any, mode: Mode) -> None:
    """Whatever pruning says; the live pods never knew."""

    async def play(scene: Scene) -> None:
        scene.mode = mode
        assert (await scene.deploy(*shop(GOOD_1))).code == 0
        pods = await crew(scene)
        for _ in range(2):
            ending = await scene.deploy(*shop(MISSING, a="2"), strategy="canary", prune=False)
            assert ending.code == 1, ending.sentence
            assert await left_of_canaries(scene) == set()
            assert pods.items() <= (await crew(scene)).items()
            assert (await scene.verify()).holds
        assert await scene.history() == ["good", "failed", "good=1", "failed", "good=1"]

    stage.play(play)


@pytest.mark.pods
@story
async def test_a_canary_that_crashes_while_it_is_held_is_gone(scene: Scene) -> None:
    """It was ready at first: the hold finds it out before one pod of the release is replaced."""
    assert (await scene.deploy(*shop(GOOD_1))).code == 0
    pods = await crew(scene)
    ending = await scene.deploy(service(), crashing("8s"), strategy="canary", hold=30.0)
    assert ending.code == 1, ending.sentence
    assert "crashed" in ending.sentence
    assert pods.items() <= (await crew(scene)).items()
    assert await left_of_canaries(scene) == set()


@story
async def test_a_promotion_that_fails_brings_the_last_good_release_back(scene: Scene) -> None:
    """The canary was well, and the image is gone by the time of the rolling update: as any release that fails."""
    assert (await scene.deploy(*shop(GOOD_1))).code == 0
    unlike = (config(a="2"), service(), web(GOOD_2, reads="app"), web(GOOD_2, "other", nodeSelector={"no": "such"}))
    await deploys(scene, config(a="2"), service(), web(GOOD_2, reads="app"), staged=True)
    assert (await scene.abort()).code == 0
    ending = await scene.deploy(*unlike, strategy="canary", timeout=20.0)
    assert ending.code == 1, ending.sentence
    assert await scene.image() == GOOD_1
    assert await left_of_canaries(scene) == set()
    assert (await scene.verify()).holds


@story
async def test_an_abort_deletes_the_canary(scene: Scene) -> None:
    assert (await scene.deploy(*shop(GOOD_1))).code == 0
    pods = await crew(scene)
    await deploys(scene, *shop(GOOD_2, a="2"), staged=True)
    assert (await scene.swap()).code == 5  # a canary is promoted, not swapped
    assert (await scene.abort()).code == 0
    assert await left_of_canaries(scene) == set()
    assert pods.items() <= (await crew(scene)).items()
    assert (await scene.record(2)).reason == "aborted"
    assert (await scene.promote()).code == 5


@story
async def test_several_workloads_have_a_canary_each(scene: Scene) -> None:
    first = (config(), service(), web(GOOD_1, reads="app"), web(GOOD_1, "search"))
    assert (await scene.deploy(*first)).code == 0
    second = (config(a="2"), service(), web(GOOD_2, reads="app"), web(GOOD_3, "search"))
    await deploys(scene, *second, staged=True)
    assert await scene.names("Deployment") == {"web", "web-canary", "search", "search-canary"}
    assert (await scene.promote()).code == 0
    assert await scene.names("Deployment") == {"web", "search"}


@story
async def test_a_rollback_of_a_canary_release_is_as_any_other(scene: Scene) -> None:
    assert (await scene.deploy(*shop(GOOD_1))).code == 0
    await deploys(scene, *shop(GOOD_2, a="2"))
    assert (await scene.rollback()).code == 0
    assert await scene.image() == GOOD_1
    assert (await scene.verify()).holds


@story
async def test_the_same_manifests_again_make_no_canary(scene: Scene) -> None:
    await deploys(scene, *shop(GOOD_1))
    ending = await deploys(scene, *shop(GOOD_1))
    assert ending.told(Written) == []
    assert await scene.history() == ["good"]


@story
async def test_a_plan_tells_the_canary_and_the_rolling_update(scene: Scene) -> None:
    assert (await scene.deploy(*shop(GOOD_1))).code == 0
    plan = await scene.plan(*shop(GOOD_2, a="2"), strategy="canary")
    assert [phase.phase for phase in plan.phases] == ["stage", "promote"]
    assert [str(one.ref) for one in plan.writes] == [
        "configmap/app-canary",
        "service/web-canary",
        "deployment.apps/web-canary",
    ]
    assert plan.then is not None
    assert [(one.op, str(one.ref)) for one in plan.then.writes] == [
        (Op.DELETE, "configmap/app-canary"),
        (Op.DELETE, "service/web-canary"),
        (Op.DELETE, "deployment.apps/web-canary"),
        (Op.UPDATE, "configmap/app"),
        (Op.UPDATE, "deployment.apps/web"),
    ]
