"""Living with what is already there: what kubectl or Helm deployed becomes ours, and they come back to it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from lastgood.adopting import AS_FOUND
from lastgood.diffing import RESTARTED, diff
from lastgood.model.event import AsFound, Written
from lastgood.model.marks import RELEASE, RELEASE_NAMESPACE
from lastgood.model.plan import FieldChange, Plan
from lastgood.model.proof import Match
from lastgood.model.release import Mode
from lastgood.model.resource import Body, Ref, Resource, ref_of
from tests.stories.cast import GOOD_1, GOOD_2, GOOD_3, MISSING, NOT_READY, altered, config, service, web
from tests.stories.owners import (
    CLIENT_SIDE,
    CREATE,
    HELM_3,
    HELM_4,
    OWNERS,
    SERVER_SIDE,
    UNKNOWN,
    Owner,
    helm,
    kubectl,
    run_helm,
)
from tests.stories.stage import LabStage, MemoryStage, Scene, story
from tests.stories.test_standard_mode import replica_sets

STAGES = ["memory", pytest.param("lab", marks=pytest.mark.cluster)]
REVISION = "metadata.annotations[deployment.kubernetes.io/revision]"
SETTLED_WITHIN = 40.0


def theirs(image: str = GOOD_1) -> tuple[Resource, ...]:
    """What runs before anybody has heard of lastgood: the pods read the ConfigMap, and some fields are beyond ours."""
    workload = altered(
        web(image, reads="app", container={"env": [{"name": "X", "value": "1"}, {"name": "Y", "value": "2"}]}),
        metadata__labels={"team": "shop", "tier": "web"},
        metadata__annotations={"note": "ours"},
        spec__revisionHistoryLimit=3,
    )
    return (config("app", a="1", b="2"), service(), workload)


def reduced(image: str = GOOD_1) -> tuple[Resource, ...]:
    """The same without an environment variable, a label, an annotation, a limit and a key of the ConfigMap."""
    workload = web(image, reads="app", container={"env": [{"name": "Y", "value": "2"}]})
    return (config("app", a="1"), service(), altered(workload, metadata__labels={"tier": "web"}))


def uids(pods: list[Body]) -> set[str]:
    return {pod["metadata"]["uid"] for pod in pods}


async def healthy(scene: Scene, name: str = "web", replicas: int = 2) -> None:
    """Until so many pods of a Deployment run and no other."""
    for _ in range(int(SETTLED_WITHIN * 4)):
        body = await there(scene, "Deployment", name, "apps")
        if settled(body, replicas) and len(await scene.pods(name)) == replicas:
            return
        async with scene.working() as deployer:
            await deployer.clock.sleep(0.25)
    raise AssertionError(f"{name} does not settle: {body.get('status')}")


def settled(body: Body, replicas: int) -> bool:
    status = body.get("status") or {}
    counts = [status.get(one, 0) for one in ("replicas", "updatedReplicas", "availableReplicas")]
    return status.get("observedGeneration") == body["metadata"]["generation"] and counts == [replicas] * 3


async def there(scene: Scene, kind: str, name: str, group: str = "") -> Body:
    body = await scene.live(kind, name, group)
    assert body is not None
    return body


async def environment(scene: Scene) -> dict[str, str]:
    container = (await there(scene, "Deployment", "web", "apps"))["spec"]["template"]["spec"]["containers"][0]
    return {one["name"]: one["value"] for one in container.get("env") or ()}


async def owned_by(scene: Scene, owner: Owner, resources: tuple[Resource, ...] | None = None) -> set[str]:
    """Let somebody deploy these; the uids of the pods that then run."""
    owner.first(scene, theirs() if resources is None else resources)
    await healthy(scene)
    return uids(await scene.pods())


def by_owners(*owners: Owner) -> Callable[[Callable[[Scene, Owner], Awaitable[None]]], Callable[..., None]]:
    """A story that is told once for each of these, in memory and on the lab."""

    def telling(work: Callable[[Scene, Owner], Awaitable[None]]) -> Callable[..., None]:
        @pytest.mark.parametrize("stage", STAGES, indirect=True)
        @pytest.mark.parametrize("owner", owners, ids=str)
        def test(stage: MemoryStage | LabStage, owner: Owner) -> None:
            stage.play(lambda scene: work(scene, owner))

        test.__name__, test.__doc__ = work.__name__, work.__doc__
        return test

    return telling


async def adopted(scene: Scene, owner: Owner) -> set[str]:
    """Owned by somebody, then deployed by us; the uids of the pods, which are still the same."""
    before = await owned_by(scene, owner)
    ending = await scene.deploy(*theirs())
    assert ending.code == 0, ending.sentence
    assert uids(await scene.pods()) == before
    return before


async def told_as_found(scene: Scene) -> None:
    found, ours = await scene.record(1), await scene.record(2)
    assert (found.found, found.why) == (True, AS_FOUND)
    assert (ours.found, ours.proof is not None and ours.proof.holds) == (False, True)
    assert await scene.history() == ["good", "good"]


@pytest.mark.parametrize("mode", Mode, ids=str)
@pytest.mark.parametrize("stage", STAGES, indirect=True)
@pytest.mark.parametrize("owner", OWNERS, ids=str)
def test_what_somebody_deployed_becomes_ours_without_a_restart(
    stage: MemoryStage | LabStage, owner: Owner, mode: Mode
) -> None:
    """Release 1 is what was found, 2 is ours; the same files once more record nothing."""

    async def work(scene: Scene) -> None:
        scene.mode = mode
        pods = await adopted(scene, owner)
        await told_as_found(scene)
        assert (await scene.verify()).holds
        assert (await scene.deploy(*theirs())).code == 0
        assert await scene.history() == ["good", "good"]
        assert uids(await scene.pods()) == pods
        assert (await there(scene, "Deployment", "web", "apps"))["metadata"]["labels"][RELEASE] == "shop"

    stage.play(work)


Fields = dict[str, set[tuple[str, str, str]]]


def foreseen(plan: Plan) -> Fields:
    """What a plan says of what is there already."""
    found = {str(one.ref): set(map(said, one.fields)) for one in plan.changes}
    return {ref: fields for ref, fields in found.items() if fields}


def said(field: FieldChange) -> tuple[str, str, str]:
    """A field, what it was and what it becomes; without a history each run hashes with a key of its own."""
    return field.path, repr(field.before), re.sub(r"('lastgood.dev/config-hash': )'\w+'", r"\1", repr(field.after))


async def looked_at(scene: Scene) -> dict[str, Body]:
    names = (("ConfigMap", "app", ""), ("Service", "web", ""), ("Deployment", "web", "apps"))
    bodies = [await there(scene, *name) for name in names]
    return {str(ref_of(body)): body for body in bodies}


def became(before: dict[str, Body], after: dict[str, Body]) -> Fields:
    """What became of it; the number that a controller counts up is not of the plan."""
    found = {ref: set(map(said, diff(ref_of(body), body, after[ref]))) for ref, body in before.items()}
    left = {ref: {one for one in fields if one[0] != REVISION} for ref, fields in found.items()}
    return {ref: fields for ref, fields in left.items() if fields}


@by_owners(*OWNERS)
async def test_what_an_earlier_owner_set_goes_with_the_release_that_drops_it(scene: Scene, owner: Owner) -> None:
    """The plan names what will go, and nothing else: it is the difference that live then has."""
    await adopted(scene, owner)
    before = await looked_at(scene)
    plan = await scene.plan(*reduced())
    ending = await scene.deploy(*reduced())
    assert ending.code == 0, ending.sentence
    after = await looked_at(scene)
    assert foreseen(plan) == became(before, after)
    gone = {path for ref in foreseen(plan).values() for path, _, then in ref if then == "(none)"}
    assert gone == {
        "data.b",
        "metadata.annotations.note",
        "metadata.labels.team",
        "spec.template.spec.containers[name=web].env[name=X]",
    }
    assert after["deployment.apps/web"]["spec"]["revisionHistoryLimit"] == 10
    assert await environment(scene) == {"Y": "2"}
    assert after["configmap/app"]["data"] == {"a": "1"}


@by_owners(*OWNERS)
async def test_what_somebody_set_goes_with_our_very_first_release(scene: Scene, owner: Owner) -> None:
    """The plan of a first deploy is right as well, before anything is folded."""
    await owned_by(scene, owner)
    before = await looked_at(scene)
    plan = await scene.plan(*reduced())
    ending = await scene.deploy(*reduced())
    assert ending.code == 0, ending.sentence
    assert foreseen(plan) == became(before, await looked_at(scene))
    assert await environment(scene) == {"Y": "2"}
    assert (await there(scene, "ConfigMap", "app"))["data"] == {"a": "1"}


@pytest.mark.parametrize("mode", Mode, ids=str)
@pytest.mark.parametrize("stage", STAGES, indirect=True)
@pytest.mark.parametrize("owner", OWNERS, ids=str)
def test_a_first_deploy_that_fails_brings_back_what_was_found(
    stage: MemoryStage | LabStage, owner: Owner, mode: Mode
) -> None:
    """The same image, configuration and environment, in the ReplicaSet and the pods that were there."""

    async def work(scene: Scene) -> None:
        scene.mode = mode
        pods = await owned_by(scene, owner)
        sets = {name for name, size in (await replica_sets(scene)).items() if size}
        ending = await scene.deploy(*reduced(MISSING))
        assert (ending.code, len(ending.told(AsFound))) == (1, 1), ending.sentence
        assert (await scene.image(), await environment(scene)) == (GOOD_1, {"X": "1", "Y": "2"})
        assert (await there(scene, "ConfigMap", "app"))["data"] == {"a": "1", "b": "2"}
        assert {name for name, size in (await replica_sets(scene)).items() if size} == sets
        assert uids(await scene.pods()) == pods
        assert await scene.history() == ["good", "failed", "good=1"]
        assert (await scene.verify()).holds

    stage.play(work)


# --- they come back: real tools only


def on_the_lab_by(*owners: Owner) -> Callable[[Callable[[Scene, Owner], Awaitable[None]]], Callable[..., None]]:
    """A story that is told on the lab only, once for each: what the real tool does cannot be imitated."""

    def telling(work: Callable[[Scene, Owner], Awaitable[None]]) -> Callable[..., None]:
        @pytest.mark.cluster
        @pytest.mark.parametrize("stage", ["lab"], indirect=True)
        @pytest.mark.parametrize("owner", owners, ids=str)
        def test(stage: LabStage, owner: Owner) -> None:
            stage.play(lambda scene: work(scene, owner))

        test.__name__, test.__doc__ = work.__name__, work.__doc__
        return test

    return telling


APPLYING = (CLIENT_SIDE, SERVER_SIDE, UNKNOWN, HELM_3, HELM_4)
REPLACING = (CREATE,)
ADDS_ONLY = (SERVER_SIDE, UNKNOWN, HELM_4)
"""Who applies on the server: what they drop stays, since it is ours as well."""
OURS = {RELEASE, RELEASE_NAMESPACE}


def other(image: str = GOOD_1) -> tuple[Resource, ...]:
    """What they deploy next: without X, a label and a key, and with Z."""
    variables = [{"name": "Y", "value": "2"}, {"name": "Z", "value": "3"}]
    configuration, front, workload = reduced(image)
    return (configuration, front, altered(workload, spec__template__spec__containers__0__env=variables))


async def labels(scene: Scene) -> set[str]:
    return set((await there(scene, "Deployment", "web", "apps"))["metadata"].get("labels") or {})


async def ours_again(scene: Scene) -> None:
    """The next deploy of what we had is right, and does exactly what its plan said."""
    before = await looked_at(scene)
    plan = await scene.plan(*theirs())
    ending = await scene.deploy(*theirs())
    assert ending.code == 0, ending.sentence
    assert foreseen(plan) == became(before, await looked_at(scene))
    assert await environment(scene) == {"X": "1", "Y": "2"}
    assert (await there(scene, "ConfigMap", "app"))["data"] == {"a": "1", "b": "2"}
    assert OURS <= await labels(scene)
    assert (await scene.verify()).holds


async def differing(scene: Scene) -> set[str]:
    """The fields of the Deployment that ``verify`` names."""
    failures = (await scene.verify()).failures
    return {field.path for one in failures if one.ref.kind == "Deployment" for field in one.fields}


@on_the_lab_by(*APPLYING)
async def test_they_come_back_with_the_same_files_and_nothing_happens(scene: Scene, owner: Owner) -> None:
    pods = await adopted(scene, owner)
    owner.again(scene, theirs())
    assert OURS <= await labels(scene)
    assert (await scene.verify()).holds
    await ours_again(scene)
    assert uids(await scene.pods()) == pods


@on_the_lab_by(*REPLACING)
async def test_who_replaces_takes_our_labels_away_until_our_next_deploy(scene: Scene, owner: Owner) -> None:
    """A replace is not a merge: what is not in the file goes. No pod notices."""
    pods = await adopted(scene, owner)
    owner.again(scene, theirs())
    assert await differing(scene) == {f"metadata.labels[{one}]" for one in OURS}
    await ours_again(scene)
    assert uids(await scene.pods()) == pods


@on_the_lab_by(*APPLYING, *REPLACING)
async def test_they_come_back_with_other_files_and_verify_names_what_differs(scene: Scene, owner: Owner) -> None:
    """kubectl and Helm 3 remove what their file dropped, as they would have without us."""
    await adopted(scene, owner)
    owner.again(scene, other())
    await healthy(scene)
    added, dropped = {"Y": "2", "Z": "3"}, {"X": "1"} if owner in ADDS_ONLY else {}
    assert await environment(scene) == added | dropped
    assert (await labels(scene) >= OURS) == (owner not in REPLACING)
    named = await differing(scene)
    variables = "spec.template.spec.containers[name=web].env"
    assert f"{variables}[name=Z]" in named
    assert (f"{variables}[name=X]" in named) == (owner not in ADDS_ONLY)
    await ours_again(scene)


@on_the_lab_by(CLIENT_SIDE)
async def test_a_file_without_any_label_takes_ours_with_it(scene: Scene, owner: Owner) -> None:
    """kubectl sends ``labels: null`` for a map that its file no longer has; our next deploy puts them back."""
    await adopted(scene, owner)
    bare = altered(theirs()[2], metadata__labels={})
    owner.again(scene, (*theirs()[:2], bare.with_body(without_labels(bare.body))))
    assert await labels(scene) == set()
    assert await differing(scene) == {"metadata.labels"}
    await ours_again(scene)


def without_labels(body: Body) -> Body:
    return {**body, "metadata": {key: value for key, value in body["metadata"].items() if key != "labels"}}


@on_the_lab_by(SERVER_SIDE, UNKNOWN, HELM_4)
async def test_who_applies_another_value_on_the_server_is_told_of_the_conflict(scene: Scene, owner: Owner) -> None:
    await adopted(scene, owner)
    with pytest.raises(AssertionError, match=r"conflict with .{0,2}lastgood.{0,2}: .spec.template.*image"):
        owner.again(scene, other(GOOD_2))
    assert await scene.image() == GOOD_1
    await ours_again(scene)


FORCING = {
    SERVER_SIDE.name: kubectl("apply", "--server-side", "--force-conflicts"),
    UNKNOWN.name: kubectl("apply", "--server-side", "--force-conflicts", "--field-manager=ci"),
    HELM_4.name: helm("helm", "--force-conflicts"),
}


@on_the_lab_by(*APPLYING, *REPLACING)
async def test_who_sets_another_value_is_found_by_verify(scene: Scene, owner: Owner) -> None:
    """Who applies on the server has to force it, kubectl and Helm 3 do anyhow."""
    await adopted(scene, owner)
    FORCING.get(owner.name, owner.again)(scene, other(GOOD_2))
    await healthy(scene)
    assert await scene.image() == GOOD_2
    assert "spec.template.spec.containers[name=web].image" in await differing(scene)
    await ours_again(scene)
    assert await scene.image() == GOOD_1


@on_the_lab_by(CLIENT_SIDE)
async def test_last_applied_is_kept_in_step_by_a_restore_too(scene: Scene, owner: Owner) -> None:
    """After a failed release and its restore, in both modes, their next apply still removes what it dropped."""
    await adopted(scene, owner)
    for mode in Mode:
        assert (await scene.deploy(*reduced(MISSING), mode=mode)).code == 1
        assert await environment(scene) == {"X": "1", "Y": "2"}
        owner.again(scene, other())
        await healthy(scene)
        assert await environment(scene) == {"Y": "2", "Z": "3"}
        await ours_again(scene)


@pytest.mark.cluster
@pytest.mark.parametrize("stage", ["lab"], indirect=True)
@pytest.mark.parametrize(("owner", "program"), [(HELM_3, "helm3"), (HELM_4, "helm")], ids=["helm-3", "helm-4"])
def test_helm_rolls_back_and_uninstalls_what_we_have_taken_over(stage: LabStage, owner: Owner, program: str) -> None:
    """Its marks stay, so that it still knows its own; what it deletes, our next deploy makes again."""

    async def work(scene: Scene) -> None:
        await adopted(scene, owner)
        owner.again(scene, other())
        done = run_helm(scene, program, "rollback", "theirs", "1")
        assert done.returncode == 0, done.stderr
        await healthy(scene)
        assert await environment(scene) == {"X": "1", "Y": "2"}
        done = run_helm(scene, program, "uninstall", "theirs", "--wait")
        assert done.returncode == 0, done.stderr
        assert await scene.live("Deployment", "web", "apps") is None
        assert {one.match for one in (await scene.verify()).failures} == {Match.MISSING}
        assert (await scene.deploy(*theirs())).code == 0
        assert (await scene.verify()).holds

    stage.play(work)


@pytest.mark.cluster
@pytest.mark.parametrize("stage", ["lab"], indirect=True)
@pytest.mark.parametrize(("owner", "program"), [(HELM_3, "helm3"), (HELM_4, "helm")], ids=["helm-3", "helm-4"])
def test_helm_takes_back_what_it_has_forgotten(stage: LabStage, owner: Owner, program: str) -> None:
    """A chart that no longer had the ConfigMap has it again: Helm asks for its label and its annotations."""

    async def work(scene: Scene) -> None:
        kept = altered(theirs()[0], metadata__annotations={"helm.sh/resource-policy": "keep"})
        await owned_by(scene, owner, (kept, *theirs()[1:]))
        assert (await scene.deploy(kept, *theirs()[1:])).code == 0
        owner.again(scene, theirs()[1:])
        owner.again(scene, (kept, *theirs()[1:]))
        assert (await there(scene, "ConfigMap", "app"))["metadata"]["labels"] == {
            "app.kubernetes.io/managed-by": "Helm",
            RELEASE: "shop",
            RELEASE_NAMESPACE: scene.namespace,
        }

    stage.play(work)


# --- what is not adopted


@story
async def test_what_is_found_broken_is_nothing_to_come_back_to(scene: Scene) -> None:
    """Nobody has seen it work: it is not recorded, and a first release that fails is not restored."""
    CLIENT_SIDE.first(scene, (web(GOOD_1), web(NOT_READY, "other", replicas=1)))
    await healthy(scene)
    ending = await scene.deploy(web(MISSING), web(GOOD_1, "other", replicas=1))
    assert (ending.code, ending.told(AsFound)) == (3, [])
    assert await scene.history() == ["failed"]


@story
async def test_without_a_workload_there_is_nothing_to_adopt(scene: Scene) -> None:
    CLIENT_SIDE.first(scene, (config("app", a="1", b="2"), service()))
    ending = await scene.deploy(config("app", a="1"), service(), web(GOOD_1, reads="app"))
    assert (ending.code, ending.told(AsFound)) == (0, [])
    assert await scene.history() == ["good"]
    assert (await there(scene, "ConfigMap", "app"))["data"] == {"a": "1"}


@story
async def test_what_another_release_owns_is_refused_and_not_adopted(scene: Scene) -> None:
    """With ``--take-over`` it is taken, and what the other release had set goes."""
    assert (await scene.deploy(*theirs(), name="other")).code == 0
    ending = await scene.deploy(*reduced())
    assert (ending.code, ending.told(AsFound)) == (4, [])
    assert await environment(scene) == {"X": "1", "Y": "2"}
    ending = await scene.deploy(*reduced(), take_over=True)
    assert (ending.code, ending.told(AsFound)) == (0, []), ending.sentence
    assert await environment(scene) == {"Y": "2"}
    assert await scene.history() == ["good"]


@story
async def test_what_another_release_has_taken_over_does_not_come_back_by_a_rollback(scene: Scene) -> None:
    """A person asks for it, who may not know; what was live before a failure comes back in any case."""
    assert (await scene.deploy(config("app", a="1"))).code == 0
    assert (await scene.deploy(config("app", a="2"))).code == 0
    assert (await scene.deploy(config("app", a="3"), name="other", take_over=True)).code == 0
    ending = await scene.rollback()
    assert (ending.code, f"belongs to the release other in namespace {scene.namespace}" in ending.sentence) == (4, True)
    assert (await there(scene, "ConfigMap", "app"))["data"] == {"a": "3"}
    assert await scene.history() == ["good", "good"]


# --- kubectl by hand


Edit = Callable[[Body], None]
DEPLOYMENT = Ref("apps", "Deployment", "", "web")


async def types(scene: Scene, command: str, manager: str, edit: Edit, subresource: str = "") -> None:
    """Somebody types this on the lab; in memory the Deployment changes as by their hand."""
    if scene.memory is None:
        scene.kubectl(*command.split())
        return
    ref = replace(DEPLOYMENT, namespace=scene.namespace)
    scene.memory.edit(ref, edit, manager=manager, subresource=subresource)


def container_of(body: Body) -> Body:
    found: Body = body["spec"]["template"]["spec"]["containers"][0]
    return found


def sets_z(body: Body) -> None:
    container_of(body)["env"] = [*(container_of(body).get("env") or []), {"name": "Z", "value": "3"}]


def restarts(body: Body) -> None:
    body["spec"]["template"]["metadata"].setdefault("annotations", {})[RESTARTED] = "2026-01-01T00:00:00Z"


async def taken(scene: Scene, *resources: Resource) -> dict[str, str]:
    """The fields that a deploy of these takes, and from whom; each is what ``verify`` named before."""
    named = {(field.path, field.owner) for one in (await scene.verify()).failures for field in one.fields}
    ending = await scene.deploy(*resources)
    assert ending.code == 0, ending.sentence
    found = {field.path: field.owner for one in ending.told(Written) for field in one.taken}
    assert set(found.items()) <= named
    assert (await scene.verify()).holds
    return found


VARIABLES = "spec.template.spec.containers[name=web].env"
IMAGE = "spec.template.spec.containers[name=web].image"


@story
async def test_a_variable_that_somebody_sets_is_removed_by_the_next_deploy(scene: Scene) -> None:
    assert (await scene.deploy(*theirs())).code == 0
    await types(scene, "set env deployment/web Z=3", "kubectl-set", sets_z)
    assert await taken(scene, *theirs()) == {f"{VARIABLES}[name=Z]": "kubectl-set"}
    assert await environment(scene) == {"X": "1", "Y": "2"}


@story
async def test_a_variable_that_somebody_sets_goes_with_a_new_release_too(scene: Scene) -> None:
    assert (await scene.deploy(*theirs())).code == 0
    await types(scene, "set env deployment/web Z=3", "kubectl-set", sets_z)
    assert await taken(scene, *theirs(GOOD_2)) == {f"{VARIABLES}[name=Z]": "kubectl-set"}
    assert (await scene.image(), await environment(scene)) == (GOOD_2, {"X": "1", "Y": "2"})


@story
async def test_an_image_that_somebody_sets_is_put_back(scene: Scene) -> None:
    assert (await scene.deploy(*theirs())).code == 0
    edit: Edit = lambda body: container_of(body).update(image=GOOD_2)  # noqa: E731 - one step of the story
    await types(scene, f"set image deployment/web web={GOOD_2}", "kubectl-set", edit)
    assert await taken(scene, *theirs()) == {IMAGE: "kubectl-set"}
    assert await scene.image() == GOOD_1


@story
async def test_what_somebody_edits_is_put_back(scene: Scene) -> None:
    assert (await scene.deploy(*theirs())).code == 0
    await scene.edits("ConfigMap", "app", "", "data/a", "edited")
    owner = "kubectl-edit" if scene.in_memory else "kubectl-patch"
    assert await taken(scene, *theirs()) == {"data.a": owner}
    assert (await there(scene, "ConfigMap", "app"))["data"] == {"a": "1", "b": "2"}


@story
async def test_a_note_that_somebody_leaves_is_left_alone(scene: Scene) -> None:
    """An annotation and a label of theirs are no difference, and outlive our releases; no pod is restarted."""
    assert (await scene.deploy(*theirs())).code == 0
    pods = uids(await scene.pods())
    await types(scene, "annotate deployment/web theirs=note", "kubectl-annotate", notes("annotations"))
    await types(scene, "label deployment/web theirs=note", "kubectl-label", notes("labels"))
    assert (await scene.verify()).holds
    assert (await scene.deploy(*theirs())).code == 0
    assert (await scene.history(), uids(await scene.pods())) == (["good"], pods)
    assert (await scene.deploy(*theirs(GOOD_2))).code == 0
    metadata = (await there(scene, "Deployment", "web", "apps"))["metadata"]
    assert (metadata["annotations"]["theirs"], metadata["labels"]["theirs"]) == ("note", "note")


def notes(field: str) -> Edit:
    return lambda body: body["metadata"].setdefault(field, {}).update(theirs="note")


@pytest.mark.parametrize("mode", Mode, ids=str)
@pytest.mark.parametrize("stage", STAGES, indirect=True)
def test_a_restart_by_hand_is_left_alone(stage: MemoryStage | LabStage, mode: Mode) -> None:
    """It is no difference, our next deploy restarts nothing, and a release that fails comes back over it."""

    async def work(scene: Scene) -> None:
        scene.mode = mode
        assert (await scene.deploy(*theirs())).code == 0
        before = uids(await scene.pods())
        await types(scene, "rollout restart deployment/web", "kubectl-rollout", restarts)
        await healthy(scene)
        restarted = uids(await scene.pods())
        assert (before & restarted, (await scene.verify()).holds) == (set(), True)
        assert (await scene.deploy(*theirs())).code == 0
        assert (await scene.history(), uids(await scene.pods())) == (["good"], restarted)
        assert (await scene.deploy(*theirs(MISSING))).code == 1
        assert (await scene.image(), (await scene.verify()).holds) == (GOOD_1, True)

    stage.play(work)


@pytest.mark.parametrize("mode", Mode, ids=str)
@pytest.mark.parametrize("stage", STAGES, indirect=True)
def test_what_an_undo_by_hand_brings_back_goes_with_the_next_release(stage: MemoryStage | LabStage, mode: Mode) -> None:
    """``kubectl rollout undo`` leaves it under a name of its own, where an apply alone would leave it for ever."""

    async def work(scene: Scene) -> None:
        scene.mode = mode
        assert (await scene.deploy(*theirs())).code == 0
        earlier = (await there(scene, "Deployment", "web", "apps"))["spec"]["template"]
        assert (await scene.deploy(*reduced(GOOD_2))).code == 0
        undo: Edit = lambda body: body["spec"].update(template=earlier)  # noqa: E731 - one step of the story
        await types(scene, "rollout undo deployment/web", "kubectl", undo)
        await healthy(scene)
        assert (await scene.image(), await environment(scene)) == (GOOD_1, {"X": "1", "Y": "2"})
        assert {IMAGE, f"{VARIABLES}[name=X]"} <= await differing(scene)
        assert (await scene.deploy(*reduced(GOOD_3))).code == 0
        assert (await scene.image(), await environment(scene)) == (GOOD_3, {"Y": "2"})
        assert (await scene.verify()).holds

    stage.play(work)
