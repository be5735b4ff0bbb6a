"""ResourceQuotas: a pod that would be too many is refused, as at a real API server.

https://kubernetes.io/docs/concepts/policy/resource-quotas/
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from lastgood.errors import Forbidden
from lastgood.model.resource import Body, GroupKind
from lastgood.testing.objects import Objects
from lastgood.testing.quantities import amount, canonical

QUOTA, POD = GroupKind("", "ResourceQuota"), GroupKind("", "Pod")


def check(objects: Objects, body: Body) -> None:
    """Raises ``Forbidden`` when a new object does not fit into what is left of a quota."""
    if body["kind"] != "Pod":
        return
    namespace = body["metadata"]["namespace"]
    there = [pod for pod in objects.of_kind(POD, namespace) if pod["status"]["phase"] not in ("Succeeded", "Failed")]
    for quota in objects.of_kind(QUOTA, namespace):
        for name, limit in (quota["spec"].get("hard") or {}).items():
            used, asked = _sum(name, there), _sum(name, [body])
            if asked and used + asked > amount(limit):
                raise Forbidden(_sentence(body, quota, name, (asked, used, limit)))


def _sum(name: str, pods: Iterable[Body]) -> Decimal:
    return sum((_use(name, pod) for pod in pods), Decimal(0))


def _use(name: str, pod: Body) -> Decimal:
    """What one pod takes of this: ``pods``, ``requests.cpu``, ``limits.memory``, or ``cpu`` for requests."""
    if name in ("pods", "count/pods"):
        return Decimal(1)
    part, _, resource = name.rpartition(".")
    values = [(one.get("resources") or {}).get(part or "requests") or {} for one in pod["spec"]["containers"]]
    return sum((amount(value.get(resource, 0)) for value in values), Decimal(0))


def _sentence(body: Body, quota: Body, name: str, numbers: tuple[Decimal, Decimal, str]) -> str:
    asked, used, limit = canonical(str(numbers[0])), canonical(str(numbers[1])), numbers[2]
    pod, by = body["metadata"].get("name", ""), quota["metadata"]["name"]
    said = f"requested: {name}={asked}, used: {name}={used}, limited: {name}={limit}"
    return f'pods "{pod}" is forbidden: exceeded quota: {by}, {said}'
