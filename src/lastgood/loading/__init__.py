"""Files, folders and stdin become resources, checked as far as that is possible without a cluster.

``load`` is the verb. ``check`` refuses what the API would refuse later, with the line; ``normalised`` is the form in
which a resource is planned and recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO

from lastgood.loading.checking import Problem, problems
from lastgood.loading.normalising import normalised
from lastgood.loading.reading import read, read_file
from lastgood.loading.refusing import Finding, check, refusal
from lastgood.loading.snapshot import objects_in, read_snapshot
from lastgood.loading.unpacking import resources_in, resources_of
from lastgood.model.resource import Resource

__all__ = [
    "Finding",
    "Problem",
    "check",
    "load",
    "normalised",
    "objects_in",
    "problems",
    "read_file",
    "read_snapshot",
    "refusal",
    "resources_in",
    "resources_of",
]


def load(
    sources: Sequence[str], *, stdin: IO[bytes] | IO[str] | None = None, recursive: bool = False
) -> tuple[Resource, ...]:
    """The resources of files, folders and ``-`` (stdin), checked, in the form in which they are deployed.

    Of a folder its .yaml, .yml and .json files are read, sorted by name, but for lastgood.yaml; its sub-folders only
    with ``recursive``. Raises ``ManifestError`` with file, line, resource and field for what cannot be read or would be
    refused.
    """
    resources = read(sources, stdin=stdin, recursive=recursive)
    check(resources)
    return tuple(normalised(resource) for resource in resources)
