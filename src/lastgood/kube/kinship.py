"""What is known of watched collections, and who descends from whom in them. Never waits, never sends.

An item is kept as the JSON it came in, and read whole only when it is shown: of a namespace's pods few are of interest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from lastgood.kube.discovery import api_version
from lastgood.model.health import Observation
from lastgood.model.resource import Body, GroupKind, Ref

EVENT = GroupKind("", "Event")


class _Owner(msgspec.Struct, frozen=True):
    uid: str = ""


class _Meta(msgspec.Struct, frozen=True):
    name: str = ""
    namespace: str = ""
    uid: str = ""
    resourceVersion: str = ""  # noqa: N815 - the API's name
    ownerReferences: tuple[_Owner, ...] | None = None  # noqa: N815


class _Item(msgspec.Struct, frozen=True):
    metadata: _Meta = _Meta()


class _EventItem(msgspec.Struct, frozen=True):
    metadata: _Meta = _Meta()
    involvedObject: _Owner = _Owner()  # noqa: N815


_ITEM = msgspec.json.Decoder(_Item)
_EVENT_ITEM = msgspec.json.Decoder(_EventItem)


@dataclass(slots=True)
class Entry:
    """One item of a collection. ``parents`` are its owners' uids; an Event's is what it is about."""

    group_kind: GroupKind
    version: str
    namespace: str
    name: str
    uid: str
    resource_version: str
    parents: tuple[str, ...]
    raw: bytes = field(repr=False)
    _body: Body | None = field(default=None, repr=False)

    @classmethod
    def of(cls, raw: bytes, group_kind: GroupKind, version: str) -> Entry:
        """From the JSON of one item."""
        if group_kind == EVENT:
            event = _EVENT_ITEM.decode(raw)
            metadata, owners = event.metadata, [event.involvedObject]
        else:
            metadata = _ITEM.decode(raw).metadata
            owners = [*(metadata.ownerReferences or ())]
        return cls(
            group_kind,
            version,
            metadata.namespace,
            metadata.name,
            metadata.uid,
            metadata.resourceVersion,
            tuple(owner.uid for owner in owners if owner.uid),
            raw,
        )

    @property
    def body(self) -> Body:
        """All of it; an item of a list is told what it is."""
        if self._body is None:
            decoded: Body = msgspec.json.decode(self.raw)
            kind = {"apiVersion": api_version(self.group_kind.group, self.version), "kind": self.group_kind.kind}
            self._body = {**kind, **decoded}
        return self._body

    def same_as(self, other: Entry | None) -> bool:
        """Whether nothing has changed since the other was read."""
        return other is not None and (self.uid, self.resource_version) == (other.uid, other.resource_version)


Place = tuple[str, str]
"""Namespace and name, within a collection."""


class Family:
    """The items of all watched collections, of which the refs and their descendants are of interest."""

    def __init__(self, refs: Collection[Ref]) -> None:
        self._refs = frozenset(refs)
        self._wanted = {(ref.group_kind, ref.namespace, ref.name) for ref in refs}
        self._entries: dict[object, dict[Place, Entry]] = {}
        self._parents: dict[str, tuple[str, ...]] = {}
        self._roots: set[str] = set()
        self._above: dict[str, frozenset[str]] = {}

    def replace(self, collection: object, entries: Iterable[Entry]) -> bool:
        """All that a collection holds now; says whether anything of interest changed."""
        before = self._entries.get(collection, {})
        after = {(entry.namespace, entry.name): entry for entry in entries}
        self._entries[collection] = after
        for entry in after.values():
            self._learn(entry)
        changed = [entry for place, entry in after.items() if not entry.same_as(before.get(place))]
        gone = [entry for place, entry in before.items() if place not in after]
        return any(self._matters(entry) for entry in (*changed, *gone))

    def put(self, collection: object, entry: Entry) -> bool:
        """One item is new or changed; says whether it is of interest."""
        items = self._entries.setdefault(collection, {})
        if entry.same_as(items.get((entry.namespace, entry.name))):
            return False
        items[entry.namespace, entry.name] = entry
        self._learn(entry)
        return self._matters(entry)

    def remove(self, collection: object, entry: Entry) -> bool:
        """One item is gone; says whether it was of interest."""
        self._entries.setdefault(collection, {}).pop((entry.namespace, entry.name), None)
        return self._matters(entry)

    def _learn(self, entry: Entry) -> None:
        """Kinship outlives its members: an Event of a pod that is gone still belongs to the pod's Deployment."""
        if self._is_wanted(entry):
            self._roots.add(entry.uid)
        if entry.group_kind != EVENT and self._parents.get(entry.uid) != entry.parents:
            self._parents[entry.uid] = entry.parents
            self._above.clear()

    def _is_wanted(self, entry: Entry) -> bool:
        return (entry.group_kind, entry.namespace, entry.name) in self._wanted

    def _matters(self, entry: Entry) -> bool:
        return self._is_wanted(entry) or not self._roots.isdisjoint(self.above(entry))

    def above(self, entry: Entry) -> frozenset[str]:
        """The uids of its owners, of their owners, and so on up."""
        return frozenset().union(*({uid} | self._ancestors(uid) for uid in entry.parents))

    def _ancestors(self, uid: str) -> frozenset[str]:
        known = self._above.get(uid)
        if known is None:
            self._above[uid] = known = frozenset(self._climb(uid))
        return known

    def _climb(self, uid: str) -> set[str]:
        found: set[str] = set()
        ahead = list(self._parents.get(uid, ()))
        while ahead:
            one = ahead.pop()
            if one not in found:
                found.add(one)
                ahead += self._parents.get(one, ())
        return found

    def observation(self, at: float) -> Observation:
        """Everything of interest, as it is known now."""
        return Observation(at, self._bodies(), self._dependents())

    def _bodies(self) -> Mapping[Ref, Body]:
        live = {
            (entry.group_kind, entry.namespace, entry.name): entry
            for items in self._entries.values()
            for entry in items.values()
            if self._is_wanted(entry)
        }
        keys = ((ref, (ref.group_kind, ref.namespace, ref.name)) for ref in self._refs)
        return {ref: live[key].body for ref, key in keys if key in live}

    def _dependents(self) -> Mapping[str, tuple[Body, ...]]:
        found: dict[str, dict[str, Body]] = {}
        for items in self._entries.values():
            for entry in items.values():
                above = self.above(entry) if entry.parents else frozenset()
                for uid in () if self._roots.isdisjoint(above) else above:
                    found.setdefault(uid, {})[entry.uid] = entry.body
        return {uid: tuple(bodies.values()) for uid, bodies in found.items()}
