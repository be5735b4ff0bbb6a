"""A patch as a value: what is sent, and in which of the API's three styles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

Patch = Sequence[Mapping[str, Any]] | Mapping[str, Any]
"""A list of operations (JSON), or the part of a body that is to be merged into it."""


class Style(StrEnum):
    """How a patch is read.

    https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/
    """

    JSON = "json"
    """RFC 6902."""
    MERGE = "merge"
    """RFC 7386: lists are replaced as a whole."""
    STRATEGIC = "strategic"
    """Lists of things with names are merged by these. Not for custom resources."""
