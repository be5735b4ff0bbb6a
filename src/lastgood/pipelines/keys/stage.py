"""A stage: which service goes where, and how. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from lastgood.pipelines.entry import Entry
from lastgood.pipelines.keys.environment import (
    INFRASTRUCTURE_CASES,
    INFRASTRUCTURE_REFUSED,
    NO_PROVISIONER,
    ONE_AT_A_TIME,
)
from lastgood.pipelines.keys.failure import FAILURE_STRATEGIES, shadowed
from lastgood.pipelines.keys.node import EXECUTION, NAMED, NO_STRATEGY, WRITTEN_OUT, when
from lastgood.pipelines.keys.service import DEFINITION, NO_GITOPS
from lastgood.pipelines.keys.variable import distinct, variables
from lastgood.pipelines.mistake import Mistake
from lastgood.pipelines.shape import (
    Fields,
    Free,
    Items,
    Key,
    Rule,
    Tagged,
    Words,
    choice,
    duration,
    for_people,
    identifier,
    meaningless,
    name,
    refused,
    text,
    truth,
)
from lastgood.pipelines.step import NO_DELEGATES

ONE_EACH = "write a stage for each, below parallel if they go together"
ONE_SERVICE = f"a stage deploys one service: {ONE_EACH}"
ONE_PLACE = f"a stage deploys to one infrastructure: {ONE_EACH}"
NO_OVERRIDE_INPUTS = "overrides are not asked for inputs here: write the values into their file"
NO_OVERLAY = "is the old way: write what differs into a file of overrides"
FILES_BESIDE = "files are read from beside the stage, not from a branch"
DEPLOYMENT = "Deployment"
OTHER_STAGES = dict.fromkeys(
    ("Approval", "CI", "Custom", "Pipeline", "SecurityTests", "FeatureFlag"),
    f"is a stage of the product that is not run here: only {DEPLOYMENT}",
)
OTHER_DEPLOYMENTS = dict.fromkeys(
    ("NativeHelm", "Ssh", "WinRm", "ECS", "Asg", "CustomDeployment"), "only Kubernetes is deployed to here"
)
USE_FROM_STAGE = Key("useFromStage", Fields((Key("stage", identifier(), required=True),)))
INPUTS = Free("what stands in place of <+input>")


def _exactly_one(*keys: str, unless: tuple[str, ...] = ()) -> Rule:
    def rule(entry: Entry) -> Iterator[Mistake]:
        given = [key for key in keys if key in entry]
        if not given and not any(key in entry for key in unless):
            yield Mistake(entry.spot.at(keys[0]).steps, f"is missing: expected {' or '.join(keys)}")
        for other in given[1:]:
            yield Mistake(entry.spot.at(other).steps, f"cannot stand beside {given[0]}: leave one out")

    return rule


SERVICE_USE = Fields(
    (
        Key("serviceRef", text("the identifier of a service")),
        USE_FROM_STAGE,
        Key("serviceInputs", INPUTS),
        meaningless("gitBranch", FILES_BESIDE),
    ),
    (_exactly_one("serviceRef", "useFromStage"),),
)
SERVICE_CONFIG = Fields(
    (
        Key("serviceRef", text("the identifier of a service")),
        Key("service", Fields((Key("name", name()), Key("identifier", identifier(), required=True),
                               for_people("description"), Key("tags", Words())))),
        Key("serviceDefinition", DEFINITION),
        USE_FROM_STAGE,
        refused("stageOverrides", NO_OVERLAY),
    ),
    (_exactly_one("serviceRef", "service", "useFromStage"),),
)  # fmt: skip
INFRASTRUCTURE_USE = Fields(
    (Key("identifier", text("the identifier of an infrastructure"), required=True), Key("inputs", INPUTS))
)


def _one_infrastructure(environment: Entry) -> Iterator[Mistake]:
    several = environment.entries("infrastructureDefinitions")
    for other in several[1:]:
        yield Mistake(other.spot.steps, ONE_PLACE)
    if environment.get("infrastructureDefinitions") == ():
        yield Mistake(environment.spot.at("infrastructureDefinitions").steps, "is empty: expected one element")


ENVIRONMENT_USE = Fields(
    (
        Key("environmentRef", text("the identifier of an environment")),
        USE_FROM_STAGE,
        Key("environmentInputs", INPUTS),
        Key("infrastructureDefinition", INFRASTRUCTURE_USE),
        Key("infrastructureDefinitions", Items(INFRASTRUCTURE_USE)),
        refused("deployToAll", ONE_PLACE, truth(), default="false"),
        refused("serviceOverrideInputs", NO_OVERRIDE_INPUTS),
        refused("servicesOverrides", NO_OVERRIDE_INPUTS),
        refused("gitOpsClusters", NO_GITOPS),
        refused("provisioner", NO_PROVISIONER),
        refused("filters", ONE_PLACE),
        refused("failureStrategies", "failure strategies of a stage stand beside its spec"),
        meaningless("gitBranch", FILES_BESIDE),
    ),
    (
        _exactly_one("environmentRef", "useFromStage"),
        _exactly_one("infrastructureDefinitions", "infrastructureDefinition", unless=("useFromStage",)),
        _one_infrastructure,
    ),
)
INLINE_ENVIRONMENT = Fields(
    (
        Key("name", name()),
        Key("identifier", identifier(), required=True),
        Key("type", choice("PreProduction", "Production")),
        for_people("description"),
        Key("tags", Words()),
    )
)
INLINE_INFRASTRUCTURE = Fields(
    (
        Key("environmentRef", text("the identifier of an environment")),
        Key("environment", INLINE_ENVIRONMENT),
        Key(
            "infrastructureDefinition",
            Tagged("type of infrastructure", INFRASTRUCTURE_CASES, INFRASTRUCTURE_REFUSED),
        ),
        USE_FROM_STAGE,
        ONE_AT_A_TIME,
        for_people("infrastructureKey"),
    ),
    (
        _exactly_one("environmentRef", "environment", unless=("useFromStage",)),
        _exactly_one("infrastructureDefinition", "useFromStage"),
    ),
)
SPEC = Fields(
    (
        Key("deploymentType", choice("Kubernetes", refused=OTHER_DEPLOYMENTS)),
        Key("service", SERVICE_USE),
        Key("serviceConfig", SERVICE_CONFIG),
        Key("environment", ENVIRONMENT_USE),
        Key("infrastructure", INLINE_INFRASTRUCTURE),
        Key("execution", EXECUTION, required=True),
        refused("services", ONE_SERVICE),
        refused("environments", ONE_PLACE),
        refused("environmentGroup", ONE_PLACE),
        refused("multiDeploymentConfig", ONE_PLACE),
        refused("gitOpsEnabled", NO_GITOPS, truth(), default="false"),
        refused("customDeploymentRef", "only Kubernetes is deployed to here"),
        meaningless("deploymentMetadata", "it says nothing about Kubernetes"),
    ),
    (
        _exactly_one("service", "serviceConfig", unless=("services",)),
        _exactly_one("environment", "infrastructure", unless=("environments", "environmentGroup")),
    ),
)
STAGE = Tagged(
    "type of stage",
    {DEPLOYMENT: SPEC},
    OTHER_STAGES,
    (
        *NAMED,
        Key("tags", Words()),
        variables(),
        FAILURE_STRATEGIES,
        when("pipelineStatus"),
        Key("timeout", duration()),
        meaningless("delegateSelectors", NO_DELEGATES),
        meaningless("skipInstances", "nothing is skipped here: what is as it should be is left alone", truth(),
                    default="false"),
        refused("strategy", NO_STRATEGY),
        refused("template", WRITTEN_OUT),
    ),
    (distinct, shadowed),
)  # fmt: skip
