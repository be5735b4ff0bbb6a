"""Single resources are changed beside a release: what a pipeline's Scale, Patch and Rollout steps do."""

from __future__ import annotations

from typing import Any

import pytest

from lastgood.errors import Forbidden, NotFound, Rejected, SettingError
from lastgood.model.event import Written
from lastgood.model.operation import Amount, Command
from lastgood.model.patching import Style
from lastgood.model.release import Mode
from lastgood.model.resource import Body, Ref
from lastgood.operating import apply, delete, find, look_back, meant, patch, read_patch, roll_out, scale, site_of
from lastgood.ports import Right
from tests.stories.cast import GOOD_1, GOOD_2, GOOD_3, MISSING, config, daemon, made, stateful, web
from tests.stories.site import WITHIN, at_work, what, workload
from tests.stories.stage import MemoryStage, Scene, story
from tests.stories.test_autoscalers import hpa, replicas

RESTARTED = "kubectl.kubernetes.io/restartedAt"
CAUSE = "kubernetes.io/change-cause"


async def live_one(scene: Scene, name: str = "web", kind: str = "Deployment") -> Body:
    found = await scene.live(kind, name, "apps")
    assert found is not None
    return found


async def environment(scene: Scene, name: str = "web") -> dict[str, Any]:
    container = (await live_one(scene, name))["spec"]["template"]["spec"]["containers"][0]
    return {one["name"]: one.get("value") for one in container.get("env") or ()}


# --- scale


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("stage", ["memory", pytest.param("lab", marks=pytest.mark.cluster)], indirect=True)
def test_a_scale_stays_through_an_undo_and_the_next_release_takes_its_own_number_back(stage: Any, mode: Mode) -> None:
    """In standard mode a rollback leaves it; in declarative mode the stored manifest says how many."""

    async def play(scene: Scene) -> None:
        scene.mode = mode
        assert (await scene.deploy(web(GOOD_1))).code == 0
        async with at_work(scene) as site:
            done = await scale(site, workload(scene), Amount(4), within=WITHIN)
        assert (done.ok, what(done), done.touched[0].note) == (
            True,
            {"deployment.apps/web": "update"},
            "scaled from 2 to 4",
        )
        assert (await replicas(scene), len(await scene.pods())) == (4, 4)
        assert (await scene.deploy(web(GOOD_2))).code == 0
        assert await replicas(scene) == 2
        async with at_work(scene) as site:
            await scale(site, workload(scene), Amount(3), within=WITHIN)
        assert (await scene.rollback()).code == 0
        assert await replicas(scene) == (3 if mode is Mode.STANDARD else 2)

    stage.play(play)


@story
async def test_percent_are_of_what_is_wanted_now_rounded_up(scene: Scene) -> None:
    async with at_work(scene) as site:
        await apply(site, (web(GOOD_1, replicas=3), stateful(GOOD_1, replicas=1)), within=WITHIN)
        half = await scale(site, workload(scene), Amount(50, percent=True), within=WITHIN)
        none = await scale(site, workload(scene), Amount(0), within=WITHIN)
        twice = await scale(site, workload(scene, "db", "StatefulSet"), Amount(200, percent=True), within=WITHIN)
        again = await scale(site, workload(scene), Amount(0), within=WITHIN)
        based = await scale(site, workload(scene), Amount(34, percent=True), base=3, within=WITHIN)
    assert based.touched[0].note == "scaled from 0 to 2"
    assert [one.touched[0].note for one in (half, none, twice, again)] == [
        "scaled from 3 to 2",
        "scaled from 2 to 0",
        "scaled from 1 to 2",
        "it has 0 replicas already",
    ]
    assert (again.ok, what(again)) == (True, {"deployment.apps/web": "keep"})
    assert (await replicas(scene), len(await scene.pods())) == (2, 2)


async def _scaled_in_between(scene: Scene) -> None:
    """Half of 3 is 2, also if that is found to be so already: the answer to a first try may have been lost."""
    assert scene.memory is not None
    memory, met, ref = scene.memory, list[Any](), workload(scene)
    assert (await scene.deploy(web(GOOD_1, replicas=3))).code == 0

    def meddle(request: Any) -> None:
        if request.verb == "patch" and not met:
            met.append(request)
            memory.edit(ref, lambda body: body["spec"].update(replicas=2))

    memory.on_request = meddle
    async with at_work(scene) as site:
        done = await scale(site, ref, Amount(50, percent=True), within=WITHIN)
    assert (done.touched[0].note, await replicas(scene)) == ("it has 2 replicas already", 2)


def test_percent_are_taken_once() -> None:
    MemoryStage().play(_scaled_in_between)


@story
async def test_what_has_no_replicas_or_is_not_there_cannot_be_scaled(scene: Scene) -> None:
    async with at_work(scene) as site:
        await apply(site, (daemon(GOOD_1), web(GOOD_1)), within=WITHIN)
        with pytest.raises(SettingError, match="a DaemonSet has one pod on each node"):
            await scale(site, workload(scene, "agent", "DaemonSet"), Amount(2), within=WITHIN)
        with pytest.raises(SettingError, match="a ConfigMap has no replicas"):
            await scale(site, Ref("", "ConfigMap", scene.namespace, "app", "v1"), Amount(2), within=WITHIN)
        with pytest.raises(NotFound, match=r"there is no deployment\.apps/wep") as caught:
            await scale(site, workload(scene, "wep"), Amount(2), within=WITHIN)
    assert caught.value.hint == "did you mean web?"


@story
async def test_what_an_autoscaler_scales_is_left_to_it(scene: Scene) -> None:
    async with at_work(scene) as site:
        await apply(site, (web(GOOD_1), hpa(least=2, most=2)), within=WITHIN)
        with pytest.raises(Rejected, match=r"is scaled by horizontalpodautoscaler.autoscaling/web"):
            await scale(site, workload(scene), Amount(5), within=WITHIN)
    assert await replicas(scene) == 2


async def _without_the_right(scene: Scene) -> None:
    assert scene.memory is not None
    assert (await scene.deploy(web(GOOD_1))).code == 0
    scene.memory.deny(Right("patch", "apps", "deployments/scale", scene.namespace))
    async with at_work(scene) as site:
        with pytest.raises(Forbidden, match=r"patch deployments\.apps/scale in namespace stories"):
            await scale(site, workload(scene), Amount(5), within=WITHIN)
    assert await replicas(scene) == 2


def test_a_missing_right_is_told_before_the_first_write() -> None:
    MemoryStage().play(_without_the_right)


# --- patch


@story
async def test_a_patch_stays_through_the_next_releases_unless_they_say_it_themselves(scene: Scene) -> None:
    """What it added stays, what it changed is the release's again; its cause stands on the resource."""
    assert (await scene.deploy(web(GOOD_1))).code == 0
    wanted = {"spec": {"replicas": 3, "revisionHistoryLimit": 4}}
    async with at_work(scene) as site:
        done = await patch(site, workload(scene), wanted, style=Style.MERGE, cause="by hand", within=WITHIN)
    live = await live_one(scene)
    assert (done.ok, what(done), done.touched[0].note) == (True, {"deployment.apps/web": "update"}, "patched (merge)")
    assert (live["spec"]["replicas"], live["spec"]["revisionHistoryLimit"]) == (3, 4)
    assert live["metadata"]["annotations"][CAUSE] == "by hand"
    assert (await scene.deploy(web(GOOD_2))).code == 0
    live = await live_one(scene)
    assert (live["spec"]["replicas"], live["spec"]["revisionHistoryLimit"]) == (2, 4)
    assert (await scene.verify()).holds


@story
async def test_operations_of_a_json_patch_are_done_and_their_tests_hold(scene: Scene) -> None:
    """A test that does not hold is no conflict that another try would solve."""
    async with at_work(scene) as site:
        await apply(site, (config(a="1"),), within=WITHIN)
        ref = Ref("", "ConfigMap", scene.namespace, "app", "v1")
        operations = read_patch('[{"op": "add", "path": "/data/b", "value": "2"}]', Style.JSON, "patch.json")
        await patch(site, ref, operations, style=Style.JSON, cause="more", within=WITHIN)
        again = await patch(site, ref, operations, style=Style.JSON, within=WITHIN)
        test = [{"op": "test", "path": "/data/a", "value": "9"}, *operations]
        with pytest.raises(Rejected, match="a test in the patch does not hold"):
            await patch(site, ref, test, style=Style.JSON, within=WITHIN)
    live = await scene.live("ConfigMap", "app")
    assert live is not None
    assert (live["data"], live["metadata"]["annotations"]) == ({"a": "1", "b": "2"}, {CAUSE: "more"})
    assert what(again) == {"configmap/app": "keep"}


@story
async def test_a_strategic_patch_merges_what_has_names(scene: Scene) -> None:
    """A container gets one variable more, and keeps its image; a merge patch would have replaced the list."""
    container = {"name": "web", "env": [{"name": "LOG", "value": "debug"}]}
    wanted = {"spec": {"template": {"spec": {"containers": [container]}}}}
    async with at_work(scene) as site:
        await apply(site, (web(GOOD_1),), within=WITHIN)
        done = await patch(site, workload(scene), wanted, within=WITHIN)
        nothing = await patch(site, workload(scene), wanted, within=WITHIN)
    assert (done.ok, await environment(scene), await scene.image()) == (True, {"LOG": "debug"}, GOOD_1)
    assert what(nothing) == {"deployment.apps/web": "keep"}


@story
async def test_a_custom_resource_takes_no_strategic_patch_and_is_told_what_it_takes(scene: Scene) -> None:
    """Its scale is where its definition says."""
    group = f"{scene.namespace}.example.com"
    definition = _definition(f"things.{group}", group)
    thing, ref = (
        made(f"{group}/v1", "Thing", "a", spec={"replicas": 1}),
        Ref(group, "Thing", scene.namespace, "a", "v1"),
    )
    async with at_work(scene) as site:
        assert (await apply(site, (definition, thing), within=WITHIN)).ok
        try:
            assert await find(site, ["th/a", "Thing/a"]) == (ref,)
            with pytest.raises(Rejected) as caught:
                await patch(site, ref, {"spec": {"a": "b"}}, within=WITHIN)
            assert caught.value.hint == "custom resources take merge and json patches only"
            assert (await patch(site, ref, {"spec": {"a": "b"}}, style=Style.MERGE, within=WITHIN)).ok
            scaled = await scale(site, ref, Amount(3), within=WITHIN)
            assert scaled.touched[0].note == "scaled from 1 to 3"
        finally:
            await delete(site, [definition.ref], within=WITHIN)


def _definition(name: str, group: str) -> Any:
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    paths = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema, "subresources": {"scale": paths}}
    names = {"kind": "Thing", "plural": "things", "singular": "thing", "shortNames": ["th"]}
    spec = {"group": group, "scope": "Namespaced", "names": names, "versions": [version]}
    return made("apiextensions.k8s.io/v1", "CustomResourceDefinition", name, spec=spec)


@pytest.mark.pods
@story
async def test_a_patch_that_breaks_pods_is_told_with_their_reason_and_stays(scene: Scene) -> None:
    """Nothing here is rolled back: whoever patches writes what undoes it."""
    image = [{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": MISSING}]
    async with at_work(scene) as site:
        await apply(site, (web(GOOD_1),), within=WITHIN)
        done = await patch(site, workload(scene), image, style=Style.JSON, within=WITHIN)
    assert not done.ok
    assert done.failure.startswith("deployment.apps/web: container web cannot start")
    assert what(done) == {"deployment.apps/web": "update"}
    assert await scene.image() == MISSING


async def _somebody_writes_in_between(scene: Scene) -> None:
    """A conflict is decided anew, and told once."""
    assert scene.memory is not None
    events: list[Any] = []
    async with scene.open(events.append) as deployer:
        site, memory = site_of(deployer), scene.memory
        await apply(site, (config(a="1"),), within=WITHIN)
        ref = Ref("", "ConfigMap", scene.namespace, "app", "v1")
        met: list[Any] = []

        def meddle(request: Any) -> None:
            if request.verb == "patch" and not met:
                met.append(request)
                memory.edit(ref, lambda body: body["data"].update(c="3"))

        memory.on_request = meddle
        done = await patch(site, ref, {"data": {"b": "2"}}, style=Style.MERGE, within=WITHIN)
    live = await scene.live("ConfigMap", "app")
    assert live is not None
    assert (done.ok, live["data"]) == (True, {"a": "1", "b": "2", "c": "3"})
    assert len([one for one in events if isinstance(one, Written) and one.note]) == 1


def test_a_change_is_decided_anew_when_somebody_writes_in_between() -> None:
    MemoryStage().play(_somebody_writes_in_between)


@pytest.mark.parametrize(
    ("text", "style"),
    [("a: [", Style.MERGE), ("- a", Style.MERGE), ("a: b", Style.JSON), ("- a: b", Style.JSON), ("", Style.STRATEGIC)],
)
def test_what_is_no_patch_says_what_is_expected(text: str, style: Style) -> None:
    with pytest.raises(Exception, match=r"patch\.yaml") as caught:
        read_patch(text, style, "patch.yaml")
    assert getattr(caught.value, "exit_code", None) == 2


def test_a_patch_may_be_written_as_yaml() -> None:
    assert read_patch("spec:\n  paused: true\n", Style.MERGE, "p") == {"spec": {"paused": True}}
    assert read_patch("- {op: remove, path: /spec}\n", Style.JSON, "p") == [{"op": "remove", "path": "/spec"}]


# --- rollout


@story
async def test_a_restart_replaces_all_pods_and_is_no_drift(scene: Scene) -> None:
    """As by kubectl: its annotation, on what may be restarted; the next release does not take it away."""
    assert (await scene.deploy(web(GOOD_1), stateful(GOOD_1), daemon(GOOD_1))).code == 0
    names = {"web": "Deployment", "db": "StatefulSet", "agent": "DaemonSet"}
    before = {name: {pod["metadata"]["uid"] for pod in await scene.pods(name)} for name in names}
    async with at_work(scene) as site:
        refs = [workload(scene, name, kind) for name, kind in names.items()]
        done = await roll_out(site, Command.RESTART, refs, waits=True, within=WITHIN)
    assert (done.ok, [one.note for one in done.touched]) == (True, ["restarted"] * 3)
    for name, kind in names.items():
        pods = {pod["metadata"]["uid"] for pod in await scene.pods(name)}
        assert pods
        assert not pods & before[name]
        assert RESTARTED in (await live_one(scene, name, kind))["spec"]["template"]["metadata"]["annotations"]
    assert (await scene.verify()).holds
    assert (await scene.deploy(web(GOOD_2), stateful(GOOD_1), daemon(GOOD_1))).code == 0
    assert RESTARTED in (await live_one(scene))["spec"]["template"]["metadata"]["annotations"]


@story
async def test_an_undo_goes_back_one_revision_or_to_the_one_asked_for(scene: Scene) -> None:
    async with at_work(scene) as site:
        for image in (GOOD_1, GOOD_2, GOOD_3):
            await apply(site, (web(image), stateful(image), daemon(image)), within=WITHIN)
        for name, kind in {"web": "Deployment", "db": "StatefulSet", "agent": "DaemonSet"}.items():
            ref = workload(scene, name, kind)
            assert [(one.number, one.is_live) for one in await look_back(site, ref)] == [
                (1, False),
                (2, False),
                (3, True),
            ]
            done = await roll_out(site, Command.UNDO, [ref], waits=True, within=WITHIN)
            assert (done.ok, await scene.image(name, kind)) == (True, GOOD_2), done.failure
            done = await roll_out(site, Command.UNDO, [ref], revision=1, waits=True, within=WITHIN)
            assert (done.ok, what(done), await scene.image(name, kind)) == (True, {str(ref): "undo"}, GOOD_1)
            assert [one.number for one in await look_back(site, ref)] == [3, 4, 5]
            again = await roll_out(site, Command.UNDO, [ref], revision=5, waits=True, within=WITHIN)
            assert (what(again), again.touched[0].note) == ({str(ref): "keep"}, "it is as in revision 5 already")
            with pytest.raises(Rejected, match="has no revision 9") as caught:
                await roll_out(site, Command.UNDO, [ref], revision=9, within=WITHIN)
            assert caught.value.hint == "it has 3, 4, 5"


@story
async def test_what_an_undo_brings_back_goes_with_the_next_release_that_lacks_it(scene: Scene) -> None:
    """The trap of kubectl's undo: what it brings back is nobody's, and lingers for ever."""
    with_x = {"env": [{"name": "X", "value": "1"}]}
    assert (await scene.deploy(web(GOOD_1, container=with_x))).code == 0
    assert (await scene.deploy(web(GOOD_2))).code == 0
    async with at_work(scene) as site:
        assert (await roll_out(site, Command.UNDO, [workload(scene)], waits=True, within=WITHIN)).ok
    assert (await environment(scene), await scene.image()) == ({"X": "1"}, GOOD_1)
    assert (await scene.deploy(web(GOOD_3))).code == 0
    assert (await environment(scene), await scene.image()) == ({}, GOOD_3)


@story
async def test_a_paused_deployment_does_nothing_until_it_is_resumed(scene: Scene) -> None:
    async with at_work(scene) as site:
        await apply(site, (web(GOOD_1),), within=WITHIN)
        ref = workload(scene)
        done = [await roll_out(site, Command.PAUSE, [ref]), await roll_out(site, Command.PAUSE, [ref])]
        for command in (Command.RESTART, Command.UNDO):
            with pytest.raises(Rejected, match="is paused") as caught:
                await roll_out(site, command, [ref])
            assert caught.value.hint == "resume it first"
        assert (await live_one(scene))["spec"]["paused"] is True
        done += [await roll_out(site, Command.RESUME, [ref]), await roll_out(site, Command.RESUME, [ref])]
    assert [one.touched[0].note for one in done] == ["paused", "it is paused already", "resumed", "it is not paused"]
    assert "paused" not in (await live_one(scene))["spec"]


@pytest.mark.pods
@story
async def test_status_waits_until_a_rollout_is_done_or_hopeless(scene: Scene) -> None:
    async with at_work(scene) as site:
        await apply(site, (web(GOOD_1),), skip_wait=True, within=WITHIN)
        well = await roll_out(site, Command.STATUS, [workload(scene)], within=WITHIN)
        await apply(site, (web(MISSING),), skip_wait=True, within=WITHIN)
        ill = await roll_out(site, Command.STATUS, [workload(scene)], within=WITHIN)
    assert (well.ok, ill.ok) == (True, False)
    assert "cannot start" in ill.failure


@story
async def test_what_is_not_for_a_kind_is_refused_before_anything_is_changed(scene: Scene) -> None:
    async with at_work(scene) as site:
        await apply(site, (web(GOOD_1), stateful(GOOD_1), config()), within=WITHIN)
        with pytest.raises(SettingError, match="pause is not for a StatefulSet: only for a Deployment"):
            await roll_out(site, Command.PAUSE, [workload(scene), workload(scene, "db", "StatefulSet")])
        with pytest.raises(SettingError, match="restart is not for a ConfigMap"):
            await roll_out(site, Command.RESTART, [Ref("", "ConfigMap", scene.namespace, "app", "v1")])
        with pytest.raises(NotFound):
            await roll_out(site, Command.PAUSE, [workload(scene), workload(scene, "none")])
    assert "paused" not in (await live_one(scene))["spec"]


def test_of_all_that_is_in_a_release_a_command_takes_what_it_is_for() -> None:
    refs = [one.ref for one in (config(), web(GOOD_1), stateful(GOOD_1))]
    assert [ref.kind for ref in meant(Command.RESTART, refs)] == ["Deployment", "StatefulSet"]
    assert [ref.kind for ref in meant(Command.PAUSE, refs)] == ["Deployment"]


@story
async def test_history_tells_why_each_revision_came_to_be(scene: Scene) -> None:
    """The change cause of the workload stands on the revision that it led to."""
    async with at_work(scene) as site:
        for image, cause in ((GOOD_1, "the first"), (GOOD_2, "a better one")):
            resource = web(image)
            body = {**resource.body, "metadata": {**resource.body["metadata"], "annotations": {CAUSE: cause}}}
            await apply(site, (resource.with_body(body),), within=WITHIN)
        found = await look_back(site, workload(scene))
    assert [(one.number, one.cause, one.is_live) for one in found] == [
        (1, "the first", False),
        (2, "a better one", True),
    ]
