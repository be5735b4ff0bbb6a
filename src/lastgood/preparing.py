"""What has to be so before a run may write: the namespace is there, and every right that it needs."""

from __future__ import annotations

from contextlib import suppress

from lastgood.errors import Forbidden, NotFound
from lastgood.model.plan import Guard, Plan
from lastgood.model.release import Release
from lastgood.model.resource import GroupKind, Ref
from lastgood.permitting import needed_rights
from lastgood.ports import Cluster

NAMESPACE = GroupKind("", "Namespace")


async def absent_namespace(cluster: Cluster, name: str, *, may_create: bool) -> frozenset[str]:
    """The namespace if it is not there yet and may be made; raises ``NotFound`` if it may not."""
    with suppress(Forbidden):  # who may not read it finds out at the first request inside it
        if await cluster.read([Ref("", "Namespace", "", name, "v1")]):
            return frozenset()
        if not may_create:
            raise NotFound(f"namespace {name} does not exist", hint="--create-namespace makes it")
        return frozenset({name})
    return frozenset()


async def absent_namespaces(cluster: Cluster, release: Release, *, may_create: bool) -> frozenset[str]:
    """The same of a release's namespace, and of the namespaces among its resources."""
    refs = [ref for ref in release.refs if ref.group_kind == NAMESPACE]
    absent = frozenset(ref.name for ref in refs) - {ref.name for ref in await cluster.read(refs)}
    return absent | await absent_namespace(cluster, release.namespace, may_create=may_create)


async def create_namespace(cluster: Cluster, name: str) -> None:
    """Make it; raises ``Conflict`` if somebody else just has."""
    await cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, Guard())


async def need_rights(cluster: Cluster, release: Release, plan: Plan) -> None:
    """Raise ``Forbidden``, naming what is missing, unless the plan, its undoing and their records are allowed."""
    denied = await cluster.denied(needed_rights(plan, release, await cluster.served()))
    if denied:
        what = "; ".join(map(str, denied))
        command = f"lastgood rbac FILES --name {release.name} -n {release.namespace}"
        raise Forbidden(f"not allowed: {what}", hint=f"nothing was changed; `{command}` prints a role that allows it")
