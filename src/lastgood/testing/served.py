"""The kinds that a cluster serves from the start. Definitions that are applied add theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lastgood.model.resource import Body, GroupKind
from lastgood.ports import Served


@dataclass(frozen=True, slots=True)
class KindFacts:
    """What the API server does with a kind beyond holding it.

    ``counts`` are the parts whose change moves ``metadata.generation`` (none: it has no generation; ``*``: all but
    metadata and a status of its own); ``status`` says that status is written through a subresource of its own.
    """

    served: Served
    counts: tuple[str, ...] = ()
    status: bool = False
    custom: bool = False


_TABLE = """
-                             v1  ConfigMap                       namespace  -                 -
-                             v1  Event                           namespace  -                 -
-                             v1  LimitRange                      namespace  -                 -
-                             v1  Namespace                       cluster    -                 status
-                             v1  Node                            cluster    -                 status
-                             v1  PersistentVolume                cluster    -                 status
-                             v1  PersistentVolumeClaim           namespace  -                 status
-                             v1  Pod                             namespace  spec              status
-                             v1  ResourceQuota                   namespace  -                 status
-                             v1  Secret                          namespace  -                 -
-                             v1  Service                         namespace  -                 status
-                             v1  ServiceAccount                  namespace  -                 -
admissionregistration.k8s.io  v1  MutatingWebhookConfiguration    cluster    webhooks          -
admissionregistration.k8s.io  v1  ValidatingWebhookConfiguration  cluster    webhooks          -
apiextensions.k8s.io          v1  CustomResourceDefinition        cluster    spec              status
apps                          v1  ControllerRevision              namespace  -                 -
apps                          v1  DaemonSet                       namespace  spec              status
apps                          v1  Deployment                      namespace  spec,annotations  status
apps                          v1  ReplicaSet                      namespace  spec              status
apps                          v1  StatefulSet                     namespace  spec              status
autoscaling                   v2  HorizontalPodAutoscaler         namespace  -                 status
batch                         v1  CronJob                         namespace  spec              status
batch                         v1  Job                             namespace  spec              status
coordination.k8s.io           v1  Lease                           namespace  -                 -
networking.k8s.io             v1  Ingress                         namespace  spec              status
networking.k8s.io             v1  IngressClass                    cluster    spec              -
networking.k8s.io             v1  NetworkPolicy                   namespace  spec              -
policy                        v1  PodDisruptionBudget             namespace  spec              status
rbac.authorization.k8s.io     v1  ClusterRole                     cluster    -                 -
rbac.authorization.k8s.io     v1  ClusterRoleBinding              cluster    -                 -
rbac.authorization.k8s.io     v1  Role                            namespace  -                 -
rbac.authorization.k8s.io     v1  RoleBinding                     namespace  -                 -
scheduling.k8s.io             v1  PriorityClass                   cluster    value             -
storage.k8s.io                v1  StorageClass                    cluster    -                 -
"""
# Group, version, kind, where it lives, what its generation counts, whether status is written on its own.


_SHORT: Mapping[str, tuple[str, ...]] = {
    "ConfigMap": ("cm",),
    "CronJob": ("cj",),
    "CustomResourceDefinition": ("crd", "crds"),
    "DaemonSet": ("ds",),
    "Deployment": ("deploy",),
    "Event": ("ev",),
    "HorizontalPodAutoscaler": ("hpa",),
    "Ingress": ("ing",),
    "Namespace": ("ns",),
    "NetworkPolicy": ("netpol",),
    "Node": ("no",),
    "PersistentVolume": ("pv",),
    "PersistentVolumeClaim": ("pvc",),
    "Pod": ("po",),
    "PodDisruptionBudget": ("pdb",),
    "ReplicaSet": ("rs",),
    "Service": ("svc",),
    "ServiceAccount": ("sa",),
    "StatefulSet": ("sts",),
}
_SCALED = frozenset({"Deployment", "ReplicaSet", "StatefulSet"})


def built_in() -> dict[GroupKind, KindFacts]:
    """The kinds of Kubernetes itself."""
    return {facts.served.group_kind: facts for facts in _rows()}


def _rows() -> Iterator[KindFacts]:
    for line in _TABLE.strip().splitlines():
        group, version, kind, place, counts, status = ("" if word == "-" else word for word in line.split())
        short, parts = _SHORT.get(kind, ()), ("scale",) if kind in _SCALED else ()
        where = place == "namespace"
        served = Served(GroupKind(group, kind), (version,), _plural(kind.lower()), where, short, parts)
        yield KindFacts(served, tuple(filter(None, counts.split(","))), bool(status))


def _plural(word: str) -> str:
    if word.endswith("y"):
        return word[:-1] + "ies"
    return word + ("es" if word.endswith("s") else "s")


def defined(definition: Body) -> KindFacts:
    """The kind that a CustomResourceDefinition makes."""
    spec = definition["spec"]
    versions = sorted((one for one in spec["versions"] if one.get("served")), key=lambda one: not one.get("storage"))
    names = tuple(one["name"] for one in versions)
    kind = GroupKind(spec["group"], spec["names"]["kind"])
    status = any("status" in (one.get("subresources") or {}) for one in versions)
    short = tuple(spec["names"].get("shortNames") or ())
    parts = ("scale",) if any("scale" in (one.get("subresources") or {}) for one in versions) else ()
    served = Served(kind, names, spec["names"]["plural"], spec["scope"] == "Namespaced", short, parts)
    return KindFacts(served, ("*",), status=status, custom=True)


def schema_of(definition: Body, version: str) -> Mapping[str, Any]:
    """The OpenAPI schema of one version of a definition."""
    versions = {one["name"]: one for one in definition["spec"]["versions"]}
    schema: Mapping[str, Any] = (versions.get(version, {}).get("schema") or {}).get("openAPIV3Schema") or {}
    return schema
