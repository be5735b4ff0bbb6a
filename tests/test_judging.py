"""What observations mean for a release, told as stories: the same release looked at again and again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lastgood.judging import judge, time_out
from lastgood.model.health import Observation, Ruling, Verdict
from lastgood.model.resource import Body, Ref, ref_of
from lastgood.remembering import Memory, Subject, Written
from tests.test_kinds import FOLDER, observed

WEB = Ref("apps", "Deployment", "shop", "web")
UID = "uid-of-web"
LABELS = {"app": "web"}
DEADLINE = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
PROGRESS = {"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated"}
PROBE = {"httpGet": {"path": "/ready", "port": 8080}}
NOT_FOUND = "failed to resolve reference: registry.lab/web:2: not found"
NO_ANSWER = "dial tcp 10.0.0.9:443: i/o timeout"


@dataclass
class Story:
    """One wait: what was written, and what is remembered from look to look."""

    subjects: tuple[Subject, ...] = (Subject(WEB, Written(UID, 2)),)
    memory: Memory = field(default_factory=Memory)
    at: float = 1000.0

    def sees(self, *bodies: Body, after: float = 0.0) -> Verdict:
        """Look so many seconds later: resources without an owner are judged, the others are dependents."""
        self.at += after
        verdict, self.memory = judge(observation(self.at, *bodies), self.subjects, self.memory)
        return verdict


def observation(at: float, *bodies: Body) -> Observation:
    dependents: dict[str, tuple[Body, ...]] = {}
    for body in bodies:
        for owner in body["metadata"].get("ownerReferences", ()):
            dependents[owner["uid"]] = (*dependents.get(owner["uid"], ()), body)
    refs = {ref_of(body): body for body in bodies if "ownerReferences" not in body["metadata"]}
    return Observation(at, refs, dependents)


def told(verdict: Verdict) -> tuple[str, str]:
    return verdict.ruling.value, verdict.sentence


def template(image: str = "registry.lab/web:2", probe: bool = True) -> Body:
    container = {"name": "web", "image": image, **({"readinessProbe": PROBE} if probe else {})}
    return {"metadata": {"labels": LABELS}, "spec": {"containers": [container]}}


def deployment(
    *,
    ready: int = 0,
    generation: int = 2,
    seen: int = 2,
    condition: dict[str, str] = PROGRESS,
    grace: str = "",
    probe: bool = True,
    uid: str = UID,
) -> Body:
    """A Deployment of one pod."""
    annotations = {"annotations": {"lastgood.dev/grace": grace}} if grace else {}
    status = {"observedGeneration": seen, "replicas": 1, "updatedReplicas": 1, "availableReplicas": ready}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "uid": uid, "generation": generation, **annotations},
        "spec": {"replicas": 1, "selector": {"matchLabels": LABELS}, "template": template(probe=probe)},
        "status": {**status, "conditions": [condition]},
    }


def replica_set(probe: bool = True) -> Body:
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {"name": "web-2", "namespace": "shop", "uid": "uid-of-rs", "ownerReferences": [{"uid": UID}]},
        "spec": {"replicas": 1, "template": template(probe=probe)},
        "status": {"replicas": 1},
    }


def pod(state: dict[str, Any], name: str = "web-2-a", probe: bool = True, **status: Any) -> Body:
    """A pod of the new ReplicaSet; ``status`` is its container's."""
    ready = "True" if status.get("ready") else "False"
    container = {"name": "web", "ready": False, "restartCount": 0, "state": state, **status}
    owner = [{"uid": "uid-of-rs"}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop", "uid": f"uid-of-{name}", "ownerReferences": owner},
        "spec": {"nodeName": "node-1", "containers": template(probe=probe)["spec"]["containers"]},
        "status": {
            "phase": "Running",
            "conditions": [{"type": "PodScheduled", "status": "True"}, {"type": "Ready", "status": ready}],
            "containerStatuses": [container],
        },
    }


def waiting(reason: str, message: str = "", name: str = "web-2-a", **status: Any) -> Body:
    return pod({"waiting": {"reason": reason, "message": message}}, name, **status)


def running(name: str = "web-2-a", *, ready: bool = True, probe: bool = True, **status: Any) -> Body:
    return pod({"running": {"startedAt": "2026-11-23T17:50:00Z"}}, name, probe, ready=ready, **status)


def crashed(restarts: int) -> Body:
    """A crash that the kubelet has not answered yet."""
    return pod({"terminated": {"exitCode": 3, "reason": "Error"}}, restartCount=restarts)


def backing_off(restarts: int) -> Body:
    return waiting("CrashLoopBackOff", restartCount=restarts, lastState=ENDED)


def again(restarts: int) -> Body:
    """It runs again, and is not ready yet."""
    return running(ready=False, restartCount=restarts, lastState=ENDED)


ENDED = {"terminated": {"exitCode": 3, "reason": "Error"}}


class TestNewsFromBeforeOurWrite:
    """Neither condemns nor acquits."""

    def test_a_stale_failing_condition_does_not_condemn(self) -> None:
        """For some 20 ms after a revert a Deployment has seen our write and still says that its deadline is over."""
        story = Story((Subject(WEB, Written(UID, 3)),))
        looks = [
            story.sees(deployment(generation=2, seen=2, condition=DEADLINE)),
            story.sees(deployment(generation=3, seen=2, condition=DEADLINE), after=0.01),
            story.sees(deployment(generation=3, seen=3, condition=DEADLINE), after=0.01),
            story.sees(deployment(generation=3, seen=3, condition=PROGRESS), after=0.02),
            story.sees(deployment(generation=3, seen=3, ready=1), replica_set(), running(), after=1),
        ]
        assert [one.ruling.value for one in looks] == ["wait", "wait", "wait", "wait", "pass"]

    def test_a_condition_that_fails_anew_condemns(self) -> None:
        """Once a status without it was seen, it speaks of our write."""
        story = Story()
        story.sees(deployment())
        verdict = story.sees(deployment(condition=DEADLINE), after=600)
        assert ("fail", "deployment.apps/web: made no progress for 600 s (ProgressDeadlineExceeded)") == told(verdict)

    def test_a_status_of_the_older_generation_clears_nothing(self) -> None:
        """It was without the condition then, but that says nothing about the condition that comes now."""
        story = Story((Subject(WEB, Written(UID, 3)),))
        story.sees(deployment(generation=3, seen=2))
        assert story.sees(deployment(generation=3, seen=3, condition=DEADLINE)).ruling is Ruling.WAIT

    def test_what_we_did_not_write_is_judged_as_it_stands(self) -> None:
        story = Story((Subject(WEB),))
        assert story.sees(deployment(condition=DEADLINE)).ruling is Ruling.FAIL

    def test_a_stale_healthy_status_does_not_acquit(self) -> None:
        """The body that our write replaced was healthy; so was its status, before the controller saw our write."""
        story = Story((Subject(WEB, Written(UID, 3)),))
        looks = [
            story.sees(deployment(generation=2, seen=2, ready=1)),
            story.sees(deployment(generation=3, seen=2, ready=1), after=0.01),
        ]
        assert [one.ruling.value for one in looks] == ["wait", "wait"]

    def test_a_later_change_by_an_autoscaler_is_not_older(self) -> None:
        story = Story()
        assert story.sees(deployment(generation=5, seen=5, ready=1)).ruling is Ruling.PASS

    def test_another_resource_of_the_same_name_says_nothing_about_ours(self) -> None:
        """The one that was replaced may still be seen for a moment; another that stays was made by somebody else."""
        story = Story()
        assert story.sees(deployment(ready=1, uid="uid-of-another")).ruling is Ruling.WAIT
        verdict = story.sees(deployment(ready=1, uid="uid-of-another"), after=30)
        said = "somebody deleted it and made another of the same name (Replaced)"
        assert ("fail", f"deployment.apps/web: {said}") == told(verdict)


class TestHopeless:
    """What ends the wait, and when."""

    def test_an_image_that_is_not_there_ends_it_at_once(self) -> None:
        verdict = Story().sees(deployment(), replica_set(), waiting("ErrImagePull", NOT_FOUND))
        said = "container web cannot start: image registry.lab/web:2: not found (ErrImagePull)"
        assert ("fail", f"deployment.apps/web: {said}") == told(verdict)

    def test_a_registry_that_does_not_answer_has_a_minute(self) -> None:
        story, broken = Story(), waiting("ErrImagePull", NO_ANSWER)
        first = story.sees(deployment(), replica_set(), broken)
        assert (first.ruling, first.look_again) == (Ruling.WAIT, 60.0)
        later = story.sees(deployment(), replica_set(), broken, after=59)
        assert (later.ruling, later.look_again) == (Ruling.WAIT, 1.0)
        last = story.sees(deployment(), replica_set(), broken, after=1)
        assert (last.ruling, last.look_again) == (Ruling.FAIL, None)

    def test_a_pull_and_its_back_off_are_one_trouble(self) -> None:
        story = Story()
        story.sees(deployment(), replica_set(), waiting("ErrImagePull", NO_ANSWER))
        back_off = waiting("ImagePullBackOff", f"Back-off pulling image: ErrImagePull: {NO_ANSWER}")
        story.sees(deployment(), replica_set(), back_off, after=30)
        verdict = story.sees(deployment(), replica_set(), waiting("ErrImagePull", NO_ANSWER), after=30)
        assert verdict.ruling is Ruling.FAIL

    def test_a_pod_in_the_place_of_another_begins_no_new_time(self) -> None:
        story = Story()
        for name in ("web-2-a", "web-2-b", "web-2-c"):
            verdict = story.sees(deployment(), replica_set(), waiting("ErrImagePull", NO_ANSWER, name), after=30)
        assert verdict.ruling is Ruling.FAIL

    def test_a_trouble_that_was_over_begins_anew(self) -> None:
        story, broken = Story(), waiting("ErrImagePull", NO_ANSWER)
        story.sees(deployment(), replica_set(), broken)
        story.sees(deployment(), replica_set(), running(ready=False), after=20)
        story.sees(deployment(), replica_set(), running(ready=False), after=5)
        verdict = story.sees(deployment(), replica_set(), broken, after=5)
        assert (verdict.ruling, verdict.look_again) == (Ruling.WAIT, 60.0)

    def test_a_moment_out_of_sight_is_no_cure(self) -> None:
        """One pod is gone, the next has not tried yet."""
        story, broken = Story(), waiting("ErrImagePull", NO_ANSWER)
        story.sees(deployment(), replica_set(), broken)
        story.sees(deployment(), replica_set(), after=20)
        verdict = story.sees(deployment(), replica_set(), broken, after=2)
        assert (verdict.ruling, verdict.look_again) == (Ruling.WAIT, 38.0)

    def test_longer_out_of_sight_is_one(self) -> None:
        story, broken = Story(), waiting("ErrImagePull", NO_ANSWER)
        story.sees(deployment(), replica_set(), broken)
        story.sees(deployment(), replica_set(), after=20)
        verdict = story.sees(deployment(), replica_set(), broken, after=3)
        assert (verdict.ruling, verdict.look_again) == (Ruling.WAIT, 60.0)

    def test_a_crash_loop(self) -> None:
        """The first crashes may be impatience; the third ends it, if the loop is ten seconds old."""
        story, rest = Story(), (deployment(), replica_set())
        looks = [
            story.sees(*rest, running(ready=False)),
            story.sees(*rest, crashed(0), after=0.5),
            story.sees(*rest, again(1), after=0.5),
            story.sees(*rest, backing_off(1), after=0.5),
            story.sees(*rest, again(2), after=9),
            story.sees(*rest, backing_off(2), after=0.5),
        ]
        assert [one.ruling.value for one in looks] == ["wait", "wait", "wait", "wait", "wait", "fail"]
        said = "container web crashed 3 times, last with exit code 3 (CrashLoopBackOff)"
        assert looks[-1].sentence == f"deployment.apps/web: {said}"

    def test_a_crash_loop_with_little_back_off_has_its_seconds(self) -> None:
        story, rest = Story(), (deployment(), replica_set())
        story.sees(*rest, backing_off(1))
        early = story.sees(*rest, backing_off(4), after=4)
        assert (early.ruling, early.look_again) == (Ruling.WAIT, 2.0)
        assert story.sees(*rest, backing_off(5), after=2).ruling is Ruling.FAIL

    def test_a_pod_that_crashed_and_runs_again_is_not_condemned(self) -> None:
        """However long it takes to be ready: the probe decides, or the next crash."""
        story, rest = Story(), (deployment(), replica_set())
        story.sees(*rest, backing_off(3))
        assert story.sees(*rest, again(4), after=60).ruling is Ruling.WAIT
        healthy = story.sees(deployment(ready=1), replica_set(), running(restartCount=4), after=1)
        assert (healthy.ruling, healthy.look_again) == (Ruling.WAIT, 10.0)
        assert story.sees(deployment(ready=1), replica_set(), running(restartCount=4), after=10).ruling is Ruling.PASS

    def test_what_only_explains_never_ends_the_wait(self) -> None:
        story = Story()
        for _ in range(5):
            verdict = story.sees(deployment(), replica_set(), running(ready=False), after=100_000)
        assert (verdict.ruling, verdict.look_again) == (Ruling.WAIT, None)

    @pytest.mark.parametrize(
        ("case", "grace"),
        [
            ("stateful_set/inprogress_quota", 8),
            ("deployment/inprogress_quota", 30),
            ("deployment/inprogress_quota_too_small_for_one", 8),
            ("deployment/inprogress_webhook_denies", 8),
            ("deployment/inprogress_config_missing", 7),
            ("deployment/inprogress_volume_missing", 8),
            ("deployment/inprogress_paused", 7),
            ("custom_resource_definition/failed_names_taken", 5),
            ("generic/failed_stalled", 5),
            ("job/failed_backoff_limit", 0),
            ("pod/failed_exit_code", 0),
            ("pod/failed_evicted", 0),
        ],
    )
    def test_each_trouble_has_its_time(self, case: str, grace: float) -> None:
        """The bodies are a cluster's own; see tests/kinds."""
        body, seen = observed(FOLDER / Path(f"{case}.yaml"))
        subjects = (Subject(ref_of(body)),)
        first, memory = judge(seen, subjects, Memory())
        assert first.look_again == (grace or None)
        before, memory = judge(replace(seen, at=max(grace - 0.1, 0)), subjects, memory)
        last, _ = judge(replace(seen, at=float(grace)), subjects, memory)
        assert (before.ruling is Ruling.FAIL, last.ruling) == (grace == 0, Ruling.FAIL)


class TestGraces:
    """A workload knows its own troubles best: ``lastgood.dev/grace``."""

    def rulings(self, grace: str, body: Body, *times: float) -> list[str]:
        story = Story()
        return [story.sees(deployment(grace=grace), replica_set(), body, after=time).ruling.value for time in times]

    def test_a_longer_grace(self) -> None:
        missing = waiting("ErrImagePull", NOT_FOUND)
        assert self.rulings("ErrImagePull=60s", missing, 0, 59, 1) == ["wait", "wait", "fail"]

    def test_a_grace_counts_for_the_same_trouble_by_another_name(self) -> None:
        missing = waiting("ImagePullBackOff", f"ErrImagePull: {NOT_FOUND}")
        assert self.rulings("ErrImagePull=60s", missing, 0, 59, 1) == ["wait", "wait", "fail"]

    def test_never(self) -> None:
        assert self.rulings("ErrImagePull=never", waiting("ErrImagePull", NOT_FOUND), 0, 1e6) == ["wait", "wait"]

    def test_a_grace_makes_what_only_explains_end_the_wait(self) -> None:
        assert self.rulings("Unhealthy=2m", running(ready=False), 0, 119, 1) == ["wait", "wait", "fail"]

    def test_a_part_that_cannot_be_read_is_as_if_it_were_not_there(self) -> None:
        assert self.rulings("ErrImagePull=soon", waiting("ErrImagePull", NOT_FOUND), 0) == ["fail"]

    def test_never_holds_for_a_failed_status_as_well(self) -> None:
        body, seen = observed(FOLDER / "job" / "failed_backoff_limit.yaml")
        body["metadata"]["annotations"] = {"lastgood.dev/grace": "BackoffLimitExceeded=never"}
        verdict, _ = judge(seen, (Subject(ref_of(body)),), Memory())
        assert verdict.ruling is Ruling.WAIT


class TestHealthy:
    """Ready is not enough while nothing vouches for it."""

    def test_a_probe_vouches_for_its_pod(self) -> None:
        assert Story().sees(deployment(ready=1), replica_set(), running()).ruling is Ruling.PASS

    def test_a_pod_without_a_probe_has_to_stay_ready(self) -> None:
        """It counts as ready from the moment it runs, and may crash in the next."""
        story, rest = Story(), (deployment(ready=1, probe=False), replica_set(probe=False))
        first = story.sees(*rest, running(probe=False))
        assert (first.ruling, first.look_again) == (Ruling.WAIT, 5.0)
        assert first.sentence == "waiting for deployment.apps/web: pods ready: 1 of 1; this has to last 5 s"
        assert story.sees(*rest, running(probe=False), after=5).ruling is Ruling.PASS

    def test_a_pod_that_is_ready_between_two_crashes_passes_nothing(self) -> None:
        story, rest = Story(), (deployment(ready=1, probe=False), replica_set(probe=False))
        looks = [
            story.sees(*rest, running(probe=False)),
            story.sees(*rest, crashed(0), after=0.3),
            story.sees(*rest, running(probe=False, restartCount=1, lastState=ENDED), after=0.3),
            story.sees(*rest, backing_off(1), after=0.3),
            story.sees(*rest, running(probe=False, restartCount=2, lastState=ENDED), after=9.5),
            story.sees(*rest, backing_off(2), after=0.3),
        ]
        assert [one.ruling.value for one in looks[:5]] == ["wait"] * 5

    def test_a_crash_loop_that_is_ready_for_a_while_each_time(self) -> None:
        """It is one loop: its ten seconds do not begin anew when it looks well."""
        story, rest = Story(), (deployment(ready=1, probe=False), replica_set(probe=False))
        looks = [
            story.sees(*rest, running(probe=False)),
            story.sees(*rest, crashed(0), after=3),
            story.sees(*rest, running(probe=False, restartCount=1, lastState=ENDED), after=0.5),
            story.sees(*rest, backing_off(1), after=4),
            story.sees(*rest, running(probe=False, restartCount=2, lastState=ENDED), after=6),
            story.sees(*rest, backing_off(2), after=4),
        ]
        assert [one.ruling.value for one in looks] == ["wait"] * 5 + ["fail"]

    def test_what_we_did_not_write_is_healthy_at_once(self) -> None:
        story = Story((Subject(WEB),))
        rest = (deployment(ready=1, probe=False), replica_set(probe=False))
        assert story.sees(*rest, running(probe=False)).ruling is Ruling.PASS

    def test_watches_out_of_step(self) -> None:
        """A pod is seen before its ReplicaSet, and the Deployment's status before the pod's: both pass."""
        story = Story()
        looks = [
            story.sees(deployment(), running(ready=False)),
            story.sees(deployment(ready=1), replica_set(), running(ready=False), after=0.1),
            story.sees(deployment(ready=1), replica_set(), running(), after=0.1),
        ]
        assert [one.ruling.value for one in looks] == ["wait", "wait", "pass"]
        assert looks[1].sentence.startswith("waiting for deployment.apps/web: new pods ready: 0 of 1")


class TestGone:
    """What is not there, or going."""

    def test_what_somebody_deleted_has_failed(self) -> None:
        story = Story()
        assert story.sees().look_again == 5.0
        verdict = story.sees(after=5)
        assert ("fail", "deployment.apps/web: somebody deleted it (Deleted)") == told(verdict)

    def test_what_comes_a_moment_later_is_well(self) -> None:
        story = Story()
        story.sees()
        assert story.sees(deployment(ready=1), replica_set(), running(), after=1).ruling is Ruling.PASS

    def test_what_is_being_deleted_has_failed(self) -> None:
        story, going = Story(), deployment(ready=1)
        going["metadata"]["deletionTimestamp"] = "2026-11-23T17:50:00Z"
        assert story.sees(going).ruling is Ruling.WAIT
        assert story.sees(going, after=5).ruling is Ruling.FAIL

    def test_a_job_that_ended_well_may_go(self) -> None:
        """Its time to live removes it; that takes nothing back."""
        body, seen = observed(FOLDER / "job" / "current_complete.yaml")
        subjects = (Subject(ref_of(body), Written(body["metadata"]["uid"], 1)),)
        first, memory = judge(seen, subjects, Memory())
        then, _ = judge(Observation(60.0, {}), subjects, memory)
        assert (first.ruling, then.ruling) == (Ruling.PASS, Ruling.PASS)

    def test_a_job_that_never_ran_may_not(self) -> None:
        """A suspended Job is as it should be, but it has not ended."""
        body, seen = observed(FOLDER / "job" / "inprogress_suspended.yaml")
        subjects = (Subject(ref_of(body)),)
        first, memory = judge(seen, subjects, Memory())
        then, memory = judge(Observation(60.0, {}), subjects, memory)
        last, _ = judge(Observation(65.0, {}), subjects, memory)
        assert [one.ruling.value for one in (first, then, last)] == ["pass", "wait", "fail"]


class TestStuckPods:
    """Pods that block their StatefulSet are named when their time has come."""

    def stuck(self, case: str, *times: float) -> list[list[str]]:
        body, seen = observed(FOLDER / "stateful_set" / f"{case}.yaml")
        subjects, memory, named = (Subject(ref_of(body)),), Memory(), []
        for time in times:
            verdict, memory = judge(replace(seen, at=time), subjects, memory)
            named.append([pod.ref.name for pod in verdict.judged[0].health.stuck])
        return named

    def test_a_pod_of_a_failed_revision_at_once(self) -> None:
        assert self.stuck("inprogress_stuck_after_return", 0) == [["web-1"]]

    def test_a_pod_that_was_good_before_after_half_a_minute(self) -> None:
        assert self.stuck("inprogress_older_pod_pauses", 0, 29, 30) == [[], [], ["web-0"]]

    def test_the_wait_says_when_to_look_again(self) -> None:
        body, seen = observed(FOLDER / "stateful_set" / "inprogress_older_pod_pauses.yaml")
        verdict, _ = judge(seen, (Subject(ref_of(body)),), Memory())
        assert verdict.look_again == 30.0


class TestWhatMayNeverCome:
    """A deploy goes on with what nobody has to answer for, after the time in which somebody would have."""

    def looks(self, case: str, *times: float, written: Written | None = None) -> list[str]:
        body, seen = observed(FOLDER / f"{case}.yaml")
        subjects, memory, rulings = (Subject(ref_of(body), written),), Memory(), []
        for time in times:
            verdict, memory = judge(replace(seen, at=time), subjects, memory)
            rulings.append(verdict.ruling.value)
        return rulings

    def test_a_load_balancer_that_nobody_takes_up(self) -> None:
        """The cluster may have no controller for it: after half a minute of silence the deploy is done."""
        case, ours = "service/inprogress_load_balancer_nobody_takes_up", Written("uid-of-service-web", 0)
        assert self.looks(case, 0, 29, 30, written=ours) == ["wait", "wait", "pass"]

    def test_a_load_balancer_that_somebody_makes(self) -> None:
        """A cloud takes its time, and is given all there is."""
        case, ours = "service/inprogress_load_balancer_is_being_made", Written("uid-of-web", 0)
        assert self.looks(case, 0, 60, 500, written=ours) == ["wait", "wait", "wait"]

    def test_what_this_run_did_not_write_has_been_silent_before(self) -> None:
        assert self.looks("service/inprogress_load_balancer_nobody_takes_up", 0) == ["pass"]

    def test_a_suspended_job_is_not_waited_for(self) -> None:
        case, ours = "job/inprogress_suspended", Written("uid-of-job-web", 1)
        assert self.looks(case, 0, written=ours) == ["pass"]

    def test_the_wait_says_when_to_look_again(self) -> None:
        body, seen = observed(FOLDER / "gateway_route" / "inprogress_no_controller.yaml")
        verdict, _ = judge(seen, (Subject(ref_of(body), Written("uid-of-web", 1)),), Memory())
        assert (verdict.ruling, verdict.look_again) == (Ruling.WAIT, 30.0)

    def test_the_verdict_names_what_was_not_waited_for(self) -> None:
        body, seen = observed(FOLDER / "service" / "inprogress_load_balancer_nobody_takes_up.yaml")
        verdict, _ = judge(seen, (Subject(ref_of(body)),), Memory())
        why = "no controller for load balancers has taken it up (LoadBalancerUnclaimed)"
        said = f"healthy: 0 of 1; not waited for: service/web: has no address of a load balancer yet: {why}"
        assert told(verdict) == ("pass", said)


class TestTogether:
    """Several resources make one verdict."""

    def test_one_that_fails_fails_all(self) -> None:
        other = Ref("", "ConfigMap", "shop", "app")
        story = Story((Subject(other), Subject(WEB, Written(UID, 2))))
        config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "app", "namespace": "shop"}}
        verdict = story.sees(config, deployment(), replica_set(), waiting("ErrImagePull", NOT_FOUND))
        assert [(one.ref.kind, one.ruling.value) for one in verdict.judged] == [
            ("Deployment", "fail"),
            ("ConfigMap", "pass"),
        ]
        assert verdict.ruling is Ruling.FAIL

    def test_all_have_to_pass(self) -> None:
        other = Ref("apps", "Deployment", "shop", "other")
        story = Story((Subject(WEB), Subject(other)))
        verdict = story.sees(deployment(ready=1), replica_set(), running())
        assert told(verdict) == (
            "wait",
            "waiting for deployment.apps/other: is not there: somebody deleted it (Deleted)",
        )

    def test_what_is_waited_for_is_said(self) -> None:
        other = deployment(uid="uid-of-x")
        other["metadata"] |= {"name": "x"}
        verdict = Story((Subject(WEB), Subject(replace(WEB, name="x")))).sees(deployment(), other)
        assert verdict.sentence == "waiting for deployment.apps/web: new pods available: 0 of 1 (and 1 more)"

    def test_what_has_the_most_to_say_is_said_first(self) -> None:
        """Hopeless before what may pass, and that before what has only not come to its turn."""
        names = ("a", "b", "c")
        subjects = tuple(Subject(replace(WEB, name=name)) for name in names)
        bodies = [deployment(uid=f"uid-of-{name}") for name in names]
        for name, body in zip(names, bodies, strict=True):
            body["metadata"] |= {"name": name}
        set_of_c = replica_set()
        set_of_c["metadata"] |= {"ownerReferences": [{"uid": "uid-of-c"}]}
        story, seen = Story(subjects), (*bodies, set_of_c, waiting("ErrImagePull", NO_ANSWER))
        verdict = story.sees(*seen)
        assert verdict.sentence.startswith("waiting for deployment.apps/c: new pods available: 0 of 1: container web")
        assert [one.ref.name for one in time_out(verdict).failures] == ["c", "a", "b"]

    def test_nothing_to_judge_passes(self) -> None:
        assert told(Story(()).sees()) == ("pass", "healthy: 0 of 0")


class TestOutOfTime:
    """When there is no more time, what was waited for has failed."""

    def test_it_says_what_it_waited_for(self) -> None:
        verdict = time_out(Story().sees(deployment(), replica_set(), running(ready=False)))
        why = "container web is not ready: its readiness probe has not passed yet (Unhealthy)"
        said = f"deployment.apps/web: not ready in time: new pods available: 0 of 1: {why}"
        assert (*told(verdict), verdict.look_again) == ("fail", said, None)
        assert [one.cause.reason for one in verdict.failures if one.cause] == ["Unhealthy"]

    def test_what_may_never_come_does_not_fail_for_it(self) -> None:
        """A time that is shorter than the silence that it bears ends the wait, not the deploy."""
        body, seen = observed(FOLDER / "service" / "inprogress_load_balancer_nobody_takes_up.yaml")
        verdict, _ = judge(seen, (Subject(ref_of(body), Written("uid-of-service-web", 0)),), Memory())
        assert (verdict.ruling, time_out(verdict).ruling) == (Ruling.WAIT, Ruling.PASS)

    def test_a_final_verdict_stays_as_it_is(self) -> None:
        passed = Story().sees(deployment(ready=1), replica_set(), running())
        failed = Story().sees(deployment(), replica_set(), waiting("ErrImagePull", NOT_FOUND))
        assert (time_out(passed), time_out(failed)) == (passed, failed)

    def test_before_anything_was_seen(self) -> None:
        assert told(time_out(Verdict(Ruling.WAIT))) == ("fail", "not ready in time")


BODIES = (
    (deployment(), replica_set(), running(ready=False)),
    (deployment(seen=1), replica_set()),
    (deployment(), running(ready=False)),
    (deployment(seen=1, condition=DEADLINE), replica_set()),
    (deployment(), replica_set(), waiting("ContainerCreating")),
    (deployment(generation=1, seen=1, ready=1), replica_set()),
    (deployment(), replica_set(), again(1)),
)


@given(st.lists(st.tuples(st.sampled_from(BODIES), st.floats(0, 1000)), max_size=20))
def test_no_order_of_passing_troubles_ends_the_wait(looks: list[tuple[tuple[Body, ...], float]]) -> None:
    """Whatever is seen before it and for however long."""
    story = Story()
    assert {story.sees(*bodies, after=after).ruling for bodies, after in looks} <= {Ruling.WAIT}


# --- a custom resource that reports a failure

WIDGET = Ref("shop.example", "Widget", "shop", "web")


def widget(*, phase: str = "Failed", seen: int | None = None, grace: str = "") -> Body:
    """A custom resource in its second generation; its controller says which it has seen, or does not."""
    annotations = {"annotations": {"lastgood.dev/grace": grace}} if grace else {}
    observed = {} if seen is None else {"observedGeneration": seen}
    return {
        "apiVersion": "shop.example/v1",
        "kind": "Widget",
        "metadata": {"name": "web", "namespace": "shop", "uid": UID, "generation": 2, **annotations},
        "status": {"phase": phase, "message": "no such colour", **observed},
    }


def widget_story() -> Story:
    return Story((Subject(WIDGET, Written(UID, 2)),))


def test_a_failure_that_a_controller_vouches_for_counts_after_a_minute() -> None:
    """Controllers try again."""
    story = widget_story()
    first = story.sees(widget(seen=2))
    assert (first.ruling, first.look_again) == (Ruling.WAIT, 60)
    assert story.sees(widget(seen=2), after=59).ruling is Ruling.WAIT
    last = story.sees(widget(seen=2), after=1)
    assert last.ruling is Ruling.FAIL
    assert "its controller reports a failure: no such colour" in last.sentence


def test_a_failure_of_no_known_generation_may_be_older_than_the_write() -> None:
    """It does not count, however long it stands, until the status was seen without it."""
    story = widget_story()
    assert story.sees(widget()).ruling is Ruling.WAIT
    assert story.sees(widget(), after=600).ruling is Ruling.WAIT
    assert story.sees(widget(phase="Updating"), after=1).ruling is Ruling.WAIT
    again = story.sees(widget(), after=5)
    assert (again.ruling, again.look_again) == (Ruling.WAIT, 60)
    assert story.sees(widget(), after=60).ruling is Ruling.FAIL


def test_a_failure_of_no_known_generation_stands_as_long_as_its_annotation_says() -> None:
    story = widget_story()
    story.sees(widget(phase="Updating"))
    assert story.sees(widget(grace="ReportedFailure=never"), after=1).ruling is Ruling.WAIT
    assert story.sees(widget(grace="ReportedFailure=never"), after=6000).ruling is Ruling.WAIT
    assert story.sees(widget(grace="ReportedFailure=5m"), after=1).ruling is Ruling.FAIL


def test_what_nobody_understands_is_waited_for_and_told_at_the_end() -> None:
    verdict = widget_story().sees(widget(phase="Flummoxed", seen=2))
    assert verdict.ruling is Ruling.WAIT
    assert "status.phase is Flummoxed, which no rule knows" in time_out(verdict).sentence
