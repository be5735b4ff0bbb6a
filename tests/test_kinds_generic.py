"""The rule for any kind: what must hold whatever a body looks like."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from lastgood.kinds import kind_of
from lastgood.kinds.generic import assess, assess_unheard_of
from lastgood.kinds.generic.condition import polarity_of
from lastgood.kinds.generic.reading import sentence_says, word_says
from lastgood.kinds.generic.types import ARRIVED, TYPES, Polarity
from lastgood.kinds.generic.words import (
    CURRENT_ALONE,
    CURRENT_WORDS,
    DOING_ALONE,
    DOING_WORDS,
    FAILED_ALONE,
    FAILED_WORDS,
    UNKNOWN_WORDS,
)
from lastgood.model.health import Health, Observation, Status

NOTHING = Observation(0.0, {})

WORDS = some.sampled_from(
    [
        "conditions", "deletionTimestamp", "error", "generation", "health", "lastError", "listeners", "message",
        "observedGeneration", "parents", "phase", "readyReplicas", "reason", "replicas", "severity", "state", "status",
        "suspend", "type", "Failed", "False", "Ready", "Running", "True", "Unknown", "2/3",
    ]
)  # fmt: skip
"""The words of a status, which are put in the wrong places too."""

LEAVES = some.none() | some.booleans() | some.integers() | some.floats() | WORDS | some.text(max_size=8)

JSON = some.recursive(
    LEAVES, lambda inner: some.lists(inner, max_size=3) | some.dictionaries(WORDS, inner, max_size=4), max_leaves=8
)

TRUTHS = some.sampled_from(["True", "False", "Unknown"])

CONDITIONS = some.lists(
    some.fixed_dictionaries(
        {
            "type": some.sampled_from(sorted(word for types in TYPES.values() for word in types))
            | some.text(max_size=8),
            "status": TRUTHS,
            "reason": some.sampled_from(["", "AsExpected", "Failed", "Waiting", "NewReplicaSetAvailable", "Odd"]),
            "message": some.sampled_from(["", "all is well", "failed to start", "waiting for pods"]),
        },
        optional={"observedGeneration": some.integers(1, 3)},
    ),
    max_size=5,
    unique_by=lambda one: one["type"],
)

GOOD_NEWS = some.fixed_dictionaries(
    {},
    optional={
        "phase": some.sampled_from(sorted(CURRENT_WORDS)),
        "state": some.sampled_from(sorted(CURRENT_WORDS)),
        "ready": some.just(True),
        "readyReplicas": some.just(3),
        "replicas": some.just(3),
        "observedGeneration": some.just(3),
    },
)


def health(status: Any, **more: Any) -> Health:
    return assess({"apiVersion": "shop.example/v1", "kind": "Widget", "status": status, **more}, NOTHING)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(body=some.dictionaries(some.sampled_from(["metadata", "spec", "status", "kind", "apiVersion"]), JSON))
def test_no_body_is_too_odd(body: Any) -> None:
    """Whatever a controller writes, there is an answer, and it says which rule gave it."""
    found = assess(body, NOTHING)
    assert found.rule
    assert found.sentence


@settings(deadline=None)
@given(conditions=CONDITIONS, good=GOOD_NEWS)
def test_never_current_while_a_condition_of_this_generation_says_otherwise(conditions: Any, good: Any) -> None:
    """No word of success hides what a condition that controllers share says of the present generation."""
    found = health({"conditions": conditions} | good, metadata={"generation": 3})
    otherwise = [one for one in conditions if one.get("observedGeneration", 3) == 3 and says_otherwise(one)]
    assert not (found.status is Status.CURRENT and otherwise)


def says_otherwise(condition: Any) -> bool:
    """By the conventions alone: what should be true is not, or what should not be true is."""
    truth, kind = condition["status"], condition["type"].lower()
    should_be = TYPES[Polarity.READY] | TYPES[Polarity.ACCEPTED]
    should_not = TYPES[Polarity.FAILED] | TYPES[Polarity.DOING]
    is_on_the_way = kind == "progressing" and condition["reason"].lower() not in ARRIVED
    return (kind in should_be and truth != "True") or ((kind in should_not or is_on_the_way) and truth == "True")


@settings(deadline=None)
@given(phase=some.sampled_from(sorted(FAILED_WORDS)), conditions=CONDITIONS)
def test_a_phase_of_failure_is_never_hidden(phase: str, conditions: Any) -> None:
    assert health({"phase": phase, "conditions": conditions}).status is Status.FAILED


@settings(deadline=None)
@given(
    word=some.sampled_from(sorted(FAILED_WORDS)),
    way=some.lists(some.sampled_from(["components", "pools", "nodes"]), min_size=1, max_size=4),
    beside=some.sampled_from(
        [{}, {"phase": "Running"}, {"replicas": 3, "readyReplicas": 3}, {"message": "all is well"}]
    ),
)
def test_a_failure_of_a_part_is_heard_wherever_it_stands(word: str, way: list[str], beside: Any) -> None:
    """What only runs, or has its pods, is not well while a part of it says that it failed."""
    part: Any = {"state": word}
    for step in way:
        part = {step: [part]}
    assert health(part | beside).status is Status.FAILED


def test_a_failure_of_a_part_is_not_that_of_a_whole_that_is_well() -> None:
    """Its operator has seen it, and says that all is well."""
    ready = {"type": "Ready", "status": "True"}
    assert health({"nodes": {"a": [{"state": "failed"}]}, "conditions": [ready]}).status is Status.CURRENT


@pytest.mark.parametrize("key", ["history", "lastRun", "previousState", "atProvider"])
def test_what_was_and_what_is_a_copy_says_nothing_of_now(key: str) -> None:
    assert health({key: [{"state": "failed"}]}).status is Status.CURRENT


@given(word=some.sampled_from(sorted(CURRENT_WORDS)))
def test_not_turns_every_success_round(word: str) -> None:
    assert word_says(f"not {word}") is not Status.CURRENT


@given(text=some.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    """Phases are whatever somebody writes."""
    assert word_says(text) in {None, *Status}
    assert sentence_says(text) in {None, Status.IN_PROGRESS, Status.FAILED}
    assert polarity_of(text) in {None, *Polarity}


def test_a_word_says_one_thing() -> None:
    """No word stands in two tables."""
    tables = [CURRENT_ALONE, CURRENT_WORDS, DOING_ALONE, DOING_WORDS, FAILED_WORDS, FAILED_ALONE, UNKNOWN_WORDS]
    assert sum(map(len, tables)) == len(frozenset().union(*tables))
    assert sum(map(len, TYPES.values())) == len(frozenset().union(*TYPES.values()))


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Running", Status.CURRENT),
        ("IN_PROGRESS", Status.IN_PROGRESS),
        ("Rebalancing", Status.IN_PROGRESS),
        ("Cluster in healthy state", Status.CURRENT),
        ("NotReady", Status.IN_PROGRESS),
        ("not applied", Status.IN_PROGRESS),
        ("Rules not correctly applied", Status.IN_PROGRESS),
        ("Create", Status.IN_PROGRESS),
        ("SuccessfulCreate", Status.CURRENT),
        ("UpgradeFailed", Status.FAILED),
        ("ImagePullBackOff", Status.FAILED),
        ("ProgressDeadlineExceeded", Status.FAILED),
        ("Failing over", Status.IN_PROGRESS),
        ("NoErrors", Status.CURRENT),
        ("Unknown", Status.UNKNOWN),
        ("MinimumReplicasUnavailable", None),
        ("Flummoxed", None),
    ],
)
def test_words_are_read_by_their_parts(word: str, status: Status | None) -> None:
    assert word_says(word) is status


@pytest.mark.parametrize(
    ("kind", "polarity"),
    [
        ("Ready", Polarity.READY),
        ("DatabaseReady", Polarity.READY),
        ("ACK.ResourceSynced", Polarity.READY),
        ("example.com/pool-conflict", Polarity.FAILED),
        ("SyncFailed", Polarity.FAILED),
        ("InvalidSpec", Polarity.FAILED),
        ("NoErrors", Polarity.READY),
        ("DnsNotReady", Polarity.DOING),
        ("MissingSecret", Polarity.FAILED),
        ("SuccessfullyReconciled", Polarity.ACCEPTED),
        ("UpgradeInProgress", Polarity.DOING),
        ("LastBackupSucceeded", Polarity.SILENT),
        ("Upgradeable", Polarity.SILENT),
        ("ColourOfTheDay", None),
    ],
)
def test_types_are_known_by_their_endings(kind: str, polarity: Polarity | None) -> None:
    assert polarity_of(kind) is polarity


def test_the_rule_is_named() -> None:
    """What spoke is part of the answer."""
    assert health({"conditions": [{"type": "Ready", "status": "False"}]}).rule == "condition Ready is False"
    assert health({"phase": "Running"}).rule == "status.phase is Running"
    assert health({"observedGeneration": 1}, metadata={"generation": 2}).rule == "observedGeneration is behind"
    assert health({"replicas": 3, "readyReplicas": 1}).rule == "status.readyReplicas is 1 of 3"


def test_a_failure_counts_once_its_controller_had_time_to_try_again() -> None:
    """Of the present generation it is hopeless after a while; of an unknown one it has to be seen anew."""
    told = {"conditions": [{"type": "Degraded", "status": "True", "message": "no disk"}]}
    of_now = health({**told, "observedGeneration": 2}, metadata={"generation": 2})
    of_any = health(told, metadata={"generation": 2})
    assert (of_now.condition_failed, [(one.hopeless, one.grace) for one in of_now.causes]) == (False, [(True, 60)])
    assert (of_any.condition_failed, [(one.hopeless, one.grace) for one in of_any.causes]) == (True, [(False, 60)])


def test_the_catalogue_uses_it_for_what_it_does_not_know() -> None:
    from lastgood.model.resource import GroupKind

    door = kind_of(GroupKind("shop.example", "Widget")).assess
    assert door.__wrapped__ is assess_unheard_of  # type: ignore[attr-defined]
