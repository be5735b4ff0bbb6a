"""Everything that a release has made goes, in order, and its history with it; or one is told what is still there."""

from __future__ import annotations

import pytest

from lastgood.errors import NothingToRollBackTo, ReleaseNotFound, UninstallFailed
from lastgood.model.event import Left, Planned, Recorded
from lastgood.model.plan import Op, Prune
from lastgood.model.release import Mode
from lastgood.model.resource import Resource
from tests.stories.cast import GOOD_1, GOOD_2, MISSING, altered, config, made, secret, service, stateful, web
from tests.stories.stage import NAME, Scene, story

KINDS = ("ConfigMap", "Secret", "Service", "Deployment", "PersistentVolumeClaim", "Lease")
SHOP = (config("app", a="1"), secret("token", t="eA=="), service(), web(GOOD_1, reads="app"))


def claim(name: str = "data") -> Resource:
    return made(
        "v1", "PersistentVolumeClaim", name,
        spec={"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}},
    )  # fmt: skip


async def everything(scene: Scene) -> set[str]:
    """What is there of the kinds that these stories use, the records and the Lease of the release included."""
    return {f"{kind}/{name}" for kind in KINDS for name in await scene.names(kind)}


@story
async def test_nothing_is_left_of_a_release_that_was_uninstalled(scene: Scene) -> None:
    await scene.deploy(*SHOP)
    await scene.deploy(web(MISSING), config("extra", b="1"))
    ending = await scene.uninstall()
    assert (ending.code, ending.sentence) == (0, "")
    assert await everything(scene) == set()
    with pytest.raises(ReleaseNotFound):
        await scene.history()


@story
async def test_what_a_chain_of_failures_has_made_goes_too(scene: Scene) -> None:
    await scene.deploy(web(MISSING), config("one", b="1"))
    await scene.deploy(web(MISSING), config("two", b="1"))
    assert (await scene.uninstall()).code == 0
    assert await everything(scene) == set()


@story
async def test_numbered_configuration_of_a_standard_release_goes_too(scene: Scene) -> None:
    scene.mode = Mode.STANDARD
    await scene.deploy(config("app", a="1"), web(GOOD_1, reads="app"))
    await scene.deploy(config("app", a="2"), web(GOOD_2, reads="app"))
    assert len(await scene.names("ConfigMap")) == 2
    assert (await scene.uninstall()).code == 0
    assert await everything(scene) == set()


@story
async def test_kept_history_says_so_and_no_release_in_it_is_good_any_more(scene: Scene) -> None:
    await scene.deploy(*SHOP)
    ending = await scene.uninstall(keep_history=True)
    assert ending.code == 0
    assert await scene.history() == ["good", "uninstalled"]
    assert await scene.names("Deployment") == set()
    back = await scene.rollback()
    assert isinstance(back.error, NothingToRollBackTo)


@story
async def test_a_failing_deploy_after_an_uninstallation_brings_nothing_back(scene: Scene) -> None:
    await scene.deploy(*SHOP)
    await scene.uninstall(keep_history=True)
    ending = await scene.deploy(web(MISSING))
    assert ending.code == 3
    assert "there is no good release to go back to" in ending.sentence
    assert await scene.history() == ["good", "uninstalled", "failed"]


@story
async def test_rollback_brings_an_uninstalled_release_back_when_it_is_named(scene: Scene) -> None:
    await scene.deploy(*SHOP)
    await scene.uninstall(keep_history=True)
    assert (await scene.rollback(to=1)).code == 0
    assert await scene.history() == ["good", "uninstalled", "good=1"]
    assert await scene.image() == GOOD_1
    assert (await scene.verify()).holds


@story
async def test_claims_stay_and_are_named_unless_everything_is_to_go(scene: Scene) -> None:
    await scene.deploy(config("app", a="1"), claim())
    kept = await scene.uninstall(keep_history=True)
    assert [(one.ref.name, one.why) for one in kept.told(Left)] == [("data", "a PersistentVolumeClaim is never pruned")]
    assert await scene.names("PersistentVolumeClaim") == {"data"}
    assert (await scene.uninstall(everything=True)).code == 0
    assert await everything(scene) == set()


@story
async def test_what_says_that_it_is_not_to_be_pruned_stays_in_any_case(scene: Scene) -> None:
    keep = altered(config("keep", a="1"), metadata__annotations={"harness.io/skipPruning": "true"})
    await scene.deploy(keep, config("app", a="1"))
    assert (await scene.uninstall(everything=True)).code == 0
    assert await scene.names("ConfigMap") == {"keep"}


@story
async def test_what_other_releases_own_stays_and_is_named(scene: Scene) -> None:
    await scene.deploy(config("app", a="1"), config("taken", a="1"))
    await scene.deploy(config("taken", a="1"), name="other", take_over=True)
    ending = await scene.uninstall()
    assert ending.code == 0
    owner = f"belongs to the release other in namespace {scene.namespace}"
    assert [("taken", owner)] == [(one.ref.name, one.why) for one in ending.told(Left)]
    assert await scene.names("ConfigMap") == {"taken"}
    assert await scene.history("other") == ["good"]


@story
async def test_what_waits_for_a_finalizer_is_named_and_the_next_uninstall_goes_on(scene: Scene) -> None:
    held = altered(config("held", a="1"), metadata__finalizers=["example.com/hold"])
    await scene.deploy(held, web(GOOD_1))
    ending = await scene.uninstall(timeout=2.0)
    assert ending.code == 3
    assert isinstance(ending.error, UninstallFailed)
    assert ending.sentence == (
        "not uninstalled: configmap/held could not be deleted: it is still there, and waits for example.com/hold"
    )
    assert await scene.history() == ["good", "failed"]
    assert await scene.names("Deployment") == set()
    await scene.edits("ConfigMap", "held", "", "metadata/finalizers", [])
    assert (await scene.uninstall()).code == 0
    assert await everything(scene) == set()


@story
async def test_after_an_uninstallation_that_failed_recover_brings_the_last_good_release_back(scene: Scene) -> None:
    held = altered(config("held", a="1"), metadata__finalizers=["example.com/hold"])
    await scene.deploy(held, web(GOOD_1))
    await scene.uninstall(timeout=2.0)
    await scene.edits("ConfigMap", "held", "", "metadata/finalizers", [])
    assert (await scene.recover()).code == 0
    assert (await scene.verify()).holds
    assert await scene.history() == ["good", "failed", "good=1"]


@story
async def test_things_go_in_the_opposite_order_of_their_coming(scene: Scene) -> None:
    await scene.deploy(*SHOP)
    planned = (await scene.uninstall()).told(Planned)[0]
    waves = [sorted({change.ref.kind for change in step.changes}) for step in planned.plan.steps]
    assert waves == [["Deployment"], ["Service"], ["ConfigMap", "Secret"]]
    assert all(isinstance(step, Prune) and step.must_go for step in planned.plan.steps)


@story
async def test_planning_an_uninstallation_changes_nothing(scene: Scene) -> None:
    await scene.deploy(*SHOP)
    before = await everything(scene)
    async with scene.working() as deployer:
        plan = await deployer.plan_uninstall(NAME)
    assert {change.op for change in plan.changes} == {Op.DELETE}
    assert len(plan.changes) == len(SHOP)
    assert await everything(scene) == before


@story
async def test_a_name_that_is_not_there_is_no_uninstallation_and_leaves_no_lease(scene: Scene) -> None:
    await scene.deploy(config("app", a="1"))
    async with scene.working() as deployer:
        with pytest.raises(ReleaseNotFound) as caught:
            await deployer.uninstall("shpo", options=scene.options())
    assert caught.value.hint == "did you mean shop?"
    assert "lastgood.shpo" not in await scene.names("Lease")


@story
async def test_the_release_goes_on_after_being_deployed_again(scene: Scene) -> None:
    await scene.deploy(*SHOP)
    await scene.uninstall()
    again = await scene.deploy(*SHOP)
    assert again.told(Recorded)[0].release.number == 1
    assert await scene.history() == ["good"]


@story
async def test_a_stateful_set_goes_and_its_own_claims_stay(scene: Scene) -> None:
    await scene.deploy(stateful(GOOD_1))
    assert (await scene.uninstall()).code == 0
    assert await scene.names("StatefulSet") == set()
