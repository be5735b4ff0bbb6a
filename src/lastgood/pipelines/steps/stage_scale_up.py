"""``K8sBlueGreenStageScaleUp``: the idle colour gets its pods back."""

from __future__ import annotations

from collections.abc import Iterator

from lastgood.pipelines.entry import Entry
from lastgood.pipelines.mistake import Mistake, warning
from lastgood.pipelines.shape import Key, choice
from lastgood.pipelines.step import SKIP_STEADY_STATE_CHECK, StepType, instance_selection


def _mode_fits(spec: Entry) -> Iterator[Mistake]:
    mode, selects = spec.word("replicaCountMode"), "instanceSelection" in spec
    if mode.text == "Custom" and not selects:
        yield Mistake(spec.spot.at("instanceSelection").steps, "is missing, and replicaCountMode is Custom")
    if mode.text in ("", "Auto") and selects:
        sentence = "has no effect: replicaCountMode is Auto, which brings back as many pods as there were"
        yield warning(spec.spot.at("instanceSelection").steps, sentence)


STEP = StepType(
    type="K8sBlueGreenStageScaleUp",
    does="brings back the workloads of the idle colour, with their autoscaler and disruption budget, in both modes",
    keys=(
        Key("replicaCountMode", choice("Auto", "Custom"), default="Auto"),
        instance_selection(least=0),
        SKIP_STEADY_STATE_CHECK,
    ),
    rules=(_mode_fits,),
    undone_by="K8sBlueGreenStageScaleDown",
    deploys=True,
)
