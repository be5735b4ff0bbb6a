"""What containers do: by their tag, by their environment, or as a test says; and what they leave to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from lastgood.errors import NotFound
from lastgood.model.resource import Body, Ref, ref_of
from lastgood.testing import Behaviour
from tests.testing_cast import PROBE, World, config, deployment, placed

SERVICE = placed("v1", "Service", "web", spec={"selector": {"app": "web"}, "ports": [{"port": 80}]})


def started(body: Body, seconds: float = 8, **options: Any) -> World:
    world = World(options=options)
    world.apply(body)
    world.pass_time(seconds)
    return world


def status_of(world: World, body: Body) -> Body:
    (pod,) = world.pods(body)
    status: Body = pod["status"]["containerStatuses"][0]
    return status


def logs(world: World, body: Body, *, previous: bool = False, lines: int = 50) -> str:
    (pod,) = world.pods(body)
    return world.run(world.cluster.logs(ref_of(pod), "web", previous=previous, lines=lines))


def test_an_image_that_is_not_there() -> None:
    body = deployment("registry.lab/web:missing")
    said = (
        'rpc error: code = NotFound desc = failed to pull and unpack image "registry.lab/web:missing": '
        "failed to resolve image: registry.lab/web:missing: not found"
    )
    assert started(body, 1).waiting(body) == [("ErrImagePull", said)]
    assert started(body, 5).waiting(body) == [
        ("ImagePullBackOff", f'Back-off pulling image "registry.lab/web:missing": ErrImagePull: {said}')
    ]


def test_a_container_that_crashes_is_started_again_later_each_time() -> None:
    body = deployment("web:crash")
    world = started(body)
    ((reason, message),) = world.waiting(body)
    assert reason == "CrashLoopBackOff"
    assert message.startswith("back-off 10s restarting failed container=web pod=web-")
    status = status_of(world, body)
    assert (status["restartCount"], status["lastState"]["terminated"]["exitCode"]) == (1, 3)
    world.pass_time(300)
    assert status_of(world, body)["restartCount"] == 5


def test_the_last_words_of_a_crash_are_in_the_previous_log() -> None:
    world, body = started(deployment("web:crash")), deployment()
    assert logs(world, body, previous=True) == "starting web crash\nfatal: cannot start: DATABASE_URL is not set\n"
    assert logs(world, body, lines=1) == "fatal: cannot start: DATABASE_URL is not set\n"


def test_there_is_no_log_of_what_never_ran_or_is_gone() -> None:
    world = started(deployment("web:missing"))
    with pytest.raises(NotFound):
        logs(world, deployment())
    with pytest.raises(NotFound):
        world.run(world.cluster.logs(Ref("", "Pod", "default", "none"), "web", previous=False, lines=5))


def test_out_of_memory() -> None:
    body = deployment("web:oom")
    assert status_of(started(body), body)["lastState"]["terminated"]["reason"] == "OOMKilled"


def test_a_container_that_runs_and_is_never_ready() -> None:
    world, body = started(deployment("web:notready")), deployment()
    status = status_of(world, body)
    assert ("running" in status["state"], status["ready"]) == (True, False)
    (event,) = [event for event in world.below(body, "Event") if event["reason"] == "Unhealthy"]
    assert event["message"] == "Readiness probe failed: HTTP probe failed with statuscode: 503"


def test_without_a_probe_whatever_runs_is_ready() -> None:
    body = deployment("web:notready", readinessProbe=None)
    assert status_of(started(body), body)["ready"]


def test_slow_is_ready_in_the_end() -> None:
    body = deployment("web:1", env=[{"name": "MODE", "value": "slow"}, {"name": "AFTER", "value": "30s"}])
    assert not status_of(started(body, 20), body)["ready"]
    assert status_of(started(body, 40), body)["ready"]


def test_a_failing_liveness_probe_restarts_the_container() -> None:
    probe = {"httpGet": {"port": 8080, "path": "/live"}, "periodSeconds": 1, "failureThreshold": 2}
    body = deployment("web:liveness", livenessProbe=probe)
    assert status_of(started(body, 10), body)["restartCount"] == 1
    without = deployment("web:liveness")
    assert status_of(started(without, 10), without)["restartCount"] == 0


def test_the_environment_names_the_behaviour_as_the_tag_does() -> None:
    """So a ConfigMap alone can break pods that run a good image."""
    world, body = World(), deployment(envFrom=[{"configMapRef": {"name": "app"}}])
    world.apply(config(MODE="crash"))
    world.apply(body)
    world.pass_time(8)
    assert [reason for reason, _ in world.waiting(body)] == ["CrashLoopBackOff"]


def test_a_test_says_what_an_image_does() -> None:
    said = {"mine:*": Behaviour(exits_after=1, exit_code=7, last_words=("so be it",))}
    body = deployment("mine:1")
    world = started(body, behaviours=said)
    assert status_of(world, body)["lastState"]["terminated"]["exitCode"] == 7
    assert logs(world, body, previous=True) == "so be it\n"


def test_a_test_says_what_a_pod_does() -> None:
    def unlucky(pod: Body, _image: str, environment: Mapping[str, str]) -> Behaviour | None:
        assert pod["kind"] == "Pod"
        return Behaviour(ready_after=None) if environment["VERSION"] == "v2" else None

    body = deployment("web:2")
    assert not status_of(started(body, behaviours=unlucky), body)["ready"]
    assert status_of(started(deployment(), behaviours=unlucky), body)["ready"]


@pytest.mark.parametrize(("port", "ready"), [(8080, True), ("http", True), (9999, False)])
def test_a_probe_is_answered_only_where_the_program_listens(port: int | str, ready: bool) -> None:
    ports = [{"name": "http", "containerPort": 8080}]
    body = deployment(ports=ports, readinessProbe=PROBE | {"httpGet": {"port": port}})
    assert status_of(started(body), body)["ready"] is ready


def test_running_pods_answer_what_they_read_when_they_started() -> None:
    world, body = World(), deployment(spec={"replicas": 2}, envFrom=[{"configMapRef": {"name": "app"}}])
    for one in (config(GREETING="hello"), SERVICE, body):
        world.apply(one)
    world.pass_time(5)
    world.apply(config(GREETING="bye"))
    world.pass_time(5)
    answers = world.cluster.answers(ref_of(SERVICE))
    assert [(one["version"], one["greeting"]) for one in answers] == [("v1", "hello")] * 2
    (first, *_) = world.pods(body)
    assert world.cluster.answers(ref_of(first)) == [one for one in answers if one["host"] == first["metadata"]["name"]]


@pytest.mark.parametrize(
    ("variable", "found"),
    [
        ({"value": "plain"}, "plain"),
        ({"valueFrom": {"configMapKeyRef": {"name": "app", "key": "a"}}}, "from config"),
        ({"valueFrom": {"secretKeyRef": {"name": "s", "key": "b"}}}, "from secret"),
        ({"valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}}}, "default"),
        ({"valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['app']"}}}, "web"),
        ({"valueFrom": {"configMapKeyRef": {"name": "none", "key": "a", "optional": True}}}, ""),
    ],
)
def test_where_an_environment_comes_from(variable: Body, found: str) -> None:
    world, body = World(), deployment(env=[{"name": "GREETING", **variable}])
    for one in (config(a="from config"), placed("v1", "Secret", "s", stringData={"b": "from secret"}), body):
        world.apply(one)
    world.pass_time(5)
    assert [answer["greeting"] for answer in world.cluster.answers(ref_of(body))] == [found]


def test_a_missing_key_and_a_missing_volume() -> None:
    keyed = deployment(env=[{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "app", "key": "none"}}}])
    world = World()
    world.apply(config(a="1"))
    world.apply(keyed)
    world.pass_time(3)
    assert world.waiting(keyed) == [("CreateContainerConfigError", "couldn't find key none in ConfigMap default/app")]
    volumes = {"volumes": [{"name": "v", "secret": {"secretName": "none"}}]}
    unused = deployment(pod=volumes)
    assert status_of(started(unused), unused)["ready"]
    mounting = deployment(pod=volumes, volumeMounts=[{"name": "v", "mountPath": "/v"}])
    world = started(mounting)
    assert [reason for reason, _ in world.waiting(mounting)] == ["ContainerCreating"]
    (event,) = [event for event in world.below(mounting, "Event") if event["reason"] == "FailedMount"]
    assert event["message"] == 'MountVolume.SetUp failed for volume "v" : secret "none" not found'


def test_init_containers_run_first_one_after_the_other() -> None:
    body = deployment(pod={"initContainers": [{"name": "a", "image": "any:1"}, {"name": "b", "image": "web:fail"}]})
    world = started(body)
    (pod,) = world.pods(body)
    first, second = pod["status"]["initContainerStatuses"]
    assert first["state"]["terminated"]["exitCode"] == 0
    assert second["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    assert pod["status"]["containerStatuses"][0]["state"] == {"waiting": {"reason": "PodInitializing"}}


def test_a_sidecar_goes_on_beside_the_others() -> None:
    body = deployment(pod={"initContainers": [{"name": "side", "image": "web:1", "restartPolicy": "Always"}]})
    assert status_of(started(body), body)["ready"]


def test_a_pod_that_is_told_to_go_takes_a_moment_and_a_deaf_one_all_its_grace() -> None:
    for image, left_after_5 in (("web:1", 0), ("web:stubborn", 1)):
        body = deployment(image)
        world = started(body)
        world.apply(deployment(image, spec={"replicas": 0}))
        world.pass_time(0.5)
        assert len(world.below(body, "Pod")) == 1
        world.pass_time(4.5)
        assert len(world.below(body, "Pod")) == left_after_5
        world.pass_time(30)
        assert world.below(body, "Pod") == []
