"""Values as JSON documents, in the API's manner: camelCase keys, times in UTC, null where there is nothing. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lastgood.cli.about import API_VERSION
from lastgood.cli.words import STEPS, diagnosed, is_secret, moment
from lastgood.diffing import MASK, text
from lastgood.errors import LastgoodError
from lastgood.model.diagnosis import Diagnosis
from lastgood.model.evidence import ConditionLine, ContainerEvidence, EventLine, Evidence, PodEvidence
from lastgood.model.health import Cause, Held, Judged
from lastgood.model.plan import MISSING, Change, FieldChange, Irreversible, Plan, Step, Wait
from lastgood.model.proof import Finding, Proof
from lastgood.model.release import Release, Summary
from lastgood.model.resource import Ref
from lastgood.model.status import Listed

Document = dict[str, Any]


def envelope(kind: str, document: Document) -> Document:
    """What a program can rely on: every document that is printed says first what it is."""
    return {"apiVersion": API_VERSION, "kind": kind, **document}


def ref(one: Ref) -> Document:
    """As an ``ObjectReference``, without what is empty."""
    found = {"apiVersion": one.api_version, "group": one.group, "kind": one.kind, "namespace": one.namespace}
    return {key: value for key, value in found.items() if value or key == "group"} | {"name": one.name}


def release(one: Release) -> Document:
    """A release without what is long: see ``record`` for all of it."""
    return {
        "name": one.name,
        "namespace": one.namespace,
        "number": one.number,
        "state": str(one.state),
        "mode": str(one.mode),
        "strategy": one.strategy,
        "restores": one.restores,
        "created": moment(one.created),
        "ended": moment(one.ended) or None,
        "who": one.who,
        "why": one.why,
        "reason": one.reason,
        "resources": [ref(resource.ref) for resource in one.resources],
        **_colour(one),
    }


def record(one: Release) -> Document:
    """A release with everything that was kept about it; the bodies of its resources are not shown."""
    workloads = [
        {**ref(workload.ref), "uid": workload.uid, "revision": workload.revision, "done": workload.done}
        for workload in one.workloads
    ]
    return release(one) | {
        "prune": one.prune,
        "hold": one.hold,
        "inventory": [ref(each) for each in one.inventory],
        "workloads": workloads,
        "health": [judged(each) for each in one.judged],
        "proof": proof(one.proof),
        "evidence": evidence(one.evidence),
    }


def summary(one: Summary, *, last_good: bool) -> Document:
    """One entry of a history."""
    return {
        "number": one.number,
        "state": str(one.state),
        "lastGood": last_good,
        "created": moment(one.created),
        "mode": str(one.mode),
        "strategy": one.strategy,
        "restores": one.restores,
        "who": one.who,
        "why": one.why,
        "reason": one.reason,
        **_colour(one),
    }


def listed(one: Listed) -> Document:
    """One name of a listing."""
    good, latest = one.history.last_good, one.history.latest
    return {
        "name": one.name,
        "namespace": one.namespace,
        "lastGood": good.number if good else None,
        "latest": summary(latest, last_good=latest == good) if latest else None,
        "damage": one.damage or None,
    }


def field(of: Ref, one: FieldChange, *, before: str = "before", after: str = "after") -> Document:
    """A field that differs; a side on which it is missing is left out. Values of Secrets are masked."""
    sides = {before: one.before, after: one.after}
    secret = is_secret(of, one.path)
    shown = {side: MASK if secret else value for side, value in sides.items() if value is not MISSING}
    return {"path": one.path} | shown | ({"owner": one.owner} if one.owner else {})


def change(one: Change) -> Document:
    """What happens to one resource."""
    found = {"op": str(one.op), **ref(one.ref), "fields": [field(one.ref, each) for each in one.fields]}
    kept = {"kept": [text(path) for path in one.kept]} if one.kept else {}
    said = {"note": one.note, "notChecked": one.unchecked}
    return found | kept | {key: sentence for key, sentence in said.items() if sentence}


def plan(one: Plan) -> Document:
    """What will be done, in order, and what is left as it is."""
    return {
        "writes": len(one.writes),
        "steps": [_step(step) for step in one.steps],
        "unchanged": [ref(each.ref) for each in one.changes if not each.writes],
        "left": [{**ref(each.ref), "why": each.note} for each in one.left],
        "outside": [change(each) for each in one.outside],
        **({"phase": one.phase} if one.phase else {}),
        **({"notes": list(one.notes)} if one.notes else {}),
        **({"next": plan(one.then)} if one.then else {}),
    }


def irreversible(several: Iterable[Irreversible]) -> list[Document]:
    """What could not be undone, and why."""
    return [{**ref(each.ref), "sentence": each.sentence} for each in several]


def proof(one: Proof | None) -> Document | None:
    """What was compared and what came out."""
    if one is None:
        return None
    return {
        "release": one.number,
        "holds": one.holds,
        "scope": str(one.scope),
        "at": moment(one.at),
        "pods": one.pods,
        "findings": [finding(each) for each in one.findings],
        "left": [ref(each) for each in one.left],
        "outside": [finding(each) for each in one.outside],
    }


def finding(one: Finding) -> Document:
    """One resource in a proof. Its fields go from live to recorded, since that is the way back."""
    fields = [field(one.ref, each, before="live", after="recorded") for each in one.fields]
    return {**ref(one.ref), "match": str(one.match), "holds": one.holds, "sentence": one.sentence, "fields": fields}


def judged(one: Judged) -> Document:
    """The health of one resource in a verdict: ``cause`` condemned it, ``causes`` explain it, the worst first."""
    return {
        **ref(one.ref),
        "ruling": str(one.ruling),
        "status": str(one.health.status),
        "sentence": one.health.sentence,
        "ready": one.health.done,
        "wanted": one.health.wanted,
        "cause": cause(one.cause) if one.cause else None,
        "causes": [cause(each) for each in one.health.causes],
    }


def diagnosis(one: Diagnosis) -> Document:
    """How one object is. The first five keys and their order are fixed, since others read this list too."""
    return {
        "kind": one.ref.kind,
        "namespace": one.ref.namespace,
        "name": one.ref.name,
        "status": str(one.health.status),
        "message": diagnosed(one),
        "apiVersion": one.ref.api_version,
        "rule": one.health.rule,
        "source": one.source,
        "causes": [cause(each) for each in one.health.causes],
    }


def held(one: Held | None) -> Document | None:
    """For how long everything has been healthy, of how long it has to."""
    return {"seconds": one.seconds, "of": one.of} if one else None


def cause(one: Cause) -> Document:
    """Why something failed."""
    source = ref(one.source) if one.source else None
    found = {"reason": one.reason, "sentence": one.sentence, "source": source, "container": one.container}
    return {key: value for key, value in found.items() if value}


def evidence(one: Evidence | None) -> Document | None:
    """What a failure looked like."""
    if one is None:
        return None
    return {
        "pods": [_pod(each) for each in one.pods],
        "events": [_event(each) for each in one.events],
        "conditions": [_condition(each) for each in one.conditions],
        "notes": list(one.notes),
    }


def error(one: LastgoodError) -> Document:
    """An error: the name of its type, its message, and what to do next."""
    return {"type": type(one).__name__, "message": str(one), "hint": one.hint}


def _colour(one: Release | Summary) -> Document:
    return {"colour": one.colour} if one.colour else {}


def _step(one: Step) -> Document:
    if isinstance(one, Wait):
        hold = {"hold": one.hold} if one.hold else {}
        return {"step": STEPS[Wait], "resources": [ref(each) for each in one.refs], **hold}
    return {"step": STEPS[type(one)], "changes": [change(each) for each in one.changes]}


def _pod(one: PodEvidence) -> Document:
    return {**ref(one.ref), "phase": one.phase, "containers": [_container(each) for each in one.containers]}


def _container(one: ContainerEvidence) -> Document:
    return {
        "name": one.name,
        "image": one.image,
        "state": one.state,
        "reason": one.reason,
        "message": one.message,
        "exitCode": one.exit_code,
        "restarts": one.restarts,
        "logs": one.logs,
        "init": one.init,
        "previous": one.previous,
        "otherLogs": one.other_logs,
    }


def _condition(one: ConditionLine) -> Document:
    found = {"type": one.type, "status": one.status, "reason": one.reason, "message": one.message, "at": one.at}
    return {"about": ref(one.about), **found}


def _event(one: EventLine) -> Document:
    found = {"type": one.type, "reason": one.reason, "message": one.message, "count": one.count, "at": one.at}
    return {"about": ref(one.about), **found}
