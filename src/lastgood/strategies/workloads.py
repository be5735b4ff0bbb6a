"""Which workloads of a release are made twice, and how many pods they have. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from lastgood.errors import ManifestError
from lastgood.model.marks import DIRECT_APPLY, says
from lastgood.model.reading import count
from lastgood.model.resource import Body, GroupKind, Ref, Resource
from lastgood.strategies.selecting import Labels, Selector, pod_labels, selector_of

MADE_TWICE = frozenset(
    {
        GroupKind("apps", "Deployment"),
        GroupKind("apps", "StatefulSet"),
        GroupKind("apps.openshift.io", "DeploymentConfig"),
    }
)
POSSIBLE = "Deployments, StatefulSets and DeploymentConfigs"

MANAGED_WORKLOAD = "harness.io/managed-workload"

NEVER_TWICE: Mapping[GroupKind, str] = {
    GroupKind("apps", "DaemonSet"): "it runs a pod on every node, and cannot run beside itself",
    GroupKind("apps", "ReplicaSet"): "it does not roll out",
    GroupKind("", "ReplicationController"): "it does not roll out",
}


def workloads(resources: tuple[Resource, ...], strategy: str) -> tuple[Resource, ...]:
    """The workloads of which a strategy makes a second one, in their order.

    Raises ``ManifestError`` for a workload that there cannot be a second one of, or when there is none at all.
    What is annotated ``harness.io/direct-apply`` is left alone.
    """
    managed = tuple(one for one in resources if not says(one.body, DIRECT_APPLY))
    for one in managed:
        _refuse_single(one, strategy)
    found = tuple(one for one in managed if one.ref.group_kind in MADE_TWICE)
    if not found:
        raise _none(resources, strategy)
    return found


def other_makers(resources: tuple[Resource, ...], chosen: tuple[Resource, ...]) -> tuple[Resource, ...]:
    """What else of a release makes pods that last; those of Jobs do not."""
    mine = {one.ref for one in chosen}
    return tuple(one for one in resources if pod_labels(one.body) and one.ref not in mine and one.ref.group != "batch")


def replicas_of(workload: Resource, least: Mapping[Ref, int | None], current: Body | None) -> int | None:
    """With how many pods a second workload begins; None where nobody says so: the API makes it one.

    As the manifest has it. Where that does not say, or an autoscaler holds them, as many as ``current`` has now, so
    that it can take over all that is asked of that; at least what the autoscaler allows, as ``least`` has it.
    """
    written = workload.body["spec"].get("replicas")
    if workload.ref not in least and isinstance(written, int):
        return written
    now = count(current, "spec", "replicas") if current else 0
    return max(now, least.get(workload.ref) or 0) or (written if isinstance(written, int) else None)


def need_selection(workload: Resource, labels: Labels) -> None:
    """Raise ``ManifestError`` if its selector would not select its pods once they have these labels, too."""
    selector = selector_of(workload.body)
    for key, value in labels.items():
        for one in selector.about(key) if selector else ():
            if not Selector({}, (one,)).selects(labels):
                words = " ".join([str(one.get("operator")), *map(str, one.get("values") or ())])
                problem = f"{key} {words} leaves out the pods that get the label {key}: {value}"
                field, hint = "spec.selector.matchExpressions", f"say nothing of {key} there: it is put in for you"
                raise ManifestError(problem, origin=workload.origin, ref=workload.ref, field=field, hint=hint)


def _refuse_single(resource: Resource, strategy: str) -> None:
    kind = resource.ref.group_kind
    why = NEVER_TWICE.get(kind)
    if says(resource.body, MANAGED_WORKLOAD):
        why = "nobody knows how a custom resource's pods could be told apart"
    if why:
        problem = f"a {kind.kind} cannot be deployed with strategy {strategy}: {why}; {POSSIBLE} can"
        hint = f'deploy with strategy rolling, or annotate it {DIRECT_APPLY}: "true": it is then applied as it is'
        raise ManifestError(problem, origin=resource.origin, ref=resource.ref, field="kind", hint=hint)


def _none(resources: tuple[Resource, ...], strategy: str) -> ManifestError:
    left = [one for one in resources if one.ref.group_kind in MADE_TWICE]
    said = f"; {left[0].ref} is annotated {DIRECT_APPLY}, and left alone" if left else ""
    problem = f"strategy {strategy} needs a workload, and the release has none{said}: {POSSIBLE} can be deployed so"
    first = left[0] if left else resources[0] if resources else None
    origin = first.origin if first else None
    return ManifestError(problem, origin=origin, hint="deploy it with strategy rolling, which needs no workload")
