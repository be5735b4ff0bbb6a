"""Kinds of which little more is known than their place in the order: their health is that of any kind. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lastgood.kinds import admission_webhooks, api_service, generic, network_policy
from lastgood.model.kind import Kind, Pruning, Rank
from lastgood.model.resource import GroupKind


def _immutable_when_told(live: Mapping[str, Any], desired: Mapping[str, Any]) -> tuple[str, ...]:
    """A ConfigMap or Secret with ``immutable: true`` keeps its content, and stays immutable."""
    if live.get("immutable") is not True:
        return ()
    fields = ("data", "binaryData", "immutable")
    return tuple(field for field in fields if (live.get(field) or {}) != (desired.get(field) or {}))


def _kind(group: str, kind: str, rank: Rank, **more: Any) -> Kind:
    return Kind(GroupKind(group, kind), rank, generic.assess, **more)


_RBAC, _ADMISSION = "rbac.authorization.k8s.io", "admissionregistration.k8s.io"

_VOLUME = (
    "nodeAffinity", "volumeMode", "awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "csi", "fc",
    "gcePersistentDisk", "hostPath", "iscsi", "local", "nfs", "rbd",
)  # fmt: skip
"""What stays of a PersistentVolume once it is there."""

_STORAGE_CLASS = ("provisioner", "parameters", "reclaimPolicy", "volumeBindingMode")

_PLAIN: Mapping[Rank, str] = {
    Rank.POLICY: """
        LimitRange ServiceAccount PodDisruptionBudget.policy
        ClusterRole.rbac.authorization.k8s.io Role.rbac.authorization.k8s.io
        MutatingAdmissionPolicy.admissionregistration.k8s.io
        MutatingAdmissionPolicyBinding.admissionregistration.k8s.io
        ValidatingAdmissionPolicy.admissionregistration.k8s.io
        ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io
    """,
    Rank.STORAGE: "CSIDriver.storage.k8s.io VolumeAttributesClass.storage.k8s.io "
    "VolumeSnapshotClass.snapshot.storage.k8s.io",
    Rank.CONFIG: "ExternalSecret.external-secrets.io SealedSecret.bitnami.com",
    Rank.NETWORK: "Endpoints",
    Rank.AUTOSCALER: "ScaledJob.keda.sh ScaledObject.keda.sh VerticalPodAutoscaler.autoscaling.k8s.io",
    Rank.EDGE: """
        Ingress.networking.k8s.io Route.route.openshift.io
        Gateway.gateway.networking.k8s.io GatewayClass.gateway.networking.k8s.io
        GRPCRoute.gateway.networking.k8s.io HTTPRoute.gateway.networking.k8s.io
        TCPRoute.gateway.networking.k8s.io TLSRoute.gateway.networking.k8s.io UDPRoute.gateway.networking.k8s.io
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
    _kind("", "Namespace", Rank.NAMESPACE, pruning=Pruning.LIST),
    _kind("", "ResourceQuota", Rank.POLICY, immutable=("spec.scopes",)),
    _kind("networking.k8s.io", "NetworkPolicy", Rank.POLICY, transitions=network_policy.transitions),
    _kind("scheduling.k8s.io", "PriorityClass", Rank.POLICY, immutable=("value", "preemptionPolicy"), recreate=True),
    _kind("node.k8s.io", "RuntimeClass", Rank.POLICY, immutable=("handler",), recreate=True),
    _kind(_RBAC, "RoleBinding", Rank.POLICY, immutable=("roleRef",), recreate=True),
    _kind(_RBAC, "ClusterRoleBinding", Rank.POLICY, immutable=("roleRef",), recreate=True),
    _kind("", "PersistentVolume", Rank.STORAGE, immutable=tuple(f"spec.{field}" for field in _VOLUME)),
    _kind("storage.k8s.io", "StorageClass", Rank.STORAGE, immutable=_STORAGE_CLASS, recreate=True),
    _kind("", "ConfigMap", Rank.CONFIG, refuses=_immutable_when_told, recreate=True),
    _kind("", "Secret", Rank.CONFIG, immutable=("type",), refuses=_immutable_when_told, recreate=True),
    _kind("discovery.k8s.io", "EndpointSlice", Rank.NETWORK, immutable=("addressType",), recreate=True),
    _kind("batch", "CronJob", Rank.WORKLOAD, pod_template=("spec", "jobTemplate", "spec", "template")),
    _kind("apps.openshift.io", "DeploymentConfig", Rank.WORKLOAD, pod_template=("spec", "template")),
    _kind("networking.k8s.io", "IngressClass", Rank.EDGE, immutable=("spec.controller",), recreate=True),
    _kind(_ADMISSION, "ValidatingWebhookConfiguration", Rank.EDGE, transitions=admission_webhooks.transitions),
    _kind(_ADMISSION, "MutatingWebhookConfiguration", Rank.EDGE, transitions=admission_webhooks.transitions),
    _kind("apiregistration.k8s.io", "APIService", Rank.EDGE, transitions=api_service.transitions),
)
