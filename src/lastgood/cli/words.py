"""Values as sentences: the same words wherever something is told. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from lastgood.diffing import MASK
from lastgood.model import event
from lastgood.model.diagnosis import Diagnosis
from lastgood.model.health import Health, Judged, Ruling, Status
from lastgood.model.plan import MISSING, Apply, Change, FieldChange, Op, Prune, Route, Step, Undo, Wait
from lastgood.model.proof import Finding, Match, Proof, Scope
from lastgood.model.release import Release
from lastgood.model.resource import Ref

LONGEST_VALUE = 120
LONGEST_SENTENCE = 400
NAMED = 5

DONE = event.DONE
TO_DO = {
    Op.CREATE: "to create",
    Op.UPDATE: "to update",
    Op.REPLACE: "to replace",
    Op.UNDO: "to undo",
    Op.DELETE: "to delete",
}
STEPS: dict[type[Step], str] = {Apply: "apply", Route: "route", Undo: "undo", Wait: "wait", Prune: "prune"}

COUNTED = {
    Match.AS_RECORDED: "as recorded",
    Match.DONE: "completed",
    Match.TAKEN: "with fields that controllers rewrote",
    Match.DIFFERS: "not as recorded",
    Match.MISSING: "missing",
    Match.LEFT_OVER: "left over",
    Match.NOT_READY: "not ready",
}


def count(number: int, noun: str) -> str:
    """``1 resource``, ``3 resources``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def named(ref: Ref, home: str) -> str:
    """``deployment.apps/web``, and where it is when that is not where the release lives."""
    elsewhere = ref.namespace not in ("", home)
    return f"{ref} in {ref.namespace}" if elsewhere else str(ref)


def several(refs: Iterable[Ref], home: str) -> str:
    """The first few names, and how many more there are."""
    names = [named(ref, home) for ref in refs]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def one_line(text: str) -> str:
    """A sentence that fits into a line of a log, whatever the API put into it."""
    return shortened(" ".join(text.split()), LONGEST_SENTENCE)


def shortened(text: str, longest: int) -> str:
    """The text, or as much of its beginning as is asked for."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def moment(at: datetime | None) -> str:
    """A time as the API writes it: ``2026-11-23T17:03:12Z``; empty when there is none."""
    return "" if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(at: datetime) -> str:
    """The same to the millisecond: ``2026-11-23T17:03:12.345Z``."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def tally(changes: Iterable[Change]) -> str:
    """``1 to create, 2 to update, 4 unchanged``."""
    changes = tuple(changes)
    counted = Counter(change.op for change in changes)
    parts = [f"{counted[op]} {words}" for op, words in TO_DO.items() if counted[op]]
    kept = [f"{counted[Op.KEEP]} unchanged"] if counted[Op.KEEP] else []
    return ", ".join([*(parts or ["nothing to change"]), *kept])


def state_of(judged: Judged) -> str:
    """How a resource is, in a few words."""
    if judged.ruling is Ruling.PASS:
        is_ready = judged.health.status is Status.CURRENT
        return _ready(judged.health) if is_ready else f"not waited for: {_progress(judged.health)}"
    if judged.ruling is Ruling.FAIL and judged.cause is not None:
        return judged.cause.sentence
    return _progress(judged.health)


def _ready(health: Health) -> str:
    if health.wanted is None:
        return health.sentence or "ready"
    return f"ready, {health.done or 0} of {count(health.wanted, 'pod')}"


def diagnosed(one: Diagnosis) -> str:
    """How an object is, in a few words: what condemned it, or how it is and the first cause for it."""
    health = one.health
    if one.cause is not None:
        return one.cause.sentence
    if health.status is not Status.CURRENT:
        return _progress(health)
    says_no_more = health.sentence == f"pods ready: {health.wanted} of {health.wanted}"
    return _ready(health) if says_no_more else health.sentence or "ready"


def _progress(health: Health) -> str:
    said = health.sentence or str(health.status)
    causes = [cause.sentence for cause in health.causes[:1] if cause.sentence not in said]
    return "; ".join([said, *causes])


def proved(proof: Proof) -> str:
    """``3 resources as recorded, 3 pods ready``, or what does not hold."""
    return _holding(proof) if proof.holds else _differing(proof)


def _holding(proof: Proof) -> str:
    if not proof.findings:
        return "nothing is left over"
    counted = Counter(finding.match for finding in proof.findings)
    parts = [f"{count(counted[Match.AS_RECORDED], 'resource')} as recorded"]
    parts += [f"{counted[match]} {COUNTED[match]}" for match in (Match.DONE, Match.TAKEN) if counted[match]]
    parts += [f"{count(proof.pods, 'pod')} ready"] if proof.pods else []
    return ", ".join(parts) + _scope(proof)


def _scope(proof: Proof) -> str:
    if proof.scope is Scope.WHOLE:
        return ""
    others = f", {count(len(proof.outside), 'other')} left as they are" if proof.outside else ""
    return f"; workloads only{others}"


def not_undone(proof: Proof, home: str) -> str:
    """What a proof of workloads leaves out, each with its fields: ``service/web (spec.ports[port=80].targetPort)``."""
    differing = [f"{named(one.ref, home)} ({_fields(one) or COUNTED[one.match]})" for one in proof.outside]
    return ", ".join([*differing, *(named(ref, home) for ref in proof.left)])


def _fields(finding: Finding) -> str:
    more = f" and {len(finding.fields) - 3} more" if len(finding.fields) > 3 else ""
    return ", ".join(one.path for one in finding.fields[:3]) + more


def _differing(proof: Proof) -> str:
    few = "; ".join(difference(finding) for finding in proof.failures[:NAMED])
    more = f"; and {len(proof.failures) - NAMED} more" if len(proof.failures) > NAMED else ""
    return f"{len(proof.failures)} of {count(len(proof.findings), 'resource')} not as recorded: {few}{more}"


def difference(finding: Finding) -> str:
    """One resource that is not as recorded: ``deployment.apps/web differs (spec.replicas)``."""
    why = finding.sentence if finding.match is Match.NOT_READY else _fields(finding) or finding.sentence
    return f"{finding.ref} {COUNTED[finding.match]}" + (f" ({one_line(why)})" if why else "")


def back_as(restored: Release) -> str:
    """``release 4 is back as release 6``."""
    return f"release {restored.restores or restored.number} is back as release {restored.number}"


def value(found: Any) -> str:
    """A field's value as compact JSON, shortened."""
    return shortened(json.dumps(found, ensure_ascii=False), LONGEST_VALUE)


def is_secret(ref: Ref, path: str) -> bool:
    """Whether a field may hold a Secret's data: everything but its type and the plain part of its metadata."""
    if ref.group_kind != ("", "Secret"):
        return False
    told = path.startswith(("metadata.", "type", "immutable")) and "last-applied" not in path
    return not told


def changed(ref: Ref, one: FieldChange) -> str:
    """``spec.replicas: 2 → 3``; a Secret's values are never shown, nor how long they are."""
    owner = f"  (until now {one.owner}'s)" if one.owner else ""
    return f"{one.path}: {_masked_values(one) if is_secret(ref, one.path) else _values(one)}{owner}"


def drifted(ref: Ref, one: FieldChange) -> str:
    """``spec.replicas: recorded 3, live 5 (kubectl's)``; the change of a proof goes from live to recorded."""
    if is_secret(ref, one.path):
        sides = f"recorded {MASK}, live {MASK}"
    else:
        sides = f"recorded {_side(one.after)}, live {_side(one.before)}"
    return f"{one.path}: {sides}" + (f" ({one.owner}'s)" if one.owner else "")


def _side(found: Any) -> str:
    return "nothing" if found is MISSING else value(found)


def _values(one: FieldChange) -> str:
    if one.before is MISSING:
        return f"{value(one.after)} (added)"
    if one.after is MISSING:
        return f"{value(one.before)} (removed)"
    return f"{value(one.before)} → {value(one.after)}"


def _masked_values(one: FieldChange) -> str:
    if one.before is MISSING:
        return f"{MASK} (added)"
    return f"{MASK} (removed)" if one.after is MISSING else f"{MASK} → {MASK} (changed)"
