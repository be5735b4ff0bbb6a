"""Who belongs to whom among bodies that were read together: owners, and what events are about. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lastgood.model.health import Observation
from lastgood.model.resource import Body

EVENTS = "events.k8s.io/"
"""The newer API of events, whose fields have other names."""


def observed(bodies: Iterable[Body]) -> Observation:
    """These bodies as one observation: each stands below its owners, theirs, and so on, by their uids.

    An Event stands below what it is about, and below the owners of that. Nobody says that all are among them. Takes
    any JSON; nothing is raised.
    """
    kin = tuple(map(_as_core_event, bodies))
    parents = {uid: owners(body) for body in kin if (uid := _uid(_metadata(body))) and body.get("kind") != "Event"}
    above: dict[str, tuple[str, ...]] = {}
    found: dict[str, list[Body]] = {}
    for body in kin:
        for uid in dict.fromkeys(one for parent in owners(body) for one in _up(parent, parents, above)):
            found.setdefault(uid, []).append(body)
    return Observation(0.0, {}, {uid: tuple(below) for uid, below in found.items()}, whole=False)


def owners(body: Mapping[str, Any]) -> tuple[str, ...]:
    """The uids of what this belongs to; of an Event, of what it is about."""
    if body.get("kind") == "Event":
        about = body.get("involvedObject")
        return tuple(filter(None, (_uid(about),)))
    references = _metadata(body).get("ownerReferences")
    return tuple(filter(None, map(_uid, references if isinstance(references, list) else ())))


def _up(uid: str, parents: Mapping[str, tuple[str, ...]], above: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The uid, its owners', and so on."""
    if uid not in above:
        above[uid] = tuple(_climb(uid, parents))
    return above[uid]


def _climb(uid: str, parents: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    seen, ahead = {uid}, [uid]
    while ahead:
        one = ahead.pop()
        yield one
        new = [parent for parent in parents.get(one, ()) if parent not in seen]
        seen.update(new)
        ahead += new


def _as_core_event(body: Body) -> Body:
    """An Event of the newer API, with the names that the older one has for the same.

    https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
    """
    if body.get("kind") != "Event" or not str(body.get("apiVersion")).startswith(EVENTS):
        return body
    names = {"regarding": "involvedObject", "note": "message", "deprecatedLastTimestamp": "lastTimestamp"}
    return {names.get(key, key): value for key, value in body.items()}


def _metadata(body: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = body.get("metadata")
    return metadata if isinstance(metadata, Mapping) else {}


def _uid(value: Any) -> str:
    uid = value.get("uid") if isinstance(value, Mapping) else None
    return uid if isinstance(uid, str) else ""
