"""DeploymentConfigs of OpenShift: ready when their newest rollout is done, as ``oc rollout status`` has it.

One without triggers rolls out when somebody says so (``oc rollout latest``), and is not waited for before.
https://github.com/openshift/api/blob/master/apps/v1/types.go
https://github.com/openshift/oc/blob/master/pkg/helpers/deployment/status_viewer.go
"""

from __future__ import annotations

from collections.abc import Iterator

from lastgood.model.health import Cause, Health, Observation, Status, condition, condition_is, unanswered
from lastgood.model.kind import Kind, Meaning, Rank
from lastgood.model.reading import at, count, items, part, text
from lastgood.model.resource import Body, GroupKind
from lastgood.reasons import cause, causes_of, is_ready, maker_causes, short, worst_first, young_pods

GROUP_KIND = GroupKind("apps.openshift.io", "DeploymentConfig")

ENDED = {"ProgressDeadlineExceeded": "made no progress in time", "RolloutCancelled": "its rollout was cancelled"}
"""Reasons of the condition Progressing by which a rollout is over, and not well."""

DEPLOYER = "openshift.io/deployer-pod-for.name"
"""The label of the pods that roll out, which are none of the application's."""

DONE = "status.replicas, updatedReplicas and availableReplicas are spec.replicas"


def assess(body: Body, observation: Observation) -> Health:
    """Whether its newest rollout is done, and what its new pods say if not."""
    early = unanswered(body) or _not_begun(body)
    if early:
        return early
    maker = _newest(body, observation)
    pods = _pods(maker, observation)
    said, done, wanted = condition(body, "Progressing"), sum(map(is_ready, pods)), _wanted(body)
    causes = _causes(body, maker, pods, observation)
    reason = text(said, "reason")
    if reason in ENDED:
        sentence, rule = f"{ENDED[reason]} ({reason})", f"condition Progressing has reason {reason}"
        return Health(Status.FAILED, sentence, causes, condition_failed=True, done=done, wanted=wanted, rule=rule)
    lacks = next(_lacking(body, pods), None)
    if lacks:
        return Health(Status.IN_PROGRESS, lacks[0], causes, done=done, wanted=wanted, rule=lacks[1])
    young = young_pods(body, pods)
    words = f"pods ready: {wanted} of {wanted}"
    return Health(Status.CURRENT, words, done=wanted, wanted=wanted, young=young, rule=DONE)


def _not_begun(body: Body) -> Health | None:
    """One that never rolled out waits for its image, for its controller, or for a person."""
    if count(body, "status", "latestVersion"):
        return None
    triggers, rule = at(body, "spec", "triggers"), "status.latestVersion is 0"
    if triggers == []:
        words = "has no triggers: it waits for oc rollout latest"
        return Health(Status.IN_PROGRESS, words, enough_after=0.0, rule=rule)
    waits_for_image = any(one.get("type") == "ImageChange" for one in items(body, "spec", "triggers"))
    paused = (cause("DeploymentPaused"),) if at(body, "spec", "paused") is True else ()
    words = "waits for its image" if waits_for_image else "has not begun its first rollout"
    return Health(Status.IN_PROGRESS, words, paused, rule=rule)


def _wanted(body: Body) -> int:
    """One that is only a test keeps no pods after its rollout."""
    return 0 if at(body, "spec", "test") is True else count(body, "spec", "replicas")


def _lacking(body: Body, pods: tuple[Body, ...]) -> Iterator[tuple[str, str]]:
    """What the rollout still lacks, in the order in which it happens: in words, and the rule that says so."""
    status, wanted = part(body, "status"), _wanted(body)
    total, updated, available = (count(status, key) for key in ("replicas", "updatedReplicas", "availableReplicas"))
    if updated < wanted:
        yield f"new pods up: {updated} of {wanted}", "status.updatedReplicas is below spec.replicas"
    if total > updated:
        yield f"old pods still to go: {total - updated}", "status.replicas is above status.updatedReplicas"
    if available < updated:
        rule = "status.availableReplicas is below status.updatedReplicas"
        yield f"new pods available: {available} of {updated}", rule
    ready = sum(map(is_ready, pods))
    if pods and ready < wanted:  # pods are seen on another watch than the status that counts them
        yield f"new pods ready: {ready} of {wanted}", "condition Ready of its pods"
    for kind, bad in (("Progressing", "False"), ("Available", "False"), ("ReplicaFailure", "True")):
        if condition_is(body, kind, bad):
            words = text(condition(body, kind), "message", default="no reason is given")
            yield f"is not well: {short(words)}", f"condition {kind} is {bad}"


def _newest(body: Body, observation: Observation) -> Body | None:
    """The ReplicationController of the newest rollout, by its name."""
    name = f"{text(body, 'metadata', 'name')}-{count(body, 'status', 'latestVersion')}"
    owned = observation.of(text(body, "metadata", "uid"), "ReplicationController")
    return next((one for one in owned if text(one, "metadata", "name") == name), None)


def _pods(maker: Body | None, observation: Observation) -> tuple[Body, ...]:
    found = observation.of(text(maker, "metadata", "uid"), "Pod") if maker else ()
    return tuple(pod for pod in found if DEPLOYER not in part(pod, "metadata", "labels"))


def _causes(body: Body, maker: Body | None, pods: tuple[Body, ...], observation: Observation) -> tuple[Cause, ...]:
    paused = (cause("DeploymentPaused"),) if at(body, "spec", "paused") is True else ()
    refused = maker_causes(maker, pods=observation.of(text(body, "metadata", "uid"), "Pod")) if maker else ()
    return worst_first((*refused, *causes_of(pods, observation), *paused))


KIND = Kind(
    GROUP_KIND,
    Rank.WORKLOAD,
    assess,
    dependents=(GroupKind("", "ReplicationController"), GroupKind("", "Pod"), GroupKind("", "Event")),
    pod_template=("spec", "template"),
    meaning=Meaning(
        current="all pods are of its newest rollout and available",
        in_progress="it rolls out, waits for an image, or is paused",
        failed="its rollout was cancelled or made no progress in time",
        passes="one without triggers that never rolled out",
    ),
    source="https://github.com/openshift/oc/blob/master/pkg/helpers/deployment/status_viewer.go",
)
