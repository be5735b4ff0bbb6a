"""Jobs: ready when complete. A changed one is replaced; what one did is done, and a restore does not run it again.

A suspended Job runs nothing until somebody resumes it, so that a deploy does not wait for one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from lastgood.model.health import Cause, Health, Observation, Status, condition, condition_is, unsettled
from lastgood.model.kind import Kind, Meaning, Rank
from lastgood.model.reading import at, count, text
from lastgood.model.resource import Body, GroupKind
from lastgood.reasons import RULES, cause, causes_of, maker_causes, rule_of, worst_first

GROUP_KIND = GroupKind("batch", "Job")

OWN_LIMIT = frozenset({"crash"})
"""Troubles that a Job counts itself, against its back-off limit."""


def assess(body: Body, observation: Observation) -> Health:
    """Whether it is complete. One that ended has ended, also while its time to live has it deleted."""
    ended = _ended(body, observation)
    if ended:
        return ended
    early = unsettled(body)
    if early:
        return early
    if at(body, "spec", "suspend") is True:
        words = "is suspended: it runs nothing until spec.suspend is false"
        return Health(Status.IN_PROGRESS, words, enough_after=0.0, rule="spec.suspend is true")
    return _running(body, observation)


def _ended(body: Body, observation: Observation) -> Health | None:
    done, wanted = _counts(body)
    for kind in ("Failed", "FailureTarget"):
        if condition_is(body, kind, "True"):
            causes = worst_first((_why(condition(body, kind)), *_of_pods(body, observation)))
            return Health(Status.FAILED, "failed", causes, done=done, wanted=wanted, rule=f"condition {kind} is True")
    if condition_is(body, "Complete", "True"):
        return Health(Status.CURRENT, "is complete", done=done, wanted=wanted, rule="condition Complete is True")
    return None


def _why(failed: Mapping[str, Any] | None) -> Cause:
    reason = text(failed, "reason")
    return cause(reason if reason in RULES else "JobFailed", detail=text(failed, "message"))


def _counts(body: Body) -> tuple[int, int | None]:
    """How many pods ended well, and how many have to; a work queue has no such number."""
    completions = at(body, "spec", "completions")
    return count(body, "status", "succeeded"), completions if isinstance(completions, int) else None


def _running(body: Body, observation: Observation) -> Health:
    done, wanted = _counts(body)
    causes = worst_first(tuple(_causes(body, observation)))
    words = ", ".join(_told(body, done, wanted))
    return Health(Status.IN_PROGRESS, words, causes, done=done, wanted=wanted, rule="no condition says that it ended")


def _told(body: Body, done: int, wanted: int | None) -> Iterator[str]:
    """How far it is; of an indexed one also which indexes ended well and which failed for good."""
    ended = text(body, "status", "completedIndexes")
    yield f"completed: {done}{f' of {wanted}' if wanted else ''}{f' (indexes {ended})' if ended else ''}"
    if count(body, "status", "failed"):
        yield f"failed tries: {count(body, 'status', 'failed')}"
    if text(body, "status", "failedIndexes"):
        yield f"failed indexes: {text(body, 'status', 'failedIndexes')}"
    if condition_is(body, "SuccessCriteriaMet", "True"):
        yield "it has what it needs, and its pods are still ending"


def _causes(body: Body, observation: Observation) -> Iterator[Cause]:
    yield from _of_pods(body, observation)
    if not count(body, "status", "active"):
        uid = text(body, "metadata", "uid")
        yield from maker_causes(body, observation.of(uid, "Event"), pods=observation.of(uid, "Pod"))


def _of_pods(body: Body, observation: Observation) -> Iterator[Cause]:
    pods = observation.of(text(body, "metadata", "uid"), "Pod")
    for one in causes_of(pods, observation):
        yield replace(one, hopeless=False, crashes=0) if rule_of(one.reason).clock in OWN_LIMIT else one


KIND = Kind(
    GROUP_KIND,
    Rank.WORKLOAD,
    assess,
    dependents=(GroupKind("", "Pod"), GroupKind("", "Event")),
    pod_template=("spec", "template"),
    immutable=(
        "spec.selector",
        "spec.template",
        "spec.completions",
        "spec.completionMode",
        "spec.podFailurePolicy",
        "spec.backoffLimitPerIndex",
        "spec.successPolicy",
        "spec.managedBy",
    ),
    recreate=True,
    runs_once=True,
    propagation="Foreground",
    meaning=Meaning(
        current="its condition `Complete` is True",
        in_progress="it has not ended, or `spec.suspend` is true",
        failed="its condition `Failed` or `FailureTarget` is True",
        passes="a suspended one",
    ),
    source="https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup",
)
