"""Workloads go back to the pod templates that the cluster keeps, as by ``kubectl rollout undo --to-revision``. Pure.

Which ReplicaSet or ControllerRevision it is was recorded when the release was good: by name, with the uid of its
workload and the template. Numbers of revisions are not used: an undo moves them, and a workload that is made anew
starts at 1. Where what was recorded is not there any more, the stored manifest of the workload is used, and the plan
says so.

https://github.com/kubernetes/kubectl/blob/v0.36.0/pkg/polymorphichelpers/rollback.go
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from lastgood.diffing import LAST_APPLIED, Difference, as_change, differences
from lastgood.kinds import kind_of
from lastgood.model.kind import Keeper
from lastgood.model.marks import says
from lastgood.model.plan import Change, Op, Plan, Revision
from lastgood.model.release import Release, Workload
from lastgood.model.resource import Body, GroupKind, Ref, Resource, digest
from lastgood.owning import last_applied_back
from lastgood.reasons import plain_template
from lastgood.ruling.annotations import MANAGED
from lastgood.strategies import DIRECT_APPLY, arranged, colour_of
from lastgood.versioning import version_of

BY_MANIFEST = frozenset({GroupKind("apps.openshift.io", "DeploymentConfig")})

NOT_COPIED = frozenset(
    {
        LAST_APPLIED,
        "deployment.kubernetes.io/revision",
        "deployment.kubernetes.io/revision-history",
        "deployment.kubernetes.io/desired-replicas",
        "deployment.kubernetes.io/max-replicas",
        "deprecated.deployment.rollback.to",
    }
)
"""Annotations that stay those of the workload; all others come back with the template."""

TEMPLATES = "an undo brings back pod templates only"

Revisions = Mapping[Ref, Revision | str]
"""What the cluster keeps of each workload of a release: a revision to go back to, or why there is none."""


def keepers(release: Release) -> tuple[Ref, ...]:
    """The ReplicaSets and ControllerRevisions that hold the pod templates of a release's workloads."""
    return tuple(ref for one in release.workloads if (ref := _keeper_ref(one)))


def revisions(release: Release, live: Mapping[Ref, Body], found: Mapping[Ref, Body]) -> Revisions:
    """What of that can be gone back to, from the live workloads and from the keepers that were found."""
    recorded = {one.ref: one for one in release.workloads}
    refs = (one.ref for one in release.resources if kind_of(one.ref.group_kind).keeper and _is_workload(one))
    return {ref: _sought(live.get(ref), recorded.get(ref), found) for ref in refs}


def undo(plan: Plan, release: Release, known: Revisions) -> Plan:
    """The part of a plan that an undo does, workloads by their revisions; the rest of it is only told.

    ``plan`` is what would make the whole release live again. Services that a swap changed are swapped back. Where the
    release prunes, what is missing is made again and what is left over deleted, workload or not.
    """
    undone = {one.ref for one in release.resources if _is_undone(one) or _is_of_a_colour(one, release)}
    back = tuple(one for one in plan.changes if one.ref in undone or (release.prune and one.op is Op.CREATE))
    pruned = tuple(one for one in plan.changes if one.op is Op.DELETE)
    changes = tuple(_change(one, known.get(one.ref)) for one in back)
    done = {one.ref for one in (*back, *pruned)}
    beside = (
        *(_beside(one, known.get(one.ref)) for one in back),
        *(one for one in plan.changes if one.ref not in done),
    )
    return replace(
        plan,
        steps=arranged(release, changes, pruned),
        changes=(*changes, *pruned),
        outside=tuple(one for one in beside if _differs(one)),
    )


def patch(change: Change) -> list[dict[str, Any]]:
    """The guarded JSON patch of an undo: the template, and what the live workload says of who applied it."""
    assert change.revision is not None
    assert change.live is not None
    operations: list[dict[str, Any]] = [
        {"op": "test", "path": "/metadata/uid", "value": change.guard.uid},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": change.guard.resource_version},
        {"op": "replace", "path": "/spec/template", "value": change.revision.template},
    ]
    annotations = _annotations(change.live, change.revision, change.body)
    if annotations != (change.live["metadata"].get("annotations") or {}):
        operations.append({"op": "add", "path": "/metadata/annotations", "value": annotations})
    return operations


def _keeper_ref(workload: Workload) -> Ref | None:
    keeper = kind_of(workload.ref.group_kind).keeper
    if keeper is None or not workload.revision:
        return None
    return Ref(*keeper.group_kind, workload.ref.namespace, workload.revision)


def _sought(live: Body | None, recorded: Workload | None, found: Mapping[Ref, Body]) -> Revision | str:
    ref = _keeper_ref(recorded) if recorded else None
    if recorded is None or ref is None:
        return "no revision of it is recorded"
    if live is None:
        return "it is gone"
    keeper, body = kind_of(recorded.ref.group_kind).keeper, found.get(ref)
    assert keeper is not None
    if body is None:
        return f"{ref} is gone"
    if live["metadata"].get("uid") not in {one.get("uid") for one in body["metadata"].get("ownerReferences") or ()}:
        return f"{ref} belongs to another {recorded.ref.kind} of that name"
    return _revision(ref, body, keeper, recorded)


def _revision(ref: Ref, body: Body, keeper: Keeper, recorded: Workload) -> Revision | str:
    template = keeper.template(body)
    if template_digest(template) != recorded.template:
        return f"{ref} holds another pod template than was recorded"
    annotations = body["metadata"].get("annotations") or {}
    return Revision(ref, template, annotations if keeper.annotations else None)


def _is_workload(resource: Resource) -> bool:
    """What an undo is about: what makes pods that are replaced, unless it asks to be left alone."""
    kind, body = resource.ref.group_kind, resource.body
    makes_pods = bool(kind_of(kind).keeper) or kind in BY_MANIFEST or says(body, MANAGED)
    return makes_pods and not says(body, DIRECT_APPLY)


def _is_undone(resource: Resource) -> bool:
    """Numbered ConfigMaps and Secrets are part of the templates that name them: they must be there, as they were."""
    return _is_workload(resource) or version_of(resource.body) is not None


def _is_of_a_colour(resource: Resource, release: Release) -> bool:
    """What a colour has of its own is in no release's way but those of that colour; and Services are swapped back."""
    return resource.ref in release.routes or (bool(release.routes) and bool(colour_of(resource.body)))


def _change(change: Change, known: Revision | str | None) -> Change:
    if not isinstance(known, Revision):
        return replace(change, note=f"{known}: its stored manifest is used") if known and change.writes else change
    fields = tuple(as_change(change.ref, one) for one in _differences(change.live or {}, known))
    if not fields:
        return Change(Op.KEEP, change.ref, live=change.live)
    return replace(change, op=Op.UNDO, revision=known, fields=fields, note=f"back to {known.ref}", transitions=())


def _differences(live: Body, revision: Revision) -> Iterable[Difference]:
    return differences(
        plain_template(live["spec"]["template"]), plain_template(revision.template), ("spec", "template")
    )


def template_digest(template: Body) -> str:
    """A digest that two pod templates share when they make the same pods."""
    return digest(plain_template(template))


def _annotations(live: Body, revision: Revision, stored: Body | None) -> dict[str, str]:
    """Those of the revision, as kubectl copies them; and last-applied as if this had been applied, not undone."""
    now: dict[str, str] = live["metadata"].get("annotations") or {}
    copies = revision.annotations is not None
    if revision.annotations is not None:
        back = {key: value for key, value in revision.annotations.items() if key not in NOT_COPIED}
        now = back | {key: value for key, value in now.items() if key in NOT_COPIED}
    return now | (last_applied_back(live, stored, annotations=copies) if stored else {})


def _beside(change: Change, known: Revision | str | None) -> Change:
    """What of a workload that goes back to a revision does not go back with its template."""
    back = ("spec.template", *(("metadata.annotations",) if _copies_annotations(known) else ()))
    fields = tuple(one for one in change.fields if not one.path.startswith(back))
    return Change(Op.KEEP, change.ref, fields=fields if isinstance(known, Revision) else (), note=TEMPLATES)


def _copies_annotations(known: Revision | str | None) -> bool:
    return isinstance(known, Revision) and known.annotations is not None


def _differs(change: Change) -> bool:
    """Whether live is not as the release has it; who owns what does not count."""
    return bool(change.fields) or (change.writes and change.op is not Op.UPDATE)
