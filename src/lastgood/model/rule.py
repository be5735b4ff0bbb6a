"""A rule of health that a user wrote, for the resources of one kind, or for one resource."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lastgood.model.resource import GroupKind

Answer = bool | str
"""Whether something is so, or why that cannot be told."""


@dataclass(frozen=True, slots=True)
class Test:
    """A question to a body. ``name`` is how a health names it: ``healthy of health.yaml:4``."""

    name: str
    ask: Callable[[Mapping[str, Any]], Answer]


@dataclass(frozen=True, slots=True)
class Rule:
    """What makes a resource healthy, failed or in progress; None where nothing is said of it.

    ``message`` gives the sentence, empty where there is none to be had.
    """

    healthy: Test | None = None
    failed: Test | None = None
    progressing: Test | None = None
    message: Callable[[Mapping[str, Any]], str] | None = None


Rules = Mapping[GroupKind, Rule]
