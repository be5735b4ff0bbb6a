"""Where Kubernetes' own kinds hold quantities, strings, and lists whose elements have keys. Tables, nothing else.

From the API's types: https://github.com/kubernetes/api (``resource.Quantity``, ``+listMapKey``, ``+listType=set``).
"""

from __future__ import annotations

from lastgood.loading.fields import Pattern, patterns
from lastgood.model.resource import GroupKind

CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
CLAIM = ("resources.limits.*", "resources.requests.*")
SELECTOR = "spec.selector.matchLabels.*"


def _of_containers(*fields: str) -> tuple[str, ...]:
    return tuple(f"spec.{containers}.*.{field}" for containers in CONTAINERS for field in fields)


POD_QUANTITIES = patterns(
    *_of_containers("resources.limits.*", "resources.requests.*", "env.*.valueFrom.resourceFieldRef.divisor"),
    "spec.resources.limits.*",
    "spec.resources.requests.*",
    "spec.overhead.*",
    "spec.volumes.*.emptyDir.sizeLimit",
    "spec.volumes.*.downwardAPI.items.*.resourceFieldRef.divisor",
    "spec.volumes.*.projected.sources.*.downwardAPI.items.*.resourceFieldRef.divisor",
    *(f"spec.volumes.*.ephemeral.volumeClaimTemplate.spec.{field}" for field in CLAIM),
)
"""Seen from a pod template, as are the other tables whose names start with POD."""

QUANTITIES: dict[GroupKind, tuple[Pattern, ...]] = {
    GroupKind("", "PersistentVolumeClaim"): patterns(*(f"spec.{field}" for field in CLAIM)),
    GroupKind("", "PersistentVolume"): patterns("spec.capacity.*"),
    GroupKind("", "ResourceQuota"): patterns("spec.hard.*"),
    GroupKind("", "LimitRange"): patterns(
        *(f"spec.limits.*.{field}.*" for field in ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio"))
    ),
    GroupKind("apps", "StatefulSet"): patterns(*(f"spec.volumeClaimTemplates.*.spec.{field}" for field in CLAIM)),
    GroupKind("autoscaling", "HorizontalPodAutoscaler"): patterns(
        *(
            f"spec.metrics.*.{source}.target.{field}"
            for source in ("resource", "containerResource", "pods", "object", "external")
            for field in ("value", "averageValue")
        ),
        "spec.behavior.*.tolerance",
    ),
    GroupKind("node.k8s.io", "RuntimeClass"): patterns("overhead.podFixed.*"),
    GroupKind("storage.k8s.io", "CSIStorageCapacity"): patterns("capacity", "maximumVolumeSize"),
}

STRINGS = patterns("metadata.labels.*", "metadata.annotations.*")

POD_STRINGS = patterns(
    "metadata.labels.*",
    "metadata.annotations.*",
    "spec.nodeSelector.*",
    "spec.volumes.*.name",
    *_of_containers(
        "name", "image", "env.*.name", "env.*.value", "command.*", "args.*", "ports.*.name", "volumeMounts.*.name"
    ),
)

LISTS_OF_STRINGS = ("command", "args")
"""The others that hold strings are mappings."""

STRINGS_OF: dict[GroupKind, tuple[Pattern, ...]] = {
    GroupKind("", "ConfigMap"): patterns("data.*", "binaryData.*"),
    GroupKind("", "Secret"): patterns("data.*", "stringData.*"),
    GroupKind("", "Service"): patterns("spec.selector.*"),
    GroupKind("", "ReplicationController"): patterns("spec.selector.*"),
    GroupKind("apps", "Deployment"): patterns(SELECTOR),
    GroupKind("apps", "StatefulSet"): patterns(SELECTOR),
    GroupKind("apps", "DaemonSet"): patterns(SELECTOR),
    GroupKind("apps", "ReplicaSet"): patterns(SELECTOR),
    GroupKind("batch", "Job"): patterns(SELECTOR),
    GroupKind("policy", "PodDisruptionBudget"): patterns(SELECTOR),
    GroupKind("networking.k8s.io", "NetworkPolicy"): patterns("spec.podSelector.matchLabels.*"),
    GroupKind("storage.k8s.io", "StorageClass"): patterns("parameters.*"),
}

BASE64 = {
    GroupKind("", "Secret"): patterns("data.*"),
    GroupKind("", "ConfigMap"): patterns("binaryData.*"),
}

ListKeys = tuple[tuple[str, str], ...]
"""The fields by which a list tells its elements apart, each with its default."""

POD_LISTS: tuple[tuple[Pattern, ListKeys], ...] = tuple(
    (pattern, keys)
    for field, keys in (
        ("env", (("name", ""),)),
        ("ports", (("containerPort", ""), ("protocol", "TCP"))),
        ("volumeMounts", (("mountPath", ""),)),
        ("volumeDevices", (("devicePath", ""),)),
    )
    for pattern in patterns(*_of_containers(field))
) + tuple(
    (pattern, keys)
    for field, keys in (
        *((containers, (("name", ""),)) for containers in CONTAINERS),
        ("volumes", (("name", ""),)),
        ("imagePullSecrets", (("name", ""),)),
        ("hostAliases", (("ip", ""),)),
        ("resourceClaims", (("name", ""),)),
        ("topologySpreadConstraints", (("topologyKey", ""), ("whenUnsatisfiable", ""))),
    )
    for pattern in patterns(f"spec.{field}")
)

LISTS_OF: dict[GroupKind, tuple[tuple[Pattern, ListKeys], ...]] = {
    GroupKind("", "Service"): ((("spec", "ports"), (("port", ""), ("protocol", "TCP"))),),
    GroupKind("", "ServiceAccount"): ((("secrets",), (("name", ""),)),),
    GroupKind("admissionregistration.k8s.io", "MutatingWebhookConfiguration"): ((("webhooks",), (("name", ""),)),),
    GroupKind("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"): ((("webhooks",), (("name", ""),)),),
}

# Names that become part of a host name, and so are single labels of the DNS.
LABEL_NAMES = frozenset({GroupKind("", "Namespace"), GroupKind("", "Service")})

# Names that only have to fit into a path: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
PATH_NAMES = frozenset(
    {
        GroupKind("certificates.k8s.io", "ClusterTrustBundle"),
        GroupKind("networking.k8s.io", "IPAddress"),
        *(
            GroupKind("rbac.authorization.k8s.io", kind)
            for kind in ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding")
        ),
    }
)
PATH_NAME_GROUPS = (".openshift.io",)

LONGEST_NAMES = {GroupKind("batch", "CronJob"): 52}
"""Shorter limits than the 253 characters of a DNS name, where the API has them."""
