"""What is live of what an operation is about. Reads only."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from lastgood.errors import ClusterError, NotFound
from lastgood.model.resource import Body, Ref
from lastgood.operating.naming import name
from lastgood.operating.site import Site


async def find(site: Site, names: Iterable[str]) -> tuple[Ref, ...]:
    """The refs that these name, each once; whether they are there is not asked. Raises ``SettingError``."""
    served = await site.cluster.served()
    return tuple(dict.fromkeys(name(one, served, site.namespace) for one in names))


async def read(site: Site, ref: Ref) -> Body:
    """The live body; raises ``NotFound``, with names that are near."""
    live = (await site.cluster.read([ref])).get(ref)
    if live is None:
        where = f" in namespace {ref.namespace}" if ref.namespace else ""
        raise NotFound(f"there is no {ref}{where}", hint=await _nearest(site, ref))
    return live


async def _nearest(site: Site, ref: Ref) -> str:
    try:
        there = await site.cluster.find([ref.group_kind], ref.namespace, label="")
    except ClusterError:
        return ""
    names = sorted(body["metadata"]["name"] for body in there)
    near = difflib.get_close_matches(ref.name, names, n=3, cutoff=0.5)
    return f"did you mean {' or '.join(near)}?" if near else ""
