"""Whether what is healthy stays so, told as stories: the same release looked at again and again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from lastgood.holding import Remembered, Terms, expired, last_moment, watch_over, with_hold
from lastgood.model.health import Held, Ruling, Verdict
from lastgood.model.plan import Apply, Plan, Prune, Wait
from lastgood.model.resource import Body, Ref
from lastgood.remembering import Subject, Written
from tests.test_judging import UID, WEB, deployment, observation, pod, replica_set

CERTIFICATE = Ref("cert-manager.io", "Certificate", "shop", "web")
READY = "2026-11-23T17:50:01Z"
LATER = "2026-11-23T17:50:09Z"
RUNNING = {"running": {"startedAt": "2026-11-23T17:50:00Z"}}
UNTIL = 1100.0


@dataclass
class Story:
    """One wait with a hold of thirty seconds: what is remembered from look to look."""

    subjects: tuple[Subject, ...] = (Subject(WEB, Written(UID, 2)),)
    terms: Terms = field(default_factory=lambda: Terms(hold=30.0, patience=60.0))
    memory: Remembered = field(default_factory=Remembered)
    at: float = 1000.0

    def sees(self, *bodies: Body, after: float = 0.0) -> Verdict:
        """Look so many seconds later, as the one does who watches."""
        self.at += after
        verdict, self.memory = watch_over(observation(self.at, *bodies), self.subjects, self.memory, self.terms)
        if verdict.ruling is Ruling.WAIT and self.at >= last_moment(self.memory, UNTIL, self.terms):
            return expired(verdict, self.memory, self.terms)
        return verdict


def told(verdict: Verdict) -> tuple[str, str]:
    return verdict.ruling.value, verdict.sentence


def web(name: str = "web-2-a", *, since: str = READY, ready: bool = True, **more: Any) -> Body:
    """A pod of the new template, seen below its Deployment too; ``since`` is the time of its Ready condition."""
    status = {key: more.pop(key) for key in ("restartCount", "lastState", "reason") if key in more}
    reason = status.pop("reason", "")
    body = pod(more.pop("state", RUNNING), name, ready=ready, **status)
    body["metadata"]["ownerReferences"] = [{"uid": "uid-of-rs", "name": "web-2"}, {"uid": UID}]
    body["status"]["conditions"][-1]["lastTransitionTime"] = since
    body["status"] |= {"reason": reason, "phase": "Failed", "message": more.pop("message", "")} if reason else {}
    body["metadata"] |= more.pop("metadata", {})
    body["status"]["conditions"] += more.pop("conditions", [])
    return body


def ended(code: int = 3, reason: str = "Error", at: str = LATER) -> dict[str, Any]:
    return {"terminated": {"exitCode": code, "reason": reason, "finishedAt": at}}


def event(reason: str, message: str) -> Body:
    """A word of the kubelet about the pod's container."""
    return {
        "kind": "Event",
        "metadata": {"name": reason, "ownerReferences": [{"uid": "uid-of-web-2-a"}]},
        "involvedObject": {"fieldPath": "spec.containers{web}"},
        "reason": reason,
        "message": message,
        "lastTimestamp": LATER,
    }


def good(*pods: Body, ready: int = 1) -> tuple[Body, ...]:
    return (deployment(ready=ready), replica_set(), *(pods or (web(),)))


def certificate(ready: str) -> Body:
    """Something without pods that says itself how it is."""
    metadata = {"name": "web", "namespace": "shop"}
    status = {"conditions": [{"type": "Ready", "status": ready}]}
    return {"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": metadata, "status": status}


def held() -> Story:
    """Everything is healthy, and the hold has begun."""
    story = Story()
    assert story.sees(*good()).held == Held(0, 30)
    return story


class TestHolding:
    """Healthy, and for how long."""

    def test_a_release_passes_once_it_has_stayed_healthy_for_so_long(self) -> None:
        story = Story()
        looks = [told(story.sees(*good(), after=seconds)) for seconds in (0, 6, 6.5, 17.4, 0.1)]
        assert [
            ("wait", "healthy for 0 of 30 s"),
            ("wait", "healthy for 6 of 30 s"),
            ("wait", "healthy for 12 of 30 s"),
            ("wait", "healthy for 24 of 30 s"),
            ("pass", "healthy: 1 of 1, for 30 s"),
        ] == looks

    def test_nothing_is_held_before_everything_is_healthy(self) -> None:
        story = Story((Subject(WEB, Written(UID, 2)), Subject(CERTIFICATE)))
        assert story.sees(*good(), certificate("False")).held is None
        assert story.sees(*good(), certificate("True"), after=40).held == Held(0, 30)

    def test_without_a_hold_healthy_is_enough(self) -> None:
        assert Story(terms=Terms()).sees(*good()).ruling is Ruling.PASS

    def test_it_looks_again_at_each_step_and_at_the_end(self) -> None:
        story = Story()
        assert [6, 4, 1] == [story.sees(*good(), after=seconds).look_again for seconds in (0, 8, 21)]

    def test_a_hold_shorter_than_a_step_looks_again_at_its_end(self) -> None:
        assert 0.5 == Story(terms=Terms(hold=0.5)).sees(*good()).look_again


class TestCrashes:
    """What was ready ends by its own fault: the release failed, at once."""

    def test_a_crash_says_how_long_after_it_was_ready_and_how(self) -> None:
        verdict = held().sees(*good(web(state=ended(), ready=False), ready=0), after=8)
        said = "container web crashed 8 s after it was ready: exit code 3 (Error)"
        assert ("fail", f"deployment.apps/web: {said}") == told(verdict)
        assert verdict.failures[0].cause is not None
        assert verdict.failures[0].cause.container == "web"

    def test_a_probe_that_had_it_killed_is_named_with_what_it_said(self) -> None:
        """A program that obeys ends well by its own account."""
        told_of = (
            event("Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 500"),
            event("Killing", "Container web failed liveness probe, will be restarted"),
        )
        verdict = held().sees(*good(web(state=ended(0, "Completed"), ready=False), ready=0), *told_of, after=8)
        said = "was killed by its liveness probe 8 s after it was ready: HTTP probe failed with statuscode: 500"
        assert ("fail", f"deployment.apps/web: container web {said} (Completed)") == told(verdict)

    def test_one_that_is_ready_again_when_somebody_looks_has_crashed_all_the_same(self) -> None:
        again = web(since="2026-11-23T17:50:10Z", restartCount=1, lastState=ended())
        said = "container web crashed 8 s after it was ready: exit code 3 (Error)"
        assert ("fail", f"deployment.apps/web: {said}") == told(held().sees(*good(again), after=10))

    @pytest.mark.parametrize(
        ("state", "said"),
        [
            (ended(137, "OOMKilled"), "ran out of memory 8 s after it was ready (OOMKilled)"),
            (
                ended(0, "Completed"),
                "ended 8 s after it was ready with exit code 0, but has to keep running (Completed)",
            ),
        ],
    )
    def test_every_end_has_its_words(self, state: dict[str, Any], said: str) -> None:
        verdict = held().sees(*good(web(state=state, ready=False), ready=0), after=8)
        assert f"deployment.apps/web: container web {said}" == verdict.sentence

    def test_a_restart_from_before_the_hold_does_not_count(self) -> None:
        story = Story()
        restarted = web(restartCount=1, lastState=ended(at="2026-11-23T17:49:00Z"))
        story.sees(*good(restarted))
        story.sees(*good(restarted), after=11)
        assert story.sees(*good(restarted), after=30).ruling is Ruling.PASS

    def test_a_container_that_the_runtime_lost_track_of_did_not_crash(self) -> None:
        """The node, or the runtime on it, was restarted; what was ready is not, and the hold begins anew."""
        again = web(since=LATER, restartCount=1, lastState=ended(255, "Unknown"))
        story = held()
        story.sees(*good(again), after=10)
        assert story.sees(*good(again), after=10).held == Held(0, 30)

    def test_a_pod_that_broke_its_own_limit_has_died(self) -> None:
        over = 'Usage of EmptyDir volume "tmp" exceeds the limit "1Gi".'
        gone = web(ready=False, reason="Evicted", message=over)
        verdict = held().sees(*good(gone, web("web-2-b")), after=3)
        assert ("fail", f"deployment.apps/web: a pod was evicted: {over.rstrip('.')} (Evicted)") == told(verdict)

    def test_a_grace_of_the_workload_lets_it_crash_now_and_then(self) -> None:
        """Then a crash only sets the hold back."""
        story, bodies = held(), good(web(state=ended(), ready=False), ready=0)
        bodies[0]["metadata"]["annotations"] = {"lastgood.dev/grace": "Error=never"}
        assert ("wait", None) == ((verdict := story.sees(*bodies, after=8)).ruling.value, verdict.held)

    def test_what_waits_for_its_grace_is_as_always(self) -> None:
        """A new pod cannot be pulled: a hopeless cause fails the release once it has stood."""
        state = {"waiting": {"reason": "ErrImagePull", "message": "registry.lab/web:2: not found"}}
        verdict = held().sees(*good(web("web-2-b", state=state, ready=False), ready=0), after=5)
        assert ("fail", True) == (verdict.ruling.value, "not found" in verdict.sentence)


class TestSetBack:
    """What was ready is not for a while."""

    def test_readiness_that_comes_and_goes_begins_the_hold_anew(self) -> None:
        story = held()
        looks = [
            story.sees(*good(web(ready=False, since=LATER), ready=0), after=20),
            story.sees(*good(web(since=LATER)), after=5),
            story.sees(*good(web(since=LATER)), after=29),
            story.sees(*good(web(since=LATER)), after=1),
        ]
        assert [None, Held(0, 30), Held(24, 30), Held(30, 30)] == [one.held for one in looks]
        assert looks[-1].ruling is Ruling.PASS

    def test_one_that_nobody_saw_in_between_does_too(self) -> None:
        """Its Ready condition has another time."""
        assert held().sees(*good(web(since=LATER)), after=20).held == Held(0, 30)

    def test_what_has_no_pods_and_is_not_healthy_any_more_does_too(self) -> None:
        story = Story((Subject(WEB, Written(UID, 2)), Subject(CERTIFICATE)))
        story.sees(*good(), certificate("True"))
        assert story.sees(*good(), certificate("False"), after=9).held is None

    def test_the_last_moment_for_a_hold_to_begin_is_that_of_the_timeout(self) -> None:
        """Whoever is healthy by then has all of its hold; whoever flaps after it has none left."""
        story = Story()
        story.sees(*good(), after=95)
        assert story.sees(*good(), after=25).ruling is Ruling.WAIT
        verdict = story.sees(*good(web(since=LATER)), after=1)
        assert ("fail", "deployment.apps/web: did not stay healthy for 30 s") == told(verdict)

    def test_whoever_is_not_ready_after_that_has_failed(self) -> None:
        story = Story()
        story.sees(*good(), after=95)
        verdict = story.sees(*good(web(ready=False, since=LATER), ready=0), after=20)
        assert ("fail", "not ready in time") == (verdict.ruling.value, verdict.sentence.split(": ")[1])


class TestFromOutside:
    """Pods go and come for reasons that are none of the release's: the hold goes on, and is over when all are well."""

    def test_a_pod_that_is_deleted_and_replaced(self) -> None:
        """As a drain, an eviction or a person does it; what its containers end with says nothing."""
        story = held()
        going = web(state=ended(143), ready=False, since=LATER, metadata={"deletionTimestamp": LATER})
        starting = web("web-2-b", state={"waiting": {"reason": "ContainerCreating"}}, ready=False)
        looks = [
            story.sees(*good(going, starting, ready=0), after=10),
            story.sees(*good(starting, ready=0), after=15),
            story.sees(*good(starting, ready=0), after=10),
            story.sees(*good(web("web-2-b", since=LATER)), after=5),
        ]
        assert [Held(6, 30), Held(24, 30), Held(30, 30), Held(30, 30)] == [one.held for one in looks]
        assert ["wait", "wait", "wait", "pass"] == [one.ruling.value for one in looks]
        assert "healthy for 6 of 30 s; waiting for deployment.apps/web: new pods available: 0 of 1" in looks[0].sentence

    @pytest.mark.parametrize(
        "gone",
        [
            web(state=ended(137), ready=False, conditions=[{"type": "DisruptionTarget", "status": "True"}]),
            web(
                state=ended(143), ready=False, reason="Terminated", message="Pod was terminated in response to shutdown"
            ),
            web(state=ended(137), ready=False, reason="Evicted", message="The node was low on resource: memory. "),
        ],
        ids=["preempted", "its node shuts down", "its node is short of memory"],
    )
    def test_a_pod_that_its_node_or_the_scheduler_ends(self, gone: Body) -> None:
        verdict = held().sees(*good(gone, web("web-2-b", ready=False, since=LATER), ready=0), after=10)
        assert (Ruling.WAIT, Held(6, 30)) == (verdict.ruling, verdict.held)

    def test_pods_that_an_autoscaler_adds(self) -> None:
        story = held()
        body = deployment(ready=1)
        body["spec"]["replicas"] = 2
        verdict = story.sees(body, replica_set(), web(), web("web-2-b", ready=False), after=10)
        assert (Ruling.WAIT, Held(6, 30)) == (verdict.ruling, verdict.held)

    def test_one_that_came_later_counts_once_it_was_ready(self) -> None:
        story = held()
        story.sees(*good(web("web-2-b")), after=5)
        verdict = story.sees(*good(web("web-2-b", state=ended(), ready=False), ready=0), after=5)
        assert "crashed 8 s after it was ready" in verdict.sentence

    def test_one_that_never_was_ready_may_try_again(self) -> None:
        """It may have started before what it needs, as in any rollout."""
        verdict = held().sees(*good(web("web-2-b", state=ended(1), ready=False), ready=0), after=5)
        assert Ruling.WAIT is verdict.ruling

    def test_pods_of_an_older_template_do_not_count(self) -> None:
        old = web("web-1-a", state=ended(), ready=False)
        old["metadata"]["ownerReferences"] = [{"uid": UID, "name": "web-1"}]
        story = Story()
        story.sees(*good(web(), web("web-1-a")))
        assert story.sees(*good(web(), old), after=30).ruling is Ruling.PASS

    def test_they_have_the_timeout_once_more_after_the_hold(self) -> None:
        story = held()
        starting = good(web("web-2-b", state={"waiting": {"reason": "ContainerCreating"}}, ready=False), ready=0)
        assert ["wait", "fail"] == [story.sees(*starting, after=seconds).ruling.value for seconds in (89, 1)]


def test_a_hold_is_that_of_the_last_wait() -> None:
    """Definitions are waited for as well, and need not stay for anything."""
    plan = Plan((Wait((CERTIFICATE,)), Apply(()), Wait((WEB,)), Prune(())), ())
    assert (Wait((CERTIFICATE,)), Apply(()), Wait((WEB,), 30.0), Prune(())) == with_hold(plan, 30.0).steps
    assert plan == with_hold(plan, 0.0)
