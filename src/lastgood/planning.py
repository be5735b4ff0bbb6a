"""Desired against live becomes a Plan. Pure: live bodies and the answers of dry runs are handed in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from lastgood.diffing import Difference, as_change, comparable, differences
from lastgood.kinds import irreversible, kind_of, unchangeable
from lastgood.model.kind import Pruning
from lastgood.model.marks import says
from lastgood.model.plan import MISSING, Change, FieldChange, Irreversible, Op, Plan
from lastgood.model.release import Mode, Release, Sent
from lastgood.model.resource import Body, GroupKind, Path, Ref, Resource, digest
from lastgood.owning import deployers, fold, is_deploying, owned_digest, owner_of, owners_in, we_own
from lastgood.ports import Served
from lastgood.strategies import arranged
from lastgood.versioning import is_config, version_of

OUTSIDE = "an undo brings back workloads only"
NEEDED = "pods of an earlier good release read it"
STANDBY = "the other colour needs it, for a swap back"
SKIP_PRUNING = "harness.io/skipPruning"

TWIN_LENGTH = 52  # what a kind with a short limit on names (CronJob) still takes


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


def twin_name(name: str) -> str:
    """The name under which something is tried that cannot be tried under its own."""
    return f"{name[: TWIN_LENGTH - 9]}-{hashlib.blake2b(name.encode(), digest_size=4).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Past:
    """What earlier releases leave to a plan: the last good one, and every ref that may be there because of any.

    ``needed`` are the ConfigMaps and Secrets that good releases in the history refer to. ``beside`` is what attempts
    have staged: nobody's but ours. ``apart`` is what this plan has nothing to do with: the live release while another
    is staged, or what is staged while the live one is looked at; ``shared`` are the bodies of what both have then.
    """

    last_good: Release | None = None
    inventory: frozenset[Ref] = frozenset()
    needed: frozenset[Ref] = frozenset()
    beside: frozenset[Ref] = frozenset()
    apart: frozenset[Ref] = frozenset()
    shared: Mapping[Ref, Body] = field(default_factory=dict)

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


@dataclass(frozen=True, slots=True)
class Findings:
    """What was read and asked before planning.

    ``previews`` holds an answer for each resource that is not settled, ``kept`` the fields that stay with others,
    ``sizes`` with how many replicas to create what an autoscaler scales, ``served`` what the cluster knows of kinds.
    """

    live: Mapping[Ref, Body]
    previews: Mapping[Ref, Preview]
    served: Mapping[GroupKind, Served]
    kept: Mapping[Ref, tuple[Path, ...]] = field(default_factory=dict)
    sizes: Mapping[Ref, int | None] = field(default_factory=dict)


def is_settled(resource: Resource, live: Body | None, past: Past, kept: tuple[Path, ...] = ()) -> bool:
    """Whether a resource is known to be as wanted, without asking the API.

    It is when the body was sent before, to the same uid, what we own of the live one has not moved since, and nobody
    else has deployed it.
    """
    sent = past.sent.get(resource.ref)
    if sent is None or sent.body != digest(resource.body):
        return False
    if live is None:
        return resource.ref in past.done
    same = sent.uid == live["metadata"].get("uid") and sent.owned == owned_digest(live)
    return same and not fold(live, kept)


def plan(release: Release, past: Past, findings: Findings) -> Plan:
    """What has to be done so that the release is live and nothing of earlier attempts is left."""
    changes = tuple(_change(resource, past, findings) for resource in release.resources)
    leftovers = leftover(release, findings.live, past)
    pruned = tuple(change for change in leftovers if change.op is Op.DELETE)
    irreversible = (one for change in changes for one in _no_way_back(change, past))
    return Plan(
        steps=arranged(release, changes, pruned),
        changes=(*changes, *pruned),
        irreversible=(*irreversible, *_aged(past, findings.served)),
        left=tuple(change for change in leftovers if change.op is not Op.DELETE),
    )


def leftover(release: Release, live: Mapping[Ref, Body], past: Past) -> tuple[Change, ...]:
    """What is live because of earlier attempts and not wanted any more: to be deleted, or kept, with the reason.

    What other releases have taken is not among it.
    """
    wanted = release.refs | past.apart
    refs = sorted(ref for ref in past.inventory if ref in live and ref not in wanted)
    return tuple(_removal(ref, live[ref], release, past) for ref in refs if not _is_going(live[ref]))


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


def _change(resource: Resource, past: Past, findings: Findings) -> Change:
    ref = resource.ref
    live, preview = findings.live.get(ref), findings.previews.get(ref)
    kept, size = findings.kept.get(ref, ()), findings.sizes.get(ref)
    change = Change(Op.UPDATE if live else Op.CREATE, ref, body=resource.body, live=live, kept=kept, size=size)
    if preview is None:
        note = "completed; its time to live is over" if live is None else ""
        return replace(change, op=Op.KEEP, note=note)
    if isinstance(preview, Unchecked):
        return replace(change, unchecked=preview.why)
    return change if live is None else _update(change, resource, live, preview)


def _update(change: Change, resource: Resource, live: Body, preview: Body | Twin) -> Change:
    if isinstance(preview, Twin):
        return _by_other_means(change, resource, live, preview)
    fields = _fields(resource.ref, live, preview)
    is_same = not fields and _same_ownership(live, preview) and not fold(live, change.kept)
    return replace(change, op=Op.KEEP if is_same else Op.UPDATE, fields=fields)


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
        return we_own(live, difference.path) or bool(owners_in(deployers(live), difference.path))
    return we_own(twin, difference.path)


def _named_as(live: Body, body: Body) -> Body:
    return {**body, "metadata": {**body["metadata"], "name": live["metadata"]["name"]}}


def _fields(ref: Ref, live: Body, preview: Body) -> tuple[FieldChange, ...]:
    found = differences(comparable(live), comparable(preview))
    return tuple(as_change(ref, one, owner=owner_of(live, one)) for one in found)


def _same_ownership(live: Body, preview: Body) -> bool:
    return owned_digest(live) == owned_digest(preview)


def _removal(ref: Ref, live: Body, release: Release, past: Past) -> Change:
    why = _why_kept(ref, live, release, past)
    return Change(Op.KEEP, ref, live=live, note=why) if why else Change(Op.DELETE, ref, live=live)


def _why_kept(ref: Ref, live: Body, release: Release, past: Past) -> str:
    """Why something that the release does not want is not deleted all the same; empty when it is."""
    if kind_of(ref.group_kind).pruning is Pruning.LIST:
        return f"a {ref.kind} is never pruned"
    if ref in release.standby:
        return STANDBY
    was_staged = ref in past.beside or ref in release.beside
    return "" if was_staged else _why_spared(ref, live, release, past)


def _why_spared(ref: Ref, live: Body, release: Release, past: Past) -> str:
    """Why something that earlier releases have made is not deleted; what was only staged has no such excuse."""
    if says(live, SKIP_PRUNING):
        return f"its annotation {SKIP_PRUNING} says so"
    if release.undoes and not release.prune:
        return OUTSIDE
    if release.mode is Mode.STANDARD and is_config(live):
        return _why_config_is_kept(ref, live, past)
    return "" if release.prune else "pruning is off"


def _why_config_is_kept(ref: Ref, live: Body, past: Past) -> str:
    """An undo brings back pods, and they read what they read before; what no good release needs is cleared."""
    if version_of(live) is None:
        return "pods that an undo brings back may read it"
    return NEEDED if ref in past.needed else ""


def _is_going(body: Body) -> bool:
    return bool(body["metadata"].get("deletionTimestamp"))


def _no_way_back(change: Change, past: Past) -> Iterable[Irreversible]:
    old = past.bodies.get(change.ref)
    if old is None or change.body is None or not change.writes:
        return ()
    found = past.last_good is not None and past.last_good.found
    return (Irreversible(change.ref, sentence) for sentence in irreversible(old, change.body, found=found))


def taken_by_controllers(change: Change) -> bool:
    """Whether all that differs are fields which controllers, not people, rewrote after us."""
    if change.live is None or not change.fields:
        return False
    deploying = {str(entry.get("manager")) for entry in deployers(change.live)}
    owners = [one.owner.split(", ") if one.owner else [] for one in change.fields]
    return all(names and not any(is_deploying(one) or one in deploying for one in names) for names in owners)


def _aged(past: Past, served: Mapping[GroupKind, Served]) -> Iterable[Irreversible]:
    """What the last good release holds in a version that the cluster has stopped serving."""
    for ref in past.bodies:
        kind = served.get(ref.group_kind)
        if kind is None or ref.version not in kind.versions:
            yield Irreversible(ref, f"the cluster no longer serves {ref.api_version} {ref.kind}")
