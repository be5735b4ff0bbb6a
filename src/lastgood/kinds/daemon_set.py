"""DaemonSets: ready when every node that wants one has a pod of the newest template, and it is available.

https://github.com/kubernetes/kubectl/blob/v0.36.0/pkg/polymorphichelpers/rollout_status.go
"""

from __future__ import annotations

from typing import Any

from lastgood.model.health import Cause, Health, Observation, Status, unanswered
from lastgood.model.kind import Keeper, Kind, Rank
from lastgood.model.resource import Body, GroupKind
from lastgood.reasons import causes_of, is_ready, kept_template, maker_causes, same_template, worst_first, young_pods

GROUP_KIND = GroupKind("apps", "DaemonSet")
REVISION_LABEL = "controller-revision-hash"


def assess(body: Body, observation: Observation) -> Health:
    """Whether its rollout is done, and what its new pods say if not."""
    early = unanswered(body)
    if early:
        return early
    pods = observation.of(body["metadata"].get("uid", ""), "Pod")
    new = _of_newest(body, pods, observation)
    wanted, done = body["status"].get("desiredNumberScheduled", 0), sum(map(is_ready, new))
    missing = _missing(body) or _unlike_pods(pods, wanted)
    if not missing:
        young = young_pods(body, new)
        return Health(Status.CURRENT, _ready_words(body), done=done, wanted=wanted, young=young)
    causes = _causes(body, pods, new, observation)
    return Health(Status.IN_PROGRESS, missing, causes, done=done, wanted=wanted)


def revision(body: Body, observation: Observation) -> str:
    """The name of the ControllerRevision that holds the live pod template, once there is one."""
    newest = _newest(body, observation)
    return str(newest["metadata"]["name"]) if newest else ""


def _is_by_hand(body: Body) -> bool:
    return (body["spec"].get("updateStrategy") or {}).get("type") == "OnDelete"


def _missing(body: Body) -> str:
    """What the rollout still lacks; empty when it is done."""
    status: dict[str, Any] = body["status"]
    wanted, updated = status.get("desiredNumberScheduled", 0), status.get("updatedNumberScheduled", 0)
    if not _is_by_hand(body) and updated < wanted:
        return f"nodes with a new pod: {updated} of {wanted}"
    available = status.get("numberAvailable", 0)
    return "" if available >= wanted else f"nodes with an available pod: {available} of {wanted}"


def _unlike_pods(pods: tuple[Body, ...], wanted: int) -> str:
    """Pods are seen on another watch than the status that counts them, which may be a moment older."""
    ready = sum(map(is_ready, pods))
    return f"nodes with a ready pod: {ready} of {wanted}" if pods and ready < wanted else ""


def _ready_words(body: Body) -> str:
    status = body["status"]
    wanted, updated = status.get("desiredNumberScheduled", 0), status.get("updatedNumberScheduled", 0)
    if not wanted:
        return "no node wants a pod of it"
    words = f"nodes with a ready pod: {wanted} of {wanted}"
    if updated >= wanted:
        return words
    return f"{words}; on the new revision: {updated}, they are replaced when somebody deletes them (OnDelete)"


def _causes(body: Body, pods: tuple[Body, ...], new: tuple[Body, ...], observation: Observation) -> tuple[Cause, ...]:
    is_short = len(pods) < body["status"].get("desiredNumberScheduled", 0)
    told = observation.of(body["metadata"].get("uid", ""), "Event") if is_short else ()
    return worst_first((*maker_causes(body, told), *causes_of(new, observation)))


def _of_newest(body: Body, pods: tuple[Body, ...], observation: Observation) -> tuple[Body, ...]:
    newest = _newest(body, observation)
    hash_ = ((newest or {"metadata": {}})["metadata"].get("labels") or {}).get(REVISION_LABEL)
    return tuple(pod for pod in pods if hash_ and (pod["metadata"].get("labels") or {}).get(REVISION_LABEL) == hash_)


def _newest(body: Body, observation: Observation) -> Body | None:
    """The ControllerRevision of the live pod template; it holds the template as a patch.

    https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/daemon/update.go
    """
    owned = observation.of(body["metadata"].get("uid", ""), "ControllerRevision")
    same = [one for one in owned if same_template(kept_template(one), body["spec"]["template"])]
    return max(same, key=lambda one: int(one.get("revision") or 0), default=None)


KIND = Kind(
    GROUP_KIND,
    Rank.WORKLOAD,
    assess,
    dependents=(GroupKind("apps", "ControllerRevision"), GroupKind("", "Pod"), GroupKind("", "Event")),
    pod_template=("spec", "template"),
    immutable=("spec.selector",),
    revision=revision,
    keeper=Keeper(GroupKind("apps", "ControllerRevision"), kept_template),
)
