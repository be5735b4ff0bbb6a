"""The Events of a cluster: what its machinery says about what it does."""

from __future__ import annotations

from contextlib import suppress

from lastgood.errors import ClusterError
from lastgood.model.resource import Body, Ref
from lastgood.testing.api import Api, By


def record(api: Api, about: Body, reason: str, message: str, *, source: str, normal: bool = False) -> None:
    """Say this about an object; the same said again only counts up. Where it cannot be written it is not said."""
    metadata, by = about["metadata"], By(source)
    name = f"{metadata['name']}.{hash_of(metadata['uid'], reason, message):x}"
    ref = Ref("", "Event", metadata.get("namespace", "default"), name, "v1")
    with suppress(ClusterError):
        if api.objects.get(ref) is None:
            api.create(_event(api, ref, about, (reason, message, "Normal" if normal else "Warning", source)), by)
        else:
            now = api.now()
            api.edit(ref, lambda event: event.update(count=event["count"] + 1, lastTimestamp=now), by)


def hash_of(*texts: str) -> int:
    """A number for a name; the same texts give the same one in every run."""
    number = 0
    for character in "\0".join(texts):
        number = (number * 131 + ord(character)) & 0xFFFFFFFFFFFF
    return number


def _event(api: Api, ref: Ref, about: Body, said: tuple[str, str, str, str]) -> Body:
    reason, message, kind, source = said
    metadata, now = about["metadata"], api.now()
    involved = {
        "apiVersion": about["apiVersion"],
        "kind": about["kind"],
        "name": metadata["name"],
        "namespace": metadata.get("namespace", ""),
        "uid": metadata["uid"],
        "resourceVersion": metadata["resourceVersion"],
    }
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": ref.name, "namespace": ref.namespace},
        "involvedObject": involved,
        "reason": reason,
        "message": message,
        "type": kind,
        "source": {"component": source},
        "reportingComponent": source,
        "firstTimestamp": now,
        "lastTimestamp": now,
        "count": 1,
    }
