"""Jobs: ready when complete. A changed one is replaced; what one did is done, and a restore does not run it again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lastgood.model.health import Cause, Health, Observation, Status, condition, condition_is, unsettled
from lastgood.model.kind import Kind, Rank
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
    if body["spec"].get("suspend"):
        return Health(Status.CURRENT, "is suspended, as its spec says")
    return _running(body, observation)


def _ended(body: Body, observation: Observation) -> Health | None:
    done, wanted = _counts(body)
    if condition_is(body, "Complete", "True"):
        return Health(Status.CURRENT, "is complete", done=done, wanted=wanted)
    for kind in ("Failed", "FailureTarget"):
        found = condition(body, kind)
        if found and found.get("status") == "True":
            reason = str(found.get("reason")) if found.get("reason") in RULES else "JobFailed"
            because = cause(reason, detail=str(found.get("message") or ""))
            causes = worst_first((because, *_of_pods(body, observation)))
            return Health(Status.FAILED, "failed", causes, done=done, wanted=wanted)
    return None


def _counts(body: Body) -> tuple[int, int | None]:
    """How many pods ended well, and how many have to; a work queue has no such number."""
    completions = body["spec"].get("completions")
    return (body.get("status") or {}).get("succeeded", 0), completions


def _running(body: Body, observation: Observation) -> Health:
    status, (done, wanted) = body.get("status") or {}, _counts(body)
    counts = [f"completed: {done}{f' of {wanted}' if wanted else ''}"]
    counts += [f"failed tries: {status['failed']}"] if status.get("failed") else []
    causes = worst_first(tuple(_causes(body, observation)))
    return Health(Status.IN_PROGRESS, ", ".join(counts), causes, done=done, wanted=wanted)


def _causes(body: Body, observation: Observation) -> Iterator[Cause]:
    yield from _of_pods(body, observation)
    if not (body.get("status") or {}).get("active"):
        yield from maker_causes(body, observation.of(body["metadata"].get("uid", ""), "Event"))


def _of_pods(body: Body, observation: Observation) -> Iterator[Cause]:
    pods = observation.of(body["metadata"].get("uid", ""), "Pod")
    for one in causes_of(pods, observation):
        yield replace(one, hopeless=False) if rule_of(one.reason).clock in OWN_LIMIT else one


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
)
