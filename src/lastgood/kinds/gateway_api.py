"""Gateway API: classes, gateways, sets of listeners, routes and policies, by what their controllers say of them.

Every controller answers what is meant for it (by Accepted). Where none does for a while there may be none in the
cluster, and a deploy goes on. An answer that is False may turn with what is applied beside it, and is waited for.
https://gateway-api.sigs.k8s.io/geps/gep-1364/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lastgood.model.health import NOT_SEEN, Health, Observation, Status, unsettled
from lastgood.model.kind import Assess, Kind, Meaning, Rank
from lastgood.model.reading import at, count, items, part, text
from lastgood.model.resource import Body, GroupKind
from lastgood.reasons import cause

GROUP = "gateway.networking.k8s.io"

SILENCE = 30.0
"""Seconds in which a controller that is there says whether it accepts something."""

UNTOUCHED = frozenset({"Pending", "Waiting", "NotReconciled"})
"""Reasons of conditions that are Unknown since no controller has looked: defaults of the definitions."""

BAD = {
    "Accepted": "False",
    "Conflicted": "True",
    "ResolvedRefs": "False",
    "PartiallyInvalid": "True",
    "Programmed": "False",
}
SAYS = {
    "Accepted": "is not accepted",
    "Conflicted": "is in conflict with another",
    "ResolvedRefs": "refers to what is not there or not allowed",
    "PartiallyInvalid": "is accepted only in part",
    "Programmed": "is not programmed",
}
"""What a condition that is bad means, causes before what they cause. One that is not there is bad only if asked for."""

SILENT = {
    "Accepted": "no controller has taken it up",
    "Programmed": "is accepted, and nobody says whether it is programmed",
}
"""What there is to say where one that is asked for is not there."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What one controller says, of the whole or of one part (a listener, a parent); ``asked`` has to be True."""

    conditions: tuple[Mapping[str, Any], ...]
    asked: tuple[str, ...]
    where: str = ""


def _of_class(body: Body) -> Iterator[_Said]:
    yield _Said(items(body, "status", "conditions"), ("Accepted",))


def _of_gateway(body: Body) -> Iterator[_Said]:
    yield _Said(items(body, "status", "conditions"), ("Accepted", "Programmed"))
    names = {text(one, "name") for one in items(body, "spec", "listeners")}
    for one in items(body, "status", "listeners"):
        if text(one, "name") in names:
            yield _Said(items(one, "conditions"), (), f"listener {text(one, 'name')}: ")


def _of_route(body: Body) -> Iterator[_Said]:
    """One voice at least for each parent; those of parents that are no longer named do not count."""
    told, home = items(body, "status", "parents"), text(body, "metadata", "namespace")
    for wanted in items(body, "spec", "parentRefs"):
        found = [one for one in told if _parent(part(one, "parentRef"), home) == _parent(wanted, home)]
        for one in found or [{}]:
            yield _Said(items(one, "conditions"), ("Accepted",), f"for {_name(wanted)}: ")


def _name(parent: Mapping[str, Any]) -> str:
    return "/".join(filter(None, (text(parent, "name"), text(parent, "sectionName"))))


def _parent(ref: Mapping[str, Any], home: str) -> tuple[Any, ...]:
    group, kind = text(ref, "group", default=GROUP), text(ref, "kind", default="Gateway")
    place = text(ref, "namespace", default=home)
    return group, kind, place, text(ref, "name"), text(ref, "sectionName"), at(ref, "port")


def _of_policy(body: Body) -> Iterator[_Said]:
    told = items(body, "status", "ancestors")
    for one in told or ({},):
        name = text(one, "ancestorRef", "name")
        yield _Said(items(one, "conditions"), ("Accepted",), f"for {name}: " if name else "")


def _assess(body: Body, voices: Iterable[_Said]) -> Health:
    early = unsettled(body)
    if early:
        return early
    heard = tuple(voices)
    found = [health for said in heard if (health := _lacks(body, said)) is not None]
    # Whatever is waited for goes before what is not.
    return min(found, key=lambda one: one.suffices, default=_well(body, heard))


def _well(body: Body, heard: tuple[_Said, ...]) -> Health:
    if not heard:
        return Health(Status.CURRENT, "is there, and names no parent", rule="spec.parentRefs is empty")
    unsupported = _entry(items(body, "status", "conditions"), "SupportedVersion")
    told = "; its controller does not know this version of the API" if unsupported.get("status") == "False" else ""
    asked = tuple(dict.fromkeys(kind for said in heard for kind in said.asked))
    rule = ", ".join(f"condition {kind} is True" for kind in asked)
    return Health(Status.CURRENT, f"is {' and '.join(asked).lower()}{told}", rule=rule)


def _lacks(body: Body, said: _Said) -> Health | None:
    """Why this voice is not a good one; None when it is."""
    entries = {kind: _entry(said.conditions, kind) for kind in BAD}
    asked = [kind for kind in said.asked if entries[kind].get("status") != "True"]
    bad = [kind for kind in BAD if entries[kind].get("status") == BAD[kind]]
    old = next((kind for kind in BAD if _is_old(body, entries[kind])), "")
    if old:
        return replace(NOT_SEEN, rule=f"{said.where}observedGeneration of condition {old} is behind")
    kind = next(iter(bad or asked), "")
    return _told(said, kind, entries[kind]) if kind else None


def _told(said: _Said, kind: str, entry: Mapping[str, Any]) -> Health:
    status, reason = text(entry, "status", default="not there"), text(entry, "reason")
    rule = f"{said.where}condition {kind} is {status}"
    if kind in said.asked and (not entry or (status == "Unknown" and reason in UNTOUCHED)):
        words = f"{said.where}{SILENT[kind]}"
        return Health(Status.IN_PROGRESS, words, enough_after=SILENCE, rule=rule)
    detail = text(entry, "message") or reason
    causes = (cause("NotReady", detail=detail),) if detail else ()
    return Health(Status.IN_PROGRESS, f"{said.where}{SAYS[kind]}", causes, rule=rule)


def _entry(conditions: Iterable[Mapping[str, Any]], kind: str) -> Mapping[str, Any]:
    return next((one for one in conditions if one.get("type") == kind), {})


def _is_old(body: Body, entry: Mapping[str, Any]) -> bool:
    """Each condition says which generation it is about; one that was a default is about none."""
    if entry.get("status") == "Unknown" or "observedGeneration" not in entry:
        return False
    return count(entry, "observedGeneration") < count(body, "metadata", "generation")


def assess_class(body: Body, _observation: Observation) -> Health:
    """Whether its controller takes gateways of it."""
    return _assess(body, _of_class(body))


def assess_gateway(body: Body, _observation: Observation) -> Health:
    """Whether it and each of its listeners is accepted and programmed."""
    return _assess(body, _of_gateway(body))


def assess_route(body: Body, _observation: Observation) -> Health:
    """Whether each parent that it names has accepted it, and what it sends traffic to is there."""
    return _assess(body, _of_route(body))


def assess_policy(body: Body, _observation: Observation) -> Health:
    """Whether each ancestor that it reaches has accepted it."""
    return _assess(body, _of_policy(body))


_PASSES = f"what no controller has taken up for {SILENCE:g} s"
_GATEWAY = Meaning("it is `Accepted` and `Programmed`, and no listener is in trouble", "it is not yet", passes=_PASSES)
_CLASS = Meaning("it is `Accepted`", "it is not yet, or not at all", passes=_PASSES)
_ROUTE = Meaning("each of its parents says `Accepted`, and none `ResolvedRefs` False", "one does not", passes=_PASSES)
_POLICY = Meaning(
    "each of its ancestors says `Accepted`, and none `ResolvedRefs` False", "one does not", passes=_PASSES
)
_TYPES = "https://github.com/kubernetes-sigs/gateway-api/blob/main/apis/v1"


def _kind(kind: str, assess: Assess, meaning: Meaning, source: str, *, group: str = GROUP) -> Kind:
    return Kind(GroupKind(group, kind), Rank.EDGE, assess, meaning=meaning, source=f"{_TYPES}/{source}")


KINDS = (
    _kind("GatewayClass", assess_class, _CLASS, "gatewayclass_types.go"),
    _kind("Gateway", assess_gateway, _GATEWAY, "gateway_types.go"),
    _kind("ListenerSet", assess_gateway, _GATEWAY, "listenerset_types.go"),
    _kind("XListenerSet", assess_gateway, _GATEWAY, "listenerset_types.go", group="gateway.networking.x-k8s.io"),
    *(
        _kind(name, assess_route, _ROUTE, "shared_types.go")
        for name in ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")
    ),
    _kind("BackendTLSPolicy", assess_policy, _POLICY, "policy_types.go"),
)
