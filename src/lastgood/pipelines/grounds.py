"""What a stage stands on: its service with all that overrides it, the place it deploys to, what expressions mean there.

Files are read when a step needs them, as the product does it, and nothing is asked of a cluster.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lastgood.errors import SettingError
from lastgood.pipelines.artifact import Artifact
from lastgood.pipelines.definition import Service, read_service, service_of
from lastgood.pipelines.entry import Entry
from lastgood.pipelines.environment import Environment, Infrastructure, environment_of, infrastructure_of
from lastgood.pipelines.expressions import Known, Part, Scope, scope_of_parts
from lastgood.pipelines.file_store import FileStore
from lastgood.pipelines.inputs import Inputs
from lastgood.pipelines.journal import Journal
from lastgood.pipelines.layering import Layer, laid
from lastgood.pipelines.neighbours import SCOPE, Neighbours
from lastgood.pipelines.outcomes import outcomes_part
from lastgood.pipelines.scoping import Setting
from lastgood.pipelines.secret_store import Secrets
from lastgood.pipelines.service import ServiceRelease, release_of, scope_in
from lastgood.pipelines.settings import RELEASE_NAME_KEY, release_name
from lastgood.pipelines.spots import Spot
from lastgood.pipelines.stage import Pipeline, Stage, Variable, groups_in
from lastgood.pipelines.stores import Stores
from lastgood.pipelines.surroundings import (
    environment_part,
    infra_keys,
    infrastructure_part,
    pipeline_part,
    stage_part,
    tree_part,
)

CONNECTOR = "connectorRef"


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody gave to a run beside its files.

    ``variables`` are those of the pipeline, ``artifacts`` images by the IDs of artifacts; ``connectors`` lead to
    repositories and clusters.
    """

    neighbours: Neighbours
    file_store: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    inputs: Inputs = field(default_factory=Inputs)
    artifacts: Mapping[str, Artifact] = field(default_factory=dict)
    connectors: Mapping[str, str] = field(default_factory=dict)
    secrets: Secrets = field(default_factory=Secrets)


@dataclass(frozen=True, slots=True)
class Ground:
    """Where one stage works. ``connector`` names how the cluster is reached; ``scope`` is what expressions mean."""

    service: Service
    layers: tuple[Layer, ...]
    setting: Setting
    stores: Stores
    namespace: str
    name: str
    connector: str
    scope: Scope

    def at(self, stage: Stage, spot: Spot) -> Ground:
        """The same where something of the stage stands: there, step groups have variables of their own."""
        return replace(self, scope=self.scope.with_lookups(group_part(stage, spot)))

    def release(self) -> ServiceRelease:
        """The release that the service asks for here. Raises ``InputError``."""
        return release_of(self.service, self.setting, self.stores, self.layers)


@dataclass(frozen=True, slots=True)
class Grounds:
    """The grounds of the stages of one run of a pipeline."""

    pipeline: Pipeline
    given: Given

    def of(self, stage: Stage, journal: Journal) -> Ground:
        """The ground of a stage, as far as the run has come. Raises ``InputError`` for all that is not there."""
        around = self._around(stage, journal)
        outer = scope_of_parts(*around, inputs=self.given.inputs)
        service = self._service(stage, outer)
        environment, infrastructure = self._environment(stage, outer)
        _refuse_others(service, infrastructure, outer)
        others = self.given.neighbours.layers(environment.identifier, infrastructure.identifier, service.identifier)
        layers = (environment.layer, *others)
        setting, stores = self._setting(stage, around, environment), self._stores()
        service = laid(service, layers).service
        namespace, name, connector = _place(service, infrastructure, setting, stores)
        setting = replace(
            setting, parts=(*setting.parts, *_infra(service, environment, infrastructure, namespace, name))
        )
        setting = replace(setting, infra={"namespace": namespace, RELEASE_NAME_KEY: name, CONNECTOR: connector})
        scope = scope_in(service, setting, stores)
        return Ground(service, layers, setting, stores, namespace, name, connector, scope)

    def scope(self, stage: Stage | None, journal: Journal, spot: Spot) -> Scope:
        """What expressions mean at a place outside of a stage's service: in its conditions and strategies."""
        if stage is not None:
            return self.of(stage, journal).at(stage, spot).scope
        return scope_of_parts(self._pipeline_part(journal), self.given.secrets.part(), inputs=self.given.inputs)

    # --- parts of the scope

    def _around(self, stage: Stage, journal: Journal) -> tuple[Part, ...]:
        variables = {one.name: _value(one, {}) for one in stage.variables}
        fields = {"identifier": stage.identifier, "name": stage.name, "variables": variables, "tags": dict(stage.tags)}
        others = (outcomes_part(journal, stage.identifier), self.given.secrets.part())
        return (self._pipeline_part(journal), stage_part(fields), *others)

    def _pipeline_part(self, journal: Journal) -> Part:
        pipeline = self.pipeline
        variables = {one.name: _value(one, self.given.variables) for one in pipeline.variables}
        fields: dict[str, Any] = {
            "identifier": pipeline.identifier,
            "name": pipeline.name,
            "variables": variables,
            "executionId": journal.run,
            "sequenceId": str(journal.sequence),
        }
        return pipeline_part(fields)

    def _setting(self, stage: Stage, around: tuple[Part, ...], environment: Environment) -> Setting:
        fields = {
            "name": environment.name,
            "identifier": environment.identifier,
            "type": environment.type,
            "variables": {one.name: _value(one, {}) for one in environment.variables},
            "tags": dict(environment.tags),
        }
        given = self.given
        return Setting(
            artifacts=given.artifacts,
            connectors=given.connectors,
            inputs=_inputs(given.inputs, stage),
            secrets=given.secrets,
            parts=(*around, environment_part(fields)),
        )

    def _stores(self) -> Stores:
        return Stores(FileStore(self.given.file_store), self.given.connectors)

    # --- what the stage names

    def _service(self, stage: Stage, scope: Scope) -> Service:
        use = self._original(stage).service
        if use.inline is not None:
            return service_of(use.inline.plain(), use.inline.spot)
        if use.ref is None:
            raise SettingError(f"{use.spot}: the stage names no service", hint="write serviceRef: IDENTIFIER")
        ref = scope.evaluate(use.ref.text, use.ref.spot)
        return read_service(self.given.neighbours.service(ref, use.ref.spot))

    def _original(self, stage: Stage) -> Stage:
        """The stage whose service it is: another's, where it says so."""
        word = stage.service.from_stage
        return self._named(word.text, word.spot) if word else stage

    def _environment(self, stage: Stage, scope: Scope) -> tuple[Environment, Infrastructure]:
        use = stage.environment
        if use.from_stage is not None:
            return self._environment(self._named(use.from_stage.text, use.from_stage.spot), scope)
        environment = self._its_environment(stage, scope)
        if use.inline_infrastructure is not None:
            return environment, infrastructure_of(use.inline_infrastructure)
        if use.infrastructure is None:
            hint = "write infrastructureDefinitions: [{identifier: IDENTIFIER}]"
            raise SettingError(f"{use.spot}: the stage names no infrastructure", hint=hint)
        ref = scope.evaluate(use.infrastructure.text, use.infrastructure.spot)
        return environment, self.given.neighbours.infrastructure(ref, environment.identifier, use.infrastructure.spot)

    def _its_environment(self, stage: Stage, scope: Scope) -> Environment:
        use = stage.environment
        if use.inline_environment is not None:
            return environment_of(use.inline_environment)
        if use.ref is None:
            raise SettingError(f"{use.spot}: the stage names no environment", hint="write environmentRef: IDENTIFIER")
        return self.given.neighbours.environment(scope.evaluate(use.ref.text, use.ref.spot), use.ref.spot)

    def _named(self, identifier: str, spot: Spot) -> Stage:
        found = next((one for one in self.pipeline.each_stage() if one.identifier == identifier), None)
        if found is None:
            raise SettingError(f"{spot}: there is no stage {identifier} in this pipeline")
        return found


def _refuse_others(service: Service, infra: Infrastructure, scope: Scope) -> None:
    """An infrastructure may name the only services that are deployed there."""
    names = [SCOPE.sub("", scope.evaluate(one.text, one.spot)) for one in infra.services]
    if names and service.identifier not in names:
        problem = f"only {', '.join(names)} may be deployed to {infra.identifier}, and not {service.identifier}"
        raise SettingError(f"{infra.services[0].spot}: {problem}", hint="add it there, or name another infrastructure")


def _place(service: Service, infra: Infrastructure, setting: Setting, stores: Stores) -> tuple[str, str, str]:
    """The namespace, the name of the release, and the connector."""
    scope = scope_in(service, setting, stores)
    namespace, connector = (scope.evaluate(one.text, one.spot) for one in (infra.namespace, infra.connector))
    setting = replace(setting, infra={"namespace": namespace, CONNECTOR: connector})
    scope = scope_in(service, setting, stores)
    given = scope.evaluate(infra.release_name.text, infra.release_name.spot)
    return namespace, release_name(service, {RELEASE_NAME_KEY: given} if given else {}), connector


def _infra(
    service: Service, environment: Environment, infra: Infrastructure, namespace: str, name: str
) -> tuple[Part, Part]:
    fields = {
        "name": infra.name,
        "identifier": infra.identifier,
        "namespace": namespace,
        "releaseName": name,
        CONNECTOR: infra.connector.text,
        "tags": dict(infra.tags),
    }
    keys = infra_keys(service.identifier, environment.identifier, infra.connector.text, namespace)
    return infrastructure_part(fields), keys


def _value(variable: Variable, given: Mapping[str, str]) -> Known:
    if variable.name in given:
        return Known(given[variable.name], secret=variable.type == "Secret")
    word = variable.value if variable.value.text else variable.default
    return Known(word.text, word.spot, secret=variable.type == "Secret")


def _inputs(inputs: Inputs, stage: Stage) -> Inputs:
    """What a stage gives to its service, environment and infrastructure stands before what the run is given."""
    use = stage.environment
    parts = (
        ("service", stage.service.inputs),
        ("environment", use.environment_inputs),
        ("infrastructureDefinition", use.infrastructure_inputs),
    )
    own = {key: entry.plain() for key, entry in parts if isinstance(entry, Entry)}
    return replace(inputs, tree={**inputs.tree, **own}) if own else inputs


def group_part(stage: Stage, spot: Spot) -> Part:
    """``<+stepGroup.name>``, ``<+stepGroup.variables.X>``: of the groups around a place, the nearest that has it."""
    around = (
        one for one in groups_in((*stage.nodes, *stage.rollback)) if spot.steps[: len(one.spot.steps)] == one.spot.steps
    )
    known: dict[str, Known] = {}
    for group in sorted(around, key=lambda one: len(one.spot.steps)):
        fields = {"name": group.name, "identifier": group.identifier}
        variables = {one.name: _value(one, {}) for one in group.variables}
        known |= tree_part("stepGroup", {**fields, "variables": variables}).known
    return Part(lookups=(known.get,))
