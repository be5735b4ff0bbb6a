"""What an operation has to be allowed to do: asked before its first write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lastgood.errors import Forbidden
from lastgood.model.plan import Change, Op
from lastgood.model.resource import Ref
from lastgood.operating.site import Site
from lastgood.ports import Right
from lastgood.using import VERBS


async def need(site: Site, changes: Iterable[Change]) -> None:
    """Raise ``Forbidden``, naming what is missing, unless all of these writes are allowed."""
    await _need_all(site, ((change.ref, verb, "") for change in changes for verb in _verbs(change.op)))


async def need_to_patch(site: Site, refs: Iterable[Ref], *, part: str = "") -> None:
    """The same for a patch of live resources, or of a subresource of them."""
    await _need_all(site, ((ref, "patch", part) for ref in refs))


def _verbs(op: Op) -> tuple[str, ...]:
    """Nothing is undone here, so that what is made is not deleted again."""
    return ("create", "patch") if op is Op.CREATE else VERBS[op]


async def _need_all(site: Site, uses: Iterable[tuple[Ref, str, str]]) -> None:
    served = await site.cluster.served()

    def rights() -> Iterator[Right]:
        for ref, verb, part in uses:
            kind = served.get(ref.group_kind)
            if kind is not None:
                plural = f"{kind.plural}/{part}" if part else kind.plural
                yield Right(verb, ref.group, plural, ref.namespace, "" if kind.namespaced else ref.name)

    denied = await site.cluster.denied(sorted(set(rights()), key=str))
    if denied:
        raise Forbidden(f"not allowed: {'; '.join(map(str, denied))}", hint="nothing was changed")
