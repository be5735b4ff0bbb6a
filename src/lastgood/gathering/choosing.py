"""Of what failed: the pods that tell most, and what made them. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from lastgood.kinds import revision_of
from lastgood.model.health import Observation, Verdict, condition_is
from lastgood.model.resource import Body, Ref, ref_of
from lastgood.reasons import ends_of

PODS = 3
"""Of each failed resource."""
PODS_IN_ALL = 12


def failing(verdict: Verdict, observation: Observation) -> list[Body]:
    """The bodies of what condemned the release."""
    return [observation.bodies[one.ref] for one in verdict.failures if one.ref in observation.bodies]


def chosen_pods(verdict: Verdict, observation: Observation) -> tuple[list[Body], list[str]]:
    """The pods to be kept, and a note where there are more that failed than can be."""
    named = frozenset(one.cause.source for one in verdict.failures if one.cause and one.cause.source)
    found = [pod for body in failing(verdict, observation) for pod in _worst_pods(body, observation, named)]
    more = len(found) - PODS_IN_ALL
    return found[:PODS_IN_ALL], [f"{more} more pods that failed"] if more > 0 else []


def _worst_pods(body: Body, observation: Observation, named: frozenset[Ref]) -> list[Body]:
    """Those that condemned it, then those that are not ready, then those that have crashed; the newest first."""
    if body.get("kind") == "Pod":
        return [body]
    pods = observation.of(body["metadata"].get("uid", ""), "Pod")
    broken = [pod for pod in pods if ref_of(pod) in named or not _is_ready(pod) or any(ends_of(pod).values())]
    newest = sorted(broken, key=_age, reverse=True)
    return sorted(newest, key=lambda pod: (ref_of(pod) not in named, _is_ready(pod)))[:PODS]


def _is_ready(pod: Body) -> bool:
    return condition_is(pod, "Ready", "True")


def _age(pod: Body) -> str:
    return str(pod["metadata"].get("creationTimestamp", ""))


def makers(failed: Iterable[Body], pods: Iterable[Body], observation: Observation) -> list[Body]:
    """What stands between a workload and its pods: that of its live template, and that of each pod that is kept."""
    owners = {owner.get("uid") for pod in pods for owner in pod["metadata"].get("ownerReferences") or ()}
    return [
        one
        for body in failed
        for kind in ("ReplicaSet", "ControllerRevision")
        for one in observation.of(body["metadata"].get("uid", ""), kind)
        if one["metadata"].get("uid") in owners or one["metadata"].get("name") == revision_of(body, observation)
    ]
