"""The API server as a ``Cluster``: reads, guarded writes, and watches."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any

import msgspec

from lastgood.errors import Conflict, Forbidden, NotFound, Rejected
from lastgood.kube.calls import APPLY, JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, Call, Repeat
from lastgood.kube.discovery import (
    Discovery,
    api_version,
    collection_path,
    not_served,
    resource_path,
    version_of,
)
from lastgood.kube.listing import list_all
from lastgood.kube.observing import PACE, observe
from lastgood.kube.transport import Transport
from lastgood.model.health import Observation
from lastgood.model.patching import Patch, Style
from lastgood.model.plan import Guard
from lastgood.model.resource import Body, GroupKind, Ref, ref_of
from lastgood.ports import MANAGER, Right, Served

_DRY = {"dryRun": "All"}
_ABSENT = {"resourceVersion": "1"}
"""A create that carries this version and no uid succeeds only where there is nothing: no live object has it."""

_TYPES = {Style.JSON: JSON_PATCH, Style.MERGE: MERGE_PATCH, Style.STRATEGIC: STRATEGIC_PATCH}

_NEWLY_DEFINED = (0.1, 0.2, 0.4, 0.8, 1.5)
"""Seconds to wait before the server is asked again whether it serves a kind."""

_OTHER_UID = re.compile(r"UID in (the )?precondition", re.IGNORECASE)
_LOG_BYTES = 4 * 1024 * 1024


class KubeCluster:
    """A ``Cluster`` behind a transport."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._discovery = Discovery(transport)

    async def served(self) -> Mapping[GroupKind, Served]:
        """Every kind that the server knows; asked once, and again after ``forget_kinds``."""
        return await self._discovery.served()

    def forget_kinds(self) -> None:
        """Definitions were applied: ``served`` has to ask again."""
        self._discovery.forget()

    # --- reading

    async def read(self, refs: Collection[Ref], *, label: str = "") -> dict[Ref, Body]:
        """The live bodies of these refs: one labelled LIST for each kind and namespace, singly what it lacks."""
        served = await self.served()
        groups: dict[tuple[Served, str, str], list[Ref]] = {}
        for ref in refs:
            if kind := served.get(ref.group_kind):
                groups.setdefault((kind, version_of(kind, ref), ref.namespace), []).append(ref)
        found = await asyncio.gather(*(self._read_group(*key, group, label) for key, group in groups.items()))
        return {ref: body for one in found for ref, body in one.items()}

    async def _read_group(
        self, served: Served, version: str, namespace: str, refs: list[Ref], label: str
    ) -> dict[Ref, Body]:
        listed: list[Body] = []
        if label and len(refs) > 1:
            with suppress(Forbidden):  # whoever may not list may still get
                listed = await self._list(served, version, namespace, label)
        by_ref = {ref_of(body): body for body in listed}
        missing = [ref for ref in refs if ref not in by_ref]
        single = await asyncio.gather(*(self._get(served, ref) for ref in missing))
        by_ref |= {ref: body for ref, body in zip(missing, single, strict=True) if body is not None}
        return {ref: by_ref[ref] for ref in refs if ref in by_ref}

    async def _list(self, served: Served, version: str, namespace: str, label: str) -> list[Body]:
        path = collection_path(served, version, namespace)
        listing = await list_all(self._transport, path, {"labelSelector": label} if label else {})
        return [typed(item, served.group_kind, version) for item in listing.items]

    async def _get(self, served: Served, ref: Ref) -> Body | None:
        try:
            answer = await self._transport.send(Call("GET", resource_path(served, ref), ref=ref))
        except NotFound:
            return None
        return answer.decode(dict[str, Any])

    async def find(self, group_kinds: Collection[GroupKind], namespace: str, *, label: str) -> list[Body]:
        """The live bodies with that label; kinds that are not served, or cannot be listed, have none."""
        served = await self.served()
        kinds = [served[kind] for kind in dict.fromkeys(group_kinds) if kind in served]
        lists = await asyncio.gather(*(self._found(kind, namespace, label) for kind in kinds))
        return [body for one in lists for body in one]

    async def _found(self, served: Served, namespace: str, label: str) -> list[Body]:
        try:
            return await self._list(served, served.versions[0], namespace, label)
        except (NotFound, Rejected):  # its definition went meanwhile, or it is no kind to be listed (405)
            return []

    # --- writing

    async def apply(self, body: Body, guard: Guard, *, dry_run: bool = False) -> Body:
        """Server-side apply, forced, refused with ``Conflict`` unless the live resource is in the guarded state.

        A dry run is strict about everything that the API can warn of. Fields that it does not know it refuses in both:
        https://kubernetes.io/docs/reference/using-api/server-side-apply/
        """
        ref = ref_of(body)
        query = {"fieldManager": MANAGER, "force": "true", "fieldValidation": "Strict" if dry_run else "Warn"}
        sent = {**body, "metadata": {**body["metadata"], **_version(guard)}}
        path = await self._path_to_write(ref, patient=not dry_run)
        return await self._patch(ref, path, sent, content_type=APPLY, query=query | (_DRY if dry_run else {}))

    async def _path_to_write(self, ref: Ref, *, patient: bool) -> str:
        """A definition that was established just now may take a moment to be served everywhere."""
        for wait in (*_NEWLY_DEFINED, 0.0) if patient else (0.0,):
            served = (await self.served()).get(ref.group_kind)
            if served is not None and (not ref.version or ref.version in served.versions):
                return resource_path(served, ref)
            if wait:
                await self._transport.clock.sleep(wait)
                self.forget_kinds()
        raise not_served(ref, served)

    async def patch(
        self,
        ref: Ref,
        patch: Patch,
        *,
        style: Style = Style.JSON,
        part: str = "",
        dry_run: bool = False,
        manager: str = MANAGER,
    ) -> Body:
        """Change a live resource; it is repeated after a lost connection only if it is guarded by a resourceVersion."""
        query = {"fieldManager": manager, **(_DRY if dry_run else {})}
        repeat = Repeat.ANYTIME if _is_guarded(patch) else Repeat.IF_UNSENT
        path = await self._path(ref) + (f"/{part}" if part else "")
        try:
            return await self._patch(ref, path, patch, content_type=_TYPES[style], query=query, repeat=repeat)
        except Rejected as error:
            if _tests(patch) and _says_nothing(error):
                raise Conflict(f"{ref}: it is not in the state that this patch was made for") from error
            raise

    async def _path(self, ref: Ref) -> str:
        served = (await self.served()).get(ref.group_kind)
        if served is None:
            raise not_served(ref, served)
        return resource_path(served, ref)

    async def _patch(
        self,
        ref: Ref,
        path: str,
        document: object,
        *,
        content_type: str,
        query: Mapping[str, str],
        repeat: Repeat = Repeat.ANYTIME,
    ) -> Body:
        content = msgspec.json.encode(document)
        call = Call("PATCH", path, query=query, body=content, content_type=content_type, ref=ref, repeat=repeat)
        return (await self._transport.send(call)).decode(dict[str, Any])

    async def label(self, ref: Ref, labels: Mapping[str, str | None], *, manager: str) -> Body | None:
        """Set labels, and remove those that are None, as another manager; None if the resource is gone."""
        document = {"metadata": {"labels": dict(labels)}}
        try:
            path = await self._path(ref)
            return await self._patch(ref, path, document, content_type=MERGE_PATCH, query={"fieldManager": manager})
        except NotFound:
            return None

    async def delete(self, ref: Ref, guard: Guard, *, propagation: str, grace: int | None = None) -> None:
        """Delete exactly this uid. An empty uid is the state *absent*: then there is nothing to delete.

        Raises ``Conflict`` only for a resourceVersion that does not hold: another uid means that this one is gone.
        """
        if not guard.uid:
            return
        options: dict[str, Any] = {"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": _version(guard)}
        options |= {"propagationPolicy": propagation} | ({} if grace is None else {"gracePeriodSeconds": grace})
        content = msgspec.json.encode(options)
        try:
            await self._transport.send(Call("DELETE", await self._path(ref), body=content, ref=ref))
        except NotFound:
            return
        except Conflict as error:
            if not _OTHER_UID.search(str(error)):
                raise

    # --- watching, and the rest

    def observe(
        self, refs: Collection[Ref], dependents: Mapping[GroupKind, Collection[GroupKind]]
    ) -> AbstractAsyncContextManager[AsyncIterator[Observation]]:
        """Watch these resources and the dependents of their kinds."""
        return observe(self._transport, self.served, refs, dependents, PACE)

    async def logs(self, pod: Ref, container: str, *, previous: bool, lines: int) -> str:
        """The last lines of a container; raises ``NotFound`` when there are none to be had."""
        query = {"container": container, "tailLines": str(lines), "limitBytes": str(_LOG_BYTES)}
        path = f"/api/v1/namespaces/{pod.namespace}/pods/{pod.name}/log"
        call = Call("GET", path, query=query | ({"previous": "true"} if previous else {}), accept="*/*", ref=pod)
        try:
            return (await self._transport.send(call)).body.decode("utf-8", "replace")
        except Rejected as error:  # it has not started yet, or has no previous instance
            raise NotFound(f"there is no log of {pod.name}/{container}: {error}") from error

    async def denied(self, rights: Iterable[Right]) -> tuple[Right, ...]:
        """Which of these we do not have; each is asked by a SelfSubjectAccessReview of its own."""
        asked = tuple(dict.fromkeys(rights))
        allowed = await asyncio.gather(*map(self._is_allowed, asked))
        return tuple(right for right, yes in zip(asked, allowed, strict=True) if not yes)

    async def _is_allowed(self, right: Right) -> bool:
        resource, _, part = right.plural.partition("/")
        attributes = {"verb": right.verb, "group": right.group, "resource": resource, "namespace": right.namespace}
        rest = {"subresource": part, "name": right.name}
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes | {key: value for key, value in rest.items() if value}},
        }
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        answer = await self._transport.send(Call("POST", path, body=msgspec.json.encode(review)))
        status: Mapping[str, Any] = answer.decode(dict[str, Any]).get("status") or {}
        return status.get("allowed") is True


def typed(item: bytes, group_kind: GroupKind, version: str) -> Body:
    """An item of a list as a body of its own: lists of built-in kinds leave out what each of their items is."""
    body: Body = msgspec.json.decode(item)
    return {"apiVersion": api_version(group_kind.group, version), "kind": group_kind.kind, **body}


def _version(guard: Guard) -> dict[str, str]:
    if not guard.uid:
        return _ABSENT
    return {"uid": guard.uid, **({"resourceVersion": guard.resource_version} if guard.resource_version else {})}


def _is_guarded(patch: Patch) -> bool:
    if isinstance(patch, Mapping):
        return bool((patch.get("metadata") or {}).get("resourceVersion"))
    return any((one.get("op"), one.get("path")) == ("replace", "/metadata/resourceVersion") for one in patch)


def _tests(patch: Patch) -> bool:
    return not isinstance(patch, Mapping) and any(one.get("op") == "test" for one in patch)


def _says_nothing(error: Rejected) -> bool:
    """Of a failed ``test`` the API says no more than this, with a 422."""
    return "the server rejected our request due to an error in our request" in str(error)
