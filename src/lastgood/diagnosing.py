"""Bodies as a cluster wrote them become diagnoses in kstatus' words: one look, no clock, no cluster. Pure.

https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md

``judging`` asks of a release what to do next, and may wait; this asks of an object how it is now. Where the two
differ, and why, is told in docs/health.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from lastgood.kinds import assess, kind_of, rule_of
from lastgood.kinds.unreadable import UNREAD
from lastgood.kinship import observed
from lastgood.model.diagnosis import Diagnosis
from lastgood.model.health import Cause, Health, Observation, Status, condition_is
from lastgood.model.kind import Kind
from lastgood.model.resource import Body, GroupKind, Ref
from lastgood.model.rule import Rule, Rules
from lastgood.reasons import cause, graces, with_grace

KSTATUS = "https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/status/core.go"
CONTROLLERS = "https://kubernetes.io/docs/concepts/workloads/controllers"

SHORT = 20.0
"""Seconds. A cause that a deploy bears for longer may well pass by itself, and one look cannot tell."""

LOOPS = "CrashLoopBackOff"
"""The kubelet's own word for a container that has crashed again and again: certain, whatever its grace."""

BORNE = {"FailedCreate": 30.0}
"""Seconds for what is certain although a deploy bears it for longer: a full quota, which others might leave."""

DEPLOYMENT, JOB, POD = GroupKind("apps", "Deployment"), GroupKind("batch", "Job"), GroupKind("", "Pod")
CLAIM = GroupKind("", "PersistentVolumeClaim")

FORMER = {GroupKind("extensions", kind): GroupKind("apps", kind) for kind in ("DaemonSet", "Deployment", "ReplicaSet")}
"""What kinds were called before Kubernetes 1.16."""

NO_RULES: Rules = MappingProxyType({})
UNREADABLE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What the rules of a kind raise for a body that no API server would have taken for one of that kind."""


def diagnose(bodies: Iterable[Body], rules: Rules = NO_RULES) -> tuple[Diagnosis, ...]:
    """How each of these objects is, in their order; those that belong to another explain it.

    Bodies are whatever JSON there is: what cannot be judged is ``Unknown``, with the reason. ``rules`` are those of the
    user. Raises nothing.
    """
    bodies = tuple(map(_with_metadata, bodies))
    observation = replace(observed(bodies), rules=rules)
    return tuple(_diagnosed(body, observation) for body in bodies)


def missing(ref: Ref) -> Diagnosis:
    """What is said of an object that should be there and is not."""
    return Diagnosis(ref, Health(Status.NOT_FOUND, "is not there", rule="the API knows no such object"), source=KSTATUS)


# --- one object


def _diagnosed(body: Body, observation: Observation) -> Diagnosis:
    ref = named(body)
    absent = next((field for field in ("kind", "apiVersion") if not _text(body.get(field))), "")
    if absent:
        return Diagnosis(ref, Health(Status.UNKNOWN, f"does not say its {absent}", rule=f"{absent} is missing"))
    kind = kind_of(FORMER.get(ref.group_kind, ref.group_kind))
    try:
        found = _ruled(ref, kind, body, observation)
    except UNREADABLE:
        return _alone(ref, kind, body, observation.rules)
    return _alone(ref, kind, body, observation.rules) if found.health.rule == UNREAD else found


def _alone(ref: Ref, kind: Kind, body: Body, rules: Rules) -> Diagnosis:
    """By itself: what cannot be read may be one of those that belong to it."""
    words = f"cannot be judged: {_misshapen(body, ref.kind)}"
    unread = Diagnosis(ref, Health(Status.UNKNOWN, words, rule=f"it is not what a {ref.kind} is"))
    try:
        found = _ruled(ref, kind, body, Observation(0.0, {}, rules=rules))
    except UNREADABLE:
        return unread
    return unread if found.health.rule == UNREAD else found


def _ruled(ref: Ref, kind: Kind, body: Body, observation: Observation) -> Diagnosis:
    health = assess(ref, body, observation, kind=kind)
    own = graces(body)
    health = replace(health, causes=tuple(with_grace(one, own) for one in health.causes))
    word = next((found for rule in RULES if (found := rule(kind, body, health))), None)
    if word:
        return Diagnosis(ref, word.health, word.cause, word.source or kind.source)
    condemned = next(filter(_is_certain, health.causes), None) if health.status is Status.FAILED else None
    return Diagnosis(ref, health, condemned, "" if _is_by(rule_of(ref, body, observation), health) else kind.source)


def _is_by(rule: Rule | None, health: Health) -> bool:
    """Whether a user's own rule said this; it comes from nowhere else."""
    tests = (rule.failed, rule.progressing, rule.healthy) if rule else ()
    return any(one is not None and health.rule.startswith(f"{one.name} is ") for one in tests)


def _is_certain(one: Cause) -> bool:
    return one.hopeless and (one.reason == LOOPS or one.grace <= BORNE.get(one.reason, SHORT))


# --- where one look says another word than the rule of the kind


@dataclass(frozen=True, slots=True)
class Word:
    """What is said instead, and where that comes from; empty is where the rule of the kind does."""

    health: Health
    source: str = ""
    cause: Cause | None = None


def _deleted(_kind: Kind, body: Body, health: Health) -> Word | None:
    """Before all else, as with kstatus: a Job that is complete and being deleted, too."""
    if not body["metadata"].get("deletionTimestamp") or health.status is Status.TERMINATING:
        return None
    rule = "metadata.deletionTimestamp is set"
    return Word(replace(health, status=Status.TERMINATING, sentence="is being deleted", rule=rule), KSTATUS)


def _held(kind: Kind, body: Body, health: Health) -> Word | None:
    """What people have stopped does nothing, and is not where it should come to."""
    field, sentence, source = HELD.get(kind.group_kind, ("", "", ""))
    if not field or not _at(body, "spec", field) or health.status not in (Status.CURRENT, Status.IN_PROGRESS):
        return None
    if condition_is(body, "Complete", "True"):
        return None
    causes = tuple(replace(one, hopeless=False) for one in health.causes)
    rule = f"spec.{field} is true"
    return Word(replace(health, status=Status.IN_PROGRESS, sentence=sentence, causes=causes, rule=rule), source)


HELD = {
    DEPLOYMENT: ("paused", "its rollout is paused", f"{CONTROLLERS}/deployment/#pausing-and-resuming-a-deployment"),
    JOB: ("suspend", "is suspended", f"{CONTROLLERS}/job/#suspending-a-job"),
}


def _condemned(kind: Kind, body: Body, health: Health) -> Word | None:
    """A cause that is certain is not waited for: there is nobody here who waits."""
    if health.status is not Status.IN_PROGRESS:
        return None
    of_pod = _of_pod(body, health) if kind.group_kind == POD else ()
    found = next(iter((*filter(_is_certain, health.causes), *of_pod)), None)
    if found is None:
        return None
    causes = (found, *(one for one in health.causes if one != found))
    return Word(replace(health, status=Status.FAILED, causes=causes, rule=f"{found.reason} is certain"), cause=found)


def _of_pod(body: Body, health: Health) -> tuple[Cause, ...]:
    """What kstatus takes for a failure of a pod at the first sight of it: a crash loop, and that no node takes it."""
    told = tuple(one for one in health.causes if one.reason in (LOOPS, "Unschedulable"))
    return told or tuple(
        cause(LOOPS, who=f"container {name}", detail="keeps crashing", container=name) for name in _looping(body)
    )


def _looping(pod: Body) -> Iterator[str]:
    """The containers that wait in a crash loop, by what the kubelet says alone."""
    for field in ("initContainerStatuses", "containerStatuses"):
        for one in _at(pod, "status", field) or ():
            if _at(one, "state", "waiting", "reason") == LOOPS:
                yield str(one.get("name") or "")


def _running(kind: Kind, body: Body, health: Health) -> Word | None:
    """A Job that has begun is what was asked for; what becomes of it is another question."""
    if kind.group_kind != JOB or health.status is not Status.IN_PROGRESS or not _at(body, "status", "startTime"):
        return None
    words = f"is running; {health.sentence}"
    return Word(replace(health, status=Status.CURRENT, sentence=words, rule="status.startTime is set"), KSTATUS)


def _unbound(kind: Kind, body: Body, health: Health) -> Word | None:
    """A claim is there for its volume. A deploy does not wait for one that waits for its first pod."""
    if kind.group_kind != CLAIM or health.status is not Status.CURRENT or _at(body, "status", "phase") == "Bound":
        return None
    return Word(replace(health, status=Status.IN_PROGRESS, rule="status.phase is not Bound"), KSTATUS)


RULES: tuple[Callable[[Kind, Body, Health], Word | None], ...] = (_deleted, _held, _condemned, _running, _unbound)
"""From the first to the last; None says that this one does not speak."""


# --- whatever shape a body has


def named(body: Mapping[str, Any]) -> Ref:
    """Who this says it is; empty where that is no text."""
    group, _, version = _text(body.get("apiVersion")).rpartition("/")
    metadata = body["metadata"]
    return Ref(group, _text(body.get("kind")), _text(metadata.get("namespace")), _text(metadata.get("name")), version)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _with_metadata(body: Body) -> Body:
    """With metadata that is a mapping, and in it no name that is no text."""
    metadata = body.get("metadata")
    if not isinstance(metadata, dict):
        return {**body, "metadata": {}}
    odd = [field for field in IDENTITY if field in metadata and not isinstance(metadata[field], str)]
    return {**body, "metadata": {key: one for key, one in metadata.items() if key not in odd}} if odd else body


IDENTITY = ("name", "namespace", "uid")


def _at(value: Any, *path: str) -> Any:
    """The value at a path of keys; None where there is none."""
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _misshapen(body: Body, kind: str) -> str:
    """What of a body is of another shape than every kind with a rule has; its values are not told."""
    for field in ("spec", "status"):
        value = body.get(field)
        if value is None and field == "spec":
            return f"it has no {field}"
        if value is not None and not isinstance(value, dict):
            return f"its {field} is not a mapping"
    return f"its fields do not have the types of a {kind}"
