"""The colour without traffic: which release it holds, and what of that release runs or scales pods."""

from __future__ import annotations

from lastgood.model.release import Release, State
from lastgood.model.resource import Resource
from lastgood.pipelines.hands import WORKLOADS, Hands

BESIDE = ("HorizontalPodAutoscaler", "ScaledObject", "PodDisruptionBudget")
"""Kinds that go and come with a workload."""


async def idle_colour(hands: Hands) -> tuple[Release, tuple[Resource, ...]] | None:
    """The newest good release of the other colour than the live one's, and its workloads with what belongs to them."""
    history = await hands.history()
    if history.last_good is None:
        return None
    live = await hands.deployer.show(hands.name, history.last_good.number)
    numbers = [one.content_number for one in history.summaries if one.state is State.GOOD]
    for number in dict.fromkeys(numbers):
        release = await hands.deployer.show(hands.name, number)
        if live.colour and release.colour and release.colour != live.colour:
            kinds = (*WORKLOADS, *BESIDE)
            idle = tuple(one for one in release.resources if one.ref.kind in kinds and one.ref not in live.refs)
            return release, idle
    return None
