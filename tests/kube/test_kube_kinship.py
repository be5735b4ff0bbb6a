"""Who descends from whom, in whatever order it becomes known."""

from __future__ import annotations

import json
from itertools import permutations
from typing import Any

import pytest

from lastgood.kube.kinship import EVENT, Entry, Family
from lastgood.model.health import Observation
from lastgood.model.resource import GroupKind, Ref
from tests.kube.api import thing

DEPLOYMENT, REPLICA_SET, POD = GroupKind("apps", "Deployment"), GroupKind("apps", "ReplicaSet"), GroupKind("", "Pod")
WEB = Ref(*DEPLOYMENT, "shop", "web", "v1")


def entry(kind: GroupKind, name: str, **fields: Any) -> Entry:
    return Entry.of(json.dumps(thing(name, **fields)).encode(), kind, "v1")


def event(name: str, about: str) -> Entry:
    return entry(EVENT, name, involvedObject={"uid": about})


ENTRIES = (
    entry(DEPLOYMENT, "web"),
    entry(REPLICA_SET, "web-1", owner="uid-web"),
    entry(POD, "web-1-a", owner="uid-web-1"),
    event("pulled", "uid-web-1-a"),
)


def names(observation: Observation) -> dict[str, set[str]]:
    return {uid: {body["metadata"]["name"] for body in bodies} for uid, bodies in observation.dependents.items()}


@pytest.mark.parametrize("order", list(permutations(ENTRIES)), ids=lambda order: "-".join(one.name for one in order))
def test_each_is_listed_under_every_owner_up_the_chain(order: tuple[Entry, ...]) -> None:
    """Watches of different kinds bring their news in any order."""
    family = Family([WEB])
    for one in order:
        family.put(one.group_kind, one)
    assert names(family.observation(1.0)) == {
        "uid-web": {"web-1", "web-1-a", "pulled"},
        "uid-web-1": {"web-1-a", "pulled"},
        "uid-web-1-a": {"pulled"},
    }


def test_bodies_are_whole_and_say_what_they_are() -> None:
    family = Family([WEB])
    family.put("d", entry(DEPLOYMENT, "web", spec={"replicas": 2}))
    body = family.observation(3.0).bodies[WEB]
    assert ("apps/v1", "Deployment", {"replicas": 2}) == (body["apiVersion"], body["kind"], body["spec"])


def test_what_belongs_to_others_is_left_out() -> None:
    family = Family([WEB])
    family.put("d", ENTRIES[0])
    assert not family.put("d", entry(DEPLOYMENT, "other"))
    assert not family.put("p", entry(POD, "stray"))
    assert not family.put("p", entry(POD, "theirs", owner="uid-other"))
    observation = family.observation(1.0)
    assert ({WEB}, {}) == (set(observation.bodies), observation.dependents)


def test_only_what_is_of_interest_and_new_counts_as_a_change() -> None:
    family = Family([WEB])
    assert family.put("d", ENTRIES[0])
    assert not family.put("d", ENTRIES[0])
    assert family.put("d", entry(DEPLOYMENT, "web", version="2"))
    assert family.put("p", entry(POD, "a", owner="uid-web"))
    assert family.remove("p", entry(POD, "a", version="9", owner="uid-web"))
    assert {} == family.observation(1.0).dependents


def test_a_whole_list_replaces_what_was_known_and_says_whether_anything_changed() -> None:
    family = Family([WEB])
    family.put("d", ENTRIES[0])
    pods = [entry(POD, "a", owner="uid-web"), entry(POD, "b", owner="uid-web")]
    assert family.replace("p", pods)
    assert not family.replace("p", pods)
    assert not family.replace("p", [*pods, entry(POD, "stray")])
    assert family.replace("p", pods[:1])
    assert {"uid-web": {"a"}} == names(family.observation(1.0))


def test_an_event_about_a_pod_that_is_gone_still_belongs_to_the_deployment() -> None:
    family = Family([WEB])
    for one in ENTRIES[:3]:
        family.put(one.group_kind, one)
    family.remove(POD, ENTRIES[2])
    assert family.put(EVENT, event("killed", "uid-web-1-a"))
    assert "killed" in names(family.observation(1.0))["uid-web"]


def test_the_dependents_of_a_resource_that_is_gone_are_still_shown() -> None:
    family = Family([WEB])
    for one in ENTRIES[:3]:
        family.put(one.group_kind, one)
    family.remove(DEPLOYMENT, ENTRIES[0])
    observation = family.observation(1.0)
    assert ({}, {"web-1", "web-1-a"}) == (observation.bodies, names(observation)["uid-web"])


def test_owners_that_go_round_in_a_circle_do_no_harm() -> None:
    family = Family([WEB])
    family.put("d", entry(DEPLOYMENT, "web", owner="uid-a"))
    family.put("p", entry(POD, "a", owner="uid-web"))
    assert {"web", "a"} == names(family.observation(1.0))["uid-web"]


def test_a_ref_is_found_in_whatever_version_it_is_watched() -> None:
    family = Family([Ref(*DEPLOYMENT, "shop", "web", "v1beta1")])
    family.put("d", ENTRIES[0])
    assert {WEB} == set(family.observation(1.0).bodies)
