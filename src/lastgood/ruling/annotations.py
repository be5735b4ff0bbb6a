"""Rules that stand on a resource itself, as annotations. Pure.

``harness.io/managed-workload: "true"`` says that a custom resource is to be waited for,
``harness.io/steadyStateCondition`` when it is healthy, ``harness.io/failureCondition`` when it has failed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from lastgood.model.marks import says
from lastgood.model.rule import Rule, Test
from lastgood.ruling.json_path import Unreadable
from lastgood.ruling.stating import condition

MANAGED = "harness.io/managed-workload"
"""It also makes a custom resource a workload that comes back, by its stored manifest, where only workloads do."""
STEADY = "harness.io/steadyStateCondition"
FAILURE = "harness.io/failureCondition"


def annotated(body: Mapping[str, Any]) -> Rule | None:
    """The rule in a body's annotations; None where there is none, or none that can be read."""
    annotations = _annotations(body)
    if not {STEADY, FAILURE} & annotations.keys() or not says(body, MANAGED):
        return None
    steady, failure = (_test(name, annotations.get(name)) for name in (STEADY, FAILURE))
    return Rule(healthy=steady, failed=failure) if steady or failure else None


def annotation_problems(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with them: the annotation, and one clause."""
    for name in (STEADY, FAILURE):
        written = _annotations(body).get(name)
        if written is None:
            continue
        try:
            condition(str(written))
        except Unreadable as error:
            yield name, f"cannot be read as a condition: {error} (character {error.at + 1} of it)"


def _annotations(body: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = body.get("metadata")
    found = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _test(name: str, written: Any) -> Test | None:
    return _compiled(name, str(written)) if written is not None else None


@lru_cache(maxsize=256)
def _compiled(name: str, text: str) -> Test | None:
    try:
        return Test(name, condition(text))
    except Unreadable:
        return None
