"""Services: ready when they have the addresses that their type promises.

A load balancer is waited for as soon as a controller has taken the Service up: it has put a finalizer or a condition on
it, or an event about it. Where none does so for a while there may be none in the cluster, and a deploy goes on.
https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lastgood.model.health import Health, Observation, Status, condition, condition_is, unsettled
from lastgood.model.kind import Kind, Meaning, Rank
from lastgood.model.reading import at, items, text, words
from lastgood.model.resource import Body, GroupKind
from lastgood.reasons import cause, newest

GROUP_KIND = GroupKind("", "Service")
HEADLESS = "None"
INGRESS = "status.loadBalancer.ingress"
PORTS = "LoadBalancerPortsError"

SILENCE = 30.0
"""Seconds in which whoever makes load balancers gives a sign: controllers take up what they see within a few."""

GARBAGE_COLLECTION = frozenset({"foregroundDeletion", "orphan"})
"""Finalizers that say nothing of a load balancer."""


def assess(body: Body, observation: Observation) -> Health:
    """Whether it has its cluster address, and its load balancer's where it asks for one."""
    early = unsettled(body)
    if early:
        return early
    kind = _type(body)
    if kind == "ExternalName":
        other = f"is another name of {text(body, 'spec', 'externalName')}"
        return Health(Status.CURRENT, other, rule="spec.type is ExternalName")
    if not at(body, "spec", "clusterIP"):
        return Health(Status.IN_PROGRESS, "has no cluster address yet", rule="spec.clusterIP is not there")
    if kind == "LoadBalancer":
        return _balanced(body, observation)
    return Health(Status.CURRENT, "has its address", rule="spec.clusterIP is there")


def _balanced(body: Body, observation: Observation) -> Health:
    ingress = items(body, "status", "loadBalancer", "ingress")
    if ingress:
        return _reachable(body, ingress)
    lacks, rule = "has no address of a load balancer yet", f"{INGRESS} is empty"
    told = _told(observation.of(text(body, "metadata", "uid"), "Event"))
    if told is not None and told.get("type") == "Warning":
        because = cause("LoadBalancerFailed", detail=text(told, "message"))
        return Health(Status.IN_PROGRESS, lacks, (because,), rule=rule)
    if told is not None or _is_taken_up(body):
        return Health(Status.IN_PROGRESS, lacks, (cause("LoadBalancerPending"),), rule=rule)
    because = cause("LoadBalancerUnclaimed")
    return Health(Status.IN_PROGRESS, lacks, (because,), enough_after=SILENCE, rule=rule)


def _reachable(body: Body, ingress: tuple[Mapping[str, Any], ...]) -> Health:
    """It has an address. A port that is not served there stays so until somebody changes it: it is told."""
    where = text(ingress[0], "hostname") or text(ingress[0], "ip")
    has = f"has its address: {where}" if where else "has its address"
    unserved = next(_unserved(body, ingress), None)
    if unserved is None:
        return Health(Status.CURRENT, has, rule=f"{INGRESS} is there")
    detail, rule = unserved
    because = (cause("NotReady", detail=f"not all its ports are served: {detail}"),)
    return Health(Status.IN_PROGRESS, has, because, enough_after=0.0, rule=rule)


def _unserved(body: Body, ingress: tuple[Mapping[str, Any], ...]) -> Iterator[tuple[str, str]]:
    """What is said of ports that a load balancer does not serve: in words, and where that stands.

    https://github.com/kubernetes/api/blob/v0.36.0/core/v1/types.go (PortStatus, LoadBalancerPortsError)
    """
    if condition_is(body, PORTS, "True"):
        said = condition(body, PORTS)
        detail = text(said, "message") or text(said, "reason", default="no reason is given")
        yield detail, f"condition {PORTS} is True"
    for port in (port for one in ingress for port in items(one, "ports") if text(port, "error")):
        yield f"{port.get('port')}: {text(port, 'error')}", f"{INGRESS}.ports.error is there"


def _told(events: tuple[Body, ...]) -> Body | None:
    """What was last said of the load balancer; the endpoints' controllers speak of Services, too."""
    reasons = {text(event, "reason") for event in events}
    return newest(events, {one for one in reasons if one and not one.startswith("FailedToUpdateEndpoint")})


def _is_taken_up(body: Body) -> bool:
    mine = set(words(body, "metadata", "finalizers")) - GARBAGE_COLLECTION
    return bool(mine) or bool(items(body, "status", "conditions"))


def refuses(live: Mapping[str, Any], desired: Mapping[str, Any]) -> tuple[str, ...]:
    """An address once given stays; one that is left out of a headless Service is not given later, in silence."""
    if "ExternalName" in (_type(live), _type(desired)):
        return ()
    has, wants = live["spec"].get("clusterIP"), desired["spec"].get("clusterIP")
    moved = (wants and wants != has) or (has == HEADLESS and not wants)
    return (*(("spec.clusterIP",) if moved else ()), *_balancer_class(live, desired))


def one_way(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """The same rule, for two bodies as sent: neither holds what the API chose."""
    if "ExternalName" in (_type(old), _type(new)):
        return ()
    before, after = old["spec"].get("clusterIP"), new["spec"].get("clusterIP")
    moved = before != after and (HEADLESS in (before, after) or before)
    return ("spec.clusterIP cannot be changed back",) if moved else ()


def _type(body: Mapping[str, Any]) -> str:
    return text(body, "spec", "type", default="ClusterIP")


def _balancer_class(live: Mapping[str, Any], desired: Mapping[str, Any]) -> tuple[str, ...]:
    both = _type(live) == _type(desired) == "LoadBalancer"
    differs = live["spec"].get("loadBalancerClass") != desired["spec"].get("loadBalancerClass")
    return ("spec.loadBalancerClass",) if both and differs else ()


KIND = Kind(
    GROUP_KIND,
    Rank.NETWORK,
    assess,
    dependents=(GroupKind("", "Event"),),
    refuses=refuses,
    one_way=one_way,
    meaning=Meaning(
        current="it has its cluster address; a `LoadBalancer` also one in `status.loadBalancer.ingress`",
        in_progress="it has no address yet, or a load balancer does not serve all its ports",
        passes=f"a load balancer that no controller has taken up for {SILENCE:g} s; ports that it does not serve",
    ),
    source="https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer",
)
