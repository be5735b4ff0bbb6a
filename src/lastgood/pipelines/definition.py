"""The service YAML as it is written: checked for shape, its words still words, nothing evaluated.

Every value is a string here, quoted or not: ``value: 020724`` stays that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lastgood.errors import SettingError
from lastgood.model.source import File
from lastgood.parsing import as_written, parse
from lastgood.pipelines.contents import (
    VALUES,
    Artifacts,
    ConfigFile,
    Manifest,
    Variable,
    read_artifacts,
    read_config_files,
    read_manifests,
    read_variables,
)
from lastgood.pipelines.inputs import Inputs
from lastgood.pipelines.nodes import Node, Word, identifier
from lastgood.pipelines.spots import Spot

SERVICE_TYPE = "Kubernetes"

# The keys that have a meaning at each level, here or in the product: what is near to one is a slip of the pen.
SERVICE_KEYS = (
    "name identifier description tags serviceDefinition gitOpsEnabled useFromStage orgIdentifier projectIdentifier"
)
DEFINITION_KEYS = "type spec"
SPEC_KEYS = "artifacts manifests variables configFiles hooks release manifestConfigurations environmentType"


@dataclass(frozen=True, slots=True)
class Service:
    """All of a service file that a deploy reads."""

    name: Word
    identifier: str
    tags: Mapping[str, Word]
    variables: tuple[Variable, ...]
    manifests: tuple[Manifest, ...]
    config_files: tuple[ConfigFile, ...]
    artifacts: Artifacts
    file: File


def read_service(file: File, inputs: Inputs | None = None) -> Service:
    """The service in a file. Raises ``SettingError`` for keys that are missing, misspelled or of the wrong shape.

    ``inputs`` may give lists and mappings for an ``<+input>``; texts are given later, when they are evaluated.
    """
    documents = [one for one in parse(file.text, file.name, scalar=as_written) if one.value not in (None, "")]
    if len(documents) != 1:
        raise SettingError(f"{file.name}: a service file holds one document, and this one {len(documents)}")
    value = inputs.filled(documents[0].value, Spot(file)) if inputs else documents[0].value
    return _service(_root(value, file), file)


def service_of(value: Mapping[str, Any], spot: Spot) -> Service:
    """The service that a stage holds itself, in its ``serviceConfig``. Raises ``SettingError``, as for a file."""
    named = {"name": value.get("serviceRef", ""), "identifier": value.get("serviceRef", ""), **value.get("service", {})}
    named["name"] = named["name"] or named["identifier"]
    return _service(Node({**named, "serviceDefinition": value.get("serviceDefinition", {})}, spot), spot.file)


def with_files(service: Service, files: tuple[Word, ...], *, plain: bool = False) -> Service:
    """The service with these files alone: what an Apply step deploys of it, beside the release.

    Paths are from the folders that the manifests name, else from the root of the store. ``plain`` skips rendering.
    """
    manifests = (replace(one, only=files, plain=plain) if one.type != VALUES else one for one in service.manifests)
    return replace(service, manifests=tuple(manifests))


def _root(value: Any, file: File) -> Node:
    if not isinstance(value, Mapping):
        raise SettingError(f"{file.name}: a service file is a mapping with the key service")
    return Node(value, Spot(file)).only("service").mapping("service", required=True)


def _service(node: Node, file: File) -> Service:
    definition = node.only(SERVICE_KEYS).mapping("serviceDefinition", required=True).only(DEFINITION_KEYS)
    _check_type(definition.word("type", required=True))
    spec = definition.mapping("spec", required=True).only(SPEC_KEYS)
    tags = node.mapping("tags")
    return Service(
        name=node.word("name", required=True),
        identifier=identifier(node.word("identifier", required=True)),
        tags={key: tags.word(key) for key in tags.value},
        variables=read_variables(spec),
        manifests=read_manifests(spec),
        config_files=read_config_files(spec),
        artifacts=read_artifacts(spec),
        file=file,
    )


def _check_type(word: Word) -> None:
    if word.text != SERVICE_TYPE:
        problem = f"services of type {word.text} are not deployed by this tool"
        raise SettingError(f"{word.spot}: {problem}", hint=f"the type has to be {SERVICE_TYPE}")
