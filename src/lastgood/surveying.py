"""What is live, and what would have to be done about it: reads and dry runs, nothing is written."""

from __future__ import annotations

import asyncio
from collections.abc import Container, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from lastgood.asking import Asking
from lastgood.drafting import defined_kinds
from lastgood.errors import Forbidden, Rejected
from lastgood.holding import with_hold
from lastgood.model.marks import RELEASE, RELEASE_NAMESPACE
from lastgood.model.plan import Op, Plan
from lastgood.model.release import Kept, Release
from lastgood.model.request import Options
from lastgood.model.resource import Body, GroupKind, Path, Ref, ref_of
from lastgood.planning import Findings, Past, leftover, plan, waits_for
from lastgood.ports import Cluster
from lastgood.sharing import AUTOSCALERS, REPLICAS, is_scalable, scaled, without_fields
from lastgood.undoing import keepers, revisions, undo

USUAL = Options()
NAMESPACE = GroupKind("", "Namespace")


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found, and the plan that follows from it. ``release`` is without the fields that are left to others.

    ``foreign`` is what other releases have taken: of what earlier attempts made, it is not ours to touch.
    """

    release: Release
    live: Mapping[Ref, Body]
    plan: Plan
    foreign: Mapping[Ref, Body] = field(default_factory=dict)


async def survey(
    cluster: Cluster,
    release: Release,
    past: Past,
    *,
    options: Options = USUAL,
    lenient: bool = False,
    absent: frozenset[str] = frozenset(),
) -> Survey:
    """Read what is live, ask the API about what may differ, and plan.

    Raises ``Rejected`` for what the API refuses and for what belongs to another release (unless ``options.take_over``),
    ``FieldConflict`` where ``options.on_conflict`` or an annotation says so.
    With ``lenient`` nothing is raised for a single resource: whoever restores has to try everything.
    ``absent`` are namespaces that are still to be made: what goes there cannot be checked.
    """
    refs = release.refs | past.inventory
    live = await cluster.read(refs, label=f"{RELEASE}={release.name}" if release.name else "")
    mine = {ref: body for ref, body in live.items() if ref in release.refs or belongs_to(release, body)}
    if not (options.take_over or lenient):
        _refuse_foreign(release, live, hint="remove it from one of the two, or take it over for good with --take-over")
    absent |= {ref.name for ref in release.refs if ref.group_kind == NAMESPACE and ref not in live}
    sizes = _large_enough(release, await scaling(cluster, release, mine, past))
    shared = _without_replicas(release, sizes)
    asking = Asking(
        cluster, mine, past, options.on_conflict, lenient, what_waits(shared, await cluster.served(), absent)
    )
    foreign = {ref: body for ref, body in live.items() if ref not in mine}
    surveyed = replace(await _planned(asking, shared, sizes), foreign=foreign)
    return await _as_undo(asking, surveyed) if release.undoes else surveyed


def held(surveyed: Survey, options: Options) -> Survey:
    """The same for a release that has to stay healthy for a while before it counts as good."""
    seconds = options.hold or 0.0
    release = replace(surveyed.release, hold=seconds)
    return replace(surveyed, release=release, plan=with_hold(surveyed.plan, seconds))


async def _planned(asking: Asking, release: Release, sizes: Mapping[Ref, int | None]) -> Survey:
    found = await asking.all(release.resources, _left_to_others(release, sizes))
    findings = Findings(asking.live, found.previews, await asking.cluster.served(), found.kept, sizes)
    left = (Kept(ref, path) for ref, paths in sorted(found.kept.items()) for path in paths)
    by_policy = tuple(one for one in left if one.path != REPLICAS or one.ref not in sizes)
    release = replace(release, resources=found.resources, kept=by_policy)
    return Survey(release, asking.live, plan(release, asking.past, findings))


def _left_to_others(release: Release, sizes: Iterable[Ref]) -> Mapping[Ref, tuple[Path, ...]]:
    """What a policy has left before, and the replicas of what is scaled."""
    paths: dict[Ref, tuple[Path, ...]] = {}
    for one in (*release.kept, *(Kept(ref, REPLICAS) for ref in sizes)):
        paths[one.ref] = (*paths.get(one.ref, ()), one.path)
    return paths


async def _as_undo(asking: Asking, surveyed: Survey) -> Survey:
    """The same for an undo: of what would make the whole release live again that which an undo does."""
    release = surveyed.release
    known = revisions(release, asking.live, await asking.cluster.read(keepers(release)))
    return replace(surveyed, plan=undo(surveyed.plan, release, known))


async def scaling(cluster: Cluster, release: Release, live: Mapping[Ref, Body], past: Past) -> dict[Ref, int | None]:
    """The workloads of a release whose replicas belong to an autoscaler, and the least size of each.

    Autoscalers count that the release holds, and those in the cluster, but for those that it is about to delete.
    """
    sized = {one.ref for one in release.resources if is_scalable(one)}
    there = await autoscalers(cluster, frozenset(ref.namespace for ref in sized)) if sized else []
    gone = {change.ref for change in leftover(release, live, past) if change.op is Op.DELETE}
    staying = [body for body in there if ref_of(body) not in release.refs | gone]
    targets = scaled([*staying, *(one.body for one in release.resources)])
    return {ref: least for ref, least in targets.items() if ref in sized}


def _large_enough(release: Release, sizes: dict[Ref, int | None]) -> dict[Ref, int | None]:
    """The sizes with which to create what is staged: as large as it is drawn, since it is to take over all at once."""
    if not release.waits_to_be_promoted:
        return sizes
    drawn = {one.ref: one.body.get("spec", {}).get("replicas") or 0 for one in release.resources}
    return {ref: max(least or 0, drawn[ref]) or None for ref, least in sizes.items()}


async def autoscalers(cluster: Cluster, namespaces: frozenset[str]) -> list[Body]:
    """Those that are live in these namespaces, as far as one may see them."""
    kinds = [kind for kind in AUTOSCALERS if kind in await cluster.served()]
    with suppress(Forbidden):  # who may not list them can only go by what is deployed
        lists = await asyncio.gather(*(cluster.find(kinds, one, label="") for one in sorted(namespaces)))
        return [body for found in lists for body in found]
    return []


def _without_replicas(release: Release, sizes: Mapping[Ref, int | None]) -> Release:
    resources = (without_fields(one, (REPLICAS,)) if one.ref in sizes else one for one in release.resources)
    return replace(release, resources=tuple(resources))


def what_waits(release: Release, served: Container[GroupKind], absent: frozenset[str]) -> Mapping[Ref, str]:
    """The resources that cannot be asked about before others of the release are there, and why."""
    defined = frozenset(kind for kind in defined_kinds(release.resources) if kind not in served)
    found = ((one.ref, waits_for(one, defined, absent)) for one in release.resources)
    return {ref: why for ref, why in found if why}


def belongs_to(release: Release, body: Body) -> bool:
    """Whether no other release says that this is its own."""
    labels = body["metadata"].get("labels") or {}
    mine = (release.name, release.namespace)
    return (labels.get(RELEASE, release.name), labels.get(RELEASE_NAMESPACE, release.namespace)) == mine


def whose(body: Body) -> str:
    """To which other release it belongs."""
    labels = body["metadata"].get("labels") or {}
    return f"belongs to the release {labels.get(RELEASE, '?')} in namespace {labels.get(RELEASE_NAMESPACE, '?')}"


def still_ours(surveyed: Survey) -> Survey:
    """The same; raises ``Rejected`` where another release has taken over meanwhile what is to come back."""
    hint = "remove it from the other release first; a deploy takes it over for good with --take-over"
    _refuse_foreign(surveyed.release, surveyed.live, hint=hint)
    return surveyed


def _refuse_foreign(release: Release, live: Mapping[Ref, Body], *, hint: str) -> None:
    """Raise ``Rejected`` for the first resource of the release that another one says is its own."""
    for resource in release.resources:
        body = live.get(resource.ref)
        if body is not None and not belongs_to(release, body):
            raise Rejected(
                f"{resource.ref} {whose(body)}; two releases would undo each other's changes to it",
                ref=resource.ref,
                hint=hint,
            )
