"""What is named goes, in the opposite order of its coming, and is waited for. What is not there is no error."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from lastgood.model.operation import AS_USUAL, Done, Going
from lastgood.model.plan import Change, Op
from lastgood.model.request import DEFAULT_TIMEOUT
from lastgood.model.resource import Ref, Resource
from lastgood.operating.carrying_out import carry_out
from lastgood.operating.needing import need
from lastgood.operating.site import Site
from lastgood.ports import Served
from lastgood.strategies import dismantle


async def delete(
    site: Site, refs: Collection[Ref], *, going: Going = AS_USUAL, within: float = DEFAULT_TIMEOUT
) -> Done:
    """Delete these, and wait until they are gone; ``touched`` is what went.

    Whoever names something means it: claims, definitions and namespaces go, too. Raises ``Forbidden`` before the first
    delete; what could not be deleted, or is still there in the end, is told in the result.
    """
    live = await site.cluster.read(tuple(dict.fromkeys(refs)))
    changes = tuple(Change(Op.DELETE, ref, live=body) for ref, body in live.items())
    await need(site, changes)
    return await carry_out(site, dismantle(changes), changes, within=within, going=going)


async def refs_in(site: Site, resources: Sequence[Resource]) -> tuple[Ref, ...]:
    """What manifests name, each in its namespace; of a kind that nobody serves nothing can be there."""
    served = await site.cluster.served()
    refs = (one.ref for one in resources if one.ref.group_kind in served)
    return tuple(_placed(served[ref.group_kind], ref, site.namespace) for ref in refs)


def _placed(served: Served, ref: Ref, namespace: str) -> Ref:
    return replace(ref, namespace=(ref.namespace or namespace) if served.namespaced else "")
