"""What a container finds when it starts: its environment, from ConfigMaps, Secrets and its pod. Pure."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lastgood.model.resource import Body, Ref

Get = Callable[[Ref], Body | None]


class Missing(Exception):
    """A ConfigMap, a Secret or a key in one is not there; the text is the kubelet's."""


_SOURCES: Mapping[str, tuple[str, str]] = {
    "configMap": ("ConfigMap", "configmap"),
    "secret": ("Secret", "secret"),
}


def environment(get: Get, pod: Body, container: Body, own: Mapping[str, str]) -> dict[str, str]:
    """What the container reads from its environment. Raises ``Missing``."""
    found = dict(own)
    for source in container.get("envFrom") or ():
        found |= _from_whole(get, pod, source)
    for variable in container.get("env") or ():
        value = _value(get, pod, variable)
        if value is not None:
            found[variable["name"]] = value
    return found


def _from_whole(get: Get, pod: Body, source: Body) -> dict[str, str]:
    for name in _SOURCES:
        reference = source.get(name + "Ref")
        if reference is not None:
            data = _data(get, pod, name, reference)
            return {source.get("prefix", "") + key: value for key, value in (data or {}).items()}
    return {}


def _value(get: Get, pod: Body, variable: Body) -> str | None:
    source = variable.get("valueFrom") or {}
    for name in _SOURCES:
        reference = source.get(name + "KeyRef")
        if reference is not None:
            return _one(get, pod, name, reference)
    if "fieldRef" in source:
        return _pod_field(pod, source["fieldRef"]["fieldPath"])
    return str(variable.get("value") or "")


def _one(get: Get, pod: Body, source: str, reference: Body) -> str | None:
    data = _data(get, pod, source, reference)
    if data is None or (reference["key"] not in data and reference.get("optional")):
        return None
    if reference["key"] not in data:
        where = f"{_SOURCES[source][0]} {pod['metadata']['namespace']}/{reference['name']}"
        raise Missing(f"couldn't find key {reference['key']} in {where}")
    return data[reference["key"]]


def _data(get: Get, pod: Body, source: str, reference: Body) -> dict[str, str] | None:
    kind, word = _SOURCES[source]
    body = get(Ref("", kind, pod["metadata"]["namespace"], reference.get("name") or reference.get("secretName", "")))
    if body is not None:
        data: dict[str, str] = body.get("data") or {}
        return {key: _plain(value) for key, value in data.items()} if kind == "Secret" else dict(data)
    if reference.get("optional"):
        return None
    raise Missing(f'{word} "{reference.get("name") or reference.get("secretName")}" not found')


def _plain(value: str) -> str:
    return base64.b64decode(value).decode(errors="replace")


def _pod_field(pod: Body, path: str) -> str:
    place: Any = pod
    for name in path.replace("['", ".").replace("']", "").split("."):
        place = place.get(name, "") if isinstance(place, dict) else ""
    return str(place)


def mounting_problems(get: Get, pod: Body) -> Iterator[str]:
    """Why the volumes of a pod cannot be mounted; those that no container mounts do not matter."""
    containers = [*pod["spec"]["containers"], *(pod["spec"].get("initContainers") or ())]
    mounted = {mount["name"] for one in containers for mount in one.get("volumeMounts") or ()}
    for volume in pod["spec"].get("volumes") or ():
        try:
            if volume["name"] in mounted:
                _mount(get, pod, volume)
        except Missing as missing:
            yield f'MountVolume.SetUp failed for volume "{volume["name"]}" : {missing}'


def _mount(get: Get, pod: Body, volume: Body) -> None:
    parts = [volume, *((volume.get("projected") or {}).get("sources") or ())]
    for part in parts:
        for name in _SOURCES:
            reference = part.get(name)
            if reference is not None:
                data = _data(get, pod, name, reference)
                _check_items(data, reference)


def _check_items(data: Mapping[str, str] | None, reference: Body) -> None:
    for item in reference.get("items") or ():
        if data is not None and item["key"] not in data and not reference.get("optional"):
            raise Missing(f"references non-existent config key: {item['key']}")
