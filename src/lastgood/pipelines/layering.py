"""What overrides what: a service, its environment, its infrastructure, the step. Pure.

From low to high: the service; the environment, for all services; the environment, for this one; the infrastructure, for
all services; the infrastructure, for this one; the step. Of two that reach alike far, the account's is below the
organisation's, and that below the project's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum, auto
from typing import Any

from lastgood.pipelines.contents import (
    VALUES,
    ConfigFile,
    Manifest,
    Variable,
    read_config_files,
    read_manifests,
    read_variables,
)
from lastgood.pipelines.definition import Service
from lastgood.pipelines.entry import Entry
from lastgood.pipelines.nodes import Node
from lastgood.pipelines.spots import Spot


class Level(IntEnum):
    """What an override is for; the higher wins."""

    ENVIRONMENT = auto()
    ENVIRONMENT_SERVICE = auto()
    INFRASTRUCTURE = auto()
    INFRASTRUCTURE_SERVICE = auto()
    STEP = auto()


class Reach(IntEnum):
    """Where an override is kept; the higher wins."""

    ACCOUNT = auto()
    ORG = auto()
    PROJECT = auto()


LEVELS: Mapping[str, Level] = {
    "ENV_GLOBAL_OVERRIDE": Level.ENVIRONMENT,
    "ENV_SERVICE_OVERRIDE": Level.ENVIRONMENT_SERVICE,
    "INFRA_GLOBAL_OVERRIDE": Level.INFRASTRUCTURE,
    "INFRA_SERVICE_OVERRIDE": Level.INFRASTRUCTURE_SERVICE,
}
"""By the ``type`` that an override file has."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What one file or step overrides. ``name`` is told to people: ``environment prod``."""

    name: str
    level: Level
    reach: Reach = Reach.PROJECT
    variables: tuple[Variable, ...] = ()
    manifests: tuple[Manifest, ...] = ()
    config_files: tuple[ConfigFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Laid:
    """A service with everything that lies over it.

    ``layers`` has for each variable the names of those that say it, the one that counts last.
    """

    service: Service
    layers: Mapping[str, tuple[str, ...]]


def read_layer(
    content: Mapping[str, Any], spot: Spot, *, name: str, level: Level, reach: Reach = Reach.PROJECT
) -> Layer:
    """The layer in a mapping with ``variables``, ``manifests``, ``configFiles``, which stands at ``spot``.

    Values are words as they are written. Raises ``SettingError`` with file, line and key.
    """
    node = Node(content, spot)
    manifests = tuple(replace(one, layer=name) for one in read_manifests(node))
    return Layer(name, level, reach, read_variables(node), manifests, read_config_files(node))


def layer_of(entry: Entry, level: Level | None = None) -> Layer:
    """The layer of what stands under ``overrides``; under ``serviceOverrides``, ``level`` says which it is.

    Raises ``SettingError``, as ``read_layer`` does.
    """
    held = entry.entry("spec") if "spec" in entry else entry
    level = level or LEVELS[entry.word("type").text]
    return read_layer(held.plain(), held.spot, name=entry.spot.file.name, level=level)


def laid(service: Service, layers: Iterable[Layer]) -> Laid:
    """The service as it is deployed under these layers, given in any order; of equals the later given wins.

    Variables and config files of the same name are replaced, and so are manifests that are no values; values manifests
    are merged, the higher over the lower, whatever they are called.
    """
    ordered = sorted(layers, key=lambda one: (one.level, one.reach))
    variables = {one.name: one for one in service.variables}
    said = dict.fromkeys(variables, ("service",))
    config_files = {one.identifier: one for one in service.config_files}
    for layer in ordered:
        variables |= {one.name: one for one in layer.variables}
        said |= {one.name: (*said.get(one.name, ()), layer.name) for one in layer.variables}
        config_files |= {one.identifier: one for one in layer.config_files}
    manifests = _manifests([service.manifests, *(layer.manifests for layer in ordered)])
    merged = replace(
        service,
        variables=tuple(variables.values()),
        manifests=manifests,
        config_files=tuple(config_files.values()),
    )
    return Laid(merged, said)


def _manifests(lists: Iterable[tuple[Manifest, ...]]) -> tuple[Manifest, ...]:
    found: list[Manifest] = []
    for manifests in lists:
        replaced = {one.identifier for one in manifests if one.type != VALUES}
        found = [one for one in found if one.type == VALUES or one.identifier not in replaced]
        found.extend(manifests)
    return tuple(found)
