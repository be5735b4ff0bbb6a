"""``K8sBlueGreenStageScaleUp``: the colour without traffic has its pods again."""

from __future__ import annotations

from lastgood import operating
from lastgood.model.operation import Amount
from lastgood.model.resource import Resource
from lastgood.pipelines.crew import Done
from lastgood.pipelines.hands import WORKLOADS, Hands, operated
from lastgood.pipelines.idling import idle_colour


async def act(hands: Hands) -> Done:
    """Apply its workloads, autoscalers and budgets as they are recorded; pods that run already are left alone."""
    idle = await idle_colour(hands)
    if idle is None:
        return Done(sentence="there is no colour without traffic")
    release, resources = idle
    if hands.text("replicaCountMode") == "Custom":
        resources = tuple(_sized(one, hands.amount()) for one in resources)
    done = await operating.apply(
        hands.site,
        resources,
        take_over=True,
        skip_wait=hands.is_true("skipSteadyStateCheck"),
        within=hands.within,
    )
    return operated(done, f"{release.colour}, release {release.number}, is scaled up", beside=False)


def _sized(resource: Resource, amount: Amount) -> Resource:
    spec = resource.body.get("spec") or {}
    if resource.ref.kind not in WORKLOADS:
        return resource
    return resource.with_body({**resource.body, "spec": {**spec, "replicas": amount.of(spec.get("replicas", 1))}})
