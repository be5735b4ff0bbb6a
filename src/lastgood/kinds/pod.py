"""Pods that are deployed by themselves: ready, or ended well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lastgood.model.health import Health, Observation, Status, condition, unsettled
from lastgood.model.kind import Kind, Meaning, Rank
from lastgood.model.reading import text
from lastgood.model.resource import Body, GroupKind
from lastgood.reasons import is_ready, pod_causes, young_pods

GROUP_KIND = GroupKind("", "Pod")

MUTABLE = ("containers", "initContainers", "activeDeadlineSeconds", "tolerations", "schedulingGates")
"""What of a pod's spec may change, in part: of the containers only the image.

https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/apis/core/validation/validation.go (ValidatePodUpdate)
"""


def assess(body: Body, observation: Observation) -> Health:
    """Whether it is ready or has done its work; a pod that failed is not run again by anybody."""
    early = unsettled(body)
    if early:
        return early
    phase = text(body, "status", "phase", default="Pending")
    rule = f"status.phase is {phase}"
    if phase == "Succeeded":
        return Health(Status.CURRENT, "ended well", rule=rule)
    causes = pod_causes(body, observation.of(text(body, "metadata", "uid"), "Event"))
    if phase == "Failed":
        return Health(Status.FAILED, "failed", causes, done=0, wanted=1, rule=rule)
    if is_ready(body):
        young = young_pods(body, (body,))
        return Health(Status.CURRENT, "is ready", done=1, wanted=1, young=young, rule="condition Ready is True")
    return Health(Status.IN_PROGRESS, "is not ready", causes, done=0, wanted=1, rule=_unready(body))


def _unready(body: Body) -> str:
    return f"condition Ready is {text(condition(body, 'Ready'), 'status', default='not there')}"


def refuses(live: Mapping[str, Any], desired: Mapping[str, Any]) -> tuple[str, ...]:
    """Nearly nothing of a pod can be changed once it is there."""
    spec, wanted = live.get("spec") or {}, desired.get("spec") or {}
    fixed = [f"spec.{key}" for key in wanted if key not in MUTABLE and wanted[key] != spec.get(key)]
    return (*fixed, *_containers(spec, wanted, "containers"), *_containers(spec, wanted, "initContainers"))


def _containers(spec: Mapping[str, Any], wanted: Mapping[str, Any], key: str) -> tuple[str, ...]:
    live = {one["name"]: one for one in spec.get(key) or ()}
    if key in wanted and [one["name"] for one in wanted[key]] != list(live):
        return (f"spec.{key}",)
    return tuple(
        f"spec.{key}[name={one['name']}].{field}"
        for one in wanted.get(key) or ()
        for field in one
        if field != "image" and not _is_part(one[field], live[one["name"]].get(field))
    )


def _is_part(wanted: Any, live: Any) -> bool:
    """Whether the live value is the wanted one but for defaults that the API filled in."""
    if isinstance(wanted, Mapping) and isinstance(live, Mapping):
        return all(_is_part(value, live.get(key)) for key, value in wanted.items())
    if isinstance(wanted, list) and isinstance(live, list):
        return len(wanted) <= len(live) and all(any(_is_part(one, other) for other in live) for one in wanted)
    return bool(wanted == live)


KIND = Kind(
    GROUP_KIND,
    Rank.WORKLOAD,
    assess,
    dependents=(GroupKind("", "Event"),),
    refuses=refuses,
    meaning=Meaning(
        current="its condition `Ready` is True, or its phase is `Succeeded`",
        in_progress="it is not ready",
        failed="its phase is `Failed`",
    ),
    source="https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase",
)
