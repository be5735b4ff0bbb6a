"""Fields that somebody else may hold: replicas under an autoscaler, and what others changed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lastgood.diffing import comparable, differences, text
from lastgood.kinds import kind_of
from lastgood.model.request import OnConflict
from lastgood.model.resource import Body, GroupKind, Path, Ref, Resource
from lastgood.owning import Entry, deployers, entries, held_path, is_by_hand, is_ours, owners_in, value_at

ON_CONFLICT = "lastgood.dev/on-conflict"
"""The annotation by which a resource says it itself: ``keep``, or ``spec.replicas=keep,data=fail``."""

REPLICAS: Path = ("spec", "replicas")

AUTOSCALERS = (
    GroupKind("autoscaling", "HorizontalPodAutoscaler"),
    GroupKind("keda.sh", "ScaledObject"),
    GroupKind("datadoghq.com", "WatermarkPodAutoscaler"),
)
"""Kinds with a ``scaleTargetRef`` that are looked for in the cluster."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that somebody else holds with another value than the one asked for."""

    ref: Ref
    path: Path
    owner: str

    def __str__(self) -> str:
        return f"{self.ref}: {text(self.path)} ({self.owner}'s)"


def scale_target(body: Body) -> Ref | None:
    """The workload that an autoscaler scales: of a HorizontalPodAutoscaler, a ScaledObject, or any with that field.

    KEDA leaves the kind of a Deployment unsaid: https://keda.sh/docs/latest/reference/scaledobject-spec/
    """
    target = (body.get("spec") or {}).get("scaleTargetRef")
    if not isinstance(target, Mapping) or not target.get("name"):
        return None
    group, _, version = str(target.get("apiVersion") or "apps/v1").rpartition("/")
    kind = str(target.get("kind") or "Deployment")
    return Ref(group, kind, body["metadata"].get("namespace") or "", str(target["name"]), version)


def scaled(autoscalers: Iterable[Body]) -> dict[Ref, int | None]:
    """The workloads that these scale, each with the least number of replicas that it is scaled to."""
    found = ((scale_target(body), body.get("spec") or {}) for body in autoscalers)
    return {target: _least(spec) for target, spec in found if target is not None}


def is_scalable(resource: Resource) -> bool:
    """Whether an autoscaler may hold its replicas, whether or not it says how many it wants itself.

    One that no longer says so must not lose them: while they are ours, an apply without them resets them to 1.
    """
    makes_pods = bool(kind_of(resource.ref.group_kind).pod_template)
    return makes_pods or isinstance(value_at(resource.body, REPLICAS), int)


def without_fields(resource: Resource, paths: Iterable[Path]) -> Resource:
    """The same resource without these fields: they are left to others."""
    body = resource.copy_body()
    for path in paths:
        _remove(body, path)
    return resource.with_body(body) if body != resource.body else resource


def conflicts(resource: Resource, live: Body, preview: Body) -> Iterator[Conflict]:
    """The fields that an apply would take from people who changed them by hand, or from controllers."""
    others = _others(live)
    for one in differences(comparable(live), comparable(preview)) if others else ():
        holders = tuple(entry for entry in others if owners_in((entry,), one.path))
        if holders:
            path = held_path(holders[0].get("fieldsV1") or {}, one.path)
            yield Conflict(resource.ref, path, ", ".join(owners_in(holders, one.path)))


def policy(resource: Resource, path: Path, usual: OnConflict) -> OnConflict:
    """What is to be done about a conflict: what the annotation says of the nearest field above it, else the usual."""
    said, place = _policies(resource.annotations.get(ON_CONFLICT, "")), text(path)
    above = [name for name in said if name and (place == name or place.startswith((f"{name}.", f"{name}[")))]
    return said.get(max(above, key=len, default=""), usual)


def policy_problem(body: Body) -> str:
    """What is wrong with the annotation; empty when nothing is."""
    written = (body["metadata"].get("annotations") or {}).get(ON_CONFLICT)
    try:
        _policies(written or "")
    except ValueError:
        expected = f"{', '.join(OnConflict)}, or fields with one of these each: spec.replicas=keep"
        return f'annotation {ON_CONFLICT}: "{written}" is none of {expected}'
    return ""


def _policies(written: str) -> dict[str, OnConflict]:
    """The policy by field; under an empty name that of all the rest."""
    parts = (part.strip().rpartition("=") for part in written.split(",") if part.strip())
    return {name.strip(): OnConflict(word.strip()) for name, _, word in parts}


def _least(spec: Mapping[str, Any]) -> int | None:
    least = spec.get("minReplicas", spec.get("minReplicaCount", 1))
    return max(least, 1) if isinstance(least, int) else None


def _others(live: Body) -> tuple[Entry, ...]:
    """Who changed single fields of it, as opposed to those who deployed it."""
    deployed = deployers(live)
    found = (one for one in entries(live) if not is_ours(one) and one.get("fieldsV1"))
    return tuple(one for one in found if is_by_hand(one) or one not in deployed)


def _remove(body: Body, path: Path) -> None:
    place, last = value_at(body, path[:-1]), path[-1:]
    if isinstance(place, dict):
        place.pop(path[-1], None)
    elif isinstance(place, list):
        place[:] = [one for one in place if one is not value_at(place, last)]
