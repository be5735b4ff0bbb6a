"""What is given up sooner where nothing else of the release is on its way: what crashes, and what lacks something."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from lastgood.model.health import Ruling, Verdict
from lastgood.model.resource import Body, Ref
from lastgood.remembering import Subject, Written
from tests.test_judging import (
    ENDED,
    UID,
    WEB,
    Story,
    again,
    backing_off,
    crashed,
    deployment,
    replica_set,
    running,
    waiting,
)

DB = Ref("apps", "Deployment", "shop", "db")
LACKING = waiting("CreateContainerConfigError", 'secret "late" not found')
ALONE = (Subject(WEB, Written(UID, 2)),)
BOTH = (*ALONE, Subject(DB, Written("uid-of-db", 2)))


def database(ready: bool) -> tuple[Body, ...]:
    """Another workload of the same release, and its pods."""
    text = (deployment(ready=int(ready), uid="uid-of-db"), replica_set(), running("db-2-a", ready=ready))
    return tuple(map(_of_db, text))


def _of_db(body: Body) -> Body:
    found = copy.deepcopy(body)
    metadata = found["metadata"]
    metadata["name"] = metadata["name"].replace("web", "db")
    metadata["uid"] = metadata["uid"].replace("web", "db").replace("uid-of-rs", "uid-of-db-rs")
    for owner in metadata.get("ownerReferences", ()):
        owner["uid"] = {UID: "uid-of-db", "uid-of-rs": "uid-of-db-rs"}[owner["uid"]]
    return found


def with_sidecar(pod: Body, *, ready: bool) -> Body:
    """The pod with a second container, whose image may still be on its way."""
    state = {"running": {}} if ready else {"waiting": {"reason": "ContainerCreating"}}
    status = {"name": "proxy", "ready": ready, "restartCount": 0, "state": state}
    spec = {**pod["spec"], "containers": [*pod["spec"]["containers"], {"name": "proxy", "image": "proxy:1"}]}
    told = {**pod["status"], "containerStatuses": [*pod["status"]["containerStatuses"], status]}
    return {**pod, "spec": spec, "status": told}


def loops(story: Story, *others: Body, crash: Body, loop: Body) -> list[Verdict]:
    """Two crashes within a second, and six seconds of waiting for the third."""
    rest = (deployment(), replica_set(), *others)
    return [story.sees(*rest, crash), story.sees(*rest, loop, after=1), story.sees(*rest, loop, after=5)]


def rulings(verdicts: list[Verdict]) -> list[str]:
    return [one.ruling.value for one in verdicts]


def test_a_second_crash_with_nothing_to_wait_for_ends_it() -> None:
    """The kubelet would try again three seconds later, and so on."""
    looks = loops(Story(), crash=crashed(0), loop=backing_off(1))
    assert rulings(looks) == ["wait", "wait", "fail"]
    said = "container web crashed twice, last with exit code 3 (CrashLoopBackOff)"
    assert (looks[1].look_again, looks[-1].sentence) == (5.0, f"deployment.apps/web: {said}")


def test_one_crash_does_not() -> None:
    looks = loops(Story(), crash=crashed(0), loop=backing_off(0))
    assert (rulings(looks), looks[-1].look_again) == (["wait", "wait", "wait"], None)


def test_a_second_crash_while_the_rest_of_the_release_gets_ready_is_excused() -> None:
    """It may be the database that the program waits for: also when that is ready before the program is tried again."""
    story = Story(BOTH)
    assert rulings(loops(story, *database(ready=False), crash=crashed(0), loop=backing_off(1))) == ["wait"] * 3
    rest = (deployment(), replica_set(), *database(ready=True))
    assert story.sees(*rest, backing_off(1), after=2).ruling is Ruling.WAIT
    assert story.sees(*rest, again(2), after=1).ruling is Ruling.WAIT
    assert story.sees(*rest, backing_off(2), after=1).ruling is Ruling.FAIL


def test_a_release_that_is_ready_excuses_nothing() -> None:
    assert rulings(loops(Story(BOTH), *database(ready=True), crash=crashed(0), loop=backing_off(1)))[-1] == "fail"


def test_two_that_crash_do_not_excuse_one_another() -> None:
    loop = tuple(map(_of_db, (deployment(), replica_set(), backing_off(1))))
    assert rulings(loops(Story(BOTH), *loop, crash=crashed(0), loop=backing_off(1)))[-1] == "fail"


def test_another_container_of_the_pod_that_is_not_ready_excuses_a_crash() -> None:
    """A proxy that has to be there before the program reaches anything."""
    crash, loop = (with_sidecar(one, ready=False) for one in (crashed(0), backing_off(1)))
    assert rulings(loops(Story(), crash=crash, loop=loop)) == ["wait"] * 3
    crash, loop = (with_sidecar(one, ready=True) for one in (crashed(0), backing_off(1)))
    assert rulings(loops(Story(), crash=crash, loop=loop))[-1] == "fail"


@pytest.mark.parametrize(
    ("grace", "ruling"),
    [("CrashLoopBackOff=never", "wait"), ("Error=never", "wait"), ("Error=30s", "wait"), ("Error=3s", "fail")],
)
def test_a_workload_knows_better(grace: str, ruling: str) -> None:
    """By the very reason or by another of the same trouble."""
    story, rest = Story(), (deployment(grace=grace), replica_set())
    story.sees(*rest, backing_off(1))
    assert story.sees(*rest, backing_off(1), after=8).ruling.value == ruling


@pytest.mark.parametrize("crashes", [2, 5])
def test_a_job_counts_its_own_tries(crashes: int) -> None:
    """``backoffLimit`` is how often it may fail."""
    job: dict[str, Any] = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "migrate", "namespace": "shop", "uid": "uid-of-job", "generation": 1},
        "status": {"active": 1},
    }
    pod = backing_off(crashes - 1)
    pod["metadata"]["ownerReferences"] = [{"uid": "uid-of-job"}]
    pod["status"]["containerStatuses"][0]["lastState"] = ENDED
    story = Story((Subject(Ref("batch", "Job", "shop", "migrate"), Written("uid-of-job", 1)),))
    story.sees(job, pod)
    assert story.sees(job, pod, after=60).ruling is Ruling.WAIT


def test_what_lacks_something_waits_longer_while_something_else_is_on_its_way() -> None:
    """That may be what brings it: an operator, or a secret that is fetched."""
    story, rest = Story(BOTH), (deployment(), replica_set(), LACKING)
    looks = [story.sees(*rest, *database(ready=False), after=seconds) for seconds in (0, 10)]
    looks += [story.sees(*rest, *database(ready=True), after=seconds) for seconds in (1, 6)]
    assert (rulings(looks), looks[2].look_again) == (["wait", "wait", "wait", "fail"], 6.0)


def test_but_not_for_ever() -> None:
    story, rest = Story(BOTH), (deployment(), replica_set(), LACKING, *database(ready=False))
    assert rulings([story.sees(*rest, after=seconds) for seconds in (0, 19, 1)]) == ["wait", "wait", "fail"]


def test_two_that_lack_something_do_not_excuse_one_another() -> None:
    """One ConfigMap was forgotten, and both read it."""
    story = Story(BOTH)
    both = (deployment(), replica_set(), LACKING, *map(_of_db, (deployment(), replica_set(), LACKING)))
    assert rulings([story.sees(*both, after=seconds) for seconds in (0, 6.5, 0.5)]) == ["wait", "wait", "fail"]
