"""Fields that others hold with other values: taken and named, kept, or a reason to refuse."""

from __future__ import annotations

from typing import Any

import pytest

from lastgood.errors import FieldConflict, ManifestError
from lastgood.model.event import Written
from lastgood.model.request import OnConflict
from lastgood.model.resource import Item, Path, Ref, Resource
from lastgood.owning import owners, value_at, we_own
from tests.stories.cast import GOOD_1, GOOD_2, GOOD_3, MISSING, altered, config, made, web
from tests.stories.stage import Scene, story

KEEP, FAIL = OnConflict.KEEP, OnConflict.FAIL
WEB = ("Deployment", "web", "apps")
CONTAINER: Path = ("spec", "template", "spec", "containers", Item("name", "web"))
POLICY = "metadata__annotations"


def with_policy(resource: Resource, policy: str) -> Resource:
    """The resource says it itself."""
    return altered(resource, **{POLICY: {"lastgood.dev/on-conflict": policy}})


async def managed(scene: Scene, kind: str, name: str, group: str = "") -> Any:
    """Who wrote what, but for the status: it moves with every write that a person or a tool makes."""
    live = await scene.live(kind, name, group)
    assert live is not None
    return [one for one in live["metadata"]["managedFields"] if not one.get("subresource")]


async def value(scene: Scene, path: Path, kind: str = "Deployment", name: str = "web", group: str = "apps") -> Any:
    live = await scene.live(kind, name, group)
    assert live is not None
    return value_at(live, path)


async def sets_image(scene: Scene, image: str) -> None:
    """Somebody sets the image of the live Deployment."""
    await scene.edits(*WEB, "spec/template/spec/containers/0/image", image)


@story
async def test_what_was_taken_is_named_with_whose_it_was(scene: Scene) -> None:
    assert (await scene.deploy(config(a="1"), web(GOOD_1))).code == 0
    await sets_image(scene, GOOD_3)
    ending = await scene.deploy(config(a="2"), web(GOOD_2))
    assert ending.code == 0, ending.sentence
    taken = [(one.path, one.owner.partition("-")[0]) for event in ending.told(Written) for one in event.taken]
    assert [("spec.template.spec.containers[name=web].image", "kubectl")] == taken
    assert await scene.image() == GOOD_2


@story
async def test_what_is_kept_stays_as_it_is_and_theirs(scene: Scene) -> None:
    """The rest of the release is applied; it is good and proved, and the same again changes nothing."""
    assert (await scene.deploy(config(a="1"), web(GOOD_1))).code == 0
    await sets_image(scene, GOOD_3)
    wanted = (config(a="2"), web(GOOD_2))
    ending = await scene.deploy(*wanted, on_conflict=KEEP)
    assert ending.code == 0, ending.sentence
    assert (GOOD_3, {"a": "2"}) == (await scene.image(), await value(scene, ("data",), "ConfigMap", "app", ""))
    live = await scene.live(*WEB)
    assert live is not None
    assert not we_own(live, (*CONTAINER, "image"))
    assert owners(live, (*CONTAINER, "image"))
    assert (await scene.verify()).holds
    assert (await scene.deploy(*wanted, on_conflict=KEEP)).code == 0
    assert await scene.history() == ["good", "good"]


@story
async def test_a_kept_field_is_no_longer_in_the_way_of_a_restore(scene: Scene) -> None:
    """What was left to others once is theirs through a failure of a later release as well."""
    assert (await scene.deploy(web(GOOD_1))).code == 0
    await scene.edits(*WEB, "spec/replicas", 1)
    assert (await scene.deploy(web(GOOD_2), on_conflict=KEEP)).code == 0
    ending = await scene.deploy(web(MISSING), on_conflict=KEEP)
    assert ending.code == 1, ending.sentence
    assert (GOOD_2, 1) == (await scene.image(), await value(scene, ("spec", "replicas")))


@story
async def test_what_somebody_added_by_hand_goes_or_is_kept(scene: Scene) -> None:
    """The files do not have it: that is a difference too, which ``verify`` finds and a deploy takes away."""
    assert (await scene.deploy(config(a="1"), web(GOOD_1))).code == 0
    await adds(scene, "b", "theirs")
    assert ["data.b"] == [one.path for finding in (await scene.verify()).failures for one in finding.fields]
    assert (await scene.deploy(config(a="2"), web(GOOD_1), on_conflict=KEEP)).code == 0
    assert {"a": "2", "b": "theirs"} == await value(scene, ("data",), "ConfigMap", "app", "")
    assert (await scene.deploy(config(a="3"), web(GOOD_1))).code == 0
    assert {"a": "3"} == await value(scene, ("data",), "ConfigMap", "app", "")


async def adds(scene: Scene, key: str, text: str) -> None:
    """Somebody adds a key to the ConfigMap."""
    if scene.memory is not None:
        ref = Ref("", "ConfigMap", scene.namespace, "app")
        scene.memory.edit(ref, lambda body: body["data"].update({key: text}))
    else:
        scene.kubectl("patch", "configmap", "app", "--type=merge", "-p", f'{{"data":{{"{key}":"{text}"}}}}')


@story
async def test_a_conflict_can_be_a_reason_to_refuse_before_anything_is_changed(scene: Scene) -> None:
    assert (await scene.deploy(config(a="1"), web(GOOD_1))).code == 0
    await sets_image(scene, GOOD_3)
    before = [await managed(scene, "ConfigMap", "app"), await managed(scene, *WEB)]
    ending = await scene.deploy(config(a="2"), web(GOOD_2), on_conflict=FAIL)
    assert (4, True) == (ending.code, isinstance(ending.error, FieldConflict)), ending.sentence
    for words in ("deployment.apps/web", "spec.template.spec.containers[name=web].image", "kubectl"):
        assert words in ending.sentence
    assert before == [await managed(scene, "ConfigMap", "app"), await managed(scene, *WEB)]
    assert await scene.history() == ["good"]


@story
async def test_without_a_conflict_nothing_is_refused(scene: Scene) -> None:
    """A change by hand to what the files say as well is nobody's loss."""
    assert (await scene.deploy(web(GOOD_1))).code == 0
    await sets_image(scene, GOOD_2)
    assert (await scene.deploy(web(GOOD_2), on_conflict=FAIL)).code == 0
    assert await scene.image() == GOOD_2


@story
async def test_a_resource_says_itself_field_by_field_what_it_wants(scene: Scene) -> None:
    """The longest name above the field counts, before the flag."""
    assert (await scene.deploy(web(GOOD_1))).code == 0
    await sets_image(scene, GOOD_3)
    await scene.edits(*WEB, "spec/replicas", 1)
    wanted = with_policy(web(GOOD_2), "fail, spec.template=take, spec.replicas=keep")
    ending = await scene.deploy(wanted, on_conflict=FAIL)
    assert ending.code == 0, ending.sentence
    assert (GOOD_2, 1) == (await scene.image(), await value(scene, ("spec", "replicas")))
    assert (await scene.verify()).holds


@story
async def test_a_policy_that_is_none_is_refused_before_anything_is_written(scene: Scene) -> None:
    ending = await scene.deploy(config("app"), with_policy(web(GOOD_1), "spec.replicas=mine"))
    assert (2, True) == (ending.code, isinstance(ending.error, ManifestError))
    assert "deployment.apps/web" in ending.sentence
    assert await scene.names() == set()


@story
async def test_a_list_without_keys_is_kept_as_a_whole(scene: Scene) -> None:
    """Arguments mean something only together."""
    wanted = web(GOOD_1, container={"args": ["serve", "--fast"]})
    assert (await scene.deploy(wanted)).code == 0
    await scene.edits(*WEB, "spec/template/spec/containers/0/args", ["serve", "--slow"])
    changed = web(GOOD_2, container={"args": ["serve", "--fast"]})
    ending = await scene.deploy(changed, on_conflict=KEEP)
    assert ending.code == 0, ending.sentence
    assert (GOOD_2, ["serve", "--slow"]) == (await scene.image(), await value(scene, (*CONTAINER, "args")))


@pytest.mark.parametrize("policy", [OnConflict.TAKE, KEEP])
@pytest.mark.parametrize("stage", ["memory"], indirect=True)
def test_a_field_of_a_controller_is_taken_or_kept(stage: Any, policy: OnConflict) -> None:
    """As cert-manager's caBundle: by default the files win once more, with ``keep`` nobody fights."""

    async def play(scene: Scene) -> None:
        assert (await scene.deploy(settings(bundle=""))).code == 0
        assert scene.memory is not None
        ref = Ref("", "ConfigMap", scene.namespace, "trust")
        scene.memory.edit(ref, lambda body: body["data"].update(bundle="cert"), manager="cert-manager-cainjector")
        assert (await scene.deploy(settings(bundle="", more="1"), on_conflict=policy)).code == 0
        found = await value(scene, ("data", "bundle"), "ConfigMap", "trust", "")
        assert {OnConflict.TAKE: "", KEEP: "cert"}[policy] == found

    stage.play(play)


def settings(**data: str) -> Resource:
    """A ConfigMap of which a controller writes a part."""
    return made("v1", "ConfigMap", "trust", data=data)


ENV: Path = (*CONTAINER, "env")


async def sets_variable(scene: Scene, name: str, value: str) -> None:
    """Somebody types ``kubectl set env``."""
    if scene.memory is None:
        scene.kubectl("set", "env", "deployment/web", f"{name}={value}")
        return
    ref = Ref("apps", "Deployment", scene.namespace, "web")
    scene.memory.edit(ref, lambda body: _set(body, name, value), manager="kubectl-set")


def _set(body: Any, name: str, value: str) -> None:
    container = body["spec"]["template"]["spec"]["containers"][0]
    others = [one for one in container.get("env") or [] if one["name"] != name]
    container["env"] = [*others, {"name": name, "value": value}]


@story
async def test_a_variable_that_somebody_added_is_kept_beside_those_of_the_release(scene: Scene) -> None:
    """A list with keys is kept by its elements; the record knows that it was left, so the proof holds."""
    first = web(GOOD_1, container={"env": [{"name": "X", "value": "1"}]})
    assert (await scene.deploy(first)).code == 0
    await sets_variable(scene, "Z", "theirs")
    wanted = web(GOOD_2, container={"env": [{"name": "X", "value": "2"}]})
    ending = await scene.deploy(wanted, on_conflict=KEEP)
    assert ending.code == 0, ending.sentence
    variables = {one["name"]: one["value"] for one in await value(scene, ENV)}
    assert ({"X": "2", "Z": "theirs"}, GOOD_2) == (variables, await scene.image())
    live = await scene.live(*WEB)
    assert live is not None
    assert (("kubectl-set",), False) == (owners(live, (*ENV, Item("name", "Z"))), owned(live, "Z"))
    assert (await scene.verify()).holds
    assert (await scene.deploy(wanted, on_conflict=KEEP)).code == 0
    assert ["good", "good"] == await scene.history()


def owned(live: Any, name: str) -> bool:
    return we_own(live, (*ENV, Item("name", name)))


@story
async def test_what_somebody_scaled_is_kept_as_they_scaled_it(scene: Scene) -> None:
    assert (await scene.deploy(web(GOOD_1))).code == 0
    if scene.memory is None:
        scene.kubectl("scale", "deployment/web", "--replicas=1")
    else:
        ref = Ref("apps", "Deployment", scene.namespace, "web")
        scene.memory.edit(ref, lambda body: body["spec"].update(replicas=1), manager="kubectl", subresource="scale")
    assert (await scene.deploy(web(GOOD_2), on_conflict=KEEP)).code == 0
    assert (1, GOOD_2) == (await value(scene, ("spec", "replicas")), await scene.image())
    live = await scene.live(*WEB)
    assert live is not None
    assert not we_own(live, ("spec", "replicas"))
    assert (await scene.verify()).holds
    assert (await scene.deploy(web(GOOD_2), on_conflict=KEEP)).code == 0
    assert ["good", "good"] == await scene.history()


WEBHOOKS = ("ValidatingWebhookConfiguration", "admissionregistration.k8s.io")
BUNDLE: Path = ("webhooks", Item("name", "check.lastgood.dev"), "clientConfig", "caBundle")
AUTHORITY = "LS0tLS1CRUdJTg=="


def webhook(name: str, path: str, **client: str) -> Resource:
    """A webhook that is asked about nothing that anybody makes."""
    rule = {"apiGroups": ["none.lastgood.dev"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["none"]}
    one = {
        "name": "check.lastgood.dev",
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "failurePolicy": "Ignore",
        "rules": [rule],
        "clientConfig": {"service": {"namespace": "default", "name": "web", "path": path}, **client},
    }
    return made("admissionregistration.k8s.io/v1", WEBHOOKS[0], name, webhooks=[one])


async def injects(scene: Scene, name: str) -> None:
    """cert-manager writes its authority into the webhook; on the lab under the name that it has there."""
    if scene.memory is not None:
        ref = Ref(WEBHOOKS[1], WEBHOOKS[0], "", name)
        scene.memory.edit(ref, _inject, manager="cert-manager-cainjector")
        return
    patch = f'[{{"op":"add","path":"/webhooks/0/clientConfig/caBundle","value":"{AUTHORITY}"}}]'
    flags = ("--type=json", "--field-manager=cert-manager-cainjector", "-p", patch)
    scene.kubectl("patch", WEBHOOKS[0], name, *flags)


def _inject(body: Any) -> None:
    body["webhooks"][0]["clientConfig"]["caBundle"] = AUTHORITY


@story
async def test_the_authority_that_a_controller_injects_is_not_ours_to_take(scene: Scene) -> None:
    """The files do not have it: it is no difference, and a new release leaves it, whatever the policy."""
    name = f"check-{scene.namespace}"
    try:
        assert (await scene.deploy(webhook(name, "/one"))).code == 0
        await injects(scene, name)
        assert (await scene.verify()).holds
        for path, policy in (("/two", OnConflict.TAKE), ("/three", KEEP), ("/four", FAIL)):
            ending = await scene.deploy(webhook(name, path), on_conflict=policy)
            assert ending.code == 0, ending.sentence
            async with scene.working() as deployer:
                ref = Ref(WEBHOOKS[1], WEBHOOKS[0], "", name, "v1")
                live = (await deployer.cluster.read([ref]))[ref]
            assert (AUTHORITY, ("cert-manager-cainjector",)) == (value_at(live, BUNDLE), owners(live, BUNDLE))
    finally:
        assert (await scene.deploy(config())).code == 0


@story
async def test_an_authority_in_the_files_is_taken_kept_or_refused(scene: Scene) -> None:
    """The files say another one than the controller: what becomes of it is what the policy says."""
    name, empty = f"check-{scene.namespace}", "Cg=="
    try:
        assert (await scene.deploy(webhook(name, "/one", caBundle=empty))).code == 0
        await injects(scene, name)
        assert (await scene.verify()).holds  # a controller wrote it after us: told as taken, no failure
        refused = await scene.deploy(webhook(name, "/two", caBundle=empty), on_conflict=FAIL)
        assert (4, True) == (refused.code, "cert-manager-cainjector" in refused.sentence)
        assert (await scene.deploy(webhook(name, "/two", caBundle=empty), on_conflict=KEEP)).code == 0
        assert AUTHORITY == await authority(scene, name)
        assert (await scene.verify()).holds
        assert (await scene.deploy(webhook(name, "/two", caBundle=empty), on_conflict=KEEP)).code == 0
        assert ["good", "good"] == await scene.history()
        assert (await scene.deploy(webhook(name, "/two", caBundle=empty))).code == 0
        assert empty == await authority(scene, name)
    finally:
        assert (await scene.deploy(config())).code == 0


async def authority(scene: Scene, name: str) -> Any:
    async with scene.working() as deployer:
        ref = Ref(WEBHOOKS[1], WEBHOOKS[0], "", name, "v1")
        return value_at((await deployer.cluster.read([ref]))[ref], BUNDLE)


@story
async def test_a_refused_conflict_writes_nothing_at_all(scene: Scene) -> None:
    """Every resource has the version that it had."""
    assert (await scene.deploy(config(a="1"), config("more", a="1"))).code == 0
    await scene.edits("ConfigMap", "app", "", "data/a", "theirs")
    before = [await version(scene, name) for name in ("app", "more")]
    ending = await scene.deploy(config(a="2"), config("more", a="2"), config("added"), on_conflict=FAIL)
    assert (4, True) == (ending.code, isinstance(ending.error, FieldConflict))
    assert before == [await version(scene, name) for name in ("app", "more")]
    assert {"app", "more"} == await scene.names()


async def version(scene: Scene, name: str) -> str:
    live = await scene.live("ConfigMap", name)
    assert live is not None
    return str(live["metadata"]["resourceVersion"])
