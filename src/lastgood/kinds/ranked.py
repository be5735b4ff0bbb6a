"""Kinds of which little more is known than their place in the order: their health is that of any kind. Pure.

Most of those built into Kubernetes have no status that could say more than that they are there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lastgood.kinds import admission_webhooks, generic, network_policy
from lastgood.model.kind import Kind, Rank
from lastgood.model.resource import GroupKind


def _immutable_when_told(live: Mapping[str, Any], desired: Mapping[str, Any]) -> tuple[str, ...]:
    """A ConfigMap or Secret with ``immutable: true`` keeps its content, and stays immutable."""
    if live.get("immutable") is not True:
        return ()
    fields = ("data", "binaryData", "immutable")
    return tuple(field for field in fields if (live.get(field) or {}) != (desired.get(field) or {}))


def _kind(group: str, kind: str, rank: Rank, **more: Any) -> Kind:
    return Kind(GroupKind(group, kind), rank, generic.assess, source=_source(group), **more)


def _source(group: str) -> str:
    return next((link for ending, link in _SOURCES.items() if group.endswith(ending)), _REFERENCE)


_RBAC, _ADMISSION = "rbac.authorization.k8s.io", "admissionregistration.k8s.io"

_REFERENCE = "https://kubernetes.io/docs/reference/kubernetes-api/"
_SOURCES = {
    "gateway.networking.k8s.io": "https://gateway-api.sigs.k8s.io/reference/spec/",
    "snapshot.storage.k8s.io": "https://kubernetes.io/docs/concepts/storage/volume-snapshot-classes/",
    "autoscaling.k8s.io": "https://github.com/kubernetes/autoscaler/tree/master/vertical-pod-autoscaler",
    "istio.io": "https://istio.io/latest/docs/reference/config/networking/",
    "keda.sh": "https://keda.sh/docs/latest/reference/",
    "external-secrets.io": "https://external-secrets.io/latest/api/spec/",
    "bitnami.com": "https://github.com/bitnami-labs/sealed-secrets",
}
"""Where the kinds of a group are documented, by how the group ends; all others are Kubernetes' own."""

_STORAGE_CLASS = ("provisioner", "parameters", "reclaimPolicy", "volumeBindingMode")

_PLAIN: Mapping[Rank, str] = {
    Rank.POLICY: """
        LimitRange ServiceAccount ServiceCIDR.networking.k8s.io
        ClusterRole.rbac.authorization.k8s.io Role.rbac.authorization.k8s.io
        PriorityLevelConfiguration.flowcontrol.apiserver.k8s.io
        MutatingAdmissionPolicy.admissionregistration.k8s.io
        MutatingAdmissionPolicyBinding.admissionregistration.k8s.io
        ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io
        ReferenceGrant.gateway.networking.k8s.io
    """,
    Rank.STORAGE: """
        CSIDriver.storage.k8s.io CSINode.storage.k8s.io CSIStorageCapacity.storage.k8s.io
        VolumeAttributesClass.storage.k8s.io VolumeSnapshotClass.snapshot.storage.k8s.io
        DeviceClass.resource.k8s.io ResourceClaimTemplate.resource.k8s.io ResourceSlice.resource.k8s.io
    """,
    Rank.CONFIG: """
        PodTemplate ControllerRevision.apps Lease.coordination.k8s.io ClusterTrustBundle.certificates.k8s.io
        ExternalSecret.external-secrets.io SealedSecret.bitnami.com
    """,
    Rank.NETWORK: "Endpoints IPAddress.networking.k8s.io",
    Rank.AUTOSCALER: "ScaledJob.keda.sh ScaledObject.keda.sh VerticalPodAutoscaler.autoscaling.k8s.io",
    Rank.EDGE: """
        DestinationRule.networking.istio.io Gateway.networking.istio.io
        ServiceEntry.networking.istio.io VirtualService.networking.istio.io
    """,
}
"""Kinds that need nothing but a rank, as kubectl names them: the kind, a dot, its group."""


def _plain(rank: Rank, names: str) -> Iterator[Kind]:
    for name in names.split():
        kind, _, group = name.partition(".")
        yield _kind(group, kind, rank)


KINDS = (
    *(kind for rank, names in _PLAIN.items() for kind in _plain(rank, names)),
    _kind("networking.k8s.io", "NetworkPolicy", Rank.POLICY, transitions=network_policy.transitions),
    _kind("scheduling.k8s.io", "PriorityClass", Rank.POLICY, immutable=("value", "preemptionPolicy"), recreate=True),
    _kind("node.k8s.io", "RuntimeClass", Rank.POLICY, immutable=("handler",), recreate=True),
    _kind(_RBAC, "RoleBinding", Rank.POLICY, immutable=("roleRef",), recreate=True),
    _kind(_RBAC, "ClusterRoleBinding", Rank.POLICY, immutable=("roleRef",), recreate=True),
    _kind("storage.k8s.io", "StorageClass", Rank.STORAGE, immutable=_STORAGE_CLASS, recreate=True),
    _kind("", "ConfigMap", Rank.CONFIG, refuses=_immutable_when_told, recreate=True),
    _kind("", "Secret", Rank.CONFIG, immutable=("type",), refuses=_immutable_when_told, recreate=True),
    _kind("discovery.k8s.io", "EndpointSlice", Rank.NETWORK, immutable=("addressType",), recreate=True),
    _kind("networking.k8s.io", "IngressClass", Rank.EDGE, immutable=("spec.controller",), recreate=True),
    _kind(_ADMISSION, "ValidatingWebhookConfiguration", Rank.EDGE, transitions=admission_webhooks.transitions),
    _kind(_ADMISSION, "MutatingWebhookConfiguration", Rank.EDGE, transitions=admission_webhooks.transitions),
)
