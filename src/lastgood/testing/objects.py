"""Everything that a cluster holds, and who hears of changes. It knows nothing of what a write means."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from lastgood.model.resource import Body, GroupKind, Ref, ref_of

Heard = Callable[[Ref, Body | None, Body | None], None]
"""Called after each change with the ref, the body before and the body now; None is absent."""


class Objects:
    """Bodies by ref. What is held is never changed in place: a change is another body.

    Every write moves the one ``version`` of all, which becomes the body's resourceVersion.
    """

    def __init__(self, seed: int = 0) -> None:
        self.version = 100
        self._kinds: dict[GroupKind, dict[Ref, Body]] = {}
        self._owned: dict[str, dict[Ref, None]] = {}
        self._parents: dict[str, tuple[str, ...]] = {}
        self._listeners: list[Heard] = []
        self._random = Random(seed)  # noqa: S311 - names, not secrets; the same in every run

    def new_uid(self) -> str:
        """A uid that nobody had."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def new_suffix(self, length: int = 5) -> str:
        """Letters for a generated name, of those that Kubernetes uses."""
        return "".join(self._random.choices("bcdfghjklmnpqrstvwxz2456789", k=length))

    def get(self, ref: Ref) -> Body | None:
        """The body, if it is there. Not to be changed."""
        return self._kinds.get(ref.group_kind, {}).get(ref)

    def of_kind(self, kind: GroupKind, namespace: str = "") -> list[Body]:
        """All of a kind, of one namespace or of all."""
        held = self._kinds.get(kind, {})
        return [body for ref, body in held.items() if not namespace or ref.namespace == namespace]

    def __iter__(self) -> Iterator[tuple[Ref, Body]]:
        return iter([pair for held in self._kinds.values() for pair in held.items()])

    def owned_by(self, uid: str, kind: GroupKind | None = None) -> list[Body]:
        """What names this uid among its owners."""
        found = [ref for ref in self._owned.get(uid, {}) if kind is None or ref.group_kind == kind]
        return [body for ref in found if (body := self.get(ref)) is not None]

    def above(self, uid: str) -> set[str]:
        """The uids of its owners, of theirs, and so on. It outlives them all: kinship is not forgotten."""
        found: set[str] = set()
        ahead = list(self._parents.get(uid, ()))
        while ahead:
            one = ahead.pop()
            if one not in found:
                found.add(one)
                ahead += self._parents.get(one, ())
        return found

    def put(self, body: Body) -> Body:
        """Hold this, which nobody may change from now on; the answer is the body as held, with its resourceVersion."""
        self.version += 1
        ref = ref_of(body)
        before = self.get(ref)
        held = body | {"metadata": body["metadata"] | {"resourceVersion": str(self.version)}}
        self._index(ref, before, held)
        self._kinds.setdefault(ref.group_kind, {})[ref] = held
        self._tell(ref, before, held)
        return held

    def remove(self, ref: Ref) -> None:
        """Hold it no longer."""
        before = self._kinds.get(ref.group_kind, {}).pop(ref, None)
        if before is not None:
            self.version += 1
            self._index(ref, before, None)
            self._tell(ref, before, None)

    def listen(self, heard: Heard) -> Callable[[], None]:
        """Hear of every change from now on; the answer ends it."""
        self._listeners.append(heard)
        return lambda: self._listeners.remove(heard)

    def _tell(self, ref: Ref, before: Body | None, now: Body | None) -> None:
        for heard in tuple(self._listeners):
            heard(ref, before, now)

    def _index(self, ref: Ref, before: Body | None, now: Body | None) -> None:
        for uid in _owners(before):
            self._owned.get(uid, {}).pop(ref, None)
        for uid in _owners(now):
            self._owned.setdefault(uid, {})[ref] = None
        if now is not None:
            self._parents[now["metadata"]["uid"]] = tuple(_owners(now))


def _owners(body: Body | None) -> list[str]:
    entries: list[dict[str, Any]] = (body or {}).get("metadata", {}).get("ownerReferences") or []
    return [entry["uid"] for entry in entries]


def controller_of(body: Body) -> dict[str, Any] | None:
    """The owner reference that is marked as the controller."""
    entries: list[dict[str, Any]] = body["metadata"].get("ownerReferences") or []
    return next((entry for entry in entries if entry.get("controller")), None)
