"""Two runs at once, runs that die, and what the next one makes of it."""

from __future__ import annotations

import asyncio

from lastgood.model.event import WaitingForLock, Watched
from lastgood.model.request import Options, Request
from tests.stories.cast import GOOD_1, GOOD_2, MISSING, NOT_READY, config, web
from tests.stories.stage import NAME, Scene, story


@story
async def test_of_two_deploys_at_once_the_second_waits_then_runs(scene: Scene) -> None:
    first, second = await asyncio.gather(scene.deploy(web(GOOD_1)), scene.deploy(web(GOOD_2)))
    assert (first.code, second.code) == (0, 0), (first.sentence, second.sentence)
    assert len(first.told(WaitingForLock)) + len(second.told(WaitingForLock)) == 1
    assert await scene.history() == ["good", "good"]
    assert (await scene.verify()).holds


@story
async def test_an_interrupted_deploy_says_so_and_recover_brings_the_good_one_back(scene: Scene) -> None:
    """Ctrl-C in the wait: the record says interrupted at once, and nothing blocks the next run."""
    assert (await scene.deploy(web(GOOD_1))).code == 0
    await interrupted(scene, web(NOT_READY))
    assert await scene.history() == ["good", "failed"]
    assert (await scene.record(2)).reason == "interrupted"
    ending = await scene.recover()
    assert ending.code == 0, ending.sentence
    assert await scene.image() == GOOD_1
    assert await scene.history() == ["good", "failed", "good=1"]
    assert (await scene.verify()).holds


@story
async def test_the_next_deploy_goes_on_after_an_interrupted_one(scene: Scene) -> None:
    """It leaves nothing of the interrupted one behind, and if it fails too, the last good release is back."""
    assert (await scene.deploy(config("app"), web(GOOD_1))).code == 0
    await interrupted(scene, config("left"), web(NOT_READY))
    ending = await scene.deploy(config("app"), web(MISSING))
    assert ending.code == 1, ending.sentence
    assert await scene.names() == {"app"}
    assert await scene.image() == GOOD_1
    await interrupted(scene, config("left"), web(NOT_READY))
    assert (await scene.deploy(config("app"), web(GOOD_2))).code == 0
    assert await scene.names() == {"app"}


@story
async def test_recover_has_nothing_to_do_after_a_good_release(scene: Scene) -> None:
    assert (await scene.deploy(web(GOOD_1))).code == 0
    ending = await scene.recover()
    assert (ending.code, ending.release) == (0, None)


@story
async def test_a_restore_on_interrupt_brings_the_good_one_back_before_it_ends(scene: Scene) -> None:
    assert (await scene.deploy(web(GOOD_1))).code == 0
    ending = await interrupted(scene, web(NOT_READY), restore_on_interrupt=True)
    assert ending is not None
    assert await scene.image() == GOOD_1
    assert await scene.history() == ["good", "failed", "good=1"]


async def interrupted(scene: Scene, *resources: object, **options: object) -> object:
    """Deploy, and cancel it once it waits."""
    waits = asyncio.Event()
    result: object = None

    async def run() -> None:
        nonlocal result
        request = Request(NAME, scene.namespace, resources, options=Options(**{"timeout": 60.0, **options}))  # type: ignore[arg-type]
        async with scene.open(lambda event: waits.set() if isinstance(event, Watched) else None) as deployer:
            try:
                await deployer.deploy(request)
            except Exception as error:
                result = error

    task = asyncio.create_task(run())
    await waits.wait()
    task.cancel()
    await asyncio.wait({task})
    return result
