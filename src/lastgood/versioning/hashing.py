"""The hash that restarts pods when the content of what they read changes. Pure."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Any

from lastgood.model.marks import CONFIG_HASH
from lastgood.model.resource import Body, Ref, Resource
from lastgood.versioning.references import ConfigName, config_name, is_config, pod_spec, pod_template, read_by_pods

CONTENT_FIELDS = ("data", "binaryData", "stringData")


def with_config_hashes(
    resources: tuple[Resource, ...], key: str, recorded: Mapping[Ref, Body] | None = None
) -> tuple[Resource, ...]:
    """Put a hash of the configuration that each pod template refers to onto that template.

    ``key`` is hexadecimal and secret: without it a hash of a weak Secret could be guessed from the template.
    What the release does not hold is not hashed; a template that refers to nothing is left as it is, and so is one
    that is ``recorded`` without a hash as long as nothing changes: a hash alone must not restart pods.
    """
    contents, known = _contents(one.body for one in resources), recorded or {}
    before = _contents(known.values())
    return tuple(_hashed(one, contents, before, known.get(one.ref), bytes.fromhex(key)) for one in resources)


def with_known_hashes(resources: tuple[Resource, ...], recorded: Mapping[Ref, Body]) -> tuple[Resource, ...]:
    """Leave a hash that is recorded on a template as long as nothing else changes, in a release that puts on none.

    A service that switches from declarative to standard mode restarts nothing by that.
    """
    return tuple(_with_known_hash(one, recorded.get(one.ref)) for one in resources)


def _with_known_hash(resource: Resource, recorded: Body | None) -> Resource:
    if recorded is None or config_hash(recorded) is None:
        return resource
    return resource.with_body(recorded) if without_hash(Resource(recorded)) == resource else resource


def without_hash(resource: Resource) -> Resource:
    """The same without the hash on its template."""
    if config_hash(resource.body) is None:
        return resource
    body = resource.copy_body()
    template: Any = pod_template(body)
    kept = {name: value for name, value in template["metadata"]["annotations"].items() if name != CONFIG_HASH}
    metadata = {name: value for name, value in template["metadata"].items() if name != "annotations"}
    template["metadata"] = metadata | ({"annotations": kept} if kept else {})
    return resource.with_body(body)


def config_hash(body: Body) -> str | None:
    """The hash on the pod template of a body; None where there is none."""
    metadata = (pod_template(body) or {}).get("metadata") or {}
    found: str | None = (metadata.get("annotations") or {}).get(CONFIG_HASH)
    return found


def read_config(resource: Resource) -> frozenset[ConfigName]:
    """The ConfigMaps and Secrets that the containers and volumes of a resource's pods read."""
    found = read_by_pods(pod_spec(resource.body))
    return frozenset((one.kind, resource.ref.namespace, one.name) for one in found if one.name)


def _contents(bodies: Iterable[Body]) -> dict[ConfigName, str]:
    return {config_name(body): _content(body) for body in bodies if is_config(body)}


def _hashed(
    resource: Resource,
    contents: Mapping[ConfigName, str],
    before: Mapping[ConfigName, str],
    recorded: Body | None,
    key: bytes,
) -> Resource:
    held = sorted((name, contents[name]) for name in read_config(resource) if name in contents)
    if not held or pod_template(resource.body) is None:
        return resource
    same = recorded == resource.body and all(before.get(name) == content for name, content in held)
    return resource if same else _annotated(resource, _hash(held, key))


def _annotated(resource: Resource, value: str) -> Resource:
    body = resource.copy_body()
    template: Any = pod_template(body)
    metadata = template.get("metadata") or {}
    template["metadata"] = metadata | {"annotations": {**(metadata.get("annotations") or {}), CONFIG_HASH: value}}
    return resource.with_body(body)


def _hash(held: list[tuple[ConfigName, str]], key: bytes) -> str:
    return hmac.new(key, json.dumps(held).encode(), hashlib.sha256).hexdigest()[:32]


def _content(body: Body) -> str:
    return json.dumps([body.get(field) or {} for field in CONTENT_FIELDS], sort_keys=True)
