"""``K8sApply``: manifests beside the release, such as a Job that migrates."""

from __future__ import annotations

from collections.abc import Iterator

from lastgood.pipelines.entry import Entry
from lastgood.pipelines.keys.manifest import manifests, store
from lastgood.pipelines.mistake import Mistake
from lastgood.pipelines.shape import Fields, Items, Key, Tagged, text, truth
from lastgood.pipelines.step import SKIP_DRY_RUN, SKIP_STEADY_STATE_CHECK, StepType, command_flags

SOURCE = Tagged("type of source", {"K8sManifest": Fields((Key("store", store("Inline"), required=True),))})


def _one_source(spec: Entry) -> Iterator[Mistake]:
    given = [key for key in ("filePaths", "manifestSource") if key in spec]
    if not given:
        yield Mistake(spec.spot.steps, "names nothing to apply: expected filePaths or manifestSource")
    if len(given) > 1:
        yield Mistake(spec.spot.at("manifestSource").steps, "cannot stand beside filePaths: leave one out")


STEP = StepType(
    type="K8sApply",
    does="applies manifests of the service, or others, and waits for all of them, Jobs too; a Job that differs is "
    "replaced",
    keys=(
        Key("filePaths", Items(text("a path below the manifests of the service"), least=1)),
        Key("manifestSource", SOURCE),
        SKIP_DRY_RUN,
        SKIP_STEADY_STATE_CHECK,
        Key("skipRendering", truth(), default="false"),
        manifests("overrides", "Values"),
        command_flags("Apply"),
    ),
    rules=(_one_source,),
    undone_by="nothing by itself: write a step of your own",
)
