"""What lives in a namespace, or what a release is made of, read now and diagnosed. Reads only."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from lastgood.diagnosing import NO_RULES, diagnose, missing
from lastgood.errors import ClusterError
from lastgood.kinds import kind_of
from lastgood.kinship import owners
from lastgood.model.diagnosis import Diagnosis, Examined
from lastgood.model.kind import Rank
from lastgood.model.resource import Body, GroupKind, Ref, ref_of
from lastgood.model.rule import Rules
from lastgood.observing import look
from lastgood.ports import Cluster, Served

EXPLAIN = frozenset({GroupKind("", "Event"), GroupKind("apps", "ControllerRevision")})
"""What is read for what it says of others."""

SILENT = frozenset(
    {
        *(GroupKind("", kind) for kind in ("Binding", "ConfigMap", "Endpoints", "LimitRange", "PodTemplate", "Secret")),
        GroupKind("", "ServiceAccount"),
        GroupKind("coordination.k8s.io", "Lease"),
        GroupKind("discovery.k8s.io", "EndpointSlice"),
        GroupKind("events.k8s.io", "Event"),
        GroupKind("rbac.authorization.k8s.io", "Role"),
        GroupKind("rbac.authorization.k8s.io", "RoleBinding"),
        GroupKind("storage.k8s.io", "CSIStorageCapacity"),
    }
)
"""Kinds that never have a status. They are not even read: not everybody may read Secrets."""

SILENT_GROUPS = frozenset({"authorization.k8s.io", "metrics.k8s.io"})


async def examine(cluster: Cluster, namespace: str, *, everything: bool = False, rules: Rules = NO_RULES) -> Examined:
    """How what lives in a namespace is, workloads after what they need, by kind and name.

    Left out is what belongs to an owner, and what has no status and is no workload, unless ``everything``. Kinds that
    cannot be read are told, not raised, since few may read all. ``rules`` are those of the user.
    """
    kinds = [kind for kind, served in (await cluster.served()).items() if _is_told_of(served)]
    lists = await asyncio.gather(*(_listed(cluster, kind, namespace) for kind in kinds))
    bodies = [body for found in lists for body in found or ()]
    pairs = zip(bodies, diagnose(bodies, rules), strict=True)
    shown = [one for body, one in pairs if _is_subject(body) and (everything or _stands_alone(body))]
    unseen = [str(kind).lower() for kind, found in zip(kinds, lists, strict=True) if found is None]
    return Examined(tuple(sorted(shown, key=_order)), tuple(sorted(unseen)))


async def examine_refs(cluster: Cluster, refs: Collection[Ref], rules: Rules = NO_RULES) -> Examined:
    """How these are, in their order, with what belongs to them; what is not there is ``NotFound``."""
    seen = await look(cluster, refs)
    below = {id(body): body for bodies in seen.dependents.values() for body in bodies}
    told = diagnose([*seen.bodies.values(), *below.values()], rules)
    known = dict(zip(seen.bodies, told, strict=False))
    return Examined(tuple(known[ref] if ref in known else missing(ref) for ref in refs))


def _is_told_of(served: Served) -> bool:
    kind = served.group_kind
    return served.namespaced and kind not in SILENT and kind.group not in SILENT_GROUPS


async def _listed(cluster: Cluster, kind: GroupKind, namespace: str) -> list[Body] | None:
    try:
        return await cluster.find([kind], namespace, label="")
    except ClusterError:
        return None


def _is_subject(body: Body) -> bool:
    return ref_of(body).group_kind not in EXPLAIN


def _stands_alone(body: Body) -> bool:
    is_workload = kind_of(ref_of(body).group_kind).rank is Rank.WORKLOAD
    return not owners(body) and (is_workload or bool(body.get("status")))


def _order(one: Diagnosis) -> tuple[int, GroupKind, str]:
    return kind_of(one.ref.group_kind).rank, one.ref.group_kind, one.ref.name
