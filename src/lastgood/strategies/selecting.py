"""Which pods a selector selects, and the selector that selects one label more. Pure.

https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lastgood.model.reading import items, part, text, words
from lastgood.model.resource import Body, GroupKind, ref_of
from lastgood.versioning import pod_template

Labels = Mapping[str, str]

DEPLOYMENT_CONFIG = GroupKind("apps.openshift.io", "DeploymentConfig")
SERVICE = GroupKind("", "Service")
PLAIN = frozenset({SERVICE, DEPLOYMENT_CONFIG})
"""Kinds whose selector is a mapping of labels; those of all others are a LabelSelector."""


@dataclass(frozen=True, slots=True)
class Selector:
    """Labels that pods have to have, and expressions that have to be true of them."""

    labels: Labels
    expressions: tuple[Mapping[str, Any], ...] = ()

    def selects(self, labels: Labels) -> bool:
        """Whether pods with these labels are selected."""
        has = all(labels.get(key) == value for key, value in self.labels.items())
        return has and all(_is_true(one, labels) for one in self.expressions)

    def about(self, key: str) -> tuple[Mapping[str, Any], ...]:
        """The expressions that are about a label."""
        return tuple(one for one in self.expressions if text(one, "key") == key)


def selector_of(body: Body) -> Selector | None:
    """The selector of a body; None where there is none: a Service without one selects nothing.

    That of a DeploymentConfig is the labels of its pods if it says nothing
    (https://github.com/openshift/api/blob/master/apps/v1/types.go).
    """
    kind, found = ref_of(body).group_kind, part(body, "spec", "selector")
    if kind in PLAIN:
        labels = found or (pod_labels(body) if kind == DEPLOYMENT_CONFIG else {})
        return Selector(labels) if labels else None
    if not isinstance((body.get("spec") or {}).get("selector"), Mapping):
        return None
    return Selector(part(found, "matchLabels"), items(found, "matchExpressions"))


def pod_labels(body: Body) -> dict[str, str]:
    """The labels of the pods that a body makes."""
    return dict(part(pod_template(body) or {}, "metadata", "labels"))


def select_by(body: Body, key: str, value: str) -> None:
    """Let the selector of this body, which is changed in place, want this label; what it said of it before goes."""
    spec = body["spec"]
    if ref_of(body).group_kind in PLAIN:
        selector = selector_of(body)
        spec["selector"] = {**(selector.labels if selector else {}), key: value}
        return
    found = spec.get("selector") or {}
    others = [one for one in found.get("matchExpressions") or () if one.get("key") != key]
    kept = {name: one for name, one in found.items() if name != "matchExpressions"}
    labels = {**(found.get("matchLabels") or {}), key: value}
    spec["selector"] = {**kept, "matchLabels": labels, **({"matchExpressions": others} if others else {})}


def label_pods(body: Body, labels: Labels) -> None:
    """Put labels onto the pod template of this body, which is changed in place."""
    template = pod_template(body)
    if template is not None:
        metadata = template.get("metadata") or {}
        template["metadata"] = {**metadata, "labels": {**(metadata.get("labels") or {}), **labels}}


def _is_true(expression: Mapping[str, Any], labels: Labels) -> bool:
    key, values = text(expression, "key"), words(expression, "values")
    match text(expression, "operator"):
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
    return False
