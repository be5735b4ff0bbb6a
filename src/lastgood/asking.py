"""What each resource would become, asked of the API in dry runs. Nothing is written."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lastgood.diffing import comparable, differences
from lastgood.errors import ClusterError, Conflict, FieldConflict, Forbidden, NotFound, Rejected
from lastgood.kinds import kind_of
from lastgood.model.plan import Guard
from lastgood.model.request import OnConflict
from lastgood.model.resource import Body, Path, Ref, Resource
from lastgood.owning import foretold, lost
from lastgood.planning import Past, Preview, Twin, Unchecked, by_other_means, is_settled, twin_name, why_refused
from lastgood.ports import Cluster
from lastgood.sharing import Conflict as Claim
from lastgood.sharing import conflicts, policy, without_fields
from lastgood.versioning import CONTENT_FIELDS, config_hash, config_name, is_config, read_config, without_hash

TRIES = 5

Kept = Mapping[Ref, tuple[Path, ...]]


@dataclass(frozen=True, slots=True)
class Answers:
    """The resources as they can be applied, what the API says they would be, and the fields that stay with others."""

    resources: tuple[Resource, ...]
    previews: Mapping[Ref, Preview]
    kept: Kept


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks about the resources of one release; ``waits`` says why something cannot be asked about yet.

    ``live`` is what was read, and is brought up to date here where somebody writes in between: an answer is compared
    with the state that it was made of.
    """

    cluster: Cluster
    live: dict[Ref, Body]
    past: Past
    on_conflict: OnConflict
    lenient: bool
    waits: Mapping[Ref, str]

    async def all(self, resources: tuple[Resource, ...], kept: Kept) -> Answers:
        """An answer for each that is not settled. Raises ``FieldConflict`` and, unless lenient, ``Rejected``."""
        found = Answers(resources, await self._previews(resources, kept), kept)
        found = await self._shared(found)
        return await self._without_idle_hashes(found)

    async def _previews(self, resources: Iterable[Resource], kept: Kept) -> dict[Ref, Preview]:
        doubtful = [one for one in resources if not self._is_settled(one, kept)]
        answers = await asyncio.gather(*(self._preview(one, kept.get(one.ref, ())) for one in doubtful))
        return {resource.ref: answer for resource, answer in zip(doubtful, answers, strict=True)}

    def _is_settled(self, resource: Resource, kept: Kept) -> bool:
        return is_settled(resource, self.live.get(resource.ref), self.past, kept.get(resource.ref, ()))

    async def _preview(self, resource: Resource, kept: tuple[Path, ...]) -> Preview:
        live = self.live.get(resource.ref)
        if resource.ref in self.waits:
            return Unchecked(self.waits[resource.ref])
        try:
            return await self._asked(resource, kept)
        except (Rejected, NotFound) as refusal:
            if self.lenient:
                return Unchecked(f"the API refuses it: {refusal}")
            raise _explained(refusal, resource, live) from refusal
        except Forbidden as refusal:
            if self.lenient:  # who only looks may not even try
                return Unchecked(f"it could not be compared: {refusal}")
            raise

    async def _asked(self, resource: Resource, kept: tuple[Path, ...]) -> Preview:
        reason = by_other_means(resource, self.live.get(resource.ref))
        if reason:
            return Twin(await self._as_twin(resource), reason)
        answer = await self._dry_run(resource)
        live = self.live.get(resource.ref)
        if live is None:
            return answer
        gone = lost(live, answer, kept)
        return foretold(live, answer, kept, gone, await self._fresh(resource) if gone else None)

    async def _dry_run(self, resource: Resource) -> Body:
        """The answer of a dry run against what is live by now."""
        for _ in range(TRIES):
            try:
                return await self.cluster.apply(resource.body, guard_of(self.live.get(resource.ref)), dry_run=True)
            except Conflict as conflict:
                last = conflict
                await self._read_again(resource.ref)
        raise last

    async def _read_again(self, ref: Ref) -> None:
        self.live.pop(ref, None)
        self.live.update(await self.cluster.read([ref]))

    async def _fresh(self, resource: Resource) -> Body | None:
        """What it would be if it were created; None for what cannot be created under another name."""
        try:
            return await self._as_twin(resource)
        except ClusterError:
            return None

    async def _as_twin(self, resource: Resource) -> Body:
        """The answer to creating the same under another name: everything but the name is checked."""
        twin = {**resource.body, "metadata": {**resource.body["metadata"], "name": twin_name(resource.ref.name)}}
        return await self.cluster.apply(twin, Guard(), dry_run=True)

    # --- fields that others hold

    async def _shared(self, found: Answers) -> Answers:
        """The same without the fields that a policy leaves to others. Raises ``FieldConflict`` for those it refuses."""
        claims = [one for resource in found.resources for one in self._claims(resource, found)]
        refused = [claim for claim, what in claims if what is OnConflict.FAIL and not self.lenient]
        if refused:
            raise _conflicting(refused)
        return await self._leaving([claim for claim, what in claims if what is OnConflict.KEEP], found)

    def _claims(self, resource: Resource, found: Answers) -> list[tuple[Claim, OnConflict]]:
        live, preview = self.live.get(resource.ref), found.previews.get(resource.ref)
        if live is None or not isinstance(preview, dict):
            return []
        return [(one, policy(resource, one.path, self.on_conflict)) for one in conflicts(resource, live, preview)]

    async def _leaving(self, claims: list[Claim], found: Answers) -> Answers:
        paths = {ref: tuple(one.path for one in claims if one.ref == ref) for ref in {one.ref for one in claims}}
        kept = {**found.kept, **{ref: (*found.kept.get(ref, ()), *more) for ref, more in paths.items()}}
        resources = tuple(without_fields(one, paths.get(one.ref, ())) for one in found.resources)
        again = await self._previews((one for one in resources if one.ref in paths), kept)
        previews = {ref: preview for ref, preview in found.previews.items() if ref not in paths}
        return Answers(resources, previews | again, kept)

    # --- hashes that nothing but themselves would change

    async def _without_idle_hashes(self, found: Answers) -> Answers:
        """Take a hash off a template that lives without one, as long as neither it nor what its pods read changes.

        Pods are not restarted for a hash: not when something is taken over, nor by going back to what was found.
        """
        changed = {
            config_name(one.body) for one in found.resources if is_config(one.body) and self._changes(one, found)
        }
        idle = {one.ref for one in found.resources if self._is_idle(one, found) and not read_config(one) & changed}
        if not idle:
            return found
        resources = tuple(without_hash(one) if one.ref in idle else one for one in found.resources)
        again = await self._previews((one for one in resources if one.ref in idle), found.kept)
        previews = {ref: preview for ref, preview in found.previews.items() if ref not in idle}
        return Answers(resources, previews | again, found.kept)

    def _is_idle(self, resource: Resource, found: Answers) -> bool:
        live, preview = self.live.get(resource.ref), found.previews.get(resource.ref)
        if live is None or not isinstance(preview, dict) or config_hash(resource.body) is None:
            return False
        plain = without_hash(Resource(preview)).body
        template = kind_of(resource.ref.group_kind).pod_template
        return config_hash(live) is None and not any(
            one.path[: len(template)] == template for one in differences(comparable(live), comparable(plain))
        )

    def _changes(self, resource: Resource, found: Answers) -> bool:
        live, preview = self.live.get(resource.ref), found.previews.get(resource.ref)
        if live is None or not isinstance(preview, dict):
            return preview is not None
        return any(live.get(field) != preview.get(field) for field in CONTENT_FIELDS)


def guard_of(live: Body | None) -> Guard:
    """The guard of a write that is decided on this state."""
    metadata = (live or {}).get("metadata") or {}
    return Guard(metadata.get("uid", ""), metadata.get("resourceVersion", ""))


def _conflicting(claims: list[Claim]) -> FieldConflict:
    fields = "; ".join(map(str, claims))
    return FieldConflict(
        f"others hold fields with other values: {fields}",
        hint="--on-conflict take takes them, --on-conflict keep leaves them; the annotation lastgood.dev/on-conflict "
        "says it field by field",
    )


def _explained(refusal: Rejected | NotFound, resource: Resource, live: Body | None) -> Rejected | NotFound:
    """The API's refusal, with the place in the files where it was written."""
    message = f"{resource.origin}: {refusal}" if resource.origin else str(refusal)
    if isinstance(refusal, Rejected):
        return Rejected(message, ref=resource.ref, hint=why_refused(resource, live) or refusal.hint)
    return NotFound(message, hint=refusal.hint)
