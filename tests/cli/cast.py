"""The releases, plans and proofs that the stories of these tests tell of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from lastgood.model.evidence import ConditionLine, ContainerEvidence, EventLine, Evidence, PodEvidence
from lastgood.model.health import Cause, Health, Judged, Ruling, Status, Verdict
from lastgood.model.plan import MISSING, Apply, Change, FieldChange, Irreversible, Op, Plan, Prune, Wait
from lastgood.model.proof import Finding, Match, Proof, Scope
from lastgood.model.release import History, Release, State, Summary, Workload
from lastgood.model.resource import Ref, Resource

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)

WEB = Ref("apps", "Deployment", "prod", "web", "v1")
CONFIG = Ref("", "ConfigMap", "prod", "app", "v1")
KEYS = Ref("", "Secret", "prod", "keys", "v1")
OLD = Ref("", "ConfigMap", "prod", "old", "v1")
DATA = Ref("", "PersistentVolumeClaim", "prod", "data", "v1")
MIGRATE = Ref("batch", "Job", "prod", "migrate", "v1")
GADGET = Ref("example.org", "Gadget", "other", "first", "v1")
POD = Ref("", "Pod", "prod", "web-6587f6db4c-cw68v", "v1")

MISSING_IMAGE = "container web cannot start: image registry.lab/web:missing: not found"
CRASHED = "container web crashed 3 times, last with exit code 3 (Error)"
PASSWORD = "aHVudGVyMjI="


def resource(ref: Ref) -> Resource:
    metadata = {"name": ref.name, "namespace": ref.namespace}
    return Resource({"apiVersion": ref.api_version, "kind": ref.kind, "metadata": metadata})


def release(number: int, state: State = State.PENDING, **more: Any) -> Release:
    """A release of shop, made of a Deployment, a ConfigMap and a Secret."""
    standing: dict[str, Any] = {
        "name": "shop",
        "namespace": "prod",
        "number": number,
        "created": NOON + timedelta(minutes=number),
        "state": state,
        "resources": tuple(map(resource, (WEB, CONFIG, KEYS))),
        "inventory": (WEB, CONFIG, KEYS),
        "who": "ann@laptop",
        "ended": None if state is State.PENDING else NOON + timedelta(minutes=number, seconds=30),
    }
    return Release(**standing | more)


def proof(number: int, **more: Any) -> Proof:
    findings = tuple(Finding(ref, Match.AS_RECORDED) for ref in (WEB, CONFIG, KEYS))
    return replace(Proof(number, Scope.WHOLE, findings, NOON, pods=3), **more)


def judged(sentence: str, done: int | None, ruling: Ruling = Ruling.WAIT, ref: Ref = WEB, **more: Any) -> Judged:
    status = Status.CURRENT if ruling is Ruling.PASS else Status.IN_PROGRESS
    cause = Cause("X", sentence, hopeless=True, container="web", source=POD) if ruling is Ruling.FAIL else None
    health = Health(status, sentence, done=done, wanted=None if done is None else 3, **more)
    return Judged(ref, health, ruling, cause)


def verdict(*several: Judged) -> Verdict:
    rulings = {one.ruling for one in several}
    ruling = next(one for one in (Ruling.FAIL, Ruling.WAIT, Ruling.PASS) if one in rulings)
    return Verdict(ruling, several)


UPDATE_WEB = Change(
    Op.UPDATE,
    WEB,
    body={},
    live={},
    fields=(
        FieldChange("spec.replicas", 2, 3, owner="kubectl"),
        FieldChange("spec.template.spec.containers[name=web].image", "registry.lab/web:1", "registry.lab/web:missing"),
        FieldChange("spec.paused", True, MISSING),
        FieldChange("metadata.labels.tier", MISSING, "front"),
    ),
)
KEEP_CONFIG = Change(Op.KEEP, CONFIG, body={}, live={})
KEEP_KEYS = Change(Op.KEEP, KEYS, body={}, live={})
PLAN = Plan(
    steps=(Apply((UPDATE_WEB,)), Wait((WEB, CONFIG, KEYS))),
    changes=(UPDATE_WEB, KEEP_CONFIG, KEEP_KEYS),
)

UPDATE_CONFIG = Change(
    Op.UPDATE,
    CONFIG,
    body={},
    live={},
    fields=(
        FieldChange("data.LEVEL", "info", "debug"),
        FieldChange("data[app.conf]", "a=1\nb=2\nc=3\n", "a=1\nb=3\nc=3\n"),
    ),
)
UPDATE_KEYS = Change(
    Op.UPDATE,
    KEYS,
    body={},
    live={},
    fields=(
        FieldChange("data.password", PASSWORD, PASSWORD * 3),
        FieldChange("data.token", MISSING, PASSWORD),
        FieldChange("data.old", PASSWORD, MISSING),
        FieldChange("metadata.labels.tier", MISSING, "back"),
    ),
)
REPLACE_JOB = Change(
    Op.REPLACE, MIGRATE, body={}, live={}, note="a Job's template cannot be changed: it is made anew",
    fields=(FieldChange("spec.template.spec.containers[name=run].image", "m:1", "m:2"),),
)  # fmt: skip
CREATE_GADGET = Change(Op.CREATE, GADGET, body={}, unchecked="its kind is created by this plan")
DELETE_OLD = Change(Op.DELETE, OLD, live={})
LEFT_DATA = Change(Op.KEEP, DATA, live={}, note="a PersistentVolumeClaim is never pruned")
EVERYTHING = Plan(
    steps=(
        Apply((UPDATE_CONFIG, UPDATE_KEYS)),
        Apply((UPDATE_WEB, REPLACE_JOB, CREATE_GADGET)),
        Wait((CONFIG, KEYS, WEB, MIGRATE, GADGET)),
        Prune((DELETE_OLD,)),
    ),
    changes=(
        UPDATE_CONFIG,
        UPDATE_KEYS,
        UPDATE_WEB,
        REPLACE_JOB,
        CREATE_GADGET,
        Change(Op.KEEP, Ref("", "Service", "prod", "web", "v1"), body={}, live={}),
        DELETE_OLD,
    ),
    irreversible=(Irreversible(MIGRATE, "it says of itself: drops a column"),),
    left=(LEFT_DATA,),
)

EVIDENCE = Evidence(
    pods=(
        PodEvidence(
            POD,
            "Running",
            (
                ContainerEvidence(
                    "web",
                    "registry.lab/web:crash",
                    "terminated",
                    reason="Error",
                    exit_code=3,
                    restarts=2,
                    logs="starting web crash\nfatal: cannot start: DATABASE_URL is not set\n",
                    previous=True,
                    other_logs="starting web crash\n",
                ),
                ContainerEvidence(
                    "migrate", "registry.lab/web:done", "terminated", reason="Completed", exit_code=0, logs="done\n",
                    init=True,
                ),
            ),
        ),
    ),
    conditions=(
        ConditionLine(WEB, "Available", "False", "MinimumReplicasUnavailable",
                      "Deployment does not have minimum availability.", "2026-11-23T12:05:02Z"),
        ConditionLine(Ref("", "Node", "", "node-1", "v1"), "MemoryPressure", "False", "KubeletHasSufficientMemory",
                      "kubelet has sufficient memory available", "2026-11-23T08:00:00Z"),
    ),
    events=(
        EventLine(POD, "Warning", "BackOff", "Back-off restarting failed container web", 6, "2026-11-23T12:05:20Z"),
        EventLine(WEB, "Normal", "ScalingReplicaSet", "Scaled up replica set web-6587f6db4c from 0 to 1", 1,
                  "2026-11-23T12:05:02Z"),
    ),
    notes=("the log of web-6587f6db4c-cw68v/side took too long",),
)  # fmt: skip

GOOD = release(5, State.GOOD, proof=proof(5), workloads=(Workload(WEB, "u-1", "web-6599454bd7"),))
BACK = release(6, State.GOOD, restores=4, proof=proof(6), resources=tuple(map(resource, (WEB, CONFIG, KEYS))))
CONDEMNED = judged(MISSING_IMAGE, 0, Ruling.FAIL)
BROKEN = release(5, State.FAILED, reason=f"deployment.apps/web: {MISSING_IMAGE}", judged=(CONDEMNED,))
CRASHING = release(
    5,
    State.FAILED,
    reason=f"deployment.apps/web: {CRASHED}",
    judged=(judged(CRASHED, 0, Ruling.FAIL),),
    evidence=EVIDENCE,
    why="a faster search",
)

HISTORY = History(
    (
        replace(BACK.summary, content="a"),
        replace(CRASHING.summary, content="b"),
        Summary(4, State.GOOD, NOON + timedelta(minutes=4), content="a", who="ci@runner-7", why="1.4.0"),
        Summary(3, State.FAILED, NOON + timedelta(minutes=3), content="c", who="ci@runner-7", reason="interrupted"),
    )
)
