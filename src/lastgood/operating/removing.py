"""A release goes, with all that its attempts have made and its history: by ``uninstall``, as on the command line."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from lastgood.deployer import USUAL, Deployer
from lastgood.errors import Forbidden, ReleaseNotFound, UninstallFailed
from lastgood.kinds import KINDS, kind_of
from lastgood.model.event import Event, Written
from lastgood.model.kind import Pruning
from lastgood.model.marks import RELEASE, RELEASE_NAMESPACE, says
from lastgood.model.operation import Done, Touched
from lastgood.model.request import Options
from lastgood.model.resource import Body, GroupKind, Ref, ref_of
from lastgood.operating.deleting import delete
from lastgood.operating.site import Site
from lastgood.owning import owned_fields
from lastgood.planning import SKIP_PRUNING


async def remove(
    deployer: Deployer, name: str, *, everything: bool = False, with_namespace: bool = False, options: Options = USUAL
) -> Done:
    """Delete a release, and the namespace of its history if asked for. A release that is not there is no error.

    If its history is gone, what carries its labels is deleted. What is never pruned stays unless ``everything``; a
    namespace takes with it all that is in it, of whomever it is.
    """
    site, gone = site_of(deployer), list[Touched]()

    def hear(event: Event) -> None:
        if isinstance(event, Written):
            gone.append(Touched(event.ref, event.op, event.note))
        deployer.tell(event)

    try:
        await replace(deployer, tell=hear).uninstall(name, everything=everything, options=options)
    except UninstallFailed as error:
        return Done(tuple(gone), failure=str(error))
    except ReleaseNotFound:
        done = await delete(site, await _labelled(site, name, everything=everything), within=options.timeout)
        if not done.ok:
            return done
        gone += done.touched
    if not with_namespace:
        return Done(tuple(gone))
    space = Ref("", "Namespace", "", deployer.namespace, "v1")
    done = await delete(site, [space], within=options.timeout)
    return replace(done, touched=(*gone, *done.touched))


async def _labelled(site: Site, name: str, *, everything: bool) -> tuple[Ref, ...]:
    """What says that it belongs to a release, of the kinds that we know and may list.

    Only what we have applied: Endpoints have the labels of their Service, too.
    """
    kinds = [kind for kind in await site.cluster.served() if kind in KINDS]
    label = f"{RELEASE}={name},{RELEASE_NAMESPACE}={site.namespace}"
    lists = await asyncio.gather(*(_listed(site, kind, label) for kind in kinds))
    found = (body for bodies in lists for body in bodies if owned_fields(body))
    return tuple(ref_of(body) for body in found if everything or _goes(body))


async def _listed(site: Site, kind: GroupKind, label: str) -> list[Body]:
    try:
        return await site.cluster.find([kind], site.namespace, label=label)
    except Forbidden:
        return []


def _goes(body: Body) -> bool:
    return kind_of(ref_of(body).group_kind).pruning is Pruning.DELETE and not says(body, SKIP_PRUNING)


def site_of(deployer: Deployer) -> Site:
    """Where a deployer works, for operations beside its releases."""
    return Site(deployer.cluster, deployer.clock, deployer.namespace, deployer.tell)
