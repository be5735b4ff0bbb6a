"""Two releases, resource by resource: what one would have to change to become the other. Pure."""

from __future__ import annotations

from lastgood.diffing import diff
from lastgood.model.plan import Change, Op
from lastgood.model.release import Release
from lastgood.model.resource import Body, Ref


def compare(before: Release, after: Release) -> tuple[Change, ...]:
    """The changes from one recorded release to another, sorted by ref; what is alike in both is ``KEEP``.

    Values of Secrets are masked in the fields, and only there: ``live`` and ``body`` are as recorded.
    """
    old = {one.ref: one.body for one in before.resources}
    new = {one.ref: one.body for one in after.resources}
    return tuple(_change(ref, old.get(ref), new.get(ref)) for ref in sorted(old.keys() | new.keys()))


def _change(ref: Ref, old: Body | None, new: Body | None) -> Change:
    if old is None or new is None:
        return Change(Op.CREATE if old is None else Op.DELETE, ref, body=new, live=old)
    fields = diff(ref, old, new)
    return Change(Op.UPDATE if fields else Op.KEEP, ref, body=new, live=old, fields=fields)
