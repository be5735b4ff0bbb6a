"""What is live, and what would have to be done about it: reads and dry runs, nothing is written."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from lastgood.drafting import RELEASE, RELEASE_NAMESPACE, defined_kinds
from lastgood.errors import Conflict, NotFound, Rejected
from lastgood.model.plan import Guard, Plan
from lastgood.model.release import Release
from lastgood.model.resource import Body, GroupKind, Ref, Resource
from lastgood.planning import (
    Past,
    Preview,
    Twin,
    Unchecked,
    by_other_means,
    is_settled,
    plan,
    waits_for,
    why_refused,
)
from lastgood.ports import Cluster

NAMESPACE = GroupKind("", "Namespace")
TRIES = 5
NAME_LENGTH = 52  # what a kind with a short limit on names (CronJob) still takes


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found, and the plan that follows from it."""

    live: Mapping[Ref, Body]
    plan: Plan


async def survey(
    cluster: Cluster,
    release: Release,
    past: Past,
    *,
    take_over: bool = False,
    lenient: bool = False,
    absent: frozenset[str] = frozenset(),
) -> Survey:
    """Read what is live, ask the API about what may differ, and plan.

    Raises ``Rejected`` for what the API refuses and for what belongs to another release (unless ``take_over``).
    With ``lenient`` nothing is raised for a single resource: whoever restores has to try everything.
    ``absent`` are namespaces that are still to be made: what goes there cannot be checked.
    """
    refs = release.refs | past.inventory
    live = await cluster.read(refs, label=f"{RELEASE}={release.name}")
    mine = {ref: body for ref, body in live.items() if ref in release.refs or _belongs_to(release, body)}
    if not (take_over or lenient):
        _refuse_foreign(release, live)
    absent |= {ref.name for ref in release.refs if ref.group_kind == NAMESPACE and ref not in live}
    previews = await _previews(cluster, release, mine, past, lenient=lenient, absent=absent)
    return Survey(mine, plan(release, mine, previews, past, await cluster.served()))


async def _previews(
    cluster: Cluster,
    release: Release,
    live: Mapping[Ref, Body],
    past: Past,
    *,
    lenient: bool,
    absent: frozenset[str],
) -> dict[Ref, Preview]:
    defined = defined_kinds(release.resources) - frozenset(await cluster.served())
    doubtful = [one for one in release.resources if not is_settled(one, live.get(one.ref), past)]

    async def one(resource: Resource) -> Preview:
        why = waits_for(resource, defined, absent)
        return Unchecked(why) if why else await _preview(cluster, resource, live.get(resource.ref), lenient=lenient)

    answers = await asyncio.gather(*map(one, doubtful))
    return {resource.ref: answer for resource, answer in zip(doubtful, answers, strict=True)}


async def _preview(cluster: Cluster, resource: Resource, live: Body | None, *, lenient: bool) -> Preview:
    try:
        return await _asked(cluster, resource, live)
    except (Rejected, NotFound) as refusal:
        if lenient:
            return Unchecked(f"the API refuses it: {refusal}")
        raise _explained(refusal, resource, live) from refusal


async def _asked(cluster: Cluster, resource: Resource, live: Body | None) -> Preview:
    reason = by_other_means(resource, live)
    if reason:
        return Twin(await _as_twin(cluster, resource), reason)
    return await _dry_run(cluster, resource, live)


async def _dry_run(cluster: Cluster, resource: Resource, live: Body | None) -> Body:
    """The answer of a dry run against what is live by now."""
    for _ in range(TRIES):
        try:
            return await cluster.apply(resource.body, guard_of(live), dry_run=True)
        except Conflict as conflict:
            last = conflict
            live = (await cluster.read([resource.ref])).get(resource.ref)
    raise last


async def _as_twin(cluster: Cluster, resource: Resource) -> Body:
    """The answer to creating the same under another name: everything but the name is checked."""
    name = resource.ref.name
    short = f"{name[: NAME_LENGTH - 9]}-{hashlib.blake2b(name.encode(), digest_size=4).hexdigest()}"
    twin = {**resource.body, "metadata": {**resource.body["metadata"], "name": short}}
    return await cluster.apply(twin, Guard(), dry_run=True)


def guard_of(live: Body | None) -> Guard:
    """The guard of a write that is decided on this state."""
    metadata = (live or {}).get("metadata") or {}
    return Guard(metadata.get("uid", ""), metadata.get("resourceVersion", ""))


def _belongs_to(release: Release, body: Body) -> bool:
    labels = body["metadata"].get("labels") or {}
    mine = (release.name, release.namespace)
    return (labels.get(RELEASE, release.name), labels.get(RELEASE_NAMESPACE, release.namespace)) == mine


def _refuse_foreign(release: Release, live: Mapping[Ref, Body]) -> None:
    for resource in release.resources:
        body = live.get(resource.ref)
        if body is not None and not _belongs_to(release, body):
            labels = body["metadata"]["labels"]
            owner = f"{labels.get(RELEASE)} in namespace {labels.get(RELEASE_NAMESPACE, '?')}"
            raise Rejected(
                f"{resource.ref} belongs to the release {owner}; two releases would undo each other's changes to it",
                ref=resource.ref,
                hint="remove it from one of the two, or take it over for good with --take-over",
            )


def _explained(refusal: Rejected | NotFound, resource: Resource, live: Body | None) -> Rejected | NotFound:
    """The API's refusal, with the place in the files where it was written."""
    message = f"{resource.origin}: {refusal}" if resource.origin else str(refusal)
    if isinstance(refusal, Rejected):
        return Rejected(message, ref=resource.ref, hint=why_refused(resource, live) or refusal.hint)
    return NotFound(message, hint=refusal.hint)
