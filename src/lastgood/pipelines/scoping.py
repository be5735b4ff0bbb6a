"""What expressions stand for in one deploy of a service: its own fields, and the parts of what is around it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lastgood.errors import SettingError
from lastgood.model.release import Mode
from lastgood.model.source import NUMBER_MARKER
from lastgood.pipelines.artifact import Artifact
from lastgood.pipelines.artifact_sources import artifacts_part, images_of
from lastgood.pipelines.contents import Variable
from lastgood.pipelines.definition import SERVICE_TYPE, Service
from lastgood.pipelines.expressions import Known, Part, Scope, scope_of_parts
from lastgood.pipelines.inputs import Inputs
from lastgood.pipelines.secret_store import Secrets, known_secret
from lastgood.pipelines.spots import flag
from lastgood.pipelines.surroundings import INFRA_KEY, infra_keys

RELEASE_NUMBER = "kubernetes.release.revision"


@dataclass(frozen=True, slots=True)
class Setting:
    """What is given beside the service file.

    ``artifacts`` are images by the IDs of artifacts, ``""`` for the primary one; ``rollback_artifact`` is what the last
    successful deploy had. ``infra`` has names as ``namespace``, ``releaseName``, ``env.name``. ``connectors`` are
    addresses by the IDs of connectors. ``parts`` are those of an environment, a pipeline, steps (``surroundings``);
    where names are the same, theirs count.
    """

    variables: Mapping[str, str] = field(default_factory=dict)
    artifacts: Mapping[str, Artifact] = field(default_factory=dict)
    rollback_artifact: Artifact | None = None
    infra: Mapping[str, str] = field(default_factory=dict)
    connectors: Mapping[str, str] = field(default_factory=dict)
    inputs: Inputs | None = None
    secrets: Secrets = field(default_factory=Secrets)
    parts: tuple[Part, ...] = ()


def scope_of(service: Service, setting: Setting, *, mode: Mode | None = None) -> Scope:
    """Every expression with a meaning. Raises ``SettingError`` for a variable that the service does not have.

    Without a mode yet the release's number stands for nothing: the mode itself may be an expression.
    """
    _refuse_unknown(service, setting.variables)
    parts = (service_part(service, setting), infra_part(service, setting.infra), *setting.parts, setting.secrets.part())
    images = images_of(service.artifacts, setting.artifacts, setting.rollback_artifact)
    plain = scope_of_parts(*parts, inputs=setting.inputs)
    artifacts = artifacts_part(service.artifacts, images, setting.connectors, plain)
    return scope_of_parts(Part({RELEASE_NUMBER: _number(mode)}), artifacts, *parts, inputs=setting.inputs)


def service_part(service: Service, setting: Setting) -> Part:
    """``<+service...>``, ``<+serviceVariables...>`` and ``<+manifests...>``."""
    variables = dict(_of_variables(service, setting))
    return Part({**_of_service(service), **variables, **dict(_of_manifests(service))})


def infra_part(service: Service, infra: Mapping[str, str]) -> Part:
    """What was given of the infrastructure; ``<+INFRA_KEY>`` once it is known where the release lives."""
    given = dict(_of_infra(infra))
    if "namespace" not in infra or INFRA_KEY in given:
        return Part(given)
    environment = infra.get("env.identifier", infra.get("env.name", ""))
    keys = infra_keys(service.identifier, environment, infra.get("connectorRef", ""), infra["namespace"])
    return Part({**keys.known, **given})


def _refuse_unknown(service: Service, variables: Mapping[str, str]) -> None:
    names = [one.name for one in service.variables]
    for name in variables:
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            there = f"it has {', '.join(names)}" if names else "it has none"
            problem = f"--set-variable {name}: the service {service.identifier} has no such variable"
            raise SettingError(problem, hint=hint + there)


def _of_service(service: Service) -> dict[str, Known]:
    tags = {f"service.tags.{key}": Known(word.text, word.spot) for key, word in service.tags.items()}
    return {
        "service.name": Known(service.name.text, service.name.spot),
        "service.identifier": Known(service.identifier),
        "service.type": Known(SERVICE_TYPE),
        **tags,
    }


def _of_variables(service: Service, setting: Setting) -> Iterator[tuple[str, Known]]:
    for variable in service.variables:
        yield f"serviceVariables.{variable.name}", _variable(variable, setting)


def _variable(variable: Variable, setting: Setting) -> Known:
    given = setting.variables.get(variable.name)
    if given is not None:
        return Known(given, flag("--set-variable", variable.name), secret=variable.is_secret)
    if not variable.is_secret:
        return Known(variable.value.text, variable.value.spot)
    found = known_secret(setting.secrets, variable.value.text)
    if found.text is not None:
        return found
    hint = f"give it with --set-variable {variable.name}=VALUE, or {found.hint.removeprefix('give it ')}"
    return Known(None, why=found.why, hint=hint)


def _of_infra(infra: Mapping[str, str]) -> Iterator[tuple[str, Known]]:
    for key, value in infra.items():
        name = key if key.startswith(("env.", "INFRA_KEY")) else f"infra.{key}"
        yield name, Known(value)


def _of_manifests(service: Service) -> Iterator[tuple[str, Known]]:
    for manifest in service.manifests:
        parts = {"identifier": manifest.identifier, "type": manifest.type, "store": manifest.store.type}
        yield from ((f"manifests.{manifest.identifier}.{part}", Known(text)) for part, text in parts.items())


def _number(mode: Mode | None) -> Known:
    if mode is Mode.STANDARD:
        return Known(NUMBER_MARKER)
    why = "names numbered ConfigMaps and Secrets, and there are none with enableDeclarativeRollback"
    return Known(None, why=why, hint="write the plain name")
