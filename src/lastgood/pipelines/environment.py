"""Environments, infrastructure definitions and overrides as frozen values: nothing is evaluated. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from lastgood.pipelines.contents import Manifest
from lastgood.pipelines.definition import manifests_of
from lastgood.pipelines.entry import Entry
from lastgood.pipelines.nodes import Word
from lastgood.pipelines.spots import Spot
from lastgood.pipelines.stage import Variable
from lastgood.pipelines.staging import tags_of, variables_of


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment: ``type`` is PreProduction or Production. ``manifests`` are values files that override."""

    identifier: str
    name: str
    type: str
    tags: tuple[tuple[str, Word], ...]
    variables: tuple[Variable, ...]
    manifests: tuple[Manifest, ...]
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


@dataclass(frozen=True, slots=True)
class Overrides:
    """What is other than the service says, for an environment, an infrastructure, a service, or some of these.

    ``type`` is one of ``keys.environment.OVERRIDE_TYPES``, whose order is that of their rank. What it is not about is
    empty. Variables replace; ``manifests`` are values files, merged over those that rank below.
    """

    type: str
    environment: Word
    infrastructure: Word
    service: Word
    variables: tuple[Variable, ...]
    manifests: tuple[Manifest, ...]
    spot: Spot


def environment_of(entry: Entry) -> Environment:
    """An environment, from what stands under ``environment``."""
    return Environment(
        identifier=entry.word("identifier").text,
        name=entry.word("name").text or entry.word("identifier").text,
        type=entry.word("type").text,
        tags=tags_of(entry),
        variables=variables_of(entry),
        manifests=manifests_of(entry.entry("overrides").plain(), entry.spot.at("overrides")),
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


def overrides_of(entry: Entry, kind: str = "") -> Overrides:
    """Overrides, from what stands under ``overrides``; under ``serviceOverrides``, ``kind`` says which they are."""
    held = entry.entry("spec") if "spec" in entry else entry
    return Overrides(
        type=kind or entry.word("type").text,
        environment=entry.word("environmentRef"),
        infrastructure=entry.word("infraIdentifier"),
        service=entry.word("serviceRef"),
        variables=variables_of(held),
        manifests=manifests_of(held.plain(), held.spot),
        spot=entry.spot,
    )
