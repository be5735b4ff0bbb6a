"""Where Kubernetes' own kinds hold quantities, strings, and lists whose elements have keys. Tables, nothing else.

From the API's types: https://github.com/kubernetes/api (``resource.Quantity``, ``+listMapKey``, ``+listType=set``).
"""

from __future__ import annotations

from lastgood.loading.fields import Patterns, marked, patterns
from lastgood.model.resource import GroupKind

CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
CLAIM = ("resources.limits.*", "resources.requests.*")


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

QUANTITIES: dict[GroupKind, Patterns] = {
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

OBJECT_STRINGS = ("metadata.labels.*", "metadata.annotations.*")
TEMPLATE_STRINGS = (
    *OBJECT_STRINGS,
    "spec.nodeSelector.*",
    "spec.volumes.*.name",
    *_of_containers(
        "name", "image", "env.*.name", "env.*.value", "command.*", "args.*", "ports.*.name", "volumeMounts.*.name"
    ),
)
SELECTED = "spec.selector.matchLabels.*"
KIND_STRINGS = {
    GroupKind("", "ConfigMap"): ("data.*", "binaryData.*"),
    GroupKind("", "Secret"): ("data.*", "stringData.*"),
    GroupKind("", "Service"): ("spec.selector.*",),
    GroupKind("", "ReplicationController"): ("spec.selector.*",),
    GroupKind("apps", "Deployment"): (SELECTED,),
    GroupKind("apps", "StatefulSet"): (SELECTED,),
    GroupKind("apps", "DaemonSet"): (SELECTED,),
    GroupKind("apps", "ReplicaSet"): (SELECTED,),
    GroupKind("batch", "Job"): (SELECTED,),
    GroupKind("policy", "PodDisruptionBudget"): (SELECTED,),
    GroupKind("networking.k8s.io", "NetworkPolicy"): ("spec.podSelector.matchLabels.*",),
    GroupKind("storage.k8s.io", "StorageClass"): ("parameters.*",),
}


def _holders(texts: tuple[str, ...]) -> Patterns:
    """What the strings stand in, each with its type: a list for commands and their arguments, else a mapping."""
    holders = (text.removesuffix(".*") for text in texts if text.endswith(".*"))
    return marked({one: list if one.endswith((".command", ".args")) else dict for one in holders})


LABELS = patterns("metadata.labels.*")
STRINGS = patterns(*OBJECT_STRINGS)
POD_STRINGS = patterns(*TEMPLATE_STRINGS)
STRINGS_OF: dict[GroupKind, Patterns] = {kind: patterns(*texts) for kind, texts in KIND_STRINGS.items()}
HOLDERS = _holders(OBJECT_STRINGS)
POD_HOLDERS = _holders(TEMPLATE_STRINGS)
HOLDERS_OF: dict[GroupKind, Patterns] = {kind: _holders(texts) for kind, texts in KIND_STRINGS.items()}

BASE64 = {
    GroupKind("", "Secret"): patterns("data.*"),
    GroupKind("", "ConfigMap"): patterns("binaryData.*"),
}

ListKeys = tuple[tuple[str, str], ...]
"""The fields by which a list tells its elements apart, each with its default."""

NAMED: ListKeys = (("name", ""),)

POD_LISTS = marked(
    {
        **dict.fromkeys(_of_containers("env"), NAMED),
        **dict.fromkeys(_of_containers("ports"), (("containerPort", ""), ("protocol", "TCP"))),
        **dict.fromkeys(_of_containers("volumeMounts"), (("mountPath", ""),)),
        **dict.fromkeys(_of_containers("volumeDevices"), (("devicePath", ""),)),
        **{f"spec.{field}": NAMED for field in (*CONTAINERS, "volumes", "imagePullSecrets", "resourceClaims")},
        "spec.hostAliases": (("ip", ""),),
        "spec.topologySpreadConstraints": (("topologyKey", ""), ("whenUnsatisfiable", "")),
    }
)
LISTS_OF: dict[GroupKind, Patterns] = {
    GroupKind("", "Service"): marked({"spec.ports": (("port", ""), ("protocol", "TCP"))}),
    GroupKind("", "ServiceAccount"): marked({"secrets": NAMED}),
    GroupKind("admissionregistration.k8s.io", "MutatingWebhookConfiguration"): marked({"webhooks": NAMED}),
    GroupKind("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"): marked({"webhooks": NAMED}),
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
