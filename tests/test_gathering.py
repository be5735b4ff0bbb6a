"""Evidence: what can be had in two seconds, capped, without a Secret's data."""

from __future__ import annotations

import asyncio
from typing import Any

from lastgood.errors import NotFound
from lastgood.gathering import LOG_BYTES, PODS, WITHIN, gather, masked
from lastgood.model.evidence import Evidence
from lastgood.model.health import Health, Judged, Observation, Ruling, Status, Verdict
from lastgood.model.resource import Body, Ref, Resource, ref_of
from lastgood.testing import FakeClock
from tests.stories.cast import secret

WEB = Ref("apps", "Deployment", "shop", "web")
DEPLOYMENT: Body = {"kind": "Deployment", "metadata": {"name": "web", "uid": "d"}}


def pod(name: str, *, ready: bool = False, **status: Any) -> Body:
    container = {"name": "web", "image": "web:2", "restartCount": 0, "state": {"running": {}}, **status}
    conditions = [{"type": "Ready", "status": str(ready)}]
    return {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {"name": name, "namespace": "shop", "uid": name, "creationTimestamp": name},
        "status": {"phase": "Running", "conditions": conditions, "containerStatuses": [container]},
    }


class Logs:
    """A cluster that has logs and nothing else."""

    def __init__(self, text: str = "", *, takes: float = 0, previous: str = "") -> None:
        self.text, self.takes, self.earlier = text, takes, previous
        self.asked: list[tuple[str, bool]] = []

    async def logs(self, ref: Ref, container: str, *, previous: bool, lines: int) -> str:
        self.asked.append((ref.name, previous))
        await asyncio.sleep(self.takes)
        if previous and not self.earlier:
            raise NotFound("there is no previous instance")
        return self.earlier if previous else self.text


def gathered(cluster: Logs, *dependents: Body, resources: tuple[Resource, ...] = ()) -> Evidence:
    verdict = Verdict(Ruling.FAIL, (Judged(WEB, Health(Status.FAILED), Ruling.FAIL),))
    observation = Observation(0.0, {WEB: DEPLOYMENT}, {"d": dependents})
    work = gather(cluster, verdict, observation, resources)  # type: ignore[arg-type]
    return FakeClock().run(work)


def test_states_and_last_words_of_broken_pods_are_kept() -> None:
    evidence = gathered(Logs("hello\nfatal: no database\n"), pod("a"), pod("b", ready=True))
    (kept,) = evidence.pods
    assert (ref_of(pod("a")), "Running") == (kept.ref, kept.phase)
    assert evidence.last_words is not None
    assert "fatal: no database" in evidence.last_words[1].logs


def test_of_a_container_that_was_started_again_the_previous_instance_speaks() -> None:
    ended: dict[str, Any] = {"restartCount": 2, "lastState": {"terminated": {"exitCode": 3, "reason": "Error"}}}
    cluster = Logs("starting", previous="fatal: no database")
    (kept,) = gathered(cluster, pod("a", **ended)).pods
    (container,) = kept.containers
    assert ("terminated", 3, 2, "fatal: no database") == (
        container.state,
        container.exit_code,
        container.restarts,
        container.logs,
    )


def test_without_a_previous_instance_the_present_one_speaks() -> None:
    ended: dict[str, Any] = {"restartCount": 1, "lastState": {"terminated": {"exitCode": 3}}}
    (kept,) = gathered(Logs("starting"), pod("a", **ended)).pods
    assert "starting" == kept.containers[0].logs


def test_a_container_that_never_ran_is_not_asked_for_its_log() -> None:
    cluster = Logs("x")
    waiting: dict[str, Any] = {"state": {"waiting": {"reason": "ErrImagePull", "message": "not found"}}}
    (kept,) = gathered(cluster, pod("a", **waiting)).pods
    assert (("ErrImagePull", "not found"), []) == (
        (kept.containers[0].reason, kept.containers[0].message),
        cluster.asked,
    )


def test_a_log_that_takes_too_long_is_left_out_and_noted() -> None:
    evidence = gathered(Logs("late", takes=WITHIN * 10), pod("a"))
    assert ("", True) == (evidence.pods[0].containers[0].logs, "too long" in evidence.notes[0])


def test_there_is_a_cap_on_everything() -> None:
    evidence = gathered(Logs("x" * 100_000), *(pod(f"p{number}") for number in range(10)))
    assert PODS == len(evidence.pods)
    assert LOG_BYTES == len(evidence.pods[0].containers[0].logs)


def test_values_of_secrets_are_masked_in_logs_as_written_and_decoded() -> None:
    evidence = gathered(
        Logs("token is s3cret-value, czNjcmV0LXZhbHVl"), pod("a"), resources=(secret("key", t="czNjcmV0LXZhbHVl"),)
    )
    assert "token is *****, *****" == evidence.pods[0].containers[0].logs


def test_masking_takes_longer_secrets_first() -> None:
    assert "*****" == masked("abcdef", ("abcdef", "abc"))


def test_events_are_kept_warnings_first() -> None:
    def event(name: str, kind: str, at: str) -> Body:
        about = {"kind": "Pod", "apiVersion": "v1", "namespace": "shop", "name": "a", "uid": "a"}
        return {
            "kind": "Event", "metadata": {"uid": name}, "type": kind, "reason": name, "message": "m",
            "lastTimestamp": at, "involvedObject": about,
        }  # fmt: skip

    evidence = gathered(
        Logs(), pod("a"), event("Pulled", "Normal", "3"), event("Old", "Warning", "1"), event("New", "Warning", "2")
    )
    assert ["New", "Old", "Pulled"] == [one.reason for one in evidence.events]
