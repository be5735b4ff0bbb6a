"""Which kinds the server serves, in which versions, and under which paths.

https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from lastgood.errors import NotFound, Rejected, Unreachable
from lastgood.kube.calls import JSON, Answer, Call, Repeat
from lastgood.kube.transport import Transport
from lastgood.model.resource import GroupKind, Ref
from lastgood.ports import Served

AGGREGATED = ",".join(
    [f"{JSON};g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList" for version in ("v2", "v2beta1")] + [JSON]
)

T = TypeVar("T")


class _Kind(msgspec.Struct, frozen=True):
    kind: str = ""


class _Part(msgspec.Struct, frozen=True):
    subresource: str = ""


class _Resource(msgspec.Struct, frozen=True):
    resource: str = ""
    responseKind: _Kind | None = None  # noqa: N815 - the API's name
    scope: str = ""
    verbs: tuple[str, ...] = ()
    shortNames: tuple[str, ...] | None = None  # noqa: N815
    subresources: tuple[_Part, ...] | None = None


class _Version(msgspec.Struct, frozen=True):
    version: str = ""
    resources: tuple[_Resource, ...] | None = None


class _Meta(msgspec.Struct, frozen=True):
    name: str = ""


class _Group(msgspec.Struct, frozen=True):
    metadata: _Meta = _Meta()
    versions: tuple[_Version, ...] | None = None


class _Groups(msgspec.Struct, frozen=True):
    """APIGroupDiscoveryList; ``kind`` is another where the server does not know it."""

    kind: str = ""
    items: tuple[_Group, ...] | None = None


class _OldVersion(msgspec.Struct, frozen=True):
    version: str = ""


class _OldGroup(msgspec.Struct, frozen=True):
    name: str = ""
    versions: tuple[_OldVersion, ...] | None = None
    preferredVersion: _OldVersion | None = None  # noqa: N815


class _OldGroups(msgspec.Struct, frozen=True):
    groups: tuple[_OldGroup, ...] | None = None


class _OldCore(msgspec.Struct, frozen=True):
    versions: tuple[str, ...] | None = None


class _OldResource(msgspec.Struct, frozen=True):
    name: str = ""
    kind: str = ""
    namespaced: bool = False
    verbs: tuple[str, ...] | None = None
    shortNames: tuple[str, ...] | None = None  # noqa: N815


class _OldResources(msgspec.Struct, frozen=True):
    resources: tuple[_OldResource, ...] | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """One kind in one version, in the server's order of preference."""

    group_kind: GroupKind
    version: str
    plural: str
    namespaced: bool
    readable: bool
    short: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


class Discovery:
    """What the server serves, asked once."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._served: Mapping[GroupKind, Served] | None = None
        self._asking = asyncio.Lock()

    async def served(self) -> Mapping[GroupKind, Served]:
        """Every kind there is."""
        async with self._asking:
            if self._served is None:
                self._served = _merge(await self._ask())
            return self._served

    def forget(self) -> None:
        """Ask again the next time."""
        self._served = None

    async def _ask(self) -> list[_Found]:
        core, named = await asyncio.gather(*(self._get(path, accept=AGGREGATED) for path in ("/api", "/apis")))
        return [*await self._found(core, "/api"), *await self._found(named, "/apis")]

    async def _found(self, answer: Answer, path: str) -> list[_Found]:
        groups = answer.decode(_Groups)
        if groups.kind == "APIGroupDiscoveryList":
            return list(_aggregated(groups))
        return await self._one_by_one(_old_groups(answer, path))

    async def _one_by_one(self, groups: Iterable[tuple[str, str]]) -> list[_Found]:
        """For servers before 1.26, and what stands in between: one request for each group and version."""
        lists = await asyncio.gather(*(self._old_list(group, version) for group, version in groups))
        return [found for one in lists for found in one]

    async def _old_list(self, group: str, version: str) -> list[_Found]:
        """One that does not answer (an aggregated API whose server is down) must not hide all the others."""
        try:
            answer = await self._get(_root(group, version), repeat=Repeat.IF_UNSENT)
        except (Unreachable, NotFound, Rejected):
            return []
        resources = answer.decode(_OldResources).resources or ()
        names = [one.name for one in resources]
        return [_old(group, version, one, names) for one in resources if "/" not in one.name]

    async def _get(self, path: str, *, accept: str = JSON, repeat: Repeat = Repeat.ANYTIME) -> Answer:
        return await self._transport.send(Call("GET", path, accept=accept, repeat=repeat))


def _old(group: str, version: str, one: _OldResource, names: Iterable[str]) -> _Found:
    parts = tuple(name.partition("/")[2] for name in names if name.startswith(f"{one.name}/"))
    readable = "get" in (one.verbs or ())
    kind = GroupKind(group, one.kind)
    return _Found(kind, version, one.name, one.namespaced, readable, one.shortNames or (), parts)


def _aggregated(groups: _Groups) -> Iterator[_Found]:
    for group in groups.items or ():
        for version in group.versions or ():
            for one in version.resources or ():
                if one.responseKind is not None and one.responseKind.kind:
                    yield _new(GroupKind(group.metadata.name, one.responseKind.kind), version.version, one)


def _new(kind: GroupKind, version: str, one: _Resource) -> _Found:
    parts = tuple(part.subresource for part in one.subresources or ())
    namespaced, readable = one.scope == "Namespaced", "get" in one.verbs
    return _Found(kind, version, one.resource, namespaced, readable, one.shortNames or (), parts)


def _old_groups(answer: Answer, path: str) -> list[tuple[str, str]]:
    if path == "/api":
        return [("", version) for version in answer.decode(_OldCore).versions or ()]
    pairs = []
    for group in answer.decode(_OldGroups).groups or ():
        preferred = group.preferredVersion.version if group.preferredVersion else ""
        versions = sorted((one.version for one in group.versions or ()), key=lambda one: one != preferred)
        pairs += [(group.name, version) for version in versions]
    return pairs


def _merge(found: Iterable[_Found]) -> dict[GroupKind, Served]:
    """Versions in the server's order; what can be read counts before what cannot (reviews, bindings)."""
    kinds: dict[GroupKind, list[_Found]] = {}
    for one in found:
        kinds.setdefault(one.group_kind, []).append(one)
    return {kind: _served(sorted(all_, key=lambda one: not one.readable)) for kind, all_ in kinds.items()}


def _served(found: list[_Found]) -> Served:
    first = found[0]
    versions = dict.fromkeys(one.version for one in found if one.plural == first.plural)
    return Served(first.group_kind, tuple(versions), first.plural, first.namespaced, first.short, first.parts)


# --- paths


def version_of(served: Served, ref: Ref) -> str:
    """The version to use for a ref: its own if that is served, else the one that the server prefers."""
    return ref.version if ref.version in served.versions else served.versions[0]


def api_version(group: str, version: str) -> str:
    """As a body has it: ``apps/v1``, ``v1``."""
    return f"{group}/{version}" if group else version


def collection_path(served: Served, version: str, namespace: str) -> str:
    """Where the resources of a kind are, in one namespace or (``""``) in all of them."""
    within = f"/namespaces/{namespace}" if served.namespaced and namespace else ""
    return f"{_root(served.group_kind.group, version)}{within}/{served.plural}"


def resource_path(served: Served, ref: Ref) -> str:
    """Where one resource is."""
    return f"{collection_path(served, version_of(served, ref), ref.namespace)}/{ref.name}"


def _root(group: str, version: str) -> str:
    return f"/apis/{group}/{version}" if group else f"/api/{version}"


def not_served(ref: Ref, served: Served | None) -> NotFound:
    """That a body cannot be written because nobody serves its kind, or not in its version."""
    if served is None:
        what, hint = f"the server knows no kind {ref.group_kind}", "is its CRD installed?"
    else:
        what = f"the server does not serve {ref.group_kind} in version {ref.version}"
        hint = f"it serves {', '.join(served.versions)}"
    return NotFound(f"{ref}: {what}", hint=hint)
