"""What runs before the first release, as a record that one can come back to. Reads only.

It is recorded only if at least one workload of the release is there and all that are there are healthy, and only with
the fields that deploying managers have set: not defaults that nobody asked for, nor what controllers work out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from lastgood.drafting import labelled
from lastgood.kinds import kind_of
from lastgood.model.health import Health, Observation
from lastgood.model.proof import Finding, Match, Proof, Scope
from lastgood.model.release import History, Release, State
from lastgood.model.request import Request
from lastgood.model.resource import Body, Ref, Resource
from lastgood.observing import healths, look, workloads
from lastgood.owning import deployed
from lastgood.planning import Past
from lastgood.ports import Clock, Cluster
from lastgood.surveying import belongs_to

AS_FOUND = "as found before the first release"


async def adopt(cluster: Cluster, clock: Clock, drafted: Release, request: Request) -> Release | None:
    """The first release of a history: what is live of a draft, if it is good; else None.

    Its number is 1; nothing is recorded here.
    """
    live = await cluster.read(drafted.refs)
    mine = {ref: body for ref, body in live.items() if belongs_to(drafted, body)}
    running = [ref for ref in mine if kind_of(ref.group_kind).pod_template]
    seen = await look(cluster, running) if running else None
    if seen is None or not _all_well(running, healths(seen)):
        return None
    return _as_found(replace(drafted, created=clock.now()), request, mine, seen)


async def with_what_runs(
    cluster: Cluster, clock: Clock, drafted: Release, request: Request, *, history: History, past: Past
) -> tuple[History, Past]:
    """The history and the past; before the first release, what runs already is what one can come back to."""
    found = None if history.latest else await adopt(cluster, clock, drafted, request)
    if found is None:
        return history, past
    return History((found.summary,)), Past(found, frozenset(found.inventory))


def _all_well(running: list[Ref], found: Mapping[Ref, Health]) -> bool:
    return all(ref in found and found[ref].suffices for ref in running)


def _as_found(drafted: Release, request: Request, live: Mapping[Ref, Body], seen: Observation) -> Release:
    request, refs = replace(request, pod_labels=()), tuple(sorted(live))
    resources = tuple(labelled(Resource(deployed(live[ref])), request) for ref in refs)
    found = healths(seen)
    proof = Proof(
        number=1,
        scope=Scope.WHOLE,
        findings=tuple(Finding(ref, Match.AS_RECORDED) for ref in refs),
        at=drafted.created,
        pods=sum(health.done or 0 for health in found.values()),
    )
    return replace(
        drafted,
        number=1,
        state=State.GOOD,
        resources=resources,
        inventory=refs,
        why=AS_FOUND,
        ended=drafted.created,
        workloads=workloads(seen),
        proof=proof,
        found=True,
    )
