"""What somebody asks who comes to a release that others have deployed."""

from __future__ import annotations

import pytest

from lastgood.errors import ReleaseNotFound
from lastgood.model.plan import Op
from lastgood.model.release import State
from tests.stories.cast import GOOD_1, GOOD_2, MISSING, config, secret, web
from tests.stories.stage import NAME, Scene, story


@story
async def test_status_of_a_release_that_is_live_and_healthy(scene: Scene) -> None:
    await scene.deploy(config("app", a="1"), web(GOOD_1))
    async with scene.working() as deployer:
        status = await deployer.status(NAME)
    assert (status.name, status.namespace, status.holder) == (NAME, scene.namespace, "")
    assert status.live is not None
    assert status.live.number == 1
    assert status.latest is not None
    assert status.latest.number == 1
    assert status.holds


@story
async def test_status_tells_the_failed_attempt_beside_what_is_live(scene: Scene) -> None:
    await scene.deploy(web(GOOD_1))
    await scene.deploy(web(MISSING))
    async with scene.working() as deployer:
        status = await deployer.status(NAME)
    assert status.live is not None
    assert status.live.number == 3
    assert [one.state for one in status.history.summaries] == [State.GOOD, State.FAILED, State.GOOD]
    assert status.holds


@story
async def test_status_sees_what_somebody_changed(scene: Scene) -> None:
    await scene.deploy(config("app", a="1"), web(GOOD_1))
    await scene.edits("ConfigMap", "app", "", "data/a", "9")
    async with scene.working() as deployer:
        assert not (await deployer.status(NAME)).holds


@story
async def test_status_without_a_good_release(scene: Scene) -> None:
    await scene.deploy(web(MISSING))
    async with scene.working() as deployer:
        status = await deployer.status(NAME)
    assert (status.live, status.proof, status.holds) == (None, None, False)
    assert status.latest is not None
    assert status.latest.state is State.FAILED


@story
async def test_status_names_the_run_that_is_at_work(scene: Scene) -> None:
    await scene.deploy(config("app", a="1"))
    async with scene.working() as worker, worker._hold(NAME, scene.options()) as run, scene.working() as deployer:
        assert (await deployer.status(NAME)).holder == run.lease.holder
    async with scene.working() as deployer:
        assert (await deployer.status(NAME)).holder == ""


@story
async def test_the_names_of_a_namespace(scene: Scene) -> None:
    await scene.deploy(config("app", a="1"), name="shop")
    await scene.deploy(config("lib", a="1"), name="basket")
    await scene.deploy(config("lib", a="2"), name="basket")
    async with scene.working() as deployer:
        listed = await deployer.list()
    assert [(one.name, one.namespace, one.history.next_number) for one in listed] == [
        ("basket", scene.namespace, 3),
        ("shop", scene.namespace, 2),
    ]


@story
async def test_the_names_of_all_namespaces_have_this_one_among_them(scene: Scene) -> None:
    await scene.deploy(config("app", a="1"))
    async with scene.working() as deployer:
        found = {(one.namespace, one.name) for one in await deployer.list(everywhere=True)}
    assert (scene.namespace, NAME) in found


@story
async def test_the_difference_of_two_releases_is_told_from_their_records(scene: Scene) -> None:
    await scene.deploy(config("app", a="1"), config("old", b="1"), web(GOOD_1))
    await scene.deploy(config("app", a="2"), config("new", c="1"), web(GOOD_1))
    async with scene.working() as deployer:
        found = await deployer.diff(NAME, 1, 2)
    assert [(one.op, one.ref.name) for one in found.changes] == [
        (Op.UPDATE, "app"),
        (Op.CREATE, "new"),
        (Op.DELETE, "old"),
        (Op.KEEP, "web"),
    ]
    assert [(one.path, one.before, one.after) for one in found.changes[0].fields] == [("data.a", "1", "2")]


@story
async def test_the_difference_from_live_to_the_last_good_release(scene: Scene) -> None:
    await scene.deploy(config("app", a="1"), config("lib", a="1"))
    await scene.edits("ConfigMap", "app", "", "data/a", "9")
    async with scene.working() as deployer:
        found = await deployer.diff(NAME)
    assert (found.before, found.after) == (None, 1)
    (only,) = found.differing
    assert [(one.path, one.before, one.after) for one in only.fields] == [("data.a", "9", "1")]


@story
async def test_the_difference_from_live_to_an_older_release(scene: Scene) -> None:
    await scene.deploy(config("app", a="1"), web(GOOD_1))
    await scene.deploy(config("app", a="2"), web(GOOD_2))
    async with scene.working() as deployer:
        found = await deployer.diff(NAME, after=1)
    assert {one.ref.name for one in found.differing} == {"app", "web"}


@story
async def test_values_of_secrets_are_masked_in_a_difference(scene: Scene) -> None:
    await scene.deploy(secret("token", t="b2xk"))
    await scene.deploy(secret("token", t="bmV3"))
    async with scene.working() as deployer:
        (change,) = (await deployer.diff(NAME, 1, 2)).differing
    assert [(one.path, one.before, one.after) for one in change.fields] == [("data.t", "*****", "*****")]


@story
async def test_there_is_no_difference_from_a_release_that_is_not_there(scene: Scene) -> None:
    await scene.deploy(web(MISSING))
    async with scene.working() as deployer:
        with pytest.raises(ReleaseNotFound, match="shop has no good release to compare with"):
            await deployer.diff(NAME)


@story
async def test_what_a_rollback_would_do_is_told_before_it_is_done(scene: Scene) -> None:
    await scene.deploy(config("app", a="1"), web(GOOD_1))
    await scene.deploy(config("app", a="2"), web(GOOD_1))
    async with scene.working() as deployer:
        plan = await deployer.plan_rollback(NAME, to=None)
    assert [(one.op, one.ref.name) for one in plan.writes] == [(Op.UPDATE, "app")]
    assert await scene.history() == ["good", "good"]
