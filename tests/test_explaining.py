"""What a log alone tells of why a container ended."""

from __future__ import annotations

import pytest

from lastgood.errors import DeployFailed
from lastgood.gathering import explained, retold
from lastgood.model.evidence import ContainerEvidence, Evidence, PodEvidence
from lastgood.model.health import Cause, Health, Judged, Ruling, Status
from lastgood.model.resource import Ref
from lastgood.testing import Behaviour
from tests.stories.cast import GOOD_1, web
from tests.stories.test_no_false_verdicts import NEW, World, assert_good

WEB, POD = Ref("apps", "Deployment", "shop", "web"), Ref("", "Pod", "shop", "web-1")
CRASHED = "container web crashed twice, last with exit code 1"


def judged(sentence: str = f"{CRASHED} (Error)") -> tuple[Judged, ...]:
    cause = Cause("Error", sentence, hopeless=True, source=POD, container="web")
    return (
        Judged(WEB, Health(Status.IN_PROGRESS), Ruling.FAIL, cause),
        Judged(POD, Health(Status.FAILED), Ruling.FAIL),
    )


def evidence(log: str, *, code: int | None = 1, name: str = "web") -> Evidence:
    return Evidence(
        (PodEvidence(POD, "Running", (ContainerEvidence(name, "web:1", "terminated", "Error", "", code, 1, log),)),)
    )


def said(of: Evidence) -> str:
    (first, _) = explained(judged(), of)
    assert first.cause is not None
    return first.cause.sentence


@pytest.mark.parametrize(
    ("log", "meaning"),
    [
        ("exec /web: exec format error\n", "its program is made for another sort of processor"),
        (
            "starting\nlisten tcp :8080: bind: address already in use\n  at main.go:3\n",
            "a port that it wants is in use",
        ),
    ],
)
def test_a_word_at_the_end_of_a_log_says_more_than_an_exit_code(log: str, meaning: str) -> None:
    assert said(evidence(log)) == f"{CRASHED}: {meaning} (Error)"


@pytest.mark.parametrize(
    "other",
    [
        evidence("address already in use, trying the next\n" + "a request\n" * 9),
        evidence("exec format error", name="proxy"),
        evidence("exec format error", code=None),
        evidence(""),
        Evidence(),
    ],
    ids=["it got over that", "another container", "one that runs", "no log", "nothing"],
)
def test_what_says_nothing_of_the_end_changes_nothing(other: Evidence) -> None:
    assert explained(judged(), other) == judged()


def test_the_sentence_of_the_release_tells_it_too() -> None:
    told = explained(judged(), evidence("exec format error"))
    meaning = "its program is made for another sort of processor"
    assert retold(f"{WEB}: {CRASHED} (Error)", judged(), told) == f"{WEB}: {CRASHED}: {meaning} (Error)"


def test_a_deploy_of_an_image_for_another_processor_says_so() -> None:
    """In its last sentence, in the history, and in the verdict that is kept."""
    broken = Behaviour(ready_after=None, exits_after=0.5, exit_code=255, last_words=("exec /web: exec format error",))
    world = World({NEW: broken})
    assert_good(world.deploy(web(GOOD_1)))
    outcome = world.deploy(web(NEW))
    assert isinstance(outcome, DeployFailed)
    kept = next(filter(None, (one.cause for one in outcome.release.judged)))
    for sentence in (str(outcome), outcome.release.reason, kept.sentence):
        assert "its program is made for another sort of processor" in sentence
