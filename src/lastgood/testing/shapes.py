"""How the lists and maps of each kind merge: which lists have keys, which are sets, which maps are one value.

The tables are what ``x-kubernetes-list-type``, ``x-kubernetes-list-map-keys`` and ``x-kubernetes-map-type`` say in
the OpenAPI document of Kubernetes 1.36 for the kinds served here (``GET /openapi/v2``); a test compares them with a
real server's. What the tables do not name is as the API's default has it: a map is merged key by key, a list is one
value. A custom resource takes the same marks from its definition's schema.

https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from lastgood.model.resource import GroupKind


class Merge(Enum):
    """How a list or a map merges."""

    ATOMIC = "one value"
    BY_FIELD = "key by key"
    BY_KEYS = "item by item, known by some of their fields"
    SET = "item by item, known by their value"


@dataclass(frozen=True, slots=True)
class Rule:
    """How one place merges. ``keys`` name an item; ``defaults`` stand for keys that it leaves out.

    ``always_there`` says that the server's own types cannot be without it: it is never new, only what is in it is.
    """

    merge: Merge
    keys: tuple[str, ...] = ()
    defaults: tuple[tuple[str, Any], ...] = ()
    always_there: bool = False


class Shape(Protocol):
    """A place in the bodies of a kind."""

    def of_map(self) -> Rule:
        """How a map merges here."""
        ...

    def of_list(self) -> Rule:
        """How a list merges here."""
        ...

    def field(self, name: str) -> Shape:
        """The place of a field of the map here."""
        ...

    def knows(self, name: str) -> bool:
        """Whether the schema names this field of the map here, or it has keys as they come."""
        ...

    def item(self) -> Shape:
        """The place of an item of the list here."""
        ...


ATOMIC = Rule(Merge.ATOMIC)
BY_FIELD = Rule(Merge.BY_FIELD)
ALWAYS_THERE = Rule(Merge.BY_FIELD, always_there=True)
SET = Rule(Merge.SET)
_TCP = (("protocol", "TCP"),)


def _keyed(*keys: str, defaults: tuple[tuple[str, Any], ...] = ()) -> Rule:
    return Rule(Merge.BY_KEYS, keys, defaults)


LISTS: Mapping[str, Rule] = {
    "addresses": _keyed("type"),
    "conditions": _keyed("type"),
    "claims": _keyed("name"),
    "containers": Rule(Merge.BY_KEYS, ("name",), always_there=True),
    "env": _keyed("name"),
    "ephemeralContainers": _keyed("name"),
    "finalizers": SET,
    "hostAliases": _keyed("ip"),
    "imagePullSecrets": _keyed("name"),
    "initContainers": _keyed("name"),
    "matchConditions": _keyed("name"),
    "ownerReferences": _keyed("uid"),
    "podCIDRs": SET,
    "podIPs": _keyed("ip"),
    "resourceClaimStatuses": _keyed("name"),
    "resourceClaims": _keyed("name"),
    "schedulingGates": _keyed("name"),
    "secrets": _keyed("name"),
    "topologySpreadConstraints": _keyed("topologyKey", "whenUnsatisfiable"),
    "volumeDevices": _keyed("devicePath"),
    "volumeMounts": _keyed("mountPath"),
    "volumes": _keyed("name"),
    "webhooks": _keyed("name"),
}
"""Lists by the name of their field, where every kind has them alike."""

LISTS_IN: Mapping[tuple[str, str], Rule] = {
    ("Container", "ports"): _keyed("containerPort", "protocol", defaults=_TCP),
    ("Service", "ports"): _keyed("port", "protocol", defaults=_TCP),
    ("ServiceAccount", "imagePullSecrets"): ATOMIC,
    ("Namespace", "finalizers"): ATOMIC,
    ("Job", "conditions"): ATOMIC,
    ("UncountedTerminatedPods", "failed"): SET,
    ("UncountedTerminatedPods", "succeeded"): SET,
}
"""Lists whose meaning depends on where they stand: in this kind, or in an item or field of this meaning."""

ATOMIC_MAPS = frozenset({
    "configMapKeyRef", "controllerExpandSecretRef", "controllerPublishSecretRef", "dataSource", "fieldRef",
    "fileKeyRef", "imagePullSecrets", "involvedObject", "labelSelector", "namespaceSelector",
    "nodeExpandSecretRef", "nodePublishSecretRef", "nodeSelector", "nodeStageSecretRef", "objectSelector",
    "ownerReferences", "podSelector", "port", "related", "required",
    "requiredDuringSchedulingIgnoredDuringExecution", "resource", "resourceFieldRef", "roleRef",
    "scopeSelector", "secretKeyRef", "secretRef", "secrets", "selector",
})  # fmt: skip
"""Maps that are one value, by the name of their field or of the list that they are items of."""

_NEVER_MISSING = frozenset({"metadata", "spec", "status", "strategy", "template", "updateStrategy"})

_MEANINGS: Mapping[str, str] = {
    "containers": "Container",
    "initContainers": "Container",
    "ephemeralContainers": "Container",
    "uncountedTerminatedPods": "UncountedTerminatedPods",
    "template": "Template",
    "metadata": "Metadata",
    "jobTemplate": "Job",
}


@dataclass(frozen=True, slots=True)
class KnownShape:
    """A place in a kind that Kubernetes itself defines: inside what (``meaning``), under which field."""

    meaning: str
    name: str = ""

    def of_map(self) -> Rule:
        """How a map merges here."""
        if self.name in _NEVER_MISSING:
            return ALWAYS_THERE
        return ATOMIC if self.name in ATOMIC_MAPS else BY_FIELD

    def of_list(self) -> Rule:
        """How a list merges here."""
        return LISTS_IN.get((self.meaning, self.name)) or LISTS.get(self.name, ATOMIC)

    def field(self, name: str) -> KnownShape:
        """The place of a field of the map here."""
        return KnownShape(_MEANINGS.get(self.name, self.meaning), name)

    def knows(self, _name: str) -> bool:
        """Taken as named: maps with keys as they come hold plain values here, of which it makes no difference."""
        return True

    def item(self) -> KnownShape:
        """The place of an item of the list here."""
        return self


@dataclass(frozen=True, slots=True)
class DefinedShape:
    """A place in a custom resource, as the schema of its definition describes it."""

    schema: Mapping[str, Any]

    def of_map(self) -> Rule:
        """How a map merges here."""
        return ATOMIC if self.schema.get("x-kubernetes-map-type") == "atomic" else BY_FIELD

    def of_list(self) -> Rule:
        """How a list merges here."""
        kind = self.schema.get("x-kubernetes-list-type")
        if kind == "map":
            keys = tuple(self.schema["x-kubernetes-list-map-keys"])
            return Rule(Merge.BY_KEYS, keys, tuple(self._defaults(keys)))
        return SET if kind == "set" else ATOMIC

    def _defaults(self, keys: tuple[str, ...]) -> list[tuple[str, Any]]:
        fields = self.schema.get("items", {}).get("properties", {})
        return [(key, fields[key]["default"]) for key in keys if "default" in fields.get(key, {})]

    def field(self, name: str) -> Shape:
        """The place of a field of the map here."""
        if name == "metadata" and "metadata" not in self.schema.get("properties", {}):
            return KnownShape("Metadata", "metadata")
        inside = self.schema.get("properties", {}).get(name) or self.schema.get("additionalProperties")
        return DefinedShape(inside if isinstance(inside, Mapping) else {})

    def knows(self, name: str) -> bool:
        """Whether the schema names this field."""
        return name in self.schema.get("properties", {}) or name == "metadata"

    def item(self) -> Shape:
        """The place of an item of the list here."""
        return DefinedShape(self.schema.get("items") or {})


def shape_of(kind: GroupKind, schema: Mapping[str, Any] | None = None) -> Shape:
    """The root of this kind's bodies; ``schema`` is the definition's, for a custom resource."""
    return KnownShape(kind.kind) if schema is None else DefinedShape(schema)
