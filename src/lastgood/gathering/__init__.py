"""The evidence of a failure, taken before it is undone: states, last words, events. Never fails, never takes long."""

from __future__ import annotations

from collections.abc import Iterable

from lastgood.gathering.choosing import chosen_pods, failing, makers
from lastgood.gathering.explaining import explained, retold
from lastgood.gathering.fitting import fitted
from lastgood.gathering.reading import read
from lastgood.gathering.telling import conditions_of, event_lines, pod_evidence
from lastgood.masking import values_to_mask
from lastgood.model.evidence import Evidence
from lastgood.model.health import Observation, Verdict
from lastgood.model.resource import Resource
from lastgood.ports import Cluster

__all__ = ["explained", "gather", "retold"]


async def gather(
    cluster: Cluster, verdict: Verdict, observation: Observation, resources: Iterable[Resource]
) -> Evidence:
    """What can be had of the resources that failed within two seconds; what could not be is noted.

    ``resources`` are the release's, whose Secrets are known already. Nothing is kept of a Secret: its values are read
    so that they can be masked.
    """
    failed = failing(verdict, observation)
    pods, notes = chosen_pods(verdict, observation)
    known = {one.ref: dict(one.body) for one in resources if one.ref.kind == "Secret"}
    found = await read(cluster, pods, frozenset(known))
    secrets = values_to_mask([*known.values(), *found.secrets])
    told = conditions_of([*failed, *makers(failed, pods, observation)], found.nodes, secrets)
    events = event_lines(failed, pods, observation, secrets)
    logs, cut = fitted(found.logs, secrets, beside=str((told, events)))
    return Evidence(
        pods=tuple(pod_evidence(pod, logs, secrets) for pod in pods),
        events=events,
        conditions=told,
        notes=(*notes, *found.notes, *cut),
    )
