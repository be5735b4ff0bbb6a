"""The files that a list of sources names, read and unpacked into resources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from lastgood.errors import ManifestError
from lastgood.loading.unpacking import resources_in
from lastgood.model.resource import Origin, Resource
from lastgood.model.source import CONFIG_FILE, File
from lastgood.parsing import LARGEST, decode

SUFFIXES = (".json", ".yaml", ".yml")
"""What counts as a manifest in a folder, as it does for kubectl."""

STDIN = "-"


def read(
    sources: Sequence[str], *, stdin: IO[bytes] | IO[str] | None = None, recursive: bool = False
) -> tuple[Resource, ...]:
    """The resources of files, folders and ``-`` (stdin), in the order in which they are written.

    Of a folder its .yaml, .yml and .json files are read, sorted by name, but for lastgood.yaml; its sub-folders only
    with ``recursive``. Raises ``ManifestError`` for what cannot be read or is no resource, or when there is nothing.
    """
    files = files_of(sources, stdin=stdin, recursive=recursive)
    resources = tuple(resource for file in files for resource in resources_in(file))
    if not resources:
        raise ManifestError(f"there is no resource in {', '.join(sources) or 'no file'}")
    return resources


def files_of(
    sources: Sequence[str], *, stdin: IO[bytes] | IO[str] | None, recursive: bool, largest: int = LARGEST
) -> Iterator[File]:
    """The texts that sources name. Raises ``ManifestError``, also for one of more than ``largest`` bytes."""
    for source in sources:
        yield from _files(source, stdin, recursive=recursive, largest=largest)


def read_file(path: Path, name: str, *, largest: int = LARGEST) -> File:
    """The text of one file, under a name. Raises ``ManifestError``; reads no more than ``largest`` bytes."""
    try:
        with path.open("rb") as handle:
            return File(name, decode(handle.read(largest + 1), name, largest=largest))
    except OSError as error:
        raise ManifestError(f"cannot be read: {error.strerror}", origin=Origin(name)) from error


def _files(source: str, stdin: IO[bytes] | IO[str] | None, *, recursive: bool, largest: int) -> Iterator[File]:
    path = Path(source)
    if source == STDIN:
        yield _from_stdin(stdin, largest)
    elif path.is_dir():
        yield from (read_file(one, str(one), largest=largest) for one in _in_folder(path, recursive=recursive))
    elif path.exists():
        yield read_file(path, source, largest=largest)
    else:
        raise _missing(source)


def _from_stdin(stdin: IO[bytes] | IO[str] | None, largest: int) -> File:
    if stdin is None:
        raise ManifestError("there is no stdin to read from", origin=Origin(STDIN))
    read = stdin.read(largest + 1)
    data = read if isinstance(read, bytes) else read.encode(errors="surrogateescape")
    return File(STDIN, decode(data, STDIN, largest=largest))


def _in_folder(folder: Path, *, recursive: bool) -> list[Path]:
    entries = sorted(folder.rglob("*") if recursive else folder.iterdir())
    found = [entry for entry in entries if entry.suffix in SUFFIXES and not entry.is_dir()]
    manifests = [entry for entry in found if entry.name != CONFIG_FILE]
    if manifests:
        return manifests
    hint = "" if recursive or not any(entry.is_dir() for entry in entries) else "its sub-folders are read on request"
    beside = f" beside {CONFIG_FILE}" if found else ""
    raise ManifestError(f"holds no {', '.join(SUFFIXES)} file{beside}", origin=Origin(str(folder)), hint=hint)


def _missing(source: str) -> ManifestError:
    fetched = source.startswith(("http://", "https://"))
    hint = f"fetch it: curl -sSL {source} | lastgood ... -f -" if fetched else ""
    return ManifestError("there is no such file or folder", origin=Origin(source), hint=hint)
