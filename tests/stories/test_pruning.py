"""What no release wants any more is deleted, or stays, as the release says; and what was pruned comes back with it.

Compared is the last good release with the new one; what a failed release added goes when its failure is undone.
"""

from __future__ import annotations

from typing import Any

import pytest

from lastgood.model.event import Left
from lastgood.model.release import Mode
from lastgood.model.resource import Resource
from tests.stories.cast import GOOD_1, GOOD_2, MISSING, service, web
from tests.stories.stage import Ending, MemoryStage, Scene, story

in_both_modes = pytest.mark.parametrize("mode", Mode)
both_ways = pytest.mark.parametrize("prune", [True, False])


async def services(scene: Scene) -> set[str]:
    return await scene.names("Service")


async def deploys(scene: Scene, *names: str, image: str = GOOD_1, prune: bool | None = None, code: int = 0) -> Ending:
    """Deploy the workload with these Services; what became of it."""
    resources: list[Resource] = [web(image), *(service(name) for name in names)]
    ending = await scene.deploy(*resources, prune=prune)
    assert ending.code == code, ending.sentence
    return ending


def play(mode: Mode, work: Any) -> None:
    async def told(scene: Scene) -> None:
        scene.mode = mode
        await work(scene)

    MemoryStage().play(told)


@in_both_modes
@both_ways
def test_what_the_last_good_release_had_alone_is_pruned_if_the_release_says_so(mode: Mode, prune: bool) -> None:
    async def work(scene: Scene) -> None:
        await deploys(scene, "a", "b", prune=prune)
        ending = await deploys(scene, "a", image=GOOD_2, prune=prune)
        assert await services(scene) == ({"a"} if prune else {"a", "b"})
        assert [one.ref.name for one in ending.told(Left)] == ([] if prune else ["b"])

    play(mode, work)


@in_both_modes
def test_nothing_is_pruned_unless_a_standard_release_asks_for_it(mode: Mode) -> None:
    """A declarative one does, since it can bring back what it prunes."""

    async def work(scene: Scene) -> None:
        await deploys(scene, "a", "b")
        await deploys(scene, "a", image=GOOD_2)
        assert await services(scene) == ({"a"} if mode is Mode.DECLARATIVE else {"a", "b"})

    play(mode, work)


@in_both_modes
def test_nothing_is_pruned_before_the_release_is_healthy(mode: Mode) -> None:
    """So a failed one has pruned nothing; what it added goes with it, and what it dropped is where it was."""

    async def work(scene: Scene) -> None:
        await deploys(scene, "a", "b", prune=True)
        before = await scene.live("Service", "b")
        await deploys(scene, "a", "c", image=MISSING, prune=True, code=1)
        assert await services(scene) == {"a", "b"}
        after = await scene.live("Service", "b")
        assert before is not None
        assert after is not None
        assert after["metadata"]["uid"] == before["metadata"]["uid"]
        assert (await scene.verify()).holds

    play(mode, work)


@in_both_modes
def test_what_a_failed_release_added_stays_where_nothing_is_pruned_and_is_named(mode: Mode) -> None:
    async def work(scene: Scene) -> None:
        await deploys(scene, "a", prune=False)
        ending = await deploys(scene, "a", "c", image=MISSING, prune=False, code=1)
        assert await services(scene) == {"a", "c"}
        assert [one.ref.name for one in ending.told(Left)] == ["c"]

    play(mode, work)


@in_both_modes
@both_ways
def test_a_rollback_makes_what_was_pruned_again_and_prunes_what_came_since(mode: Mode, prune: bool) -> None:
    async def work(scene: Scene) -> None:
        await deploys(scene, "a", "b", prune=prune)
        await deploys(scene, "a", "c", image=GOOD_2, prune=prune)
        ending = await scene.rollback()
        assert ending.code == 0, ending.sentence
        assert await scene.image() == GOOD_1
        assert await services(scene) == ({"a", "b"} if prune else {"a", "b", "c"})

    play(mode, work)


@in_both_modes
def test_what_failed_releases_added_one_after_the_other_all_goes(mode: Mode) -> None:
    """The last *good* release is compared, not the one before; and nothing is forgotten in between."""

    async def work(scene: Scene) -> None:
        await deploys(scene, "a", prune=True)
        await deploys(scene, "a", "b", image=MISSING, prune=True, code=1)
        await deploys(scene, "a", "c", image=MISSING, prune=True, code=1)
        assert await services(scene) == {"a"}
        await deploys(scene, "a", "d", image=GOOD_2, prune=True)
        assert await services(scene) == {"a", "d"}

    play(mode, work)


@in_both_modes
def test_a_first_release_prunes_nothing(mode: Mode) -> None:
    """Without a good release there is nothing to compare with; what others made is theirs."""

    async def work(scene: Scene) -> None:
        assert scene.memory is not None
        body = service("theirs").body
        scene.memory.create({**body, "metadata": {**body["metadata"], "namespace": scene.namespace}})
        await deploys(scene, "a", prune=True)
        assert await services(scene) == {"a", "theirs"}

    play(mode, work)


@story
async def test_a_pruned_resource_comes_back_as_it_was(scene: Scene) -> None:
    """On a real API server too: pruned by a good release, made again by a rollback."""
    await deploys(scene, "a", "b")
    await deploys(scene, "a", image=GOOD_2)
    assert await services(scene) == {"a"}
    assert (await scene.rollback()).code == 0
    assert await services(scene) == {"a", "b"}
    assert (await scene.verify()).holds
