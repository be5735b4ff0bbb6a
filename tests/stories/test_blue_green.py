"""Blue-green: the new colour comes up beside the live one, and traffic moves by a change of two Services alone."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from lastgood.model.event import Event, Planned, Restoring, Written
from lastgood.model.plan import Apply, Op, Route, Wait
from lastgood.model.release import Mode, State
from lastgood.model.resource import Body, Resource
from tests.stories.cast import GOOD_1, GOOD_2, GOOD_3, MISSING, config, made, service, web
from tests.stories.owners import CLIENT_SIDE
from tests.stories.stage import NAME, Ending, Scene, story
from tests.stories.test_holding import crashing
from tests.stories.test_taking_over import healthy

COLOUR = "harness.io/color"


async def deploys(scene: Scene, *resources: Resource, **more: Any) -> Ending:
    """A blue-green deploy that is good."""
    ending = await scene.deploy(*resources, strategy="blue-green", **more)
    assert ending.code == 0, ending.sentence
    return ending


def shop(image: str, **data: str) -> tuple[Resource, ...]:
    """A Deployment that reads a ConfigMap, behind a Service."""
    return (config(**(data or {"a": "1"})), service(), web(image, reads="app"))


async def traffic(scene: Scene) -> tuple[str, str]:
    """The colours that the primary and the stage Service select; empty for one that is not there."""
    found = [await scene.live("Service", name) for name in ("web", "web-stage")]
    primary, stage = ((body or {"spec": {"selector": {}}})["spec"]["selector"].get(COLOUR, "") for body in found)
    return primary, stage


async def crew(scene: Scene) -> dict[str, tuple[int, str]]:
    """Every pod by its uid: how often it was restarted, and since when it is there."""
    return {
        pod["metadata"]["uid"]: (_restarts(pod), pod["metadata"]["creationTimestamp"]) for pod in await scene.pods()
    }


def _restarts(pod: Body) -> int:
    return sum(one.get("restartCount", 0) for one in pod["status"].get("containerStatuses") or ())


def routed(ending: Ending) -> list[str]:
    """What was written after the last plan, in order."""
    return [str(one.ref) for one in ending.told(Written)]


@story
async def test_three_releases_go_from_colour_to_colour(scene: Scene) -> None:
    """The first is blue; each goes to the colour that has no traffic, with configuration of its own, never numbered."""
    for turn, image in enumerate((GOOD_1, GOOD_2, GOOD_3)):
        await deploys(scene, *shop(image, a=str(turn)))
        assert (await scene.verify()).holds
        colour, other = ("blue", "green") if turn % 2 == 0 else ("green", "blue")
        assert await traffic(scene) == (colour, other)
        assert await scene.image(f"web-{colour}") == image
        assert (await scene.record(turn + 1)).colour == colour
    assert await scene.names("Deployment") == {"web-blue", "web-green"}
    assert await scene.names("ConfigMap") == {"app", "app-green"}
    green = await scene.live("ConfigMap", "app-green")
    assert green is not None
    assert green["data"] == {"a": "1"}  # the third release went to blue
    assert await scene.history() == ["good", "good", "good"]


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("stage", ["memory", pytest.param("lab", marks=pytest.mark.cluster)], indirect=True)
def test_nothing_of_the_live_release_is_touched_before_the_swap(stage: Any, mode: Mode) -> None:
    """Staged, the other colour is healthy beside it; objects and pods with traffic are as they were, to the version."""

    async def play(scene: Scene) -> None:
        scene.mode = mode
        await deploys(scene, *shop(GOOD_1))
        before, pods = await production(scene), await crew(scene)
        ending = await deploys(scene, *shop(GOOD_2, a="2"), staged=True)
        assert ending.release is not None
        assert ending.release.state is State.STAGED
        assert await production(scene) == before
        assert pods.items() <= (await crew(scene)).items()
        assert await traffic(scene) == ("blue", "green")
        assert (await scene.verify()).holds
        assert await scene.history() == ["good", "staged"]

    stage.play(play)


async def production(scene: Scene) -> list[tuple[str, str]]:
    """The uid and the generation, or what it holds, of what has traffic."""
    names = (("Deployment", "web-blue", "apps"), ("ConfigMap", "app", ""), ("Service", "web", ""))
    bodies = [await scene.live(*name) for name in names]
    return [(body["metadata"]["uid"], str(body.get("data") or body["spec"])) for body in bodies if body]


@story
async def test_a_swap_touches_two_services_and_no_pod(scene: Scene) -> None:
    """And so does the swap back: the same pods, never restarted, from ready to ready."""
    await deploys(scene, *shop(GOOD_1))
    await deploys(scene, *shop(GOOD_2, a="2"), staged=True)
    pods = await crew(scene)
    assert len(pods) == 4
    swapped = await scene.swap()
    assert swapped.code == 0, swapped.sentence
    assert await traffic(scene) == ("green", "blue")
    assert sorted(routed(swapped)) == ["service/web", "service/web-stage"]
    back = await scene.rollback(to=1)
    assert back.code == 0, back.sentence
    assert await traffic(scene) == ("blue", "green")
    assert sorted(routed(back)) == ["service/web", "service/web-stage"]
    assert await crew(scene) == pods
    assert (await scene.verify()).holds
    assert await scene.history() == ["good", "good", "good=1"]


@story
async def test_a_rollback_twice_to_the_same_release_stays_there(scene: Scene) -> None:
    """The second one has nothing to do: it does not swap again."""
    await deploys(scene, *shop(GOOD_1))
    await deploys(scene, *shop(GOOD_2))
    assert (await scene.rollback(to=1)).code == 0
    again = await scene.rollback(to=1)
    assert again.code == 0
    assert routed(again) == []
    assert await traffic(scene) == ("blue", "green")
    assert await scene.history() == ["good", "good", "good=1"]


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("stage", ["memory", pytest.param("lab", marks=pytest.mark.cluster)], indirect=True)
def test_a_failure_before_the_swap_leaves_traffic_alone_and_nothing_behind(stage: Any, mode: Mode) -> None:
    """Twice, too: the failed colour is gone, whatever pruning says; the Services never moved."""

    async def play(scene: Scene) -> None:
        scene.mode = mode
        await deploys(scene, *shop(GOOD_1))
        before, pods = await production(scene), await crew(scene)
        for _ in range(2):
            ending = await scene.deploy(*shop(MISSING, a="2"), strategy="blue-green")
            assert ending.code == 1, ending.sentence
            assert "not found" in ending.sentence
            assert await traffic(scene) == ("blue", "green")
            assert await scene.names("Deployment") == {"web-blue"}
            assert await scene.names("ConfigMap") == {"app"}
            assert await production(scene) == before
            assert pods.items() <= (await crew(scene)).items()
            assert (await scene.verify()).holds
        assert await scene.history() == ["good", "failed", "good=1", "failed", "good=1"]

    stage.play(play)


@pytest.mark.pods
@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("stage", ["memory", pytest.param("lab", marks=pytest.mark.cluster)], indirect=True)
def test_a_failure_after_the_swap_swaps_back_by_itself(stage: Any, mode: Mode) -> None:
    """It crashes while it is held with traffic on it: both Services go back first, and no pod of the old is touched."""

    async def play(scene: Scene) -> None:
        scene.mode = mode
        await deploys(scene, *shop(GOOD_1))
        pods = await crew(scene)
        ending = await scene.deploy(service(), crashing("8s"), strategy="blue-green", staged=True)
        assert ending.code == 0, ending.sentence
        ending = await scene.swap(hold=30.0)
        assert ending.code == 1, ending.sentence
        assert "crashed" in ending.sentence
        assert await traffic(scene) == ("blue", "green")
        assert pods.items() <= (await crew(scene)).items()
        back = ending.events[ending.events.index(ending.told(Restoring)[0]) :]
        assert {str(one.ref) for one in back if isinstance(one, Written)} == {"service/web", "service/web-stage"}
        assert (await scene.verify()).holds
        assert await scene.history() == ["good", "failed", "good=1"]

    stage.play(play)


@story
async def test_without_ready_pods_the_old_colour_is_restored_before_traffic_goes_there(scene: Scene) -> None:
    """Somebody scaled it down: the rollback brings its pods back first, and swaps then."""
    await deploys(scene, *shop(GOOD_1))
    await deploys(scene, *shop(GOOD_2))
    await scene.edits("Deployment", "web-blue", "apps", "spec/replicas", 0)
    ending = await scene.rollback()
    assert ending.code == 0, ending.sentence
    assert routed(ending)[0] == "deployment.apps/web-blue"
    assert sorted(routed(ending)[1:]) == ["service/web", "service/web-stage"]
    assert await traffic(scene) == ("blue", "green")
    assert (await scene.verify()).holds


@story
async def test_an_old_colour_that_is_gone_is_made_again_before_traffic_goes_there(scene: Scene) -> None:
    await deploys(scene, *shop(GOOD_1))
    await deploys(scene, *shop(GOOD_2))
    await scene.deletes("Deployment", "web-blue", "apps")
    ending = await scene.rollback()
    assert ending.code == 0, ending.sentence
    assert routed(ending)[0] == "deployment.apps/web-blue"
    assert await traffic(scene) == ("blue", "green")
    assert await scene.image("web-blue") == GOOD_1


@story
async def test_the_colour_that_was_left_runs_on_and_is_no_drift(scene: Scene) -> None:
    """It is told as left, with the reason; both colours are whole, so that a swap back is possible at once."""
    await deploys(scene, *shop(GOOD_1))
    await deploys(scene, *shop(GOOD_2, a="2"))
    for name in ("web-blue", "web-green"):
        body = await scene.live("Deployment", name, "apps")
        assert body is not None
        assert body["status"]["readyReplicas"] == 2
    proof = await scene.verify()
    assert proof.holds
    assert [str(one) for one in proof.left] == ["configmap/app", "deployment.apps/web-blue"]


@story
async def test_an_abort_deletes_what_was_staged_and_leaves_the_live_release(scene: Scene) -> None:
    await deploys(scene, *shop(GOOD_1))
    before, pods = await production(scene), await crew(scene)
    await deploys(scene, *shop(GOOD_2, a="2"), staged=True)
    ending = await scene.abort()
    assert ending.code == 0, ending.sentence
    assert await production(scene) == before
    assert pods.items() <= (await crew(scene)).items()
    assert await scene.names("Deployment") == {"web-blue"}
    assert await scene.names("ConfigMap") == {"app"}
    assert (await scene.record(2)).reason == "aborted"
    assert (await scene.verify()).holds
    assert (await scene.abort()).code == 5
    assert (await scene.swap()).code == 5


@story
async def test_a_first_release_that_is_aborted_leaves_nothing(scene: Scene) -> None:
    await deploys(scene, *shop(GOOD_1), staged=True)
    assert await traffic(scene) == ("green", "blue")  # nobody has that colour: there is no traffic yet
    assert (await scene.abort()).code == 0
    assert await scene.names("Deployment") == set()
    assert await scene.names("Service") == set()
    assert await scene.history() == ["failed"]


@story
async def test_a_deploy_over_a_staged_release_aborts_that_first(scene: Scene) -> None:
    """Its objects are taken over or go; the record says that it was aborted."""
    await deploys(scene, *shop(GOOD_1))
    await deploys(scene, *shop(GOOD_2), config("extra", b="1"), staged=True)
    await deploys(scene, *shop(GOOD_3))
    assert await scene.image("web-green") == GOOD_3
    assert "extra-green" not in await scene.names("ConfigMap")
    assert await scene.history() == ["good", "failed", "good"]
    assert (await scene.record(2)).reason == "aborted"


@story
async def test_the_same_manifests_again_change_nothing(scene: Scene) -> None:
    """No second colour for what is live already."""
    await deploys(scene, *shop(GOOD_1))
    ending = await deploys(scene, *shop(GOOD_1))
    assert routed(ending) == []
    assert await scene.history() == ["good"]
    assert await scene.names("Deployment") == {"web-blue"}


@story
async def test_what_runs_without_a_colour_is_taken_over_before_anything_is_staged(scene: Scene) -> None:
    """First its pods get the colour, then the Service is narrowed to it: a release of its own. Then green comes."""
    assert (await scene.deploy(*shop(GOOD_1))).code == 0
    ending = await deploys(scene, *shop(GOOD_2, a="2"))
    assert await traffic(scene) == ("green", "blue")
    assert await scene.names("Deployment") == {"web", "web-green"}
    assert await scene.history() == ["good", "good", "good"]
    taking, staging = ending.told(Planned)[:2]
    assert [type(step) for step in taking.plan.steps if not isinstance(step, Wait)] == [Apply, Apply, Route]
    assert taking.plan.phase == "take over"
    assert staging.plan.phase == "stage"
    back = await scene.rollback(to=2)
    assert back.code == 0, back.sentence
    assert (await traffic(scene))[0] == "blue"
    assert await scene.image("web") == GOOD_1
    await deploys(scene, *shop(GOOD_3, a="3"))
    assert (await scene.verify()).holds


@story
async def test_a_plan_tells_both_phases_and_changes_nothing(scene: Scene) -> None:
    await deploys(scene, *shop(GOOD_1))
    plan = await scene.plan(*shop(GOOD_2, a="2"), strategy="blue-green")
    assert [phase.phase for phase in plan.phases] == ["stage", "swap"]
    assert [str(one.ref) for one in plan.writes] == ["configmap/app-green", "deployment.apps/web-green"]
    assert plan.then is not None
    assert [(one.op, str(one.ref)) for one in plan.then.writes] == [
        (Op.UPDATE, "service/web"),
        (Op.UPDATE, "service/web-stage"),
    ]
    assert await scene.history() == ["good"]


@story
async def test_the_plan_of_a_take_over_says_of_the_swap_what_it_will_change(scene: Scene) -> None:
    """Of a Service that kubectl has made only the colour moves; what the API filled in stays, and is not told to go."""
    CLIENT_SIDE.first(scene, shop(GOOD_1))
    await healthy(scene)
    plan = await scene.plan(*shop(GOOD_2, a="2"), strategy="blue-green")
    swap = plan.phases[-1]
    told = {str(one.ref): [field.path for field in one.fields] for one in swap.writes}
    assert (plan.phases[0].phase, swap.phase) == ("take over", "swap")
    assert told["service/web"] == [f"spec.selector[{COLOUR}]"]


@story
async def test_a_swap_back_that_somebody_else_undid_does_not_cost_the_good_colour(scene: Scene) -> None:
    """Traffic is on the other colour by hand: the next deploy brings it back before it stages anything."""
    await deploys(scene, *shop(GOOD_1))
    await deploys(scene, *shop(GOOD_2))
    await scene.edits("Service", "web", "", "spec/selector", {"app": "web", COLOUR: "blue"})
    await deploys(scene, *shop(GOOD_3))
    assert await traffic(scene) == ("blue", "green")
    assert await scene.image("web-blue") == GOOD_3
    assert await scene.image("web-green") == GOOD_2


@story
async def test_a_rolling_release_after_two_colours_leaves_none_of_them(scene: Scene) -> None:
    await deploys(scene, *shop(GOOD_1))
    await deploys(scene, *shop(GOOD_2))
    ending = await scene.deploy(*shop(GOOD_3), prune=False)
    assert ending.code == 0, ending.sentence
    assert await scene.names("Deployment") == {"web"}
    assert (await traffic(scene))[0] == ""


@story
async def test_a_staged_colour_is_as_large_as_the_one_with_traffic(scene: Scene) -> None:
    """An autoscaler has made that larger than its manifest says; the other colour has to bear the same at once."""
    scaler = made(
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        "web",
        spec={
            "minReplicas": 2,
            "maxReplicas": 5,
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
        },
    )
    await deploys(scene, *shop(GOOD_1), scaler)
    await scene.edits("Deployment", "web-blue", "apps", "spec/replicas", 4)
    await deploys(scene, *shop(GOOD_2), scaler, staged=True)
    body = await scene.live("Deployment", "web-green", "apps")
    assert body is not None
    assert body["spec"]["replicas"] == 4
    assert await scene.names("HorizontalPodAutoscaler") == {"web-blue", "web-green"}


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("stage", ["memory", pytest.param("lab", marks=pytest.mark.cluster)], indirect=True)
def test_a_colour_comes_back_with_its_configuration(stage: Any, mode: Mode) -> None:
    """The third release has overwritten the first one's colour: both its pods and what they read come back."""

    async def play(scene: Scene) -> None:
        scene.mode = mode
        for turn, image in enumerate((GOOD_1, GOOD_2, GOOD_3)):
            await deploys(scene, *shop(image, a=str(turn)))
        ending = await scene.rollback(to=1)
        assert ending.code == 0, ending.sentence
        assert await traffic(scene) == ("blue", "green")
        assert await scene.image("web-blue") == GOOD_1
        body = await scene.live("ConfigMap", "app")
        assert body is not None
        assert body["data"] == {"a": "0"}
        assert (await scene.verify()).holds
        assert await scene.image("web-green") == GOOD_2

    stage.play(play)


@story
async def test_an_uninstallation_takes_both_colours_and_what_is_staged(scene: Scene) -> None:
    for image in (GOOD_1, GOOD_2):
        await deploys(scene, *shop(image))
    await deploys(scene, *shop(GOOD_3), config("extra", b="1"), staged=True)
    ending = await scene.uninstall()
    assert ending.code == 0, ending.sentence
    for kind in ("Deployment", "Service", "ConfigMap"):
        assert await scene.names(kind) == set()


@story
async def test_a_swap_that_is_interrupted_is_undone_by_whoever_comes_next(scene: Scene) -> None:
    """Ctrl-C after the first Service: the record says failed, and both Services end on the colour that was good."""
    await deploys(scene, *shop(GOOD_1))
    await deploys(scene, *shop(GOOD_2), staged=True)

    def stop(event: Event) -> None:
        if isinstance(event, Written):
            swap.cancel()

    async with scene.open(stop) as deployer:
        swap = asyncio.ensure_future(deployer.swap(NAME, options=scene.options()))
        with suppress(asyncio.CancelledError):
            await swap
    assert (await scene.record(2)).reason == "interrupted"
    ending = await scene.recover()
    assert ending.code == 0, ending.sentence
    assert await traffic(scene) == ("blue", "green")
    assert (await scene.verify()).holds


@story
async def test_what_both_colours_share_is_as_it_was_staged_and_no_drift(scene: Scene) -> None:
    """It is changed with the stage, and goes back with it."""
    await deploys(scene, *shop(GOOD_1), config("shared", b="1"))
    await deploys(scene, *shop(GOOD_2), config("shared", b="2"), staged=True)
    assert (await scene.verify()).holds
    assert (await scene.abort()).code == 0
    body = await scene.live("ConfigMap", "shared")
    assert body is not None
    assert body["data"] == {"b": "1"}
    assert (await scene.verify()).holds
