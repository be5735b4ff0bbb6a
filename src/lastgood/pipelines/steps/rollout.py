"""``K8sRollout``: what ``kubectl rollout`` does."""

from __future__ import annotations

from collections.abc import Iterator

from lastgood.pipelines.entry import Entry
from lastgood.pipelines.mistake import Mistake
from lastgood.pipelines.shape import Fields, Items, Key, Tagged, choice, text, truth
from lastgood.pipelines.step import StepType, command_flags, resource_name

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")


def _some_manifests(spec: Entry) -> Iterator[Mistake]:
    everything = spec.word("allManifestPaths").text.lower() == "true"
    if not everything and "manifestPaths" not in spec:
        yield Mistake(spec.spot.steps, "names no workload: expected manifestPaths, or allManifestPaths: true")
    if everything and "manifestPaths" in spec:
        yield Mistake(spec.spot.at("manifestPaths").steps, "cannot stand beside allManifestPaths: true: leave one out")


TARGETS = Tagged(
    "way to name workloads",
    {
        "ResourceName": Fields((Key("resourceNames", Items(resource_name(*WORKLOADS), least=1), required=True),)),
        "ManifestPath": Fields(
            (
                Key("manifestPaths", Items(text("a path"), least=1)),
                Key("allManifestPaths", truth(), default="false"),
            ),
            (_some_manifests,),
        ),
        "ReleaseName": Fields(),
    },
)
COMMANDS = ("restart", "resume", "status", "undo", "pause", "history")

STEP = StepType(
    type="K8sRollout",
    does="does what kubectl rollout does to each of these workloads; an undo goes by the ReplicaSet or "
    "ControllerRevision, and leaves nothing behind that a later release could not remove",
    keys=(
        Key("command", choice(*COMMANDS, any_case=True), required=True),
        Key("resources", TARGETS, required=True),
        command_flags("Rollout"),
    ),
    undone_by="nothing by itself: write a step of your own",
)
