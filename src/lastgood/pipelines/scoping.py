"""What expressions stand for in one deploy of a service: fields, variables, artifact, infrastructure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lastgood.errors import SettingError
from lastgood.model.release import Mode
from lastgood.model.source import NUMBER_MARKER
from lastgood.pipelines.artifact import Artifact
from lastgood.pipelines.definition import SERVICE_TYPE, Service, Variable
from lastgood.pipelines.expressions import Known, Scope
from lastgood.pipelines.spots import flag

RELEASE_NUMBER = "kubernetes.release.revision"
PULL_SECRETS = ("imagePullSecret", "dockerConfigJsonSecret")
"""Parts of an artifact that are ignored for public images, and made by nobody here."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is given beside the service file. ``infra`` has names as ``namespace``, ``releaseName``, ``env.name``."""

    variables: Mapping[str, str] = field(default_factory=dict)
    artifact: Artifact | None = None
    infra: Mapping[str, str] = field(default_factory=dict)


def scope_of(service: Service, setting: Setting, *, mode: Mode | None = None) -> Scope:
    """Every expression with a meaning. Raises ``SettingError`` for a variable that the service does not have.

    Without a mode yet the release's number stands for nothing: the mode itself may be an expression.
    """
    _refuse_unknown(service, setting.variables)
    return Scope(
        {
            **_of_service(service),
            **dict(_of_variables(service, setting.variables)),
            **dict(_of_artifact(service, setting.artifact)),
            **dict(_of_infra(setting.infra)),
            **dict(_of_manifests(service)),
            RELEASE_NUMBER: _number(mode),
        }
    )


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


def _of_variables(service: Service, given: Mapping[str, str]) -> Iterator[tuple[str, Known]]:
    for variable in service.variables:
        yield f"serviceVariables.{variable.name}", _variable(variable, given)


def _variable(variable: Variable, given: Mapping[str, str]) -> Known:
    if variable.name in given:
        return Known(given[variable.name], flag("--set-variable", variable.name))
    if variable.is_secret:
        hint = f"give it with --set-variable {variable.name}=VALUE"
        return Known(None, why="is kept in a secret store that is not read here", hint=hint)
    return Known(variable.value.text, variable.value.spot)


def _of_artifact(service: Service, artifact: Artifact | None) -> Iterator[tuple[str, Known]]:
    sources = ", ".join(str(one.get("identifier", "?")) for one in service.artifact_sources)
    why = f"comes from a source ({sources}) that is not asked here" if sources else "has no value: there is no artifact"
    parts = {} if artifact is None else _parts(artifact)
    for part in ("image", "imagePath", "tag", "digest"):
        yield f"artifacts.primary.{part}", parts.get(part, Known(None, why=why, hint="give one with --artifact IMAGE"))
    for part in PULL_SECRETS:
        yield f"artifacts.primary.{part}", Known("")


def _parts(artifact: Artifact) -> dict[str, Known]:
    texts = {"image": artifact.image, "imagePath": artifact.path, "tag": artifact.tag, "digest": artifact.digest}
    why, hint = f"has no value: {artifact.image} does not say it", "write it into --artifact"
    return {part: Known(text) if text else Known(None, why=why, hint=hint) for part, text in texts.items()}


def _of_infra(infra: Mapping[str, str]) -> Iterator[tuple[str, Known]]:
    for key, value in infra.items():
        name = key if key.startswith(("env.", "INFRA_KEY")) else f"infra.{key}"
        yield name, Known(value)


def _of_manifests(service: Service) -> Iterator[tuple[str, Known]]:
    for manifest in service.manifests:
        parts = {"identifier": manifest.identifier, "type": manifest.type, "store": manifest.store}
        yield from ((f"manifests.{manifest.identifier}.{part}", Known(text)) for part, text in parts.items())


def _number(mode: Mode | None) -> Known:
    if mode is Mode.STANDARD:
        return Known(NUMBER_MARKER)
    why = "names numbered ConfigMaps and Secrets, and there are none with enableDeclarativeRollback"
    return Known(None, why=why, hint="write the plain name")
