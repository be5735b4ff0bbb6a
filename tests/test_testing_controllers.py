"""The controllers in memory: rollouts as on a real cluster, their traps included."""

from __future__ import annotations

from typing import Any

import pytest

from lastgood.model.plan import Guard
from lastgood.model.resource import Body, Ref, ref_of
from tests.testing_cast import World, condition_of, config, deployment, job, placed, workload

REVISION = "deployment.kubernetes.io/revision"


def images(pods: list[Body]) -> list[str]:
    return sorted(pod["spec"]["containers"][0]["image"] for pod in pods)


def revisions_of(world: World, body: Body) -> dict[str, str]:
    """Image by revision number, for every ReplicaSet."""
    sets = world.below(body, "ReplicaSet")
    return {
        one["metadata"]["annotations"][REVISION]: one["spec"]["template"]["spec"]["containers"][0]["image"]
        for one in sets
    }


def rolled_out(world: World, body: Body, seconds: float = 10) -> Body:
    world.apply(body)
    world.pass_time(seconds)
    return world.live(body)


# --- Deployments


def test_a_good_deployment_gets_its_pods_and_says_so() -> None:
    live = rolled_out(World(), deployment(spec={"replicas": 3}))
    counts = {
        name: live["status"][name] for name in ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
    }
    assert set(counts.values()) == {3}
    assert live["status"]["observedGeneration"] == live["metadata"]["generation"]
    assert condition_of(live, "Available") == ("True", "MinimumReplicasAvailable")
    assert condition_of(live, "Progressing") == ("True", "NewReplicaSetAvailable")


def test_a_rolling_update_never_has_too_few_nor_too_many_pods() -> None:
    world, body = World(), deployment(spec={"replicas": 4})
    rolled_out(world, body)
    world.apply(deployment("web:2", spec={"replicas": 4}))
    seen = world.changes(
        body, 20, lambda live: (live["status"].get("availableReplicas", 0), live["status"].get("replicas", 0))
    )
    assert min(available for available, _ in seen) >= 3
    assert max(total for _, total in seen) <= 5
    assert images(world.pods(body)) == ["web:2"] * 4


def test_a_bad_image_leaves_the_old_pods_and_coming_back_reuses_their_replica_set() -> None:
    world, body = World(), deployment()
    rolled_out(world, body)
    good = world.pods(body)[0]["metadata"]["uid"]
    rolled_out(world, deployment("web:missing"))
    assert images(world.pods(body)) == ["web:1", "web:missing"]
    live = rolled_out(world, body)
    assert [pod["metadata"]["uid"] for pod in world.pods(body)] == [good]
    assert live["metadata"]["annotations"][REVISION] == "3"
    assert revisions_of(world, body) == {"2": "web:missing", "3": "web:1"}


def test_a_deadline_that_passed_stays_on_record_for_a_moment_after_the_way_back() -> None:
    """The trap: the present generation is observed, and the condition still speaks of the one before."""
    world, spec = World(), {"progressDeadlineSeconds": 5}
    rolled_out(world, deployment(spec=spec))
    live = rolled_out(world, deployment("web:notready", spec=spec))
    assert condition_of(live, "Progressing") == ("False", "ProgressDeadlineExceeded")
    back = world.apply(deployment(spec=spec))["metadata"]["generation"]
    seen = world.changes(
        live,
        10,
        lambda body: (body["status"]["observedGeneration"] == back, (condition_of(body, "Progressing") or ("",))[0]),
    )
    assert seen == [(False, "False"), (True, "False"), (True, "True")]


def test_recreate_ends_every_old_pod_before_it_makes_a_new_one() -> None:
    world, spec = World(), {"replicas": 2, "strategy": {"type": "Recreate"}}
    rolled_out(world, deployment(spec=spec))
    world.apply(deployment("web:2", spec=spec))
    world.pass_time(0.5)
    assert images(world.below(deployment(), "Pod")) == ["web:1", "web:1"]  # told to go, and still there
    world.pass_time(5)
    assert images(world.pods(deployment())) == ["web:2", "web:2"]


def test_scaling_moves_the_pods_and_makes_no_revision() -> None:
    world, body = World(), deployment(spec={"replicas": 2})
    rolled_out(world, body)
    for count in (5, 1):
        assert len(world.pods(body)) != count
        rolled_out(world, deployment(spec={"replicas": count}))
        assert len(world.pods(body)) == count
    assert revisions_of(world, body) == {"1": "web:1"}


def test_a_quota_shows_as_a_condition_and_an_event() -> None:
    world = World()
    world.apply(placed("v1", "ResourceQuota", "few", spec={"hard": {"pods": "1"}}))
    live = rolled_out(world, deployment(spec={"replicas": 3}))
    assert condition_of(live, "ReplicaFailure") == ("True", "FailedCreate")
    events = [event for event in world.below(live, "Event") if event["reason"] == "FailedCreate"]
    assert "exceeded quota: few, requested: pods=1, used: pods=1, limited: pods=1" in events[0]["message"]
    rolled_out(world, placed("v1", "ResourceQuota", "few", spec={"hard": {"pods": "9"}}), 120)
    assert len(world.pods(live)) == 3
    assert condition_of(world.live(live), "ReplicaFailure") is None


def test_a_pod_that_fits_nowhere_is_pending_with_the_reason() -> None:
    world, body = World(), deployment(resources={"requests": {"cpu": "500"}})
    rolled_out(world, body)
    (pod,) = world.pods(body)
    assert condition_of(pod, "PodScheduled") == ("False", "Unschedulable")
    assert pod["status"]["conditions"][0]["message"] == "0/1 nodes are available: 1 Insufficient cpu."


def test_old_replica_sets_beyond_the_limit_go() -> None:
    world, spec = World(), {"revisionHistoryLimit": 1}
    for number in (1, 2, 3, 4):
        rolled_out(world, deployment(f"web:{number}", spec=spec))
    assert revisions_of(world, deployment()) == {"3": "web:3", "4": "web:4"}


# --- StatefulSets


def stateful(image: str = "web:1", **spec: Any) -> Body:
    return workload("StatefulSet", image, spec={"replicas": 3, **spec})


def test_pods_come_one_after_the_other_with_their_claims() -> None:
    world = World()
    claims = [{"metadata": {"name": "data"}, "spec": {"resources": {"requests": {"storage": "1Gi"}}}}]
    body = stateful(volumeClaimTemplates=claims)
    world.apply(body)
    seen = world.changes(body, 10, lambda live: (live["status"]["replicas"], live["status"].get("readyReplicas", 0)))
    assert all(total - ready <= 1 for total, ready in seen)
    assert [pod["metadata"]["name"] for pod in world.pods(body)] == ["web-0", "web-1", "web-2"]
    claim = world.cluster.live(Ref("", "PersistentVolumeClaim", "default", "data-web-2"))
    assert claim is not None
    assert claim["status"]["phase"] == "Bound"


def test_a_broken_pod_keeps_a_stateful_set_from_coming_back_until_it_is_deleted() -> None:
    """kubernetes/kubernetes#67250"""
    world, body = World(), stateful()
    rolled_out(world, body)
    rolled_out(world, stateful("web:missing"))
    assert images(world.pods(body)) == ["web:1", "web:1", "web:missing"]
    live = rolled_out(world, body, 600)
    assert live["status"]["currentRevision"] == live["status"]["updateRevision"]
    assert images(world.pods(body)) == ["web:1", "web:1", "web:missing"]
    broken = next(pod for pod in world.pods(body) if images([pod]) == ["web:missing"])
    world.run(world.cluster.delete(ref_of(broken), Guard(broken["metadata"]["uid"]), propagation="Background"))
    world.pass_time(10)
    assert images(world.pods(body)) == ["web:1"] * 3
    assert world.live(body)["status"]["readyReplicas"] == 3


def test_without_an_order_there_is_no_such_trap() -> None:
    world, body = World(), stateful(podManagementPolicy="Parallel")
    rolled_out(world, body)
    rolled_out(world, stateful("web:missing", podManagementPolicy="Parallel"))
    rolled_out(world, body)
    assert images(world.pods(body)) == ["web:1"] * 3


def test_a_partition_keeps_the_lower_pods_and_on_delete_keeps_all() -> None:
    partition = {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}
    for strategy, expected in ((partition, ["web:1", "web:1", "web:2"]), ({"type": "OnDelete"}, ["web:1"] * 3)):
        world = World()
        rolled_out(world, stateful(updateStrategy=strategy))
        rolled_out(world, stateful("web:2", updateStrategy=strategy))
        assert images(world.pods(stateful())) == expected


def test_the_same_template_again_is_the_same_revision_with_a_new_number() -> None:
    world = World()
    for image in ("web:1", "web:2", "web:1"):
        rolled_out(world, stateful(image))
    found = world.below(stateful(), "ControllerRevision")
    numbers = {one["data"]["spec"]["template"]["spec"]["containers"][0]["image"]: one["revision"] for one in found}
    assert numbers == {"web:1": 3, "web:2": 2}


# --- DaemonSets


def test_a_daemon_set_runs_on_each_node_and_updates_one_at_a_time() -> None:
    world, body = World(options={"nodes": 3}), workload("DaemonSet", readinessProbe={"httpGet": {"port": 8080}})
    live = rolled_out(world, body)
    assert (live["status"]["desiredNumberScheduled"], live["status"]["numberReady"]) == (3, 3)
    world.apply(workload("DaemonSet", "web:2", readinessProbe={"httpGet": {"port": 8080}}))
    seen = world.changes(body, 20, lambda live: live["status"].get("numberUnavailable", 0))
    assert max(seen) == 1
    assert images(world.pods(body)) == ["web:2"] * 3


def test_a_daemon_set_that_fails_stops_at_its_first_pod_and_comes_back() -> None:
    world, body = World(options={"nodes": 3}), workload("DaemonSet")
    rolled_out(world, body)
    rolled_out(world, workload("DaemonSet", "web:missing"))
    assert images(world.pods(body)) == ["web:1", "web:1", "web:missing"]
    rolled_out(world, body)
    assert images(world.pods(body)) == ["web:1"] * 3


# --- Jobs


def test_a_job_that_succeeds_is_complete_and_goes_when_its_time_is_over() -> None:
    world = World()
    live = rolled_out(world, job(ttlSecondsAfterFinished=60))
    assert condition_of(live, "Complete") == ("True", "CompletionsReached")
    assert (live["status"]["succeeded"], "completionTime" in live["status"]) == (1, True)
    world.pass_time(120)
    assert world.cluster.live(ref_of(live)) is None


def test_a_job_that_fails_too_often_has_failed() -> None:
    world = World()
    live = rolled_out(world, job("web:fail", backoffLimit=2), 5)
    assert condition_of(live, "Failed") is None
    world.pass_time(60)
    live = world.live(live)
    assert condition_of(live, "Failed") == ("True", "BackoffLimitExceeded")
    assert live["status"]["failed"] == 3


def test_a_job_has_as_much_time_as_it_is_given() -> None:
    live = rolled_out(World(), job("web:missing", activeDeadlineSeconds=30), 60)
    assert condition_of(live, "Failed") == ("True", "DeadlineExceeded")


def test_a_suspended_job_starts_nothing() -> None:
    world = World()
    live = rolled_out(world, job(suspend=True))
    assert (world.pods(live), condition_of(live, "Suspended")) == ([], ("True", "JobSuspended"))


# --- what hangs together


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet"])
def test_a_missing_configuration_stops_the_pods_until_it_is_there(kind: str) -> None:
    world, body = World(), workload(kind, envFrom=[{"configMapRef": {"name": "app"}}])
    rolled_out(world, body)
    assert set(world.waiting(body)) == {("CreateContainerConfigError", 'configmap "app" not found')}
    rolled_out(world, config(GREETING="hello"))
    assert [answer["greeting"] for answer in world.cluster.answers(ref_of(body))] == ["hello"]
