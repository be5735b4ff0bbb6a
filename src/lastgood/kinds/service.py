"""Services: ready when they have the addresses that their type promises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lastgood.model.health import Health, Observation, Status, unsettled
from lastgood.model.kind import Kind, Rank
from lastgood.model.resource import Body, GroupKind
from lastgood.reasons import cause

GROUP_KIND = GroupKind("", "Service")
HEADLESS = "None"


def assess(body: Body, _observation: Observation) -> Health:
    """Whether it has its cluster address, and its load balancer's where it asks for one."""
    early = unsettled(body)
    if early:
        return early
    kind = _type(body)
    if kind == "ExternalName":
        return Health(Status.CURRENT, f"is another name of {body['spec'].get('externalName')}")
    if not body["spec"].get("clusterIP"):
        return Health(Status.IN_PROGRESS, "has no cluster address yet")
    if kind == "LoadBalancer" and not _ingress(body):
        return Health(Status.IN_PROGRESS, "has no address of a load balancer yet", (cause("LoadBalancerPending"),))
    return Health(Status.CURRENT, "has its address")


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
    return str((body.get("spec") or {}).get("type") or "ClusterIP")


def _ingress(body: Body) -> Any:
    return ((body.get("status") or {}).get("loadBalancer") or {}).get("ingress")


def _balancer_class(live: Mapping[str, Any], desired: Mapping[str, Any]) -> tuple[str, ...]:
    both = _type(live) == _type(desired) == "LoadBalancer"
    differs = live["spec"].get("loadBalancerClass") != desired["spec"].get("loadBalancerClass")
    return ("spec.loadBalancerClass",) if both and differs else ()


KIND = Kind(GROUP_KIND, Rank.NETWORK, assess, refuses=refuses, one_way=one_way)
