"""Resources are applied and deleted beside a release: what a pipeline's Apply and Delete steps do."""

from __future__ import annotations

import pytest

from lastgood.errors import Forbidden, ManifestError, Rejected
from lastgood.model.health import condition_is
from lastgood.model.operation import Going, Propagation
from lastgood.model.plan import Op
from lastgood.model.resource import Ref
from lastgood.operating import apply, delete, diff, dry_run, find, refs_in, remove, site_of
from lastgood.owning import we_own
from lastgood.ports import Right
from tests.stories.cast import DONE, FAILS, GOOD_1, GOOD_2, MISSING, altered, config, job, made, secret, service, web
from tests.stories.site import WITHIN, at_work, what, workload
from tests.stories.stage import NAME, MemoryStage, Scene, story


@story
async def test_apply_is_no_part_of_a_release(scene: Scene) -> None:
    """What an apply made stays as it is through a failing deploy and its way back: same uid, same generation."""
    assert (await scene.deploy(config(color="blue"), web(GOOD_1, reads="app"))).code == 0
    async with at_work(scene) as site:
        done = await apply(site, (config("extra", a="1"), web(GOOD_1, "extra")), within=WITHIN)
    assert (done.ok, what(done)) == (True, {"configmap/extra": "create", "deployment.apps/extra": "create"})
    before = await scene.live("Deployment", "extra", "apps")
    assert (await scene.deploy(config(color="red"), web(MISSING, reads="app"))).code == 1
    after = await scene.live("Deployment", "extra", "apps")
    assert before is not None
    assert after is not None
    for field in ("uid", "generation"):
        assert before["metadata"][field] == after["metadata"][field]
    assert "lastgood.dev/release" not in (after["metadata"].get("labels") or {})
    assert all(one.name != "extra" for one in (await scene.record(1)).inventory)


@story
async def test_what_changed_is_told_apart_from_what_did_not(scene: Scene) -> None:
    """A ConfigMap is overwritten, under its own name; a field that is dropped goes."""
    async with at_work(scene) as site:
        await apply(site, (config("one", a="1", b="2"), config("two", a="1")), within=WITHIN)
        done = await apply(site, (config("one", a="1"), config("two", a="1")), within=WITHIN)
    assert what(done) == {"configmap/one": "update", "configmap/two": "keep"}
    assert [str(one.ref) for one in done.changed] == ["configmap/one"]
    live = await scene.live("ConfigMap", "one")
    assert live is not None
    assert live["data"] == {"a": "1"}


@pytest.mark.pods
@story
async def test_a_job_is_waited_for_and_made_anew_when_it_changed(scene: Scene) -> None:
    """Complete once it returns; the same again is left, another takes its place."""
    async with at_work(scene) as site:
        first = await apply(site, (job(DONE),), within=WITHIN)
        ran = await scene.live("Job", "migrate", "batch")
        again = await apply(site, (job(DONE),), within=WITHIN)
        other = await apply(site, (job(DONE, completions=2),), within=WITHIN)
    assert [(one.ok, what(one)["job.batch/migrate"]) for one in (first, again, other)] == [
        (True, "create"),
        (True, "keep"),
        (True, "replace"),
    ]
    now = await scene.live("Job", "migrate", "batch")
    assert ran is not None
    assert now is not None
    assert condition_is(ran, "Complete", "True")
    assert ran["metadata"]["uid"] != now["metadata"]["uid"]


@pytest.mark.pods
@story
async def test_a_job_that_fails_is_told_and_runs_again_when_it_is_applied_again(scene: Scene) -> None:
    async with at_work(scene) as site:
        first = await apply(site, (job(FAILS),), within=WITHIN)
        ran = await scene.live("Job", "migrate", "batch")
        again = await apply(site, (job(FAILS),), within=WITHIN)
        now = await scene.live("Job", "migrate", "batch")
    assert (first.ok, first.timed_out) == (False, False)
    assert "job.batch/migrate" in first.failure
    assert what(first) == {"job.batch/migrate": "create"}
    assert what(again) == {"job.batch/migrate": "replace"}
    assert ran is not None
    assert now is not None
    assert ran["metadata"]["uid"] != now["metadata"]["uid"]


@pytest.mark.pods
@story
async def test_what_is_not_healthy_fails_unless_it_is_not_waited_for(scene: Scene) -> None:
    async with at_work(scene) as site:
        skipped = await apply(site, (web(MISSING),), skip_wait=True, within=WITHIN)
        waited = await apply(site, (web(MISSING),), within=WITHIN)
    assert skipped.ok
    assert not waited.ok
    assert waited.failure.startswith("deployment.apps/web: container web cannot start")


@story
async def test_what_belongs_to_a_release_is_refused_unless_it_is_taken_over(scene: Scene) -> None:
    """Nothing is written, not even what belongs to nobody."""
    assert (await scene.deploy(config(color="blue"))).code == 0
    async with at_work(scene) as site:
        with pytest.raises(Rejected, match=f"configmap/app belongs to the release {NAME}"):
            await apply(site, (config("other"), config(color="red")), within=WITHIN)
        assert await scene.names() == {"app"}
        assert what(await apply(site, (config(color="red"),), take_over=True, within=WITHIN)) == {
            "configmap/app": "update"
        }
    live = await scene.live("ConfigMap", "app")
    assert live is not None
    assert "lastgood.dev/release" not in (live["metadata"].get("labels") or {})


@story
async def test_a_refused_dry_run_stops_all_and_a_skipped_one_only_what_is_refused(scene: Scene) -> None:
    """Without the dry run the waves before the refusal are written, and the result says so."""
    wrong = altered(web(GOOD_1), spec__selector__matchLabels__app="other")
    async with at_work(scene) as site:
        with pytest.raises(Rejected):
            await apply(site, (config(), wrong), within=WITHIN)
        assert await scene.names() == set()
        done = await apply(site, (config(), wrong), skip_dry_run=True, within=WITHIN)
    assert what(done) == {"configmap/app": "create"}
    assert done.failure.startswith("deployment.apps/web could not be written: ")


@story
async def test_what_is_wrong_with_the_manifests_is_told_before_all_else(scene: Scene) -> None:
    async with at_work(scene) as site:
        with pytest.raises(ManifestError, match="the cluster knows no kind Nothing"):
            await apply(site, (config(), made("x.io/v1", "Nothing", "a")), within=WITHIN)
        with pytest.raises(ManifestError, match="is there twice"):
            await apply(site, (config(), config()), within=WITHIN)
    assert await scene.names() == set()


async def _a_missing_right_is_told_before_the_first_write(scene: Scene) -> None:
    assert scene.memory is not None
    scene.memory.deny(Right("create", "apps", "deployments", scene.namespace))
    async with at_work(scene) as site:
        with pytest.raises(Forbidden, match=r"create deployments.apps in namespace stories"):
            await apply(site, (config(), web(GOOD_1)), within=WITHIN)
    assert await scene.names() == set()


def test_a_missing_right_is_told_before_the_first_write() -> None:
    MemoryStage().play(_a_missing_right_is_told_before_the_first_write)


# --- delete


@story
async def test_what_is_named_goes_and_what_is_not_there_is_no_error(scene: Scene) -> None:
    async with at_work(scene) as site:
        await apply(site, (config("one"), web(GOOD_1), service()), within=WITHIN)
        refs = await find(site, ["Deployment/web", f"{scene.namespace}/svc/web", "cm/one", "cm/none"])
        done = await delete(site, refs, within=WITHIN)
    assert what(done) == {"deployment.apps/web": "delete", "service/web": "delete", "configmap/one": "delete"}
    assert await scene.names() | await scene.names("Deployment") | await scene.names("Service") == set()


@story
async def test_what_is_in_manifests_goes_in_the_opposite_order(scene: Scene) -> None:
    resources = (config("one"), web(GOOD_1))
    async with at_work(scene) as site:
        await apply(site, resources, within=WITHIN)
        refs = await refs_in(site, (*resources, made("x.io/v1", "Nothing", "a")))
        done = await delete(site, refs, within=WITHIN)
    assert done.ok
    assert await scene.names() | await scene.names("Deployment") == set()


@story
async def test_pods_may_be_left_behind_or_be_given_no_time(scene: Scene) -> None:
    async with at_work(scene) as site:
        await apply(site, (web(GOOD_1, replicas=1),), within=WITHIN)
        orphaned = await delete(site, [workload(scene)], going=Going(Propagation.ORPHAN), within=WITHIN)
        assert (orphaned.ok, len(await scene.pods())) == (True, 1)
        pods = [Ref("", "Pod", scene.namespace, one["metadata"]["name"], "v1") for one in await scene.pods()]
        sets = await find(site, [f"rs/{name}" for name in await scene.names("ReplicaSet")])
        done = await delete(site, [*sets, *pods], going=Going(Propagation.BACKGROUND, grace=0), within=WITHIN)
    assert done.ok
    assert await scene.pods() == []


@story
async def test_what_does_not_go_is_told(scene: Scene) -> None:
    """A finalizer that nobody takes away keeps it."""
    held = altered(config("held"), metadata__finalizers=["example.com/never"])
    async with at_work(scene) as site:
        await apply(site, (config("one"), held), within=WITHIN)
        done = await delete(site, await refs_in(site, (config("one"), held)), within=3.0)
    assert what(done) == {"configmap/one": "delete"}
    assert "configmap/held could not be deleted: it is still there, and waits for example.com/never" in done.failure
    await scene.edits("ConfigMap", "held", "", "metadata/finalizers", [])


@story
async def test_a_release_goes_with_its_history_and_twice_is_as_once(scene: Scene) -> None:
    assert (await scene.deploy(config(), web(GOOD_1))).code == 0
    assert (await scene.deploy(config(a="1"), web(GOOD_2))).code == 0
    async with scene.working() as deployer:
        done = await remove(deployer, NAME, options=scene.options())
        again = await remove(deployer, NAME, options=scene.options())
        assert await deployer.store.summaries(NAME) == ()
    assert {one.op for one in done.touched} == {Op.DELETE}
    assert what(done).keys() == {"configmap/app", "deployment.apps/web"}
    assert (again.ok, again.touched) == (True, ())
    assert await scene.names() | await scene.names("Deployment") == set()


@story
async def test_a_release_whose_history_is_gone_is_known_by_its_labels(scene: Scene) -> None:
    """What others have made in its namespace stays, and what is never pruned."""
    kept = altered(config("kept"), metadata__annotations={"harness.io/skipPruning": "true"})
    assert (await scene.deploy(config(), kept, service(), web(GOOD_1, replicas=1))).code == 0
    async with scene.working() as deployer:
        await apply(site_of(deployer), (config("other"),), within=WITHIN)
        await deployer.store.delete(NAME, 1)
        done = await remove(deployer, NAME, options=scene.options())
    assert what(done).keys() == {"configmap/app", "service/web", "deployment.apps/web"}
    assert await scene.names() == {"kept", "other"}
    assert await scene.names("Deployment") | await scene.names("Service") == set()


async def _a_release_may_take_its_namespace_with_it(scene: Scene) -> None:
    assert (await scene.deploy(config())).code == 0
    async with scene.working() as deployer:
        done = await remove(deployer, NAME, with_namespace=True, options=scene.options())
        space = Ref("", "Namespace", "", scene.namespace, "v1")
        assert await deployer.cluster.read([space]) == {}
    assert f"namespace/{scene.namespace}" in what(done)


def test_a_release_may_take_its_namespace_with_it() -> None:
    MemoryStage().play(_a_release_may_take_its_namespace_with_it)


# --- dry run and diff


@story
async def test_a_dry_run_shows_what_the_api_would_make_and_no_secret(scene: Scene) -> None:
    async with at_work(scene) as site:
        preview = await dry_run(site, (secret("key", password="aHVudGVyMg=="), web(GOOD_1), service()))
    assert "aHVudGVyMg==" not in preview.text
    assert "password: '*****'" in preview.text
    assert "terminationGracePeriodSeconds: 30" in preview.text
    assert preview.text.count("---\n") == 2
    assert not preview.unchecked
    assert await scene.names("Secret") | await scene.names("Deployment") == set()


@story
async def test_what_cannot_be_tried_yet_stands_as_it_is_written(scene: Scene) -> None:
    elsewhere = altered(config("one", a="1"), metadata__namespace="elsewhere-yet-to-be")
    async with at_work(scene) as site:
        preview = await dry_run(site, (made("v1", "Namespace", "elsewhere-yet-to-be"), elsewhere))
    assert list(map(str, preview.unchecked)) == ["configmap/one"]
    assert "# not checked: its namespace is created by this plan\n" in preview.text


@story
async def test_a_diff_shows_what_would_change_and_neither_secrets_nor_marks(scene: Scene) -> None:
    """Against what a release has made: its labels and its hash of configuration are no difference."""
    mine = (config(color="blue"), secret("key", password="aHVudGVyMg=="), web(GOOD_1, reads="app"))
    assert (await scene.deploy(*mine)).code == 0
    new = (config(color="blue"), secret("key", password="YW5vdGhlcg=="), web(GOOD_2, reads="app"), config("new"))
    async with at_work(scene) as site:
        same, found = await diff(site, mine), await diff(site, new)
    assert not same.differs
    assert {str(one.ref): [field.path for field in one.fields] for one in found.changes if one.writes} == {
        "configmap/new": [],
        "secret/key": ["data.password"],
        "deployment.apps/web": ["spec.template.spec.containers[name=web].image"],
    }
    assert "YW5vdGhlcg==" not in str([one.fields for one in found.changes])


@story
async def test_an_applied_resource_can_be_deployed_by_a_release_later(scene: Scene) -> None:
    """It was ours already: the release has it from then on, with the labels of one."""
    async with at_work(scene) as site:
        await apply(site, (config(color="blue", old="1"),), within=WITHIN)
    assert (await scene.deploy(config(color="red"))).code == 0
    live = await scene.live("ConfigMap", "app")
    assert live is not None
    assert live["data"] == {"color": "red"}
    assert live["metadata"]["labels"]["lastgood.dev/release"] == NAME
    assert we_own(live, ("data", "color"))
