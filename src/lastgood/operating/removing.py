"""A release goes, with all that its attempts have made and its history: by ``uninstall``, as on the command line."""

from __future__ import annotations

from dataclasses import replace

from lastgood.deployer import USUAL, Deployer
from lastgood.errors import ReleaseNotFound, UninstallFailed
from lastgood.model.event import Event, Written
from lastgood.model.operation import Done, Touched
from lastgood.model.request import Options
from lastgood.model.resource import Ref
from lastgood.operating.deleting import delete
from lastgood.operating.site import Site


async def remove(
    deployer: Deployer, name: str, *, everything: bool = False, with_namespace: bool = False, options: Options = USUAL
) -> Done:
    """Delete a release, and the namespace of its history if asked for. A release that is not there is no error.

    What is never pruned stays unless ``everything``; a namespace takes with it all that is in it, of whomever it is.
    """
    gone: list[Touched] = []

    def hear(event: Event) -> None:
        if isinstance(event, Written):
            gone.append(Touched(event.ref, event.op, event.note))
        deployer.tell(event)

    try:
        await replace(deployer, tell=hear).uninstall(name, everything=everything, options=options)
    except UninstallFailed as error:
        return Done(tuple(gone), failure=str(error))
    except ReleaseNotFound:
        pass
    if not with_namespace:
        return Done(tuple(gone))
    space = Ref("", "Namespace", "", deployer.namespace, "v1")
    done = await delete(site_of(deployer), [space], within=options.timeout)
    return replace(done, touched=(*gone, *done.touched))


def site_of(deployer: Deployer) -> Site:
    """Where a deployer works, for operations beside its releases."""
    return Site(deployer.cluster, deployer.clock, deployer.namespace, deployer.tell)
