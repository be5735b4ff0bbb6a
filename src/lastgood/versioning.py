"""Which ConfigMaps and Secrets pods refer to, and the hash that restarts pods when their content changes. Pure."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from typing import Any

from lastgood.kinds import kind_of
from lastgood.model.resource import Body, Resource

CONFIG_HASH = "lastgood.dev/config-hash"
CONTENT_FIELDS = ("data", "binaryData", "stringData")

ConfigName = tuple[str, str, str]
"""Kind (``ConfigMap`` or ``Secret``), namespace and name."""


def with_config_hashes(resources: tuple[Resource, ...], key: str) -> tuple[Resource, ...]:
    """Put a hash of the configuration that each pod template refers to onto that template.

    ``key`` is hexadecimal and secret: without it a hash of a weak Secret could be guessed from the template.
    What the release does not hold is not hashed; a template that refers to nothing is left as it is.
    """
    contents = {_config_name(one.body): _content(one.body) for one in resources if _is_config(one.body)}
    return tuple(_hashed(resource, contents, bytes.fromhex(key)) for resource in resources)


def config_references(pod_spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The (kind, name) of every ConfigMap and Secret that a pod's containers and volumes read.

    https://kubernetes.io/docs/concepts/configuration/configmap/#using-configmaps
    """
    for field in ("initContainers", "containers", "ephemeralContainers"):
        for container in pod_spec.get(field) or ():
            yield from _of_container(container)
    for volume in pod_spec.get("volumes") or ():
        yield from _of_volume(volume)


def pod_template(body: Body) -> Mapping[str, Any] | None:
    """The pod template in a body of a kind that makes pods; None for other kinds."""
    value: Any = body
    path = kind_of_body(body).pod_template
    for key in path:
        value = (value or {}).get(key)
    return value if path and isinstance(value, Mapping) else None


def kind_of_body(body: Body) -> Any:
    """The catalogue's entry for a body."""
    return kind_of(Resource(body).ref.group_kind)


def _hashed(resource: Resource, contents: Mapping[ConfigName, str], key: bytes) -> Resource:
    template = pod_template(resource.body)
    if template is None:
        return resource
    namespace = resource.ref.namespace
    names = {(kind, namespace, name) for kind, name in config_references(template.get("spec") or {})}
    held = sorted((name, contents[name]) for name in names if name in contents)
    return _annotated(resource, _hash(held, key)) if held else resource


def _annotated(resource: Resource, value: str) -> Resource:
    body = resource.copy_body()
    template: Any = pod_template(body)
    metadata = template.setdefault("metadata", None) or {}
    template["metadata"] = metadata | {"annotations": {**(metadata.get("annotations") or {}), CONFIG_HASH: value}}
    return resource.with_body(body)


def _hash(held: list[tuple[ConfigName, str]], key: bytes) -> str:
    return hmac.new(key, json.dumps(held).encode(), hashlib.sha256).hexdigest()[:32]


def _is_config(body: Body) -> bool:
    return body.get("kind") in ("ConfigMap", "Secret") and body.get("apiVersion") == "v1"


def _config_name(body: Body) -> ConfigName:
    metadata = body["metadata"]
    return (body["kind"], metadata.get("namespace") or "", metadata["name"])


def _content(body: Body) -> str:
    return json.dumps([body.get(field) or {} for field in CONTENT_FIELDS], sort_keys=True)


def _of_container(container: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for source in container.get("envFrom") or ():
        yield from _named(source, "configMapRef", "secretRef")
    for variable in container.get("env") or ():
        yield from _named(variable.get("valueFrom") or {}, "configMapKeyRef", "secretKeyRef")


def _of_volume(volume: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _named(volume, "configMap", "secret")
    for source in (volume.get("projected") or {}).get("sources") or ():
        yield from _named(source, "configMap", "secret")


def _named(source: Mapping[str, Any], config: str, secret: str) -> Iterator[tuple[str, str]]:
    for kind, field in (("ConfigMap", config), ("Secret", secret)):
        reference = source.get(field) or {}
        name = reference.get("name") or reference.get("secretName")
        if name:
            yield kind, name
