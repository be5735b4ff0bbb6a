"""Where one resource names a ConfigMap or a Secret that pods need. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lastgood.kinds import kind_of
from lastgood.model.resource import Body, Resource, ref_of

CONFIG_MAP, SECRET = "ConfigMap", "Secret"
CONTAINERS = ("initContainers", "containers", "ephemeralContainers")

ConfigName = tuple[str, str, str]
"""Kind (``ConfigMap`` or ``Secret``), namespace and name."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A name inside a body: ``holder[key]``, and the kind that it is the name of."""

    kind: str
    holder: dict[str, Any]
    key: str = "name"

    @property
    def name(self) -> str:
        """What is named; empty where nothing is."""
        return str(self.holder.get(self.key) or "")


def is_config(body: Body) -> bool:
    """Whether this is a ConfigMap or a Secret."""
    return body.get("apiVersion") == "v1" and body.get("kind") in (CONFIG_MAP, SECRET)


def config_name(body: Body) -> ConfigName:
    """Who a ConfigMap or Secret is."""
    metadata = body["metadata"]
    return (body["kind"], metadata.get("namespace") or "", metadata["name"])


def pod_template(body: Body) -> dict[str, Any] | None:
    """The pod template in a body of a kind that makes pods; None for other kinds."""
    value: Any = body
    path = kind_of(ref_of(body).group_kind).pod_template
    for key in path:
        value = (value or {}).get(key)
    return value if path and isinstance(value, dict) else None


def pod_spec(body: Body) -> dict[str, Any]:
    """The spec of the pods that a body makes, or of the pod that it is; empty for other kinds."""
    found = body if (body.get("apiVersion"), body.get("kind")) == ("v1", "Pod") else pod_template(body)
    return (found or {}).get("spec") or {}


def read_by_pods(spec: Mapping[str, Any]) -> Iterator[Reference]:
    """What a pod's containers and volumes read.

    https://kubernetes.io/docs/concepts/configuration/configmap/#using-configmaps
    """
    for field in CONTAINERS:
        for container in spec.get(field) or ():
            yield from _of_container(container)
    for volume in spec.get("volumes") or ():
        yield from _of_source(volume)
        for source in (volume.get("projected") or {}).get("sources") or ():
            yield from _of_source(source)


def references(resource: Resource) -> Iterator[Reference]:
    """Every place where a resource names a ConfigMap or Secret, as far as its kind is known."""
    body = resource.body
    spec = pod_spec(body)
    yield from read_by_pods(spec)
    yield from _secrets(spec, "imagePullSecrets")
    more = _OTHERS.get((resource.ref.group, resource.ref.kind))
    if more:
        yield from more(body)


def _of_container(container: Mapping[str, Any]) -> Iterator[Reference]:
    for source in container.get("envFrom") or ():
        yield from _held(source, "configMapRef", "secretRef")
    for variable in container.get("env") or ():
        yield from _held(variable.get("valueFrom") or {}, "configMapKeyRef", "secretKeyRef")


def _of_source(volume: Mapping[str, Any]) -> Iterator[Reference]:
    if isinstance(volume.get("configMap"), dict):
        yield Reference(CONFIG_MAP, volume["configMap"])
    if isinstance(volume.get("secret"), dict):
        # A volume of its own says secretName, a projected one name.
        # https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume/
        yield Reference(SECRET, volume["secret"], "name" if volume["secret"].get("name") else "secretName")


def _held(source: Mapping[str, Any], config: str, secret: str) -> Iterator[Reference]:
    for kind, field in ((CONFIG_MAP, config), (SECRET, secret)):
        if isinstance(source.get(field), dict):
            yield Reference(kind, source[field])


def _secrets(holder: Mapping[str, Any], field: str) -> Iterator[Reference]:
    yield from (Reference(SECRET, one) for one in holder.get(field) or () if isinstance(one, dict))


def _of_account(body: Body) -> Iterator[Reference]:
    yield from _secrets(body, "imagePullSecrets")
    yield from _secrets(body, "secrets")


def _of_ingress(body: Body) -> Iterator[Reference]:
    entries = (body.get("spec") or {}).get("tls") or ()
    yield from (Reference(SECRET, one, "secretName") for one in entries if isinstance(one, dict))


def _of_hooks(body: Body) -> Iterator[Reference]:
    """A DeploymentConfig's own pods: those of its hooks, and of a strategy of the user's own.

    https://github.com/openshift/api/blob/master/apps/v1/types.go
    """
    strategy = (body.get("spec") or {}).get("strategy") or {}
    for field in ("rollingParams", "recreateParams"):
        for hook in ("pre", "mid", "post"):
            pod = ((strategy.get(field) or {}).get(hook) or {}).get("execNewPod") or {}
            yield from _of_container(pod)
    yield from _of_container({"env": (strategy.get("customParams") or {}).get("environment")})


_OTHERS: Mapping[tuple[str, str], Callable[[Body], Iterator[Reference]]] = {
    ("", "ServiceAccount"): _of_account,
    ("networking.k8s.io", "Ingress"): _of_ingress,
    ("apps.openshift.io", "DeploymentConfig"): _of_hooks,
}
"""Kinds that name ConfigMaps or Secrets elsewhere than in their pods, too.

Of custom resources nobody can know: they use the number of the release.
"""
