"""What expressions stand for around a service: environment, infrastructure, pipeline, stage and steps. Pure.

Each is a part of the scope of its own: whoever runs a stage puts those together that it has.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lastgood.pipelines.expressions import Known, Part
from lastgood.pipelines.nodes import Word

Tree = Mapping[str, Any]
"""Texts, ``Word``s and ``Known``s by their keys, and mappings of them: ``{"name": ..., "variables": {...}}``."""

INFRA_KEY, INFRA_KEY_SHORT_ID = "INFRA_KEY", "INFRA_KEY_SHORT_ID"
SHORT = 8
NORMAL = "NORMAL"
"""The ``executionMode`` of a pipeline that is not rolling back."""

SECTIONS = ("steps", "rollbackSteps")
STEP = re.compile(r"^(?:pipeline\.stages\.(?P<stage>[^.]+)(?:\.spec)?|stage(?:\.spec)?)\.(?P<rest>.+)$")
STAGE_FIELDS = "name identifier type description tags variables"


@dataclass(frozen=True, slots=True)
class Address:
    """What an expression asks of a run: a field of a stage, or of a step in it.

    ``stage`` is empty for the one that asks. ``steps`` are the identifiers of step groups and at last the step's; empty
    for what is asked of the stage itself. ``<+pipeline.stages.a.spec.execution.steps.g.steps.s.output.x>`` is
    ``Address("a", "steps", ("g", "s"), "output.x")``.
    """

    stage: str
    section: str
    steps: tuple[str, ...]
    field: str


def environment_part(fields: Tree) -> Part:
    """``<+env.name>``, ``<+env.type>``, ``<+env.variables.X>`` and whatever else is there."""
    return tree_part("env", fields)


def infrastructure_part(fields: Tree) -> Part:
    """``<+infra.name>``, ``<+infra.namespace>``, ``<+infra.releaseName>``, ``<+infra.connectorRef>``."""
    return tree_part("infra", fields)


def pipeline_part(fields: Tree) -> Part:
    """``<+pipeline.name>``, ``.sequenceId``, ``.executionId``, ``.executionMode``, ``.variables.X``."""
    return tree_part("pipeline", {"executionMode": NORMAL, **fields})


def stage_part(fields: Tree) -> Part:
    """``<+stage.name>``, ``<+stage.variables.X>``; also under the stage's full name in its pipeline."""
    own = tree_part("stage", fields)
    identifier = _text_of(fields.get("identifier"))
    full = tree_part(f"pipeline.stages.{identifier}", fields) if identifier else Part()
    return Part({**own.known, **full.known})


def steps_part(resolve: Callable[[Address], Known | None]) -> Part:
    """What steps have given, and how stages ended. ``resolve`` is asked each time; None where there is no such step."""

    def lookup(name: str) -> Known | None:
        address = address_of(name)
        return resolve(address) if address else None

    return Part(lookups=(lookup,))


def address_of(name: str) -> Address | None:
    """Where an expression points to in a run; None for those that point elsewhere."""
    found = STEP.match(name)
    stage, rest = (found["stage"] or "", found["rest"]) if found else ("", name)
    parts = rest.removeprefix("execution.").split(".")
    if parts[0] in SECTIONS:
        return _step_address(stage, parts)
    if not found or parts[0] in STAGE_FIELDS.split() or rest.startswith("execution."):
        return None
    return Address(stage, "", (), rest)


def infra_keys(service: str, environment: str, connector: str, namespace: str) -> Part:
    """``<+INFRA_KEY>`` and ``<+INFRA_KEY_SHORT_ID>``: the same for the same service in the same place, else others.

    40 and 8 hexadecimal digits of a BLAKE2b of the four identifiers, joined by a null character.
    """
    joined = "\0".join((service, environment, connector, namespace)).encode()
    key = hashlib.blake2b(joined, digest_size=20).hexdigest()
    return Part({INFRA_KEY: Known(key), INFRA_KEY_SHORT_ID: Known(key[:SHORT])})


def tree_part(prefix: str, fields: Tree) -> Part:
    """Every leaf under its dotted name."""
    return Part(dict(_leaves(prefix, fields)))


def _leaves(prefix: str, value: Any) -> Iterator[tuple[str, Known]]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _leaves(f"{prefix}.{key}", one)
    elif isinstance(value, Known):
        yield prefix, value
    elif isinstance(value, Word):
        yield prefix, Known(value.text, value.spot)
    elif value is not None:
        yield prefix, Known(_text_of(value))


def _text_of(value: Any) -> str:
    if isinstance(value, Word):
        return value.text
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _step_address(stage: str, parts: list[str]) -> Address | None:
    """``steps.a.steps.b.output.x``: groups as far as ``steps`` follows, then the step, then what is asked of it."""
    steps = []
    section = parts[0]
    while len(parts) >= 2 and parts[0] in SECTIONS:
        steps.append(parts[1])
        parts = parts[2:]
    return Address(stage, section, tuple(steps), ".".join(parts)) if steps and parts else None
