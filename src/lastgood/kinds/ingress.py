"""Ingresses: ready when there. Not every controller writes an address into them, and none need be there: it is told.

https://kubernetes.io/docs/concepts/services-networking/ingress/
"""

from __future__ import annotations

from lastgood.model.health import Health, Observation, Status, unsettled
from lastgood.model.kind import Kind, Meaning, Rank
from lastgood.model.reading import items, text
from lastgood.model.resource import Body, GroupKind

GROUP_KIND = GroupKind("networking.k8s.io", "Ingress")


def assess(body: Body, _observation: Observation) -> Health:
    """That it is there, and where it can be reached if that is known."""
    early = unsettled(body)
    if early:
        return early
    places = items(body, "status", "loadBalancer", "ingress")
    found = next((text(one, "hostname") or text(one, "ip") for one in places), "")
    if found:
        return Health(Status.CURRENT, f"has its address: {found}", rule="status.loadBalancer.ingress is there")
    return Health(Status.CURRENT, "is there; no controller has written an address into it", rule="it is there")


KIND = Kind(
    GROUP_KIND,
    Rank.EDGE,
    assess,
    meaning=Meaning(current="it is there; its address is told where a controller writes one"),
    source="https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-controllers",
)
