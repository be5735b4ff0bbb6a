"""What is deployed: a body as a value, its identity, and where it was written down.

Bodies are plain decoded JSON and are never changed in place by anybody who did not make them.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Body = dict[str, Any]
"""A Kubernetes object as decoded JSON."""


class GroupKind(NamedTuple):
    """A kind without its version, as ``("apps", "Deployment")``; the core group is ``""``."""

    group: str
    kind: str

    def __str__(self) -> str:
        return f"{self.kind}.{self.group}" if self.group else self.kind


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """The identity of a resource. Two refs are equal whatever version they were written in.

    ``namespace`` is ``""`` for what is cluster-scoped. ``version`` is only a hint for reading:
    an identity must outlive the API version it was first written with.
    """

    group: str
    kind: str
    namespace: str
    name: str
    version: str = field(default="", compare=False)

    @property
    def group_kind(self) -> GroupKind:
        """The kind without its version."""
        return GroupKind(self.group, self.kind)

    @property
    def api_version(self) -> str:
        """``apps/v1``, or ``v1`` in the core group; empty when no version is known."""
        return f"{self.group}/{self.version}" if self.group and self.version else self.version

    def __str__(self) -> str:
        """As kubectl prints it: ``deployment.apps/web``, ``configmap/app``."""
        return f"{str(self.group_kind).lower()}/{self.name}"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a resource was written: a file (``-`` is stdin), a line and a document, both from 1."""

    file: str
    line: int = 0
    document: int = 0

    def __str__(self) -> str:
        line = f":{self.line}" if self.line else ""
        document = f" (document {self.document})" if self.document > 1 else ""
        return f"{self.file}{line}{document}"


@dataclass(frozen=True, slots=True)
class Item:
    """A step into a list: the element whose ``key`` has this ``value``."""

    key: str
    value: Any


Path = tuple[str | int | Item, ...]
"""Steps from the top of a body: a field's name, a place in a list, or the element of a list with a key."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A body as a value: equal to another when the bodies are."""

    body: Body
    origin: Origin | None = field(default=None, compare=False)

    @property
    def ref(self) -> Ref:
        """Who this is."""
        return ref_of(self.body)

    @property
    def labels(self) -> Mapping[str, str]:
        """``metadata.labels``, or nothing."""
        return self.body["metadata"].get("labels") or {}

    @property
    def annotations(self) -> Mapping[str, str]:
        """``metadata.annotations``, or nothing."""
        return self.body["metadata"].get("annotations") or {}

    def with_body(self, body: Body) -> Resource:
        """The same place in the same file, with another body."""
        return Resource(body, self.origin)

    def copy_body(self) -> Body:
        """A body that may be changed freely."""
        return copy.deepcopy(self.body)

    def __repr__(self) -> str:
        """Who it is; not what is in it, which may be a Secret's data."""
        return f"<Resource {self.ref}>"


def ref_of(body: Mapping[str, Any]) -> Ref:
    """The identity of a decoded object; its namespace is taken as written."""
    group, _, version = str(body.get("apiVersion", "")).rpartition("/")
    metadata = body.get("metadata") or {}
    namespace, name = metadata.get("namespace") or "", metadata.get("name") or ""
    return Ref(group, str(body.get("kind", "")), namespace, name, version)


def digest(value: object) -> str:
    """32 hexadecimal digits that are equal when two JSON values are."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
