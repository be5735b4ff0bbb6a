"""DaemonSets: ready when every node that wants one has a pod of the newest template, and it is available.

https://github.com/kubernetes/kubectl/blob/v0.36.0/pkg/polymorphichelpers/rollout_status.go
"""

from __future__ import annotations

from collections.abc import Iterator

from lastgood.kinds.counting import all_shown, unready
from lastgood.model.health import Cause, Health, Observation, Status, unanswered
from lastgood.model.kind import Keeper, Kind, Meaning, Rank
from lastgood.model.reading import count, part, text
from lastgood.model.resource import Body, GroupKind
from lastgood.reasons import causes_of, is_ready, kept_template, maker_causes, same_template, worst_first, young_pods

GROUP_KIND = GroupKind("apps", "DaemonSet")
REVISION_LABEL = "controller-revision-hash"
DONE = "status.updatedNumberScheduled and numberAvailable are status.desiredNumberScheduled"


def assess(body: Body, observation: Observation) -> Health:
    """Whether its rollout is done, and what its new pods say if not."""
    early = unanswered(body)
    if early:
        return early
    pods = observation.of(text(body, "metadata", "uid"), "Pod")
    new = _of_newest(body, pods, observation)
    wanted, done = count(body, "status", "desiredNumberScheduled"), sum(map(is_ready, new))
    lacks = next(_lacking(body, pods, observation), None)
    if lacks is None:
        young = young_pods(body, new)
        done = done if all_shown(pods, wanted, observation) else count(body, "status", "updatedNumberScheduled")
        return Health(Status.CURRENT, _ready_words(body), done=done, wanted=wanted, young=young, rule=DONE)
    causes = _causes(body, pods, new, observation)
    return Health(Status.IN_PROGRESS, lacks[0], causes, done=done, wanted=wanted, rule=lacks[1])


def revision(body: Body, observation: Observation) -> str:
    """The name of the ControllerRevision that holds the live pod template, once there is one."""
    newest = _newest(body, observation)
    return str(newest["metadata"]["name"]) if newest else ""


def _is_by_hand(body: Body) -> bool:
    return text(body, "spec", "updateStrategy", "type") == "OnDelete"


def _lacking(body: Body, pods: tuple[Body, ...], observation: Observation) -> Iterator[tuple[str, str]]:
    """What the rollout still lacks, in the order in which it happens: in words, and the rule that says so."""
    status = part(body, "status")
    wanted, updated = count(status, "desiredNumberScheduled"), count(status, "updatedNumberScheduled")
    if not _is_by_hand(body) and updated < wanted:
        rule = "status.updatedNumberScheduled is below status.desiredNumberScheduled"
        yield f"nodes with a new pod: {updated} of {wanted}", rule
    available = count(status, "numberAvailable")
    if available < wanted:
        rule = "status.numberAvailable is below status.desiredNumberScheduled"
        yield f"nodes with an available pod: {available} of {wanted}", rule
    if less := unready(pods, wanted, observation):
        yield f"nodes with a ready pod: {less[0]} of {less[1]}", "condition Ready of its pods"


def _ready_words(body: Body) -> str:
    wanted, updated = (count(body, "status", f"{which}NumberScheduled") for which in ("desired", "updated"))
    if not wanted:
        return "no node wants a pod of it"
    words = f"nodes with a ready pod: {wanted} of {wanted}"
    if updated >= wanted:
        return words
    return f"{words}; on the new revision: {updated}, they are replaced when somebody deletes them (OnDelete)"


def _causes(body: Body, pods: tuple[Body, ...], new: tuple[Body, ...], observation: Observation) -> tuple[Cause, ...]:
    is_short = len(pods) < count(body, "status", "desiredNumberScheduled")
    told = observation.of(text(body, "metadata", "uid"), "Event") if is_short else ()
    return worst_first((*maker_causes(body, told, pods=pods), *causes_of(new, observation)))


def _of_newest(body: Body, pods: tuple[Body, ...], observation: Observation) -> tuple[Body, ...]:
    newest = _newest(body, observation)
    hash_ = text(newest, "metadata", "labels", REVISION_LABEL)
    return tuple(pod for pod in pods if hash_ and text(pod, "metadata", "labels", REVISION_LABEL) == hash_)


def _newest(body: Body, observation: Observation) -> Body | None:
    """The ControllerRevision of the live pod template; it holds the template as a patch.

    https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/daemon/update.go
    """
    owned = observation.of(text(body, "metadata", "uid"), "ControllerRevision")
    same = [one for one in owned if same_template(kept_template(one), part(body, "spec", "template"))]
    return max(same, key=lambda one: count(one, "revision"), default=None)


KIND = Kind(
    GROUP_KIND,
    Rank.WORKLOAD,
    assess,
    dependents=(GroupKind("apps", "ControllerRevision"), GroupKind("", "Pod"), GroupKind("", "Event")),
    pod_template=("spec", "template"),
    immutable=("spec.selector",),
    revision=revision,
    keeper=Keeper(GroupKind("apps", "ControllerRevision"), kept_template),
    meaning=Meaning(
        current="every node that wants a pod has an available one of the newest template (with `OnDelete`: of any)",
        in_progress="pods are being made or replaced",
    ),
    source="https://github.com/kubernetes/kubectl/blob/v0.36.0/pkg/polymorphichelpers/rollout_status.go",
)
