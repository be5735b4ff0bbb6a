"""``lastgood rbac`` on a real API server: what it prints is enough, and nothing in it is for nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from lastgood.errors import Forbidden
from lastgood.model.proof import Match
from lastgood.model.release import Mode
from lastgood.model.resource import Body, Resource
from tests.conftest import Lab
from tests.stories.cast import CRASH, GOOD_1, GOOD_2, MISSING, NOT_READY, altered, config, made, service, stateful, web
from tests.stories.guest import Guest, Taken, play, rights_of
from tests.stories.stage import NAME, Scene
from tests.stories.test_bad_input import Person

pytestmark = pytest.mark.cluster

REFUSED = 4
MODES = pytest.mark.parametrize("mode", [Mode.DECLARATIVE, Mode.STANDARD])


@pytest.fixture
def guest(lab: Lab, namespace: str, tmp_path: Path) -> Guest:
    return Guest(lab, namespace, tmp_path)


@MODES
def test_with_what_is_printed_every_command_works_and_nothing_is_refused(guest: Guest, mode: Mode) -> None:
    """Good, failed, back, rolled back, interrupted, recovered, uninstalled: with the account's token alone."""
    guest.is_given(guest.prints(release(1), "--mode", mode))
    guest.logs_in()
    play(a_whole_life(guest.scene, mode))
    assert guest.refused == []


async def a_whole_life(scene: Scene, mode: Mode) -> None:
    scene.mode = mode
    assert [(await scene.deploy(*release(turn), history_max=2)).code for turn in (1, 2, 3)] == [0, 0, 0]
    for image in (MISSING, CRASH):
        failed = await scene.deploy(*release(4, image), config("added"), history_max=2)
        assert failed.code == 1, failed.sentence
    rolled_back = await scene.rollback()
    assert rolled_back.code == 0, rolled_back.sentence
    await interrupted(scene, *release(5, NOT_READY))
    recovered = await scene.recover()
    assert recovered.code == 0, recovered.sentence
    assert (await scene.plan(*release(6))).writes
    assert (await scene.verify()).holds
    assert (await scene.record(len(await scene.history()))).number > 0
    async with scene.working() as deployer:
        assert (await deployer.status(NAME)).proof is not None
        assert [one.name for one in await deployer.list()] == [NAME]
    gone = await scene.uninstall()
    assert gone.code == 0, gone.sentence


async def interrupted(scene: Scene, *resources: Resource) -> None:
    """A deploy that somebody stops once the workload is written."""
    deploying = asyncio.ensure_future(scene.deploy(*resources))
    while await scene.image() != NOT_READY:
        assert not deploying.done()
    deploying.cancel()
    await asyncio.gather(deploying, return_exceptions=True)


def release(turn: int, image: str = "") -> tuple[Resource, ...]:
    """Each turn changes something of each kind, makes another, and drops what only the turn before had."""
    ports = [{"port": 80, "targetPort": 8000 + turn}]
    return (
        config(turn=str(turn)),
        config(f"config-{turn}"),
        altered(service(), spec__ports=ports),
        service(f"service-{turn}"),
        web(image or (GOOD_1, GOOD_2)[turn % 2], reads="app", replicas=1),
        web(GOOD_1, f"web-{turn}", replicas=1),
    )


def test_who_may_only_look_sees_what_is_good_and_that_something_has_moved_and_cannot_plan(guest: Guest) -> None:
    """A dry run needs the rights of a write, so that what has moved is named, and not in which fields."""
    guest.is_given(guest.prints(release(1), "--read-only"))
    guest.logs_in()
    Person(guest.lab, guest.namespace, guest.folder).types("deploy", "app.yaml", "--name", NAME, "-n", guest.namespace)

    async def story() -> None:
        assert await guest.scene.history() == ["good"]
        assert (await guest.scene.record(1)).proof is not None
        assert (await guest.scene.verify()).holds
        async with guest.scene.working() as deployer:
            assert (await deployer.status(NAME)).live is not None
            assert not (await deployer.diff(NAME)).differing
        assert guest.refused == []
        await guest.scene.edits("ConfigMap", "app", "", "data/turn", "moved")
        (moved,) = (await guest.scene.verify()).failures
        assert (moved.ref.name, moved.match) == ("app", Match.DIFFERS)
        assert "may not patch configmaps" in moved.sentence
        with pytest.raises(Forbidden):
            await guest.scene.plan(*release(2))

    play(story())


def test_a_namespace_that_is_not_there_is_made_by_whoever_applies_the_roles(guest: Guest, lab: Lab) -> None:
    """No role can stand in it before, so that a right to make it would be good for nothing."""
    new = replace(guest, namespace=f"{guest.namespace}-new")
    new.is_given(new.prints(release(1), "--create-namespace"))
    new.logs_in()

    async def story() -> None:
        assert (await new.scene.deploy(*release(1), create_namespace=True)).code == 0

    play(story())
    lab.run_kubectl("delete", "namespace", new.namespace, "--wait=false")
    assert new.refused == []


# --- nothing in it is for nothing


GOES_ON_WITHOUT = {
    "get namespaces": "only for a clear sentence when the namespace is not there",
    "list configmaps": "each is read by itself, again and again while it waits",
    "watch configmaps": "they are listed again and again while it waits",
    "list services": "as for ConfigMaps",
    "watch services": "as for ConfigMaps",
    "list deployments": "as for ConfigMaps",
    "watch deployments": "as for ConfigMaps",
    "list replicasets": "nobody knows which pods are the new ones, nor what an undo goes back to",
    "watch replicasets": "they are listed again and again while it waits",
    "list pods": "why pods fail is not seen: a failed release is only noticed when its time is over",
    "watch pods": "they are listed again and again while it waits",
    "list events": "evidence and reasons lack what only events tell",
    "watch events": "they are listed again and again while it waits",
    "get pods/log": "the evidence lacks the last lines of the containers",
    "list horizontalpodautoscalers": "replicas are taken from autoscalers that are not part of the release",
    "delete secrets": "records that are no longer needed stay",
}
"""Rights without which a run still ends well, only worse; without each of the others it is refused at once."""


@pytest.mark.slow
def test_without_any_one_right_something_is_refused(guest: Guest) -> None:
    """One verb of one resource is taken away at a time, and given back."""
    manifests = guest.prints(release(0))
    found = without_each(guest, manifests, list(rights_of(manifests)), release, Mode.DECLARATIVE)
    assert {right for right, code in found.items() if code != REFUSED} == set(GOES_ON_WITHOUT)


def test_without_what_standard_mode_and_stateful_sets_add_nothing_is_begun(guest: Guest) -> None:
    """What only the way back uses is asked for before the first write."""
    manifests = guest.prints(undone(0), "--mode", "standard")
    added = {"get replicasets", "get controllerrevisions", "delete pods"}
    rights = [right for right in rights_of(manifests) if str(right) in added]
    found = without_each(guest, manifests, rights, undone, Mode.STANDARD)
    assert found == dict.fromkeys(map(str, rights), REFUSED)
    assert found.keys() == added


def undone(turn: int, image: str = "") -> tuple[Resource, ...]:
    image = image or (GOOD_1, GOOD_2)[turn % 2]
    return web(image, replicas=1), stateful(image, replicas=1)


def without_each(
    guest: Guest, manifests: list[Body], rights: list[Taken], make: Callable[..., tuple[Resource, ...]], mode: Mode
) -> dict[str, int]:
    """The exit code of a run that lacks the right, for each of them."""
    found: dict[str, int] = {}
    guest.is_given(manifests)
    guest.logs_in()
    scene = replace(guest.scene, mode=mode)

    async def story() -> None:
        assert [(await scene.deploy(*make(turn))).code for turn in (1, 2, 0)] == [0, 0, 0]
        for turn, right in enumerate(rights, start=3):
            await guest.lacks(right, manifests)
            found[str(right)] = await lacking(guest, scene, right, partial(make, turn))
        await guest.lacks(None, manifests)

    play(story())
    return found


async def lacking(guest: Guest, scene: Scene, right: Taken, make: Callable[..., tuple[Resource, ...]]) -> int:
    if str(right) == "create leases":  # there is one from the second run on
        guest.lab.run_kubectl("delete", "lease", f"lastgood.{NAME}", "-n", guest.namespace)
    guest.refused.clear()
    code = (await scene.deploy(*make(), history_max=2)).code
    if code == 0 and not guest.refused:
        code = (await scene.deploy(*make(CRASH), history_max=2)).code
    if not guest.refused and code != REFUSED:
        code = (await scene.uninstall()).code
    told = f"{right}: exit code {code}, refused were {guest.refused}"
    assert guest.refused or code == REFUSED, told
    return code


# --- what lies outside of one namespace


@pytest.fixture
def elsewhere(lab: Lab, namespace: str) -> Iterator[str]:
    """A second namespace; what the story made in the whole cluster goes with it."""
    name = f"{namespace}-2"
    lab.run_kubectl("create", "namespace", name)
    yield name
    kinds = "clusterroles,clusterrolebindings,priorityclasses,customresourcedefinitions"
    made_here = lab.run_kubectl("get", kinds, "-o", "name").split()
    lab.run_kubectl("delete", "namespace", name, "--wait=false")
    for one in made_here:
        if namespace in one:
            lab.run_kubectl("delete", one)


def test_two_namespaces_kinds_of_its_own_and_roles_need_no_more_than_is_printed(guest: Guest, elsewhere: str) -> None:
    """A definition with a resource of it, a PriorityClass that is replaced, a Role that is given, a StatefulSet."""
    guest.is_given(guest.prints(wide(guest.namespace, elsewhere, 1)))
    guest.logs_in()

    async def story() -> None:
        codes = [(await guest.scene.deploy(*wide(guest.namespace, elsewhere, turn))).code for turn in (1, 2)]
        assert codes == [0, 0]
        failed = await guest.scene.deploy(*wide(guest.namespace, elsewhere, 3, CRASH))
        assert failed.code == 1, failed.sentence
        assert (await guest.scene.verify()).holds
        assert (await guest.scene.rollback()).code == 0

    play(story())
    assert guest.refused == []


def wide(namespace: str, elsewhere: str, turn: int, image: str = GOOD_1) -> tuple[Resource, ...]:
    group = f"{namespace}.example.com"
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema}
    names = {"kind": "Widget", "plural": "widgets"}
    definition = {"group": group, "scope": "Cluster", "names": names, "versions": [version]}
    rbac = "rbac.authorization.k8s.io"
    pods = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "deletecollection"]}]
    subjects = [{"kind": "ServiceAccount", "name": "default", "namespace": namespace}]
    view = {"apiGroup": rbac, "kind": "ClusterRole", "name": "view"}
    crd = "apiextensions.k8s.io/v1"
    return (
        made(crd, "CustomResourceDefinition", f"widgets.{group}", spec=definition),
        made(f"{group}/v1", "Widget", "one", spec={"size": turn}),
        made("scheduling.k8s.io/v1", "PriorityClass", f"{namespace}-high", value=turn),
        made(f"{rbac}/v1", "Role", "collector", rules=pods),
        made(f"{rbac}/v1", "RoleBinding", "viewers", roleRef=view, subjects=subjects),
        altered(config(turn=str(turn)), metadata__namespace=elsewhere),
        stateful(image, replicas=1),
    )
