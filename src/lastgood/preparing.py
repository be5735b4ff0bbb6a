"""What has to be so before a run may write: the namespace is there, and every right that it needs."""

from __future__ import annotations

from contextlib import suppress

from lastgood.errors import Forbidden, NotFound
from lastgood.model.plan import Guard, Plan
from lastgood.model.resource import Ref
from lastgood.planning import needed_rights
from lastgood.ports import Cluster


async def absent_namespace(cluster: Cluster, name: str, *, may_create: bool) -> frozenset[str]:
    """The namespace if it is not there yet and may be made; raises ``NotFound`` if it may not."""
    with suppress(Forbidden):  # who may not read it finds out at the first request inside it
        if await cluster.read([Ref("", "Namespace", "", name, "v1")]):
            return frozenset()
        if not may_create:
            raise NotFound(f"namespace {name} does not exist", hint="--create-namespace makes it")
        return frozenset({name})
    return frozenset()


async def create_namespace(cluster: Cluster, name: str) -> None:
    """Make it; raises ``Conflict`` if somebody else just has."""
    await cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, Guard())


async def need_rights(cluster: Cluster, plan: Plan) -> None:
    """Raise ``Forbidden``, naming what is missing, unless the plan and its undoing are allowed."""
    denied = await cluster.denied(needed_rights(plan, await cluster.served()))
    if denied:
        what = "; ".join(map(str, denied))
        raise Forbidden(f"not allowed: {what}", hint="nothing was changed; ask for a role that allows it")
