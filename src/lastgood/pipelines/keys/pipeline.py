"""A pipeline: stages one after another, or at the same time. Pure."""

from __future__ import annotations

from lastgood.pipelines.keys.node import NAMED, WRITTEN_OUT
from lastgood.pipelines.keys.service import SCOPES
from lastgood.pipelines.keys.stage import STAGE
from lastgood.pipelines.keys.variable import distinct, variables
from lastgood.pipelines.shape import (
    Fields,
    Items,
    Key,
    Later,
    Shape,
    Words,
    Wrapped,
    duration,
    meaningless,
    refused,
    truth,
)
from lastgood.pipelines.step import NO_DELEGATES

NO_NOTIFICATIONS = "nobody is notified: what starts lastgood learns from its exit code how it went"
NO_BUILDS = "nothing is built here"
NO_FLOW_CONTROL = "barriers are not waited for here: leave it out"


def _stages() -> Shape:
    return STAGES


STAGES = Items(Wrapped((Key("stage", STAGE), Key("parallel", Later(_stages)))))


PIPELINE = Fields(
    (
        *NAMED,
        Key("tags", Words()),
        *SCOPES,
        Key("stages", STAGES, required=True),
        variables(),
        Key("timeout", duration()),
        meaningless("delegateSelectors", NO_DELEGATES),
        meaningless("notificationRules", NO_NOTIFICATIONS),
        meaningless("allowStageExecutions", "a run begins at the first stage", truth(), default="false"),
        meaningless("properties", NO_BUILDS),
        refused("flowControl", NO_FLOW_CONTROL),
        refused("template", WRITTEN_OUT),
    ),
    (distinct,),
)
