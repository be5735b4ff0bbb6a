"""A release has to stay healthy for a while: what crashes meanwhile never was good, what only moves is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from lastgood.model.event import Event, Restoring, Watched
from lastgood.model.health import Held
from lastgood.model.plan import Wait
from lastgood.model.release import State
from lastgood.model.resource import Resource
from tests.stories.cast import GOOD_1, GOOD_2, GOOD_3, config, made, stateful, web
from tests.stories.stage import NAME, Ending, Scene, story

LATER = "registry.lab/web:crash-later"


def crashing(after: str = "8s", **more: Any) -> Resource:
    """A Deployment whose pods are ready, and crash after a while."""
    return web(LATER, container={"env": [{"name": "AFTER", "value": after}]}, **more)


def held(ending: Ending) -> list[Held]:
    """Every step of the hold that was told."""
    verdicts = [event.verdict for event in ending.told(Watched)]
    return [one.held for one in verdicts if one.held is not None]


async def meanwhile(scene: Scene, act: Callable[[], Awaitable[None]], *resources: Resource, **more: Any) -> Ending:
    """Deploy, and do something once everything is healthy and has to stay so."""
    healthy = asyncio.Event()

    def tell(event: Event) -> None:
        if isinstance(event, Watched) and event.verdict.held is not None:
            healthy.set()

    async def acting() -> None:
        await healthy.wait()
        await act()

    actor = asyncio.ensure_future(acting())
    ending = await scene.deploy(*resources, also=tell, **more)
    await actor
    return ending


@story
async def test_a_release_that_stays_healthy_is_good_after_its_hold(scene: Scene) -> None:
    """It is told step by step; the record says what was asked for."""
    ending = await scene.deploy(config(a="1"), web(GOOD_1), hold=2.0)
    assert ending.code == 0, ending.sentence
    assert held(ending) == [Held(0, 2), Held(1, 2), Held(2, 2)]
    assert (await scene.record(1)).hold == 2


@story
async def test_a_crash_during_the_hold_brings_the_last_good_release_back(scene: Scene) -> None:
    """Ready and proved would have been enough without it. The way back does not hold: time matters."""
    assert (await scene.deploy(web(GOOD_1))).code == 0
    ending = await scene.deploy(crashing(), hold=30.0)
    assert ending.code == 1, ending.sentence
    assert "deployment.apps/web: container web crashed " in ending.sentence
    assert " s after it was ready: exit code 3 (Error)" in ending.sentence
    assert await scene.image() == GOOD_1
    assert await scene.history() == ["good", "failed", "good=1"]
    back = ending.events.index(ending.told(Restoring)[0])
    later = [event.verdict.held for event in ending.events[back:] if isinstance(event, Watched)]
    assert set(later) == {None}
    assert (await scene.record(3)).hold == 0


@story
async def test_a_pod_of_a_stateful_set_that_crashes_does_so_too(scene: Scene) -> None:
    """Whoever makes the pods."""
    assert (await scene.deploy(stateful(GOOD_1))).code == 0
    broken = stateful(LATER, container={"env": [{"name": "AFTER", "value": "5s"}]})
    ending = await scene.deploy(broken, hold=30.0)
    assert ending.code == 1, ending.sentence
    assert "statefulset.apps/db: container web crashed " in ending.sentence
    assert await scene.image("db", "StatefulSet") == GOOD_1


@pytest.mark.pods
@story
async def test_what_crashed_has_its_last_words_kept(scene: Scene) -> None:
    """The pod is the one that crashed, ready again or not."""
    assert (await scene.deploy(web(GOOD_1))).code == 0
    assert (await scene.deploy(crashing("3s", replicas=1), hold=20.0)).code == 1
    evidence = (await scene.record(2)).evidence
    assert evidence is not None
    assert evidence.last_words is not None
    assert "fatal: lost the connection to the database" in evidence.last_words[1].logs


@story
async def test_a_pod_that_goes_during_the_hold_is_no_failure(scene: Scene) -> None:
    """A drain deletes it, another takes its place; the hold goes on, and all are ready at its end."""

    async def drain() -> None:
        pod = (await scene.pods())[0]
        await scene.deletes("Pod", pod["metadata"]["name"])

    ending = await meanwhile(scene, drain, web(GOOD_1), hold=5.0)
    assert ending.code == 0, ending.sentence
    steps = [one.seconds for one in held(ending)]
    assert steps == sorted(steps)  # it never began anew
    assert (await scene.verify()).holds


@story
async def test_an_autoscaler_that_scales_during_the_hold_is_no_failure(scene: Scene) -> None:
    """The pods that it adds have to be ready at the end."""

    async def scale() -> None:
        await scene.edits("Deployment", "web", "apps", "spec/replicas", 3)

    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    scaler = made(
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        "web",
        spec={"scaleTargetRef": target, "minReplicas": 2, "maxReplicas": 4},
    )
    ending = await meanwhile(scene, scale, web(GOOD_1), scaler, hold=5.0)
    assert ending.code == 0, ending.sentence
    assert len(await scene.pods()) == 3


@story
async def test_a_rollback_can_hold_too(scene: Scene) -> None:
    """The plan says so; what was live before comes back when it does not stay healthy."""
    assert (await scene.deploy(crashing())).code == 0
    assert (await scene.deploy(web(GOOD_2))).code == 0
    async with scene.working() as deployer:
        plan = await deployer.plan_rollback(NAME, to=1, options=scene.options(hold=30.0))
    assert [step.hold for step in plan.steps if isinstance(step, Wait)] == [30.0]
    ending = await scene.rollback(to=1, hold=30.0)
    assert ending.code == 1, ending.sentence
    assert "crashed " in ending.sentence
    assert await scene.image() == GOOD_2


@story
async def test_without_a_hold_what_crashes_later_is_good(scene: Scene) -> None:
    """As always; nothing is told of holding."""
    ending = await scene.deploy(crashing("6s"))
    assert ending.code == 0, ending.sentence
    assert held(ending) == []


async def died_while_it_held(scene: Scene) -> None:
    """The record as it is when a run is killed during its hold."""
    async with scene.working() as deployer:
        release = await deployer.store.read(NAME, 2)
        await deployer.store.update(replace(release, state=State.PENDING, ended=None, proof=None, hold=2.0))


@story
async def test_recover_holds_as_long_as_the_release_was_asked_to(scene: Scene) -> None:
    """A run that died during its hold has promised something."""
    assert (await scene.deploy(web(GOOD_1))).code == 0
    assert (await scene.deploy(web(GOOD_2))).code == 0
    await died_while_it_held(scene)
    ending = await scene.recover()
    assert ending.code == 0, ending.sentence
    assert held(ending)[-1] == Held(2, 2)
    assert await scene.history() == ["good", "good"]


@story
async def test_recover_can_be_told_not_to(scene: Scene) -> None:
    """Nothing of it is told then."""
    assert (await scene.deploy(web(GOOD_1))).code == 0
    assert (await scene.deploy(web(GOOD_2))).code == 0
    await died_while_it_held(scene)
    ending = await scene.recover(hold=0.0)
    assert (ending.code, held(ending)) == (0, [])


@story
async def test_what_crashes_while_recover_holds_is_recorded_and_undone(scene: Scene) -> None:
    """With the reason, and with evidence."""
    assert (await scene.deploy(web(GOOD_3))).code == 0
    assert (await scene.deploy(crashing("6s"))).code == 0
    await died_while_it_held(scene)
    ending = await scene.recover(hold=30.0)
    assert ending.code == 0, ending.sentence
    failed = await scene.record(2)
    assert "container web crashed " in failed.reason
    assert failed.evidence is not None
    assert await scene.history() == ["good", "failed", "good=1"]
    assert await scene.image() == GOOD_3
