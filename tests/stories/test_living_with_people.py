"""Somebody changes things by hand, or another release wants the same resource."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lastgood.errors import NotFound
from lastgood.model.event import Event, Written
from lastgood.model.proof import Match
from lastgood.model.release import State
from lastgood.model.request import Options, Request
from tests.stories.cast import GOOD_1, GOOD_2, altered, config, web
from tests.stories.stage import Scene, story
from tests.stories.test_crashes import World


@story
async def test_a_change_by_hand_is_found_and_healed(scene: Scene) -> None:
    """``verify`` names the field; the next deploy of the same files puts it back."""
    wanted = (config("app", a="1"), web(GOOD_1))
    assert (await scene.deploy(*wanted)).code == 0
    await scene.edits("Deployment", "web", "apps", "spec/replicas", 1)
    proof = await scene.verify()
    (finding,) = proof.failures
    assert (finding.match, [one.path for one in finding.fields]) == (Match.DIFFERS, ["spec.replicas"])
    assert [(one.before, one.after) for one in finding.fields] == [(1, 2)]
    assert finding.fields[0].owner.startswith("kubectl")
    assert (await scene.deploy(*wanted)).code == 0
    assert (await scene.verify()).holds


@story
async def test_what_somebody_deleted_is_found_and_made_again(scene: Scene) -> None:
    wanted = (config("app", a="1"), web(GOOD_1))
    assert (await scene.deploy(*wanted)).code == 0
    await scene.deletes("ConfigMap", "app")
    proof = await scene.verify()
    assert [(str(one.ref), one.match) for one in proof.failures] == [("configmap/app", Match.MISSING)]
    assert (await scene.deploy(*wanted)).code == 0
    assert (await scene.verify()).holds


@story
async def test_a_resource_of_another_release_is_refused(scene: Scene) -> None:
    """Two releases would strip each other's fields; only --take-over does it, for good."""
    assert (await scene.deploy(config("shared", a="1"), name="other")).code == 0
    ending = await scene.deploy(config("shared", a="2"), web(GOOD_1))
    assert ending.code == 4
    assert "belongs to the release other" in ending.sentence
    assert await scene.names("Deployment") == set()
    assert (await scene.deploy(config("shared", a="2"), web(GOOD_1), take_over=True)).code == 0
    # What was taken over is no longer pruned by the one it was taken from.
    assert (await scene.deploy(config("own", a="1"), name="other")).code == 0
    assert await scene.names() == {"shared", "own"}


@story
async def test_without_pruning_what_is_dropped_stays_and_is_remembered(scene: Scene) -> None:
    assert (await scene.deploy(config("app"), config("old"), web(GOOD_1))).code == 0
    assert (await scene.deploy(config("app"), web(GOOD_2), prune=False)).code == 0
    assert await scene.names() == {"app", "old"}
    assert (await scene.deploy(config("app"), web(GOOD_1))).code == 0
    assert await scene.names() == {"app"}


def test_what_somebody_changes_while_it_is_deployed_disproves_it() -> None:
    """Healthy is not enough: what is live is not what was asked for, so what was good before comes back."""
    world = World()
    assert not isinstance(world.deploy((config("app", a="1"), web(GOOD_1))), Exception)

    def meddle(event: Event) -> None:
        if isinstance(event, Written) and event.ref.kind == "Deployment":
            world.cluster.edit(world.ref(config("app").ref), lambda body: body["data"].update(a="meddled"))

    outcome = world.deploy((config("app", a="2"), web(GOOD_2)), tell=meddle)
    assert "configmap/app is not as it was asked for: data.a" in str(outcome)
    assert 3 == outcome.exit_code  # the restore is meddled with as well
    assert world.states()[0] is State.FAILED


@story
async def test_what_a_patch_of_ours_set_can_be_removed_by_a_later_release(scene: Scene) -> None:
    """Recreate is set by a patch, since an apply is refused; the release that no longer asks for it takes it away."""
    assert (await scene.deploy(web(GOOD_1))).code == 0
    assert (await scene.deploy(altered(web(GOOD_1), spec__strategy={"type": "Recreate"}))).code == 0
    assert (await scene.deploy(web(GOOD_2))).code == 0
    live = await scene.live("Deployment", "web", "apps")
    assert live is not None
    assert "RollingUpdate" == live["spec"]["strategy"]["type"]


@story
async def test_a_plan_for_a_namespace_that_is_still_to_be_made_is_not_checked(scene: Scene) -> None:
    """Nothing can be tried where there is no namespace; without leave to make it, it is refused."""
    async with scene.open(lambda event: None) as deployer:
        elsewhere = replace(deployer, namespace=f"{scene.namespace}-new")
        request = Request("shop", elsewhere.namespace, (config("app"),))
        with pytest.raises(NotFound, match="does not exist"):
            await elsewhere.plan(request)
        found = await elsewhere.plan(replace(request, options=Options(create_namespace=True)))
    assert ["its namespace is created by this plan"] == [one.unchecked for one in found.changes]
