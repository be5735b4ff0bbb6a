"""The earlier pod templates of a workload, numbered as kubectl numbers them. Pure.

https://github.com/kubernetes/kubectl/blob/v0.36.0/pkg/polymorphichelpers/history.go
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lastgood.diffing import differences
from lastgood.errors import Rejected
from lastgood.kinds import kind_of
from lastgood.model.operation import Numbered
from lastgood.model.plan import Change, Op, Revision
from lastgood.model.reading import at, items, text
from lastgood.model.resource import Body, Ref, ref_of
from lastgood.operating.patching import CHANGE_CAUSE
from lastgood.reasons import plain_template
from lastgood.undoing import template_digest

NUMBER = "deployment.kubernetes.io/revision"


def numbered(live: Body, keepers: Iterable[Body]) -> tuple[Numbered, ...]:
    """The revisions of a live workload among these ReplicaSets or ControllerRevisions, the oldest first."""
    uid = live["metadata"]["uid"]
    own = (
        one for one in keepers if any(owner.get("uid") == uid for owner in items(one, "metadata", "ownerReferences"))
    )
    return tuple(sorted(_numbered(live, own), key=lambda one: one.number))


def undone(live: Body, ref: Ref, known: tuple[Numbered, ...], *, number: int | None) -> Change | str:
    """The change that brings back one revision, without a number the one before; or why nothing is to be done.

    Raises ``Rejected`` when there is no such revision.
    """
    chosen = _chosen(ref, known, number)
    found = differences(plain_template(live["spec"]["template"]), plain_template(chosen.revision.template))
    if next(found, None) is None:
        return f"it is as in revision {chosen.number} already"
    note = f"back to revision {chosen.number} ({chosen.revision.ref})"
    return Change(Op.UNDO, ref, live=live, revision=chosen.revision, note=note)


def _chosen(ref: Ref, known: tuple[Numbered, ...], number: int | None) -> Numbered:
    if number:
        for one in known:
            if one.number == number:
                return one
        there = ", ".join(str(one.number) for one in known) or "none"
        raise Rejected(f"{ref} has no revision {number}", ref=ref, hint=f"it has {there}")
    if len(known) < 2:
        raise Rejected(f"{ref} has no earlier revision to go back to", ref=ref)
    return known[-2]


def _numbered(live: Body, keepers: Iterable[Body]) -> Iterator[Numbered]:
    keeper = kind_of(ref_of(live).group_kind).keeper
    if keeper is None:
        return
    now = template_digest(live["spec"]["template"])
    for body in keepers:
        template = keeper.template(body)
        annotations = body["metadata"].get("annotations") or {}
        revision = Revision(ref_of(body), template, annotations if keeper.annotations else None)
        number = _number(body)
        if number:
            yield Numbered(number, revision, annotations.get(CHANGE_CAUSE, ""), template_digest(template) == now)


def _number(body: Body) -> int:
    """A ControllerRevision has its number in the open, a ReplicaSet in an annotation."""
    said = at(body, "revision")
    written = text(body, "metadata", "annotations", NUMBER)
    return said if isinstance(said, int) else int(written) if written.isdigit() else 0
