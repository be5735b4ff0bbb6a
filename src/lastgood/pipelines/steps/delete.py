"""``K8sDelete``: resources by their names, by their manifests, or all of a release."""

from __future__ import annotations

from collections.abc import Iterator

from lastgood.pipelines.entry import Entry
from lastgood.pipelines.mistake import Mistake
from lastgood.pipelines.shape import Fields, Items, Key, Tagged, text, truth
from lastgood.pipelines.step import StepType, command_flags, resource_name


def _some_manifests(spec: Entry) -> Iterator[Mistake]:
    everything = spec.word("allManifestPaths").text.lower() == "true"
    if not everything and "manifestPaths" not in spec:
        yield Mistake(spec.spot.steps, "names nothing to delete: expected manifestPaths, or allManifestPaths: true")
    if everything and "manifestPaths" in spec:
        yield Mistake(spec.spot.at("manifestPaths").steps, "cannot stand beside allManifestPaths: true: leave one out")


TARGETS = Tagged(
    "way to name resources",
    {
        "ResourceName": Fields((Key("resourceNames", Items(resource_name(), least=1), required=True),)),
        "ManifestPath": Fields(
            (
                Key("manifestPaths", Items(text("a path"), least=1)),
                Key("allManifestPaths", truth(), default="false"),
            ),
            (_some_manifests,),
        ),
        "ReleaseName": Fields((Key("deleteNamespace", truth(), default="false"),)),
    },
)

STEP = StepType(
    type="K8sDelete",
    does="deletes resources and waits until they are gone; what is gone already is no failure",
    keys=(Key("deleteResources", TARGETS, required=True), command_flags("Delete")),
    undone_by="nothing by itself: write a step of your own",
)
