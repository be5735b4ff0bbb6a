"""How objects are at one look: kstatus' words, where a deploy would wait, and whatever shape a body has."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lastgood.diagnosing import diagnose, missing
from lastgood.kinds import KINDS
from lastgood.kinship import observed
from lastgood.model.diagnosis import Diagnosis
from lastgood.model.health import Status
from lastgood.model.resource import Body, Ref, ref_of
from lastgood.ruling.reading import read_rules

CASES = Path(__file__).parent / "kinds"


def case(name: str) -> list[Body]:
    """A body and its dependents, as a cluster wrote them."""
    return list(yaml.load_all((CASES / f"{name}.yaml").read_text(), Loader=yaml.CSafeLoader))


def first(name: str) -> Diagnosis:
    return diagnose(case(name))[0]


def pod(**status: Any) -> Body:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "uid": "p"}, "status": status}


def job(spec: Body, **status: Any) -> Body:
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"}, "spec": spec, "status": status}


def status_of(body: Body) -> Status:
    return diagnose([body])[0].health.status


def waiting(reason: str, **more: Any) -> Body:
    return {"name": "web", "restartCount": 4, "state": {"waiting": {"reason": reason, **more}}}


# --- where one look says another word than a deploy


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("deployment/inprogress_image_missing", "ErrImagePull"),
        ("deployment/inprogress_crash_loop", "Error"),
        ("deployment/inprogress_crash_loop_without_details", "CrashLoopBackOff"),
        ("deployment/inprogress_config_missing", "CreateContainerConfigError"),
        ("deployment/inprogress_quota", "FailedCreate"),
        ("job/inprogress_image_missing", "ErrImagePull"),
        ("pod/inprogress_image_invalid", "InvalidImageName"),
        ("pod/inprogress_unschedulable_by_event", "Unschedulable"),
    ],
)
def test_a_cause_that_is_certain_is_a_failure_at_once(name: str, reason: str) -> None:
    """Nobody waits here, and so nobody's patience counts."""
    found = first(name)
    assert found.cause is not None
    assert (Status.FAILED, reason) == (found.health.status, found.cause.reason)
    assert found.health.rule == f"{reason} is certain"
    assert found.health.causes[0] == found.cause


@pytest.mark.parametrize(
    "name",
    [
        "deployment/inprogress_registry_down",
        "deployment/inprogress_webhook_down",
        "deployment/inprogress_unschedulable",
        "deployment/inprogress_crashed_twice",
        "deployment/inprogress_probe",
        "pod/inprogress_scheduling_gate",
    ],
)
def test_a_cause_that_may_pass_by_itself_only_explains(name: str) -> None:
    found = first(name)
    assert (Status.IN_PROGRESS, None) == (found.health.status, found.cause)
    assert found.health.causes


def test_what_a_workload_bears_by_its_own_word_is_no_failure() -> None:
    """``lastgood.dev/grace`` says the same to a look as to a deploy."""
    body, *others = case("deployment/inprogress_image_missing")
    body["metadata"]["annotations"] = {"lastgood.dev/grace": "ErrImagePull=never"}
    assert diagnose([body, *others])[0].health.status is Status.IN_PROGRESS


def test_a_running_job_is_as_it_should_be() -> None:
    found = first("job/inprogress_running")
    assert (Status.CURRENT, "status.startTime is set") == (found.health.status, found.health.rule)
    assert found.health.sentence.startswith("is running; completed: ")


def test_a_job_that_has_not_begun_is_in_progress() -> None:
    assert status_of(job({})) is Status.IN_PROGRESS


def test_a_suspended_job_is_in_progress_unless_it_had_ended_before() -> None:
    done = {"conditions": [{"type": "Complete", "status": "True"}]}
    assert status_of(job({"suspend": True})) is Status.IN_PROGRESS
    assert status_of(job({"suspend": True}, startTime="2026-11-23T12:00:00Z")) is Status.IN_PROGRESS
    assert status_of(job({"suspend": True}, **done)) is Status.CURRENT


def test_a_paused_deployment_is_in_progress_whatever_its_pods_say() -> None:
    done, *pods = case("deployment/current_rolled_out")
    done["spec"]["paused"] = True
    for bodies in ([done, *pods], case("deployment/inprogress_paused")):
        found = diagnose(bodies)[0]
        assert (Status.IN_PROGRESS, "its rollout is paused") == (found.health.status, found.health.sentence)


@pytest.mark.parametrize("count", [0, 1, 7])
@pytest.mark.parametrize("field", ["containerStatuses", "initContainerStatuses"])
def test_a_pod_is_in_a_crash_loop_when_the_kubelet_says_so(field: str, count: int) -> None:
    looping = waiting("CrashLoopBackOff") | {"restartCount": count}
    assert status_of(pod(phase="Running", **{field: [looping]})) is Status.FAILED
    assert status_of(pod(phase="Running", **{field: [waiting("ContainerCreating")]})) is Status.IN_PROGRESS


def test_a_pod_in_a_crash_loop_says_why_where_its_container_does() -> None:
    """As its Deployment does: that it keeps crashing is what one sees already."""
    missing_program = {"exitCode": 128, "reason": "StartError", "message": 'exec: "/nope": no such file or directory'}
    looping = waiting("CrashLoopBackOff") | {"lastState": {"terminated": missing_program}}
    found = diagnose([pod(phase="Running", containerStatuses=[looping]) | {"spec": {"containers": [{"name": "web"}]}}])
    assert found[0].health.status is Status.FAILED
    assert found[0].cause is not None
    assert found[0].cause.reason == "StartError"


def test_a_pod_that_is_ready_is_not_in_a_crash_loop() -> None:
    """An old state of a container does not count beside a Ready condition."""
    ready = [{"type": "Ready", "status": "True"}]
    assert status_of(pod(phase="Running", conditions=ready, containerStatuses=[waiting("x")])) is Status.CURRENT


@pytest.mark.parametrize(
    ("reason", "status"), [("Unschedulable", Status.FAILED), ("SchedulingGated", Status.IN_PROGRESS)]
)
def test_a_pod_that_no_node_takes_has_failed_one_that_is_held_back_has_not(reason: str, status: Status) -> None:
    placed = [{"type": "PodScheduled", "status": "False", "reason": reason, "message": "0/3 nodes are available."}]
    assert status_of(pod(phase="Pending", conditions=placed)) is status


@pytest.mark.parametrize(("phase", "status"), [("Succeeded", Status.CURRENT), ("Failed", Status.FAILED)])
def test_a_pod_that_ended_is_what_its_phase_says(phase: str, status: Status) -> None:
    assert status_of(pod(phase=phase)) is status


def test_a_deployment_past_its_deadline_has_failed_with_what_its_pods_say() -> None:
    bare, told = first("deployment/failed_deadline_without_pods"), first("deployment/failed_deadline")
    assert (Status.FAILED, None) == (bare.health.status, bare.cause)
    assert told.health.status is Status.FAILED
    assert told.cause is not None


@pytest.mark.parametrize(("phase", "status"), [("Bound", Status.CURRENT), ("Pending", Status.IN_PROGRESS)])
def test_a_claim_is_there_for_its_volume(phase: str, status: Status) -> None:
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {}, "status": {"phase": phase}}
    assert status_of(claim) is status


@pytest.mark.parametrize("path", sorted(CASES.glob("*/*.yaml")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_whatever_is_being_deleted_is_terminating(path: Path) -> None:
    bodies = case(f"{path.parent.name}/{path.stem}")
    bodies[0]["metadata"]["deletionTimestamp"] = "2026-11-23T12:00:00Z"
    assert diagnose(bodies)[0].health.status is Status.TERMINATING


@pytest.mark.parametrize("path", sorted(CASES.glob("*/current_*.yaml")), ids=lambda path: path.stem)
def test_what_a_deploy_takes_for_good_a_look_does_too(path: Path) -> None:
    """But for what is held, deleted or not bound, which a deploy does not wait for."""
    found = first(f"{path.parent.name}/{path.stem}")
    other_words = ("spec.", "metadata.deletionTimestamp", "status.phase is not Bound")
    assert found.health.status is Status.CURRENT or found.health.rule.startswith(other_words)


# --- which belong to which


def test_the_order_of_the_input_is_kept_and_changes_no_verdict() -> None:
    bodies = case("deployment/inprogress_image_missing")
    told = diagnose(bodies)
    assert [one.ref for one in told] == [ref_of(body) for body in bodies]
    backwards = diagnose(bodies[::-1])[::-1]
    assert [(one.ref, one.health.status, one.cause) for one in told] == [
        (one.ref, one.health.status, one.cause) for one in backwards
    ]


def test_two_objects_of_one_name_have_a_line_each() -> None:
    body = case("deployment/current_rolled_out")[0]
    assert len(diagnose([body, body])) == 2


def test_without_its_pods_a_deployment_is_judged_by_its_own_status() -> None:
    body, *_ = case("deployment/inprogress_image_missing")
    assert diagnose([body])[0].health.status is Status.IN_PROGRESS


@pytest.mark.parametrize(
    "name",
    [
        "deployment/current_rolled_out",
        "replica_set/current_ready",
        "stateful_set/current_rolled_out",
    ],
)
def test_pods_that_were_not_shown_are_not_said_to_be_unready(name: str) -> None:
    """Somebody put one pod beside its workload: of the others the status tells, and of this one its own."""
    body, *others = case(name)
    pods = [one for one in others if one["kind"] == "Pod"]
    few = [body, *(one for one in others if one["kind"] != "Pod"), pods[0]]
    (whole, *_), (found, *_) = diagnose([body, *others]), diagnose(few)
    assert len(pods) > 1
    assert (Status.CURRENT, whole.health.wanted) == (found.health.status, found.health.done)
    ready = next(one for one in pods[0]["status"]["conditions"] if one["type"] == "Ready")
    ready["status"] = "False"
    assert diagnose(few)[0].health.status is Status.IN_PROGRESS


def test_pods_of_other_nodes_that_were_not_shown_are_not_said_to_be_unready() -> None:
    body, *others = case("daemon_set/current_rolled_out")
    counts = {key: 3 for key, value in body["status"].items() if value == 1 and key != "observedGeneration"}
    body["status"] |= counts
    found = diagnose([body, *others])[0].health
    assert (Status.CURRENT, 3, 3) == (found.status, found.done, found.wanted)


def test_events_of_the_newer_api_explain_too() -> None:
    body, event = case("pod/inprogress_unschedulable_by_event")[:2]
    newer = {
        "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": event["metadata"], "reason": event["reason"],
        "regarding": event["involvedObject"], "note": "0/7 nodes", "deprecatedLastTimestamp": event["lastTimestamp"],
    }  # fmt: skip
    assert "0/7 nodes" in diagnose([body, newer])[0].health.causes[0].sentence


def test_kinship_goes_up_any_number_of_steps_and_ends_in_a_circle() -> None:
    def of(uid: str, *owners: str) -> Body:
        return {"kind": "X", "metadata": {"uid": uid, "ownerReferences": [{"uid": one} for one in owners]}}

    seen = observed([of("a", "c"), of("b", "a"), of("c", "b"), of("d", "b", "b")])
    below = {uid: sorted(body["metadata"]["uid"] for body in bodies) for uid, bodies in seen.dependents.items()}
    assert below == {"a": ["a", "b", "c", "d"], "b": ["a", "b", "c", "d"], "c": ["a", "b", "c", "d"]}


# --- kinds by other names


def test_workloads_of_old_clusters_are_what_they_were_called_later() -> None:
    body, *_ = case("deployment/current_rolled_out")
    assert status_of(body | {"apiVersion": "extensions/v1beta1"}) is Status.CURRENT
    body["status"]["observedGeneration"] = 0
    assert status_of(body | {"apiVersion": "extensions/v1beta1"}) is Status.IN_PROGRESS


@pytest.mark.parametrize("version", ["apps/v1", "apps/v1beta2", "apps/v9"])
def test_the_version_of_a_kind_does_not_matter(version: str) -> None:
    body, *_ = case("deployment/failed_deadline")
    assert status_of(body | {"apiVersion": version}) is Status.FAILED


def test_what_should_be_there_and_is_not_is_not_found() -> None:
    assert missing(Ref("", "Pod", "prod", "web")).health.status is Status.NOT_FOUND


# --- whatever shape a body has


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "does not say its kind"),
        ({"kind": 5}, "does not say its kind"),
        ({"kind": "Deployment"}, "does not say its apiVersion"),
        ({"kind": "Pod", "apiVersion": "v1", "status": "Running"}, "cannot be judged: it has no spec"),
        ({"kind": "Pod", "apiVersion": "v1", "spec": {}, "status": ["x"]},
         "cannot be judged: its status is not a mapping"),
    ],
)  # fmt: skip
def test_what_cannot_be_judged_is_unknown_and_says_why(body: Body, sentence: str) -> None:
    found = diagnose([body])[0]
    assert (Status.UNKNOWN, sentence) == (found.health.status, found.health.sentence)


def test_a_dependent_that_cannot_be_read_does_not_hide_how_its_owner_is() -> None:
    body, *others = case("deployment/current_rolled_out")
    for one in others:
        one["spec"], one["status"] = 7, {"conditions": [{"type": "Ready", "status": "True"}]}
    assert diagnose([body, *others])[0].health.status is Status.CURRENT


def test_conditions_that_are_a_mapping_speak_too() -> None:
    widget = {"apiVersion": "shop.example/v1", "kind": "Widget", "status": {"conditions": {"Ready": "False"}}}
    assert status_of(widget) is Status.IN_PROGRESS


def test_no_body_is_changed() -> None:
    bodies = case("deployment/inprogress_image_missing")
    before = copy.deepcopy(bodies)
    diagnose(bodies)
    assert before == bodies


FIELDS = (
    "spec", "status", "metadata", "conditions", "type", "reason", "message", "phase", "replicas", "uid", "name",
    "observedGeneration", "generation", "ownerReferences", "involvedObject", "containerStatuses", "containers",
    "state", "waiting", "terminated", "restartCount", "template", "suspend", "paused", "deletionTimestamp",
    "annotations", "labels", "lastTimestamp", "startTime", "strategy", "updateStrategy", "readyReplicas",
)  # fmt: skip
WORDS = ("True", "False", "Ready", "Failed", "Running", "Pending", "u", "CrashLoopBackOff", "2026-11-23T12:00:00Z")
PLAIN = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False) | st.sampled_from(WORDS) | st.text()
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS) | st.text(), inner, max_size=4),
    max_leaves=25,
)
TYPES = st.sampled_from([(f"{kind.group}/v1".lstrip("/"), kind.kind) for kind in KINDS] + [("x.example/v1", "Widget")])
OBJECTS = st.builds(
    lambda what, rest: {"apiVersion": what[0], "kind": what[1], **rest},
    TYPES,
    st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=6),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(OBJECTS | st.dictionaries(st.text(), VALUES, max_size=3), max_size=4))
def test_whatever_json_there_is_each_object_has_a_status(bodies: list[Body]) -> None:
    told = diagnose(bodies)
    assert len(told) == len(bodies)
    assert all(one.health.sentence for one in told)


OWN = """
rules:
- {group: x.example, kind: Widget, failed: status.a.b == 'x', healthy: size(spec.d) > 0, message: string(spec.c)}
"""


@settings(max_examples=100, deadline=None)
@given(VALUES, VALUES, VALUES)
def test_rules_of_ones_own_are_asked_of_whatever_json_there_is(metadata: Any, spec: Any, status: Any) -> None:
    rest = {"metadata": metadata, "spec": spec, "status": status}
    (told,) = diagnose([{"apiVersion": "x.example/v1", "kind": "Widget", **rest}], read_rules(OWN, "health.yaml"))
    assert told.health.sentence


REAL = [body for path in sorted(CASES.glob("*/*.yaml")) for body in case(f"{path.parent.name}/{path.stem}")[:3]]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_real_object_with_one_field_gone_wrong_has_a_status(data: st.DataObject) -> None:
    body = json.loads(json.dumps(data.draw(st.sampled_from(REAL)), default=str))
    place: Any = body
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        deeper = isinstance(place[key], dict | list) and place[key]
        if not deeper or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(VALUES)
    assert diagnose([body, body])[1].health.sentence


def test_a_condition_on_an_object_itself_counts_in_one_look_too() -> None:
    """As in a deploy."""
    steady = '${json.select("$.data.state", response) == "up"}'
    annotations = {"harness.io/managed-workload": "true", "harness.io/steadyStateCondition": steady}
    body = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "app", "annotations": annotations},
        "data": {"state": "down"},
    }
    (found,) = diagnose([body])
    assert (found.health.status, found.health.rule) == (
        Status.IN_PROGRESS,
        "harness.io/steadyStateCondition is not true",
    )
