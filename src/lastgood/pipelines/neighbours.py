"""What stands beside a pipeline in its folder: services, environments, infrastructure and overrides, by identifier."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lastgood.errors import SettingError
from lastgood.loading import read_file
from lastgood.model.source import File
from lastgood.parsing import as_written, parse
from lastgood.pipelines.environment import Environment, Infrastructure
from lastgood.pipelines.inspecting import read_environment, read_infrastructure, read_overrides
from lastgood.pipelines.layering import Layer
from lastgood.pipelines.spots import Spot

SERVICE, ENVIRONMENT, INFRASTRUCTURE = "service", "environment", "infrastructureDefinition"
OVERRIDES, OLD_OVERRIDES = "overrides", "serviceOverrides"
ROOT = re.compile(rf"^({SERVICE}|{ENVIRONMENT}|{INFRASTRUCTURE}|{OVERRIDES}|{OLD_OVERRIDES}):", re.MULTILINE)
SUFFIXES = (".yaml", ".yml")
SCOPE = re.compile(r"^(account|org|project)\.")
"""What may stand before an identifier, to say where in the product it is kept."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file with one of the roots that a pipeline asks for; ``value`` is what stands under it, as it is written."""

    root: str
    file: File
    value: Mapping[str, Any]

    @property
    def identifier(self) -> str:
        """What pipelines call it; overrides have none."""
        return str(self.value.get("identifier", ""))

    def says(self, key: str, *wanted: str) -> bool:
        """Whether it is about one of these: what it does not say, it is about in any case."""
        return self.value.get(key) in (None, "", *wanted)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Everything in a folder that a pipeline may ask for, sorted by path."""

    root: Path
    found: tuple[Found, ...]

    def service(self, ref: str, spot: Spot) -> File:
        """The file of a service. Raises ``SettingError`` when there is none, or more than one."""
        return self._one(SERVICE, ref, spot).file

    def environment(self, ref: str, spot: Spot) -> Environment:
        """The environment with this identifier."""
        return read_environment(self._one(ENVIRONMENT, ref, spot).file)

    def infrastructure(self, ref: str, environment: str, spot: Spot) -> Infrastructure:
        """The infrastructure definition with this identifier, of this environment."""
        found = self._one(INFRASTRUCTURE, ref, spot)
        if not found.says("environmentRef", environment):
            problem = f"{ref} is an infrastructure of the environment {found.value.get('environmentRef')}"
            raise SettingError(f"{spot}: {problem}, and the stage deploys to {environment}")
        return read_infrastructure(found.file)

    def layers(self, environment: str, infrastructure: str, service: str) -> tuple[Layer, ...]:
        """What files of overrides say of a service there. Raises ``SettingError`` with every error in them."""
        about = (one for one in self.found if _is_about(one, environment, infrastructure, service))
        return tuple(read_overrides(one.file) for one in about)

    def _one(self, root: str, ref: str, spot: Spot) -> Found:
        name = SCOPE.sub("", ref)
        found = [one for one in self.found if one.root == root and one.identifier == name]
        if len(found) > 1:
            files = " and ".join(one.file.name for one in found)
            raise SettingError(f"{spot}: there are two of the name {name}: {files}", hint="delete or rename one")
        return found[0] if found else self._missing(root, name, spot)

    def _missing(self, root: str, name: str, spot: Spot) -> Found:
        there = sorted({one.identifier for one in self.found if one.root == root})
        near = difflib.get_close_matches(name, there, n=1)
        known = f"did you mean {near[0]}?" if near else f"there are: {', '.join(there)}" if there else ""
        hint = known or "--root names the folder in which they are"
        raise SettingError(f"{spot}: no file below {self.root} holds {root} {name}", hint=hint)


def look_around(root: Path) -> Neighbours:
    """Read everything below a folder that has one of the roots; hidden folders and other files are passed over."""
    if not root.is_dir():
        raise SettingError(f"there is no folder {root}", hint="--root names the folder with the services beside it")
    return Neighbours(root, tuple(one for path in _walk(root) for one in _found(path, root)))


def _walk(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        yield from (Path(folder, name) for name in sorted(names) if name.endswith(SUFFIXES) and name[0] != ".")


def _found(path: Path, root: Path) -> Iterator[Found]:
    if not ROOT.search(path.read_text(encoding="utf-8", errors="replace")):
        return
    file = read_file(path, str(path) if root == Path() else os.path.relpath(path))
    documents = [one.value for one in parse(file.text, file.name, scalar=as_written) if one.value not in (None, "")]
    for key in (SERVICE, ENVIRONMENT, INFRASTRUCTURE, OVERRIDES, OLD_OVERRIDES):
        for value in documents:
            if isinstance(value, Mapping) and isinstance(value.get(key), Mapping):
                yield Found(key, file, value[key])


def _is_about(one: Found, environment: str, infrastructure: str, service: str) -> bool:
    return (
        one.root in (OVERRIDES, OLD_OVERRIDES)
        and one.says("environmentRef", environment, f"account.{environment}", f"org.{environment}")
        and one.says("infraIdentifier", infrastructure)
        and one.says("serviceRef", service, f"account.{service}", f"org.{service}")
    )
