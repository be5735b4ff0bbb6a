"""FlowSchemas: ready unless the priority level that they name is not there. The API server itself says so.

https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#flowschema
"""

from __future__ import annotations

from lastgood.model.health import Health, Observation, Status, condition, condition_is, unsettled
from lastgood.model.kind import Kind, Meaning, Rank
from lastgood.model.reading import text
from lastgood.model.resource import Body, GroupKind
from lastgood.reasons import cause

GROUP_KIND = GroupKind("flowcontrol.apiserver.k8s.io", "FlowSchema")


def assess(body: Body, _observation: Observation) -> Health:
    """Whether it sorts requests into a level that there is."""
    early = unsettled(body)
    if early:
        return early
    if condition_is(body, "Dangling", "True"):
        because = cause("NotReady", detail=text(condition(body, "Dangling"), "message"))
        return Health(Status.IN_PROGRESS, "names no priority level", (because,), rule="condition Dangling is True")
    return Health(Status.CURRENT, "is there", rule="condition Dangling is not True")


KIND = Kind(
    GROUP_KIND,
    Rank.POLICY,
    assess,
    meaning=Meaning(
        current="the priority level that it names is there", in_progress="its condition `Dangling` is True"
    ),
    source="https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#flowschema",
)
