"""Desired against live becomes a Plan. Pure: live bodies and the answers of dry runs are handed in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from lastgood.diffing import Difference, as_change, comparable, differences
from lastgood.kinds import irreversible, kind_of, unchangeable
from lastgood.model.kind import Pruning
from lastgood.model.plan import MISSING, Change, FieldChange, Irreversible, Op, Plan
from lastgood.model.release import Release, Sent
from lastgood.model.resource import Body, GroupKind, Ref, Resource, digest
from lastgood.owning import is_deploying, owned_digest, owner_of, we_own
from lastgood.ports import Right, Served
from lastgood.strategies import arrange

VERBS = {
    Op.CREATE: ("create", "patch", "delete"),
    Op.UPDATE: ("patch",),
    Op.REPLACE: ("create", "patch", "delete"),
    Op.DELETE: ("delete",),
}


@dataclass(frozen=True, slots=True)
class Unchecked:
    """There could be no dry run, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Twin:
    """The answer to a dry run of the same body under another name: for what cannot be applied in place.

    ``why`` says what has to happen instead.
    """

    body: Body
    why: str


Preview = Body | Unchecked | Twin
"""What the API says a resource would be."""


@dataclass(frozen=True, slots=True)
class Past:
    """What earlier releases leave to a plan: the last good one, and every ref that may be there because of any."""

    last_good: Release | None = None
    inventory: frozenset[Ref] = frozenset()

    @property
    def sent(self) -> Mapping[Ref, Sent]:
        """What was agreed with the cluster about each resource of the last good release."""
        return {one.ref: one for one in self.last_good.sent} if self.last_good else {}

    @property
    def done(self) -> frozenset[Ref]:
        """The Jobs of the last good release that completed."""
        return frozenset(one.ref for one in self.last_good.workloads if one.done) if self.last_good else frozenset()

    @property
    def bodies(self) -> Mapping[Ref, Body]:
        """What the last good release wants each resource to be."""
        return {one.ref: one.body for one in self.last_good.resources} if self.last_good else {}


def is_settled(resource: Resource, live: Body | None, past: Past) -> bool:
    """Whether a resource is known to be as wanted, without asking the API.

    It is when the body was sent before, to the same uid, and what we own of the live one has not moved since.
    """
    sent = past.sent.get(resource.ref)
    if sent is None or sent.body != digest(resource.body):
        return False
    if live is None:
        return resource.ref in past.done
    return sent.uid == live["metadata"].get("uid") and sent.owned == owned_digest(live)


def plan(
    release: Release,
    live: Mapping[Ref, Body],
    previews: Mapping[Ref, Preview],
    past: Past,
    served: Mapping[GroupKind, Served],
) -> Plan:
    """What has to be done so that the release is live and nothing of earlier attempts is left.

    ``previews`` holds an answer for each resource that is not settled; ``served`` says what the cluster still knows of
    the kinds that one would have to come back to.
    """
    changes = tuple(_change(resource, live.get(resource.ref), previews, past) for resource in release.resources)
    gone = tuple(change for change in changes if change.op is Op.DELETE)
    leftovers = leftover(release, live, past)
    pruned = (*gone, *(change for change in leftovers if release.prune and change.op is Op.DELETE))
    return Plan(
        steps=arrange(tuple(change for change in changes if change.op is not Op.DELETE), pruned),
        changes=(*(change for change in changes if change.op is not Op.DELETE), *pruned),
        irreversible=(*(one for change in changes for one in _no_way_back(change, past)), *_aged(past, served)),
        left=tuple(replace(change, op=Op.KEEP) for change in leftovers if change not in pruned),
    )


def leftover(release: Release, live: Mapping[Ref, Body], past: Past) -> tuple[Change, ...]:
    """What is live because of earlier attempts and not wanted any more.

    Kinds whose removal loses data are kept, with a note that says so; so is what other releases have taken.
    """
    wanted = release.refs
    refs = sorted(ref for ref in past.inventory if ref in live and ref not in wanted)
    return tuple(_removal(ref, live[ref]) for ref in refs if not _is_going(live[ref]))


def by_other_means(resource: Resource, live: Body | None) -> str:
    """Why a change is not made by an apply in place, and cannot be tried as one; empty when it can."""
    if live is None:
        return ""
    kind = kind_of(resource.ref.group_kind)
    steps = kind.transitions(live, resource.body)
    if steps or not kind.recreate:
        return "; ".join(step.why for step in steps)
    fixed = unchangeable(live, resource.body)
    return f"{', '.join(fixed)} cannot be changed: it is replaced" if fixed else ""


def why_refused(resource: Resource, live: Body | None) -> str:
    """What to do about a refusal that comes of fields nobody can change; empty when that is not it."""
    fixed = unchangeable(live, resource.body) if live else ()
    if not fixed:
        return ""
    return f"{', '.join(fixed)} of a {resource.ref.kind} cannot be changed: give it another name, or delete it first"


def waits_for(resource: Resource, defined: Iterable[GroupKind], absent_namespaces: Iterable[str]) -> str:
    """Why a resource cannot be dry-run: this very plan creates its kind or its namespace. Empty when it can be."""
    if resource.ref.group_kind in defined:
        return "its kind is created by this plan"
    if resource.ref.namespace in absent_namespaces:
        return "its namespace is created by this plan"
    return ""


def _change(resource: Resource, live: Body | None, previews: Mapping[Ref, Preview], past: Past) -> Change:
    ref, preview = resource.ref, previews.get(resource.ref)
    if preview is None:
        note = "completed; its time to live is over" if live is None else ""
        return Change(Op.KEEP, ref, body=resource.body, live=live, note=note)
    if isinstance(preview, Unchecked):
        op = Op.UPDATE if live else Op.CREATE
        return Change(op, ref, body=resource.body, live=live, fields=(), unchecked=preview.why)
    if live is None:
        return Change(Op.CREATE, ref, body=resource.body)
    return _update(resource, live, preview)


def _update(resource: Resource, live: Body, preview: Body | Twin) -> Change:
    change = Change(Op.UPDATE, resource.ref, body=resource.body, live=live)
    if isinstance(preview, Twin):
        return _by_other_means(change, resource, live, preview)
    fields = _fields(resource.ref, live, preview)
    return replace(change, fields=fields) if fields or not _same_ownership(live, preview) else _kept(change)


def _kept(change: Change) -> Change:
    return replace(change, op=Op.KEEP)


def _by_other_means(change: Change, resource: Resource, live: Body, preview: Twin) -> Change:
    found = differences(comparable(live), comparable(_named_as(live, preview.body)))
    fields = tuple(as_change(resource.ref, one) for one in found if _is_wished(one, live, preview.body))
    steps = kind_of(resource.ref.group_kind).transitions(live, resource.body)
    if steps:
        return replace(change, fields=fields, transitions=steps, note=preview.why)
    return replace(change, op=Op.REPLACE, fields=fields, note=preview.why)


def _is_wished(difference: Difference, live: Body, twin: Body) -> bool:
    """Whether we ask for this: a twin has a uid, a name and selectors of its own, which nobody asked for."""
    if difference.after is MISSING:
        return we_own(live, difference.path)
    return we_own(twin, difference.path)


def _named_as(live: Body, body: Body) -> Body:
    return {**body, "metadata": {**body["metadata"], "name": live["metadata"]["name"]}}


def _fields(ref: Ref, live: Body, preview: Body) -> tuple[FieldChange, ...]:
    found = differences(comparable(live), comparable(preview))
    return tuple(as_change(ref, one, owner=owner_of(live, one)) for one in found)


def _same_ownership(live: Body, preview: Body) -> bool:
    return owned_digest(live) == owned_digest(preview)


def _removal(ref: Ref, live: Body) -> Change:
    if kind_of(ref.group_kind).pruning is Pruning.LIST:
        return Change(Op.KEEP, ref, live=live, note=f"a {ref.kind} is never pruned")
    return Change(Op.DELETE, ref, live=live)


def _is_going(body: Body) -> bool:
    return bool(body["metadata"].get("deletionTimestamp"))


def _no_way_back(change: Change, past: Past) -> Iterable[Irreversible]:
    old = past.bodies.get(change.ref)
    if old is None or change.body is None or not change.writes:
        return ()
    return (Irreversible(change.ref, sentence) for sentence in irreversible(old, change.body))


def taken_by_controllers(change: Change) -> bool:
    """Whether all that differs are fields which controllers, not people, rewrote after us."""
    if change.live is None or not change.fields:
        return False
    return all(one.owner and not any(map(is_deploying, one.owner.split(", "))) for one in change.fields)


def _aged(past: Past, served: Mapping[GroupKind, Served]) -> Iterable[Irreversible]:
    """What the last good release holds in a version that the cluster has stopped serving."""
    for ref in past.bodies:
        kind = served.get(ref.group_kind)
        if kind is None or ref.version not in kind.versions:
            yield Irreversible(ref, f"the cluster no longer serves {ref.api_version} {ref.kind}")


def needed_rights(plan: Plan, served: Mapping[GroupKind, Served]) -> tuple[Right, ...]:
    """What we have to be allowed to do for this plan, and to undo it: what is created may have to be deleted."""
    rights = {
        Right(verb, kind.group_kind.group, kind.plural, change.ref.namespace)
        for change in plan.writes
        if (kind := served.get(change.ref.group_kind)) is not None
        for verb in VERBS[change.op]
    }
    return tuple(sorted(rights, key=str))
