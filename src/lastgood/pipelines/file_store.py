"""The product's file store as a local folder: paths in it are from its root, and none leads out of it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lastgood.errors import SettingError
from lastgood.loading import read_file
from lastgood.model.source import CONFIG_FILE, File
from lastgood.pipelines.spots import Spot

SUFFIXES = (".yaml", ".yml")
VALUES_FILES = ("values.yaml", "values.yml")
NO_MANIFESTS = (*VALUES_FILES, CONFIG_FILE)
SKIP = "# harness.io/skip-file-for-deploy"
"""A file with this as its very first line is not deployed."""

SCOPE = re.compile(r"^(account|org|project):")
MOST_LISTED = 12


@dataclass(frozen=True, slots=True)
class FileStore:
    """A folder that holds what a service's ``store`` names.

    ``label`` stands before names in messages, for a folder that is a copy of something else.
    """

    root: Path
    label: str = ""

    def __post_init__(self) -> None:
        if not self.root.is_dir():
            raise SettingError(f"there is no folder {self.root}", hint="give it with --file-store FOLDER")

    def file(self, entry: str, spot: Spot) -> File:
        """One file. Raises ``SettingError`` when there is none at this path."""
        path = self._path(entry, spot)
        if path.is_dir():
            raise SettingError(f"{spot}: {self._name(path)} is a folder, and a file is wanted")
        return read_file(path, self._name(path))

    def has(self, entry: str, spot: Spot) -> bool:
        """Whether there is anything at this path."""
        return self._inside(entry, spot).exists()

    def manifests(self, entry: str, spot: Spot) -> tuple[File, ...]:
        """The manifests of a folder and the folders in it, sorted; or the one file that the entry names.

        Hidden files, values files, lastgood.yaml, files of other kinds and those that start with ``SKIP`` are left out.
        """
        path = self._path(entry, spot)
        if path.is_file() and path.suffix.lower() not in SUFFIXES:
            raise SettingError(f"{spot}: {self._name(path)} is no {' or '.join(SUFFIXES)} file")
        files = (read_file(one, self._name(one)) for one in self._walk(path, spot, frozenset()))
        return tuple(file for file in files if file.text.split("\n", 1)[0].rstrip("\r") != SKIP)

    def folder_values(self, entry: str, spot: Spot) -> tuple[File, ...]:
        """The values file in a manifest folder, if there is one."""
        path = self._path(entry, spot)
        found = (path / name for name in VALUES_FILES if path.is_dir())
        return tuple(read_file(one, self._name(one)) for one in found if self._checked(one, spot).is_file())

    def _walk(self, path: Path, spot: Spot, above: frozenset[Path]) -> Iterator[Path]:
        real = self._checked(path, spot).resolve()
        if real.is_file():
            yield path
        elif real not in above:  # a link to a folder that it stands in would never end
            for child in sorted(path.iterdir()):
                if self._counts(child):
                    yield from self._walk(child, spot, above | {real})

    def _counts(self, path: Path) -> bool:
        if path.name.startswith("."):
            return False
        return path.is_dir() or (path.suffix.lower() in SUFFIXES and path.name not in NO_MANIFESTS)

    def _path(self, entry: str, spot: Spot) -> Path:
        path = self._inside(entry, spot)
        if not path.exists():
            raise self._missing(path, spot)
        return path

    def _inside(self, entry: str, spot: Spot) -> Path:
        place = PurePosixPath(SCOPE.sub("", entry.strip()).strip().lstrip("/"))
        if ".." in place.parts:
            raise SettingError(f"{spot}: {entry} leads out of the file store", hint="write it from the store's root")
        return self._checked(self.root / place, spot)

    def _checked(self, path: Path, spot: Spot) -> Path:
        """The path itself, links followed only to see that it stays in the store."""
        try:
            real = path.resolve()
        except (OSError, RuntimeError, ValueError) as error:
            raise SettingError(f"{spot}: {path} cannot be read: {error}") from error
        if not real.is_relative_to(self.root.resolve()):
            raise SettingError(f"{spot}: {self._name(path)} is a link that leads out of {self._called}")
        return path

    def _name(self, path: Path) -> str:
        return f"{self.label}/{path.relative_to(self.root).as_posix()}"

    @property
    def _called(self) -> str:
        return self.label.rstrip(":") or f"the file store {self.root}"

    def _missing(self, path: Path, spot: Spot) -> SettingError:
        parent = next(one for one in path.parents if one.is_dir())
        names = sorted(one.name + ("/" if one.is_dir() else "") for one in parent.iterdir())
        near = difflib.get_close_matches(path.name, [name.rstrip("/") for name in names], n=1)
        there = ", ".join(names[:MOST_LISTED]) or "nothing"
        top = self.label.rstrip(":") or str(self.root)
        where = f"{self._name(parent).removeprefix(self.label)} of {self._called}" if parent != self.root else top
        hint = f"did you mean {near[0]}? " if near else ""
        return SettingError(f"{spot}: there is no {self._name(path)}", hint=f"{hint}in {where} there is {there}")
