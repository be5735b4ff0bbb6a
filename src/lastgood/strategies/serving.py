"""Services: which of them lead to pods, and a copy that can be there beside its original. Pure.

https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lastgood.model.marks import DIRECT_APPLY, says
from lastgood.model.reading import text
from lastgood.model.resource import Body, Resource
from lastgood.strategies.selecting import SERVICE, Labels, Selector, pod_labels, selector_of

PRIMARY_SERVICE = "harness.io/primary-service"
STAGE_SERVICE = "harness.io/stage-service"

HEADLESS = "None"

ONLY_ONCE = ("loadBalancerIP", "healthCheckNodePort", "externalIPs")
"""Fields that give a Service something that no two can have."""

OF_BALANCERS = (
    "loadBalancerClass",
    "loadBalancerSourceRanges",
    "allocateLoadBalancerNodePorts",
    "externalTrafficPolicy",
)
"""Fields that the API refuses in a Service of type ClusterIP."""

OF_THE_ORIGINAL = (
    "external-dns.alpha.kubernetes.io/",
    "tailscale.com/",
    "metallb.universe.tf/",
    "metallb.io/",
    "service.beta.kubernetes.io/",
    PRIMARY_SERVICE,
    STAGE_SERVICE,
)
"""How annotations begin that would give the copy the original's name or address out there, or its role."""


def services(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """The Services that select pods by labels, but for those that ask to be left alone."""
    found = (one for one in resources if one.ref.group_kind == SERVICE and not says(one.body, DIRECT_APPLY))
    return tuple(one for one in found if selector_of(one.body) and text(one.body, "spec", "type") != "ExternalName")


def leads_to(service: Resource, workload: Resource, besides: str = "") -> bool:
    """Whether a Service selects a workload's pods; ``besides`` is a label that does not count."""
    selector, namespaces = selector_of(service.body), (_namespace(service), _namespace(workload))
    if selector is None or namespaces[0] != namespaces[1]:
        return False
    return Selector(_without(selector.labels, besides)).selects(pod_labels(workload.body))


def is_headless(service: Resource) -> bool:
    """Whether it is an entry in the DNS and nothing else."""
    return text(service.body, "spec", "clusterIP") == HEADLESS


def beside(service: Resource) -> Resource:
    """The same without what only one Service can have: addresses, node ports, a load balancer, a name in the DNS.

    A load balancer costs money and takes minutes: the copy is reached inside of the cluster only.
    """
    body = service.copy_body()
    spec = body["spec"]
    for name in ("clusterIP", "clusterIPs"):
        if spec.get(name) not in (HEADLESS, [HEADLESS]):
            spec.pop(name, None)
    for name in ONLY_ONCE:
        spec.pop(name, None)
    for port in spec.get("ports") or ():
        port.pop("nodePort", None)
    if spec.get("type") == "LoadBalancer":
        spec["type"] = "ClusterIP"
    for name in OF_BALANCERS if spec.get("type") in (None, "ClusterIP") else ():
        spec.pop(name, None)
    _leave_annotations(body)
    return service.with_body(body)


def _leave_annotations(body: Body) -> None:
    found = body["metadata"].get("annotations") or {}
    kept = {key: value for key, value in found.items() if not key.startswith(OF_THE_ORIGINAL)}
    body["metadata"].pop("annotations", None)
    if kept:
        body["metadata"]["annotations"] = kept


def _namespace(one: Resource) -> str:
    return one.body["metadata"].get("namespace") or ""


def _without(labels: Labels, key: str) -> Mapping[str, str]:
    return {name: value for name, value in labels.items() if name != key}
