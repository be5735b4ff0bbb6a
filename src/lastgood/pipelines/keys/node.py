"""What an execution is made of: steps, step groups, and what goes on at the same time. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from lastgood.pipelines.entry import Entry
from lastgood.pipelines.keys.failure import FAILURE_STRATEGIES, shadowed
from lastgood.pipelines.keys.variable import distinct, variables
from lastgood.pipelines.mistake import Mistake, warning
from lastgood.pipelines.shape import (
    Fields,
    Items,
    Key,
    Later,
    Shape,
    Tagged,
    Wrapped,
    choice,
    duration,
    for_people,
    identifier,
    meaningless,
    name,
    refused,
    text,
)
from lastgood.pipelines.step import NO_DELEGATES
from lastgood.pipelines.steps import REFUSED, STEPS

WRITTEN_OUT = "templates are not read here: write out what it stands for"
NO_STRATEGY = "matrix, repeat and parallelism are not run here: write one for each, below parallel if they go together"
NO_POLICIES = "policies are not evaluated here, so that nothing would be enforced: leave it out"
NO_IDENTITIES = "there are no identities here but the one of the kubeconfig: leave it out"
NO_CONTAINERS = "steps run where lastgood runs, not in a container of their own: leave it out"


def when(status: str) -> Key:
    """On which condition something is run: how it went so far, and an expression."""
    keys = (
        Key(status, choice("Success", "Failure", "All", literal=True), default="Success"),
        Key("condition", text("a condition")),
    )
    return Key("when", Fields(keys))


NAMED = (Key("name", name(), required=True), Key("identifier", identifier(), required=True), for_people("description"))
STEERED = (
    FAILURE_STRATEGIES,
    when("stageStatus"),
    refused("strategy", NO_STRATEGY),
    refused("template", WRITTEN_OUT),
    refused("identities", NO_IDENTITIES),
)
STEP = Tagged(
    "type of step",
    {name: entry.spec for name, entry in STEPS.items()},
    REFUSED,
    (
        *NAMED,
        Key("timeout", duration(), default="10m"),
        *STEERED,
        refused("enforce", NO_POLICIES),
    ),
    (shadowed,),
)


def _nodes() -> Shape:
    return NODES


def _does_nothing(entry: Entry) -> Iterator[Mistake]:
    if entry.get("steps") == ():
        yield warning(entry.spot.at("steps").steps, "is empty: nothing is done")


GROUP = Fields(
    (
        *NAMED,
        Key("steps", Later(_nodes), required=True),
        Key("rollbackSteps", Later(_nodes)),
        Key("timeout", duration()),
        *STEERED,
        variables(),
        refused("stepGroupInfra", NO_CONTAINERS),
        meaningless("sharedPaths", "steps run in one place, and share everything there"),
        meaningless("platform", "steps run on the machine that lastgood runs on"),
        meaningless("delegateSelectors", NO_DELEGATES),
    ),
    (distinct, shadowed, _does_nothing),
)
NODE = Wrapped((Key("step", STEP), Key("stepGroup", GROUP), Key("parallel", Later(_nodes))))
NODES = Items(NODE)
EXECUTION = Fields((Key("steps", NODES, required=True), Key("rollbackSteps", NODES)), (_does_nothing,))
