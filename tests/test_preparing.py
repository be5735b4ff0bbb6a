"""Rights are asked for before the first write, and can be found out by whoever gives them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lastgood.errors import Forbidden, NotFound
from lastgood.model.permission import Permissions
from lastgood.model.proof import Match
from lastgood.model.release import Mode
from lastgood.model.request import Options, Request
from lastgood.model.resource import Resource
from lastgood.ports import Right
from tests.stories.cast import GOOD_1, GOOD_2, config, made, service, stateful, web
from tests.stories.test_crashes import NAME, NAMESPACE, World


def permissions(world: World, *resources: Resource, mode: Mode = Mode.DECLARATIVE, **options: bool) -> Permissions:
    request = Request(NAME, NAMESPACE, resources, mode=mode, options=Options(**options))  # type: ignore[arg-type]
    found: Permissions = world.run(lambda deployer: deployer.permissions(request))
    return found


def plurals(found: Permissions, namespace: str = NAMESPACE) -> set[str]:
    return {plural for rule in found.rules[namespace] for plural in rule.resources}


@pytest.mark.parametrize(
    "right",
    [
        Right("delete", "", "configmaps", NAMESPACE),
        Right("update", "", "secrets", NAMESPACE),
        Right("delete", "", "pods", NAMESPACE),
        Right("create", "scheduling.k8s.io", "priorityclasses", ""),
    ],
    ids=str,
)
def test_what_is_missing_is_said_before_the_first_write_with_the_command_that_prints_it(right: Right) -> None:
    """What the plan needs, what its undoing would, and what both are recorded with."""
    world = World()
    world.cluster.deny(right)
    outcome = world.deploy((config(), stateful(GOOD_1), made("scheduling.k8s.io/v1", "PriorityClass", "high", value=1)))
    assert isinstance(outcome, Forbidden)
    assert f"{right.verb} {right.plural}" in str(outcome)
    assert f"lastgood rbac FILES --name {NAME} -n {NAMESPACE}" in outcome.hint
    assert world.names() == set()


def test_an_undo_needs_to_read_what_it_goes_back_to() -> None:
    """Only in standard mode; a deploy in the other one does not look there."""
    world = World()
    world.cluster.deny(Right("get", "apps", "replicasets", NAMESPACE))
    standard = Request(NAME, NAMESPACE, (web(GOOD_1),), mode=Mode.STANDARD, options=Options(timeout=60))
    outcome = world.run(lambda deployer: deployer.deploy(standard))
    assert isinstance(outcome, Forbidden)
    assert "get replicasets.apps" in str(outcome)
    assert not isinstance(world.deploy((web(GOOD_1),)), Exception)


def test_who_may_not_try_a_change_is_told_that_something_has_moved() -> None:
    world = World()
    world.deploy((config(a="1"), web(GOOD_1)))
    world.cluster.deny(Right("patch", "", "configmaps", NAMESPACE))
    assert world.verify().holds
    world.cluster.edit(world.ref(config().ref), lambda body: body["data"].update(a="2"))
    (moved,) = world.verify().failures
    assert (moved.ref.name, moved.match) == ("app", Match.DIFFERS)
    assert "patch configmaps" in moved.sentence


# --- what somebody would need


def test_what_is_live_already_counts_beside_the_files() -> None:
    """The next deploy deletes it, and a restore makes it again."""
    world = World()
    world.deploy((config(), service()))
    assert "services" in plurals(permissions(world, config()))
    assert "services" not in plurals(permissions(World(), config()))


def test_a_history_with_a_standard_release_may_have_to_be_undone() -> None:
    world = World()
    standard = Request(NAME, NAMESPACE, (web(GOOD_1),), mode=Mode.STANDARD, options=Options(timeout=60))
    world.run(lambda deployer: deployer.deploy(standard))
    reads = [rule.verbs for rule in permissions(world, web(GOOD_2)).rules[NAMESPACE] if "replicasets" in rule.resources]
    assert reads == [("list", "watch"), ("get",)]


def test_namespaces_that_the_release_makes_are_told_apart() -> None:
    """Its own only where it may be made, as for a deploy; one in its files always."""
    world = World()
    found = permissions(world, made("v1", "Namespace", "edge"), made("v1", "Namespace", NAMESPACE))
    assert found.absent == ("edge",)
    request = Request(NAME, "nowhere", (config(),))
    refused = world.run(lambda deployer: replace(deployer, namespace="nowhere").permissions(request))
    assert isinstance(refused, NotFound)
    may = replace(request, options=Options(create_namespace=True))
    assert world.run(lambda deployer: deployer.permissions(may)).absent == ("nowhere",)
