"""What a run has to be allowed to do: asked of the API before it writes, and printed as RBAC. Pure.

Which verb is used on what stands in ``using``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from lastgood import using
from lastgood.drafting import Kinds, definitions
from lastgood.kinds import kind_of
from lastgood.model.kind import Pruning
from lastgood.model.permission import Permissions, Rule
from lastgood.model.plan import Change, Op, Plan
from lastgood.model.release import Mode, Release
from lastgood.model.resource import GroupKind, Ref, Resource
from lastgood.planning import Past, twin_name
from lastgood.ports import Right, Served
from lastgood.sharing import AUTOSCALERS, is_scalable
from lastgood.using import VERBS, Use

TRIED = "tried and applied; the longer names are for dry runs of changes that cannot be tried in place"
GIVEN = "what the Roles of this release allow: only who has a right may give it to others"
BOUND = "the roles that bindings of this release refer to"

POD = GroupKind("", "Pod")
RBAC = "rbac.authorization.k8s.io"
LEASES = "coordination.k8s.io"


# --- before a run


def needed_rights(plan: Plan, release: Release, served: Kinds) -> tuple[Right, ...]:
    """What we have to be allowed to do for this plan, to undo it, and to record both.

    Other reading is not asked for: whoever planned could read.
    """
    rights = {Right(verb, "", "secrets", release.namespace) for verb in ("create", "update")}
    rights |= set(_rights_to_forget(release)) if release.uninstalls else set()
    for change in (change for phase in plan.phases for change in phase.writes):
        rights |= {*_rights(change, served), *_rights_beside(change.ref, release.mode, served)}
    return tuple(sorted(rights, key=str))


def right_to_see(ref: Ref) -> Right:
    """To read a node, or a Secret, as evidence of a failure. Without it there is less of that; it is never printed."""
    return Right("get", ref.group, f"{ref.kind.lower()}s", ref.namespace, ref.name)


def _rights(change: Change, served: Kinds) -> Iterator[Right]:
    ref, kind = change.ref, served.get(change.ref.group_kind)
    spared = () if change.op is Op.DELETE or _own_use(ref) is using.RESOURCE else ("delete",)
    verbs = [verb for verb in VERBS[change.op] if verb not in spared]
    if kind:
        name = "" if kind.namespaced else ref.name
        yield from (Right(verb, ref.group, kind.plural, ref.namespace, name) for verb in verbs)


def _rights_beside(ref: Ref, mode: Mode, served: Kinds) -> Iterator[Right]:
    """Without these the way back would fail half way."""
    for use, one in _dependents(ref, undoes=mode is Mode.STANDARD):
        if use in (using.KEEPER, using.STUCK) and one in served:
            yield from (Right(verb, one.group, served[one].plural, ref.namespace) for verb in use.verbs)


def _rights_to_forget(release: Release) -> Iterator[Right]:
    yield Right("delete", "", "secrets", release.namespace)
    yield Right("delete", LEASES, "leases", release.namespace, _lease_name(release))


def _lease_name(release: Release) -> str:
    return f"lastgood.{release.name}"


def _own_use(ref: Ref) -> Use:
    return using.LASTING if kind_of(ref.group_kind).pruning is Pruning.LIST else using.RESOURCE


def _dependents(ref: Ref, *, undoes: bool) -> Iterator[tuple[Use, GroupKind]]:
    kind = kind_of(ref.group_kind)
    yield from ((using.DEPENDENT, one) for one in kind.dependents)
    yield from ((using.STUCK, one) for one in kind.unblocks)
    if kind.keeper and undoes:
        yield using.KEEPER, kind.keeper.group_kind


# --- as RBAC


@dataclass(frozen=True, slots=True)
class Doing:
    """What a step does with a resource, or with all of its kind."""

    use: Use
    ref: Ref


@dataclass(frozen=True, slots=True)
class Grant:
    """A use of one kind in one namespace. ``name`` limits it, where there is one."""

    use: Use
    namespace: str
    group: str
    plural: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a release, or steps beside it, need; ``handed_on`` are rules that their Roles give to others."""

    grants: tuple[Grant, ...]
    handed_on: tuple[tuple[str, Rule], ...] = ()


def permit(permissions: Permissions, needs: Iterable[Needs]) -> Permissions:
    """The same with the rules that all of these come to, in each namespace, and no right twice."""
    needs, looking = tuple(needs), permissions.looking
    grants = _not_covered((grant for one in needs for grant in one.grants), looking=looking)
    rules = list(_rules(grants, looking=looking))
    rules += () if looking else dict.fromkeys(rule for one in needs for rule in one.handed_on)
    namespaces = dict.fromkeys([permissions.namespace, *sorted({namespace for namespace, _ in rules})])
    by_namespace = {name: tuple(rule for where, rule in rules if where == name) for name in namespaces}
    return replace(permissions, rules=by_namespace)


def needs_of_release(release: Release, past: Past, served: Kinds, *, undoes: bool) -> Needs:
    """What has to be allowed to whoever deploys this draft, and comes back.

    What earlier releases left counts as well: it may have to be deleted, or to come back. ``undoes`` says that one of
    them, or this one, is of standard mode. Rights of kinds that nobody serves are left out.
    """
    resources = (*(past.last_good.resources if past.last_good else ()), *release.resources)
    known = {**served, **definitions(resources)}
    grants = (*_at_home(release), *_of_refs(release.refs | past.inventory, known, undoes=undoes))
    return Needs((*grants, *_autoscalers(resources, known)), tuple(dict.fromkeys(_handed_on(resources))))


def needs_of_steps(doings: Iterable[Doing], resources: Iterable[Resource], served: Kinds) -> Needs:
    """What steps need for what they do beside releases; ``resources`` are those that they apply or try."""
    resources = tuple(resources)
    known = {**served, **definitions(resources)}
    grants = (grant for one in doings if one.ref.group_kind in known for grant in _of_doing(one, known))
    return Needs((*grants, *_autoscalers(resources, known)), tuple(dict.fromkeys(_handed_on(resources))))


def needs_of_run(namespace: str) -> Needs:
    """What a run of a pipeline needs for itself, in the namespace of its first stage."""
    return Needs(
        (Grant(using.JOURNAL, namespace, "", "secrets"), Grant(using.HOME, namespace, "", "namespaces", namespace))
    )


def _at_home(release: Release) -> Iterator[Grant]:
    home = release.namespace
    yield Grant(using.RECORDS, home, "", "secrets")
    yield Grant(using.LEASE, home, LEASES, "leases", _lease_name(release))
    yield Grant(using.NEW_LEASE, home, LEASES, "leases")
    yield Grant(using.HOME, home, "", "namespaces", home)


def _of_refs(refs: Iterable[Ref], known: Kinds, *, undoes: bool) -> Iterator[Grant]:
    for ref in sorted(refs):
        if ref.group_kind in known:
            yield _of_itself(ref, known[ref.group_kind])
            yield from _of_dependents(ref, known, undoes=undoes)


def _of_itself(ref: Ref, served: Served) -> Grant:
    """In the whole cluster it is limited to its name. In a namespace names come and go with releases."""
    name = "" if served.namespaced else ref.name
    return Grant(_own_use(ref), ref.namespace, ref.group, served.plural, name)


def _of_dependents(ref: Ref, known: Kinds, *, undoes: bool) -> Iterator[Grant]:
    for use, one in _dependents(ref, undoes=undoes):
        if one in known:
            yield _of_kind(use, ref, one, known)
    if POD in (ref.group_kind, *kind_of(ref.group_kind).dependents):
        yield Grant(using.LOG, ref.namespace, "", "pods/log")


def _of_doing(doing: Doing, known: Kinds) -> Iterator[Grant]:
    """A use of a resource, and of what it is waited for by."""
    ref, use = doing.ref, doing.use
    itself, keeper = _of_itself(ref, known[ref.group_kind]), kind_of(ref.group_kind).keeper
    if use is using.REVISION:
        yield from (_of_kind(use, ref, keeper.group_kind, known),) if keeper else ()
    elif use is using.APPLIED and itself.use is using.LASTING:
        yield itself
    else:
        yield replace(itself, use=use, plural=f"{itself.plural}/{use.part}" if use.part else itself.plural)
    if use in using.WAITED_FOR:
        found = _dependents(ref, undoes=False)
        yield from (_of_kind(one, ref, kind, known) for one, kind in found if kind in known)
    if use is using.SCALED:
        yield from _scalers(ref.namespace, known)


def _of_kind(use: Use, ref: Ref, kind: GroupKind, known: Kinds) -> Grant:
    return Grant(use, ref.namespace, kind.group, known[kind].plural)


def _autoscalers(resources: Iterable[Resource], known: Kinds) -> Iterator[Grant]:
    for namespace in sorted({one.ref.namespace for one in resources if is_scalable(one)}):
        yield from _scalers(namespace, known)


def _scalers(namespace: str, known: Kinds) -> Iterator[Grant]:
    for kind in AUTOSCALERS:
        if kind in known:
            yield Grant(using.AUTOSCALER, namespace, kind.group, known[kind].plural)


def _not_covered(grants: Iterable[Grant], *, looking: bool) -> Iterator[Grant]:
    """In the order of their uses, without those that say nothing new."""
    given: set[tuple[str, str, str, str]] = set()
    for grant in sorted(grants, key=lambda one: using.USES.index(one.use)):
        found = {(grant.namespace, grant.group, grant.plural, verb) for verb in _verbs(grant, looking=looking)}
        if not found <= given:
            yield grant
        given |= set() if grant.name else found


def _verbs(grant: Grant, *, looking: bool) -> tuple[str, ...]:
    return grant.use.look if looking else grant.use.verbs


def _rules(grants: Iterable[Grant], *, looking: bool) -> Iterator[tuple[str, Rule]]:
    """What has the same use and group becomes one rule; what is limited to names one for each kind and set of names."""
    merged: dict[tuple[Grant, tuple[str, ...]], dict[str, tuple[str, ...]]] = {}
    for grant in grants:
        for verbs, names in _parts(grant, _verbs(grant, looking=looking)):
            alike = replace(grant, name="", plural=grant.plural if grant.name else "")
            plurals = merged.setdefault((alike, verbs), {})
            plurals[grant.plural] = (*plurals.get(grant.plural, ()), *names)
    for (alike, verbs), plurals in merged.items():
        names = tuple(sorted({name for some in plurals.values() for name in some}))
        why = TRIED if names and verbs == ("patch",) else (looking and alike.use.look_why) or alike.use.why
        yield alike.namespace, Rule(why, (alike.group,), tuple(sorted(plurals)), verbs, names)


def _parts(grant: Grant, verbs: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Verbs and the names that they are limited to. Some changes are tried under another name, in a dry run."""
    if not grant.name:
        yield verbs, ()
        return
    tried = (grant.name, twin_name(grant.name))
    named = tuple(verb for verb in verbs if verb not in ("patch", *using.UNNAMED))
    yield from ((named, (grant.name,)),) if named else ()
    yield from ((("patch",), tried),) if "patch" in verbs else ()
    rest = tuple(verb for verb in verbs if verb in using.UNNAMED)
    yield from ((rest, ()),) if rest else ()


# --- what a release allows others


def _handed_on(resources: Iterable[Resource]) -> Iterator[tuple[str, Rule]]:
    """The API lets nobody give what they do not have themselves.

    https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
    """
    for resource in resources:
        if resource.ref.group == RBAC and resource.ref.kind in _HANDING_ON:
            for rule in _HANDING_ON[resource.ref.kind](resource):
                yield resource.ref.namespace, rule


def _of_role(resource: Resource) -> Iterator[Rule]:
    fields = ("apiGroups", "resources", "verbs", "resourceNames", "nonResourceURLs")
    for rule in resource.body.get("rules") or ():
        groups, resources, verbs, names, urls = (tuple(rule.get(field) or ()) for field in fields)
        yield Rule(GIVEN, groups, resources, verbs, names, urls)


def _of_binding(resource: Resource) -> Iterator[Rule]:
    role: Mapping[str, str] = resource.body.get("roleRef") or {}
    if role.get("name"):
        yield Rule(BOUND, (RBAC,), (f"{role.get('kind', 'Role').lower()}s",), ("bind",), (role["name"],))


_HANDING_ON: Mapping[str, Callable[[Resource], Iterator[Rule]]] = {
    "Role": _of_role,
    "ClusterRole": _of_role,
    "RoleBinding": _of_binding,
    "ClusterRoleBinding": _of_binding,
}
