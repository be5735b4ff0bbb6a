"""Entries of a file become stages: whatever is there, as far as it is of the right shape. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from lastgood.model.source import File
from lastgood.pipelines.entry import Entry
from lastgood.pipelines.nodes import Word
from lastgood.pipelines.stage import (
    Action,
    EnvironmentUse,
    Failure,
    Group,
    Node,
    Parallel,
    ParallelStages,
    Pipeline,
    ServiceUse,
    Stage,
    Step,
    Variable,
    When,
)


def pipeline_of(root: Entry, file: File) -> Pipeline:
    """The pipeline of a file whose root holds ``pipeline``, or ``stage``."""
    if "pipeline" not in root:
        stage = stage_of(root.entry("stage"))
        return Pipeline("", "", (stage,), None, (), (), file, root.spot)
    entry = root.entry("pipeline")
    return Pipeline(
        identifier=entry.word("identifier").text,
        name=entry.word("name").text,
        stages=tuple(_stages(entry.entries("stages"))),
        timeout=_optional(entry, "timeout"),
        variables=variables_of(entry),
        tags=tags_of(entry),
        file=file,
        spot=entry.spot,
    )


def stage_of(entry: Entry) -> Stage:
    """One stage."""
    spec = entry.entry("spec")
    execution = spec.entry("execution")
    return Stage(
        identifier=entry.word("identifier").text,
        name=entry.word("name").text,
        service=_service_use(spec),
        environment=_environment_use(spec),
        nodes=_nodes(execution, "steps"),
        rollback=_nodes(execution, "rollbackSteps"),
        failures=_failures(entry),
        when=_when(entry, "pipelineStatus"),
        timeout=_optional(entry, "timeout"),
        variables=variables_of(entry),
        tags=tags_of(entry),
        spot=entry.spot,
    )


def variables_of(entry: Entry) -> tuple[Variable, ...]:
    """Its ``variables``."""
    return tuple(
        Variable(
            name=one.word("name").text,
            type=one.word("type").text,
            value=one.word("value"),
            default=one.word("default"),
            required=one.word("required"),
            spot=one.spot,
        )
        for one in entry.entries("variables")
    )


def tags_of(entry: Entry) -> tuple[tuple[str, Word], ...]:
    """Its ``tags``."""
    tags = entry.entry("tags")
    return tuple((key, tags.word(key)) for key in tags)


def _stages(wrappers: Iterable[Entry]) -> Iterable[Stage | ParallelStages]:
    for wrapper in wrappers:
        if "parallel" in wrapper:
            inner = _stages(wrapper.entries("parallel"))
            flat = (one.stages if isinstance(one, ParallelStages) else (one,) for one in inner)
            yield ParallelStages(tuple(stage for stages in flat for stage in stages), wrapper.spot.at("parallel"))
        elif "stage" in wrapper:
            yield stage_of(wrapper.entry("stage"))


def _nodes(entry: Entry, key: str) -> tuple[Node, ...]:
    found = (_node(wrapper) for wrapper in entry.entries(key))
    return tuple(node for node in found if node is not None)


def _node(wrapper: Entry) -> Node | None:
    if "step" in wrapper:
        return _step(wrapper.entry("step"))
    if "stepGroup" in wrapper:
        return _group(wrapper.entry("stepGroup"))
    return Parallel(_nodes(wrapper, "parallel"), wrapper.spot.at("parallel")) if "parallel" in wrapper else None


def _step(entry: Entry) -> Step:
    return Step(
        type=entry.word("type").text,
        identifier=entry.word("identifier").text,
        name=entry.word("name").text,
        spec=entry.entry("spec"),
        timeout=entry.word("timeout"),
        failures=_failures(entry),
        when=_when(entry, "stageStatus"),
        spot=entry.spot,
    )


def _group(entry: Entry) -> Group:
    return Group(
        identifier=entry.word("identifier").text,
        name=entry.word("name").text,
        nodes=_nodes(entry, "steps"),
        rollback=_nodes(entry, "rollbackSteps"),
        timeout=_optional(entry, "timeout"),
        failures=_failures(entry),
        when=_when(entry, "stageStatus"),
        variables=variables_of(entry),
        spot=entry.spot,
    )


def _when(entry: Entry, status: str) -> When | None:
    if "when" not in entry:
        return None
    when = entry.entry("when")
    return When(when.word(status).text, _optional(when, "condition"), when.spot)


def _failures(entry: Entry) -> tuple[Failure, ...]:
    found = [one.entry("onFailure") for one in entry.entries("failureStrategies")]
    return tuple(Failure(one.words("errors"), _action(one.entry("action")), one.spot) for one in found)


def _action(entry: Entry) -> Action:
    spec = entry.entry("spec")
    after = [spec.entry(key).entry("action") for key in ("onRetryFailure", "onTimeout") if key in spec]
    return Action(
        type=entry.word("type").text,
        spot=entry.spot,
        count=_optional(spec, "retryCount"),
        intervals=spec.words("retryIntervals"),
        condition=_optional(spec, "condition"),
        timeout=_optional(spec, "timeout"),
        then=_action(after[0]) if after else None,
    )


def _service_use(spec: Entry) -> ServiceUse:
    key = "serviceConfig" if "serviceConfig" in spec else "service"
    entry = spec.entry(key)
    return ServiceUse(
        entry.spot,
        ref=_optional(entry, "serviceRef"),
        from_stage=_optional(entry.entry("useFromStage"), "stage"),
        inputs=_inputs(entry, "serviceInputs"),
        inline=entry if "serviceDefinition" in entry else None,
    )


def _environment_use(spec: Entry) -> EnvironmentUse:
    if "infrastructure" in spec:
        return _written_out(spec.entry("infrastructure"))
    entry = spec.entry("environment")
    chosen = (*entry.entries("infrastructureDefinitions"), entry.entry("infrastructureDefinition"))[0]
    return EnvironmentUse(
        entry.spot,
        ref=_optional(entry, "environmentRef"),
        from_stage=_optional(entry.entry("useFromStage"), "stage"),
        infrastructure=_optional(chosen, "identifier"),
        environment_inputs=_inputs(entry, "environmentInputs"),
        infrastructure_inputs=_inputs(chosen, "inputs"),
    )


def _written_out(entry: Entry) -> EnvironmentUse:
    return EnvironmentUse(
        entry.spot,
        ref=_optional(entry, "environmentRef"),
        from_stage=_optional(entry.entry("useFromStage"), "stage"),
        inline_environment=entry.entry("environment") if "environment" in entry else None,
        inline_infrastructure=entry.entry("infrastructureDefinition") if "infrastructureDefinition" in entry else None,
    )


def _inputs(entry: Entry, key: str) -> Entry | Word | None:
    found = entry.get(key)
    return found if isinstance(found, Entry | Word) else None


def _optional(entry: Entry, key: str) -> Word | None:
    return entry.word(key) if entry.word(key).text else None
