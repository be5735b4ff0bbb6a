"""What follows a workload: autoscalers by its name, and disruption budgets by its pods' labels. Pure.

An autoscaler counts every pod that its target's selector selects, whoever made it, and none does anything where two of
them count the same pods (AmbiguousSelector); nothing evicts a pod that has two budgets.
https://www.kubernetes.dev/resources/keps/5325/
https://kubernetes.io/docs/tasks/run-application/configure-pdb/#arbitrary-controllers-and-selectors
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lastgood.model.marks import DIRECT_APPLY, says
from lastgood.model.reading import part, text
from lastgood.model.resource import Body, GroupKind, Ref, Resource, ref_of
from lastgood.sharing import AUTOSCALERS, scale_target
from lastgood.strategies.copying import Copying
from lastgood.strategies.selecting import Selector, pod_labels, selector_of
from lastgood.strategies.workloads import other_makers
from lastgood.versioning import with_suffix

BUDGET = GroupKind("policy", "PodDisruptionBudget")
VERTICAL = GroupKind("autoscaling.k8s.io", "VerticalPodAutoscaler")

FOLLOWERS = frozenset({BUDGET, VERTICAL, *AUTOSCALERS})
"""Kinds that follow a workload."""

HPA_NAME = ("spec", "advanced", "horizontalPodAutoscalerConfig")
"""Where a ScaledObject says how its HorizontalPodAutoscaler is called."""


def target_of(body: Body) -> Ref | None:
    """The workload that an autoscaler scales, in number or in size; None where it is no autoscaler.

    One for sizes names it in another field: https://github.com/kubernetes/autoscaler/tree/master/vertical-pod-autoscaler
    """
    if ref_of(body).group_kind == VERTICAL:
        body = {**body, "spec": {"scaleTargetRef": part(body, "spec", "targetRef")}}
    return scale_target(body)


def scalers(resources: Iterable[Resource], workloads: Iterable[Resource]) -> dict[Ref, Ref]:
    """The autoscalers of these workloads, each with the workload that it scales."""
    mine = {one.ref for one in workloads}
    found = {one.ref: target_of(one.body) for one in resources}
    return {ref: target for ref, target in found.items() if target in mine}


def budgets(resources: tuple[Resource, ...], workloads: tuple[Resource, ...]) -> tuple[Resource, ...]:
    """The disruption budgets that are about pods of these workloads and of no other workload of the release."""
    found = (one for one in resources if one.ref.group_kind == BUDGET)
    others = other_makers(resources, workloads)
    return tuple(
        one
        for one in found
        if protects(one.body, workloads) and not protects(one.body, others) and not _is_for_all(selector_of(one.body))
    )


def followers(resources: tuple[Resource, ...], workloads: tuple[Resource, ...]) -> dict[Ref, Ref]:
    """The autoscalers and budgets of these workloads, each with a workload that it is for."""
    protecting = budgets(resources, workloads)
    found = {one.ref: made.ref for one in protecting for made in workloads if protects(one.body, (made,))}
    left_alone = {one.ref for one in resources if says(one.body, DIRECT_APPLY)}
    return {ref: one for ref, one in {**scalers(resources, workloads), **found}.items() if ref not in left_alone}


def retargeted(copying: Copying, original: Resource, target: Ref) -> Resource:
    """The copy of an autoscaler: it scales the copy of its workload. Other names in it follow, too."""
    made = copying.copy(original)
    spec, new = made.body["spec"], copying.names[target]
    for field in ("scaleTargetRef", "targetRef"):
        if spec.get(field):
            spec[field] = {**spec[field], "name": new.name}
    for metric in spec.get("metrics") or ():
        described = (metric.get("object") or {}).get("describedObject") or {}
        if (described.get("kind"), described.get("name")) == (target.kind, target.name):
            described["name"] = new.name
    if text(made.body, *HPA_NAME, "name"):
        held: Any = spec["advanced"]["horizontalPodAutoscalerConfig"]
        held["name"] = with_suffix(held["name"], f"-{copying.value}", 63)
    return made


def protects(budget: Body, workloads: Iterable[Resource]) -> bool:
    """Whether a budget is about pods of any of these workloads."""
    selector, namespace = selector_of(budget), budget["metadata"].get("namespace") or ""
    mine = (one for one in workloads if one.ref.namespace == namespace)
    return selector is not None and any(selector.selects(pod_labels(one.body)) for one in mine)


def _is_for_all(selector: Selector | None) -> bool:
    """A selector that says nothing selects every pod of the namespace, those of other releases, too."""
    return selector is None or not (selector.labels or selector.expressions)
