"""How objects are that a cluster wrote down. No cluster is asked."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping

from lastgood.client.ruling import rules_of
from lastgood.client.settings import HealthRules, need, rules_problems
from lastgood.client.sources import One, Source, as_json, sorted_out
from lastgood.diagnosing import diagnose
from lastgood.loading import objects_in, read_snapshot
from lastgood.model.diagnosis import Diagnosis
from lastgood.model.resource import Body, Resource


def health(*sources: Source, health_rules: HealthRules | None = None) -> tuple[Diagnosis, ...]:
    """How objects are at one moment, in their order, as ``lastgood health`` tells it; no cluster is asked.

    ``sources`` are what a cluster wrote: files, folders, bodies (or a List), or several of these in one. Pods,
    ReplicaSets and events among them explain what they belong to. Raises ``SettingError`` and ``ManifestError``.
    """
    parts, problems = sorted_out(sources)
    need(*problems, *rules_problems(health_rules))
    rules = rules_of(health_rules)
    bodies = [body for place, source in enumerate(parts, 1) for body in _bodies_in(source, f"source {place}")]
    return diagnose(bodies, rules)


def _bodies_in(source: One, name: str) -> Iterable[Body]:
    if isinstance(source, Resource):
        return [source.body]
    if isinstance(source, Mapping):
        return objects_in(json.loads(as_json(source, name)), name)
    return read_snapshot([os.fspath(source)])
