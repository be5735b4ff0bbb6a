"""Environments and infrastructure definitions as frozen values: nothing is evaluated. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from lastgood.pipelines.entry import Entry
from lastgood.pipelines.layering import Layer, Level, read_layer
from lastgood.pipelines.nodes import Word
from lastgood.pipelines.spots import Spot
from lastgood.pipelines.stage import Variable
from lastgood.pipelines.staging import tags_of, variables_of


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment: ``type`` is PreProduction or Production. ``layer`` is what it overrides of services."""

    identifier: str
    name: str
    type: str
    tags: tuple[tuple[str, Word], ...]
    variables: tuple[Variable, ...]
    layer: Layer
    spot: Spot


@dataclass(frozen=True, slots=True)
class Infrastructure:
    """Where an environment's releases live. ``release_name`` is empty where the service gives it.

    ``services`` are the only ones that may be deployed there; none is any.
    """

    identifier: str
    name: str
    environment: Word
    connector: Word
    namespace: Word
    release_name: Word
    services: tuple[Word, ...]
    tags: tuple[tuple[str, Word], ...]
    spot: Spot


def environment_of(entry: Entry) -> Environment:
    """An environment, from what stands under ``environment``. Raises ``SettingError``, as ``read_layer`` does."""
    held, name = entry.entry("overrides"), f"environment {entry.word('identifier').text}"
    return Environment(
        identifier=entry.word("identifier").text,
        name=entry.word("name").text or entry.word("identifier").text,
        type=entry.word("type").text,
        tags=tags_of(entry),
        variables=variables_of(entry),
        layer=read_layer(held.plain(), held.spot, name=name, level=Level.ENVIRONMENT),
        spot=entry.spot,
    )


def infrastructure_of(entry: Entry) -> Infrastructure:
    """An infrastructure, from what stands under ``infrastructureDefinition``, in a file or in a stage."""
    spec = entry.entry("spec")
    return Infrastructure(
        identifier=entry.word("identifier").text,
        name=entry.word("name").text,
        environment=entry.word("environmentRef"),
        connector=spec.word("connectorRef"),
        namespace=spec.word("namespace"),
        release_name=spec.word("releaseName"),
        services=entry.words("scopedServices"),
        tags=tags_of(entry),
        spot=entry.spot,
    )
