"""Releases of every shape, for records to keep."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from lastgood.model.evidence import ConditionLine, ContainerEvidence, EventLine, Evidence, PodEvidence
from lastgood.model.health import Cause, Health, Judged, Ruling, Status, StuckPod
from lastgood.model.plan import MISSING, FieldChange
from lastgood.model.proof import Finding, Match, Proof, Scope
from lastgood.model.release import Mode, Release, Sent, State, Workload
from lastgood.model.resource import Ref, Resource

CREATED = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def config_map(name: str, **data: str) -> Resource:
    return Resource(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "shop"}, "data": data}
    )


def release(number: int = 1, *resources: Resource, **fields: Any) -> Release:
    chosen = resources or (config_map("app", greeting="hello"),)
    return replace(Release("web", "shop", number, CREATED, resources=chosen), **fields)


_texts = st.text(st.characters(codec="utf-8"), max_size=20)
_words = st.from_regex(r"[a-z]{1,10}", fullmatch=True)
_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=8,
)
_times = st.datetimes(timezones=st.just(UTC))
_refs = st.builds(Ref, _words, _words, _words, _words, _words)
_numbers = st.floats(0, 1e6)


def _tuples(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=2).map(tuple)


_values = st.just(MISSING) | _json
_changes = st.builds(FieldChange, _texts, _values, _values, _texts)
_findings = st.builds(Finding, _refs, st.sampled_from(Match), _tuples(_changes), _texts)
_proofs = st.builds(Proof, st.integers(1, 9), st.sampled_from(Scope), _tuples(_findings), _times, st.integers(0, 99))
_causes = st.builds(Cause, _words, _texts, st.booleans(), _numbers, st.none() | _refs, _words)
_healths = st.builds(
    Health,
    st.sampled_from(Status),
    _texts,
    _tuples(_causes),
    st.booleans(),
    st.none() | st.integers(0, 9),
    st.none() | st.integers(0, 9),
    _tuples(st.builds(StuckPod, _refs, _words, _words)),
)
_judged = st.builds(Judged, _refs, _healths, st.sampled_from(Ruling), st.none() | _causes)
_containers = st.builds(
    ContainerEvidence,
    _words,
    _words,
    _words,
    _words,
    _texts,
    st.none() | st.integers(),
    st.integers(0),
    _texts,
    st.booleans(),
    st.booleans(),
    _texts,
)
_evidence = st.builds(
    Evidence,
    _tuples(st.builds(PodEvidence, _refs, _words, _tuples(_containers))),
    _tuples(st.builds(EventLine, _refs, _words, _words, _texts, st.integers(1), _texts)),
    _tuples(_texts),
    _tuples(st.builds(ConditionLine, _refs, _words, _words, _words, _texts, _texts)),
)
_bodies = st.dictionaries(_texts, _json, max_size=4).map(
    lambda extra: {**extra, "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "shop"}}
)

RELEASES = st.builds(
    Release,
    name=_words,
    namespace=_words,
    number=st.integers(1, 10**6),
    created=_times,
    state=st.sampled_from(State),
    mode=st.sampled_from(Mode),
    prune=st.booleans(),
    strategy=_words,
    resources=_tuples(st.builds(Resource, _bodies)),
    inventory=_tuples(_refs),
    key=_words,
    who=_texts,
    why=_texts,
    ended=st.none() | _times,
    reason=_texts,
    sent=_tuples(st.builds(Sent, _refs, _words, _words, _words)),
    workloads=_tuples(st.builds(Workload, _refs, _words, _words, _words, st.booleans())),
    judged=_tuples(_judged),
    proof=st.none() | _proofs,
    evidence=st.none() | _evidence,
    hold=_numbers,
    staged=_tuples(st.builds(Resource, _bodies)),
    colour=_words,
    promoted=st.booleans(),
    routes=_tuples(_refs),
    standby=_tuples(_refs),
    beside=_tuples(_refs),
    asked=_words,
)
"""Any release that has resources of its own."""
