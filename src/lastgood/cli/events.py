"""Events as documents, one shape for each type; what was said is not said again. Pure, but for its memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lastgood.cli import documents
from lastgood.cli.documents import Document
from lastgood.model.event import (
    AsFound,
    Ended,
    Event,
    Failed,
    Gathered,
    Left,
    NotWritten,
    Planned,
    Printed,
    Proved,
    Recorded,
    Restoring,
    Settled,
    Staged,
    Stepped,
    Unblocked,
    Unchanged,
    WaitingForLock,
    Watched,
    Written,
)
from lastgood.model.health import Verdict
from lastgood.model.resource import Ref


class EventDocuments:
    """Tells a run's events as documents, each with its ``type`` first."""

    def __init__(self) -> None:
        self._told: dict[Ref, Document] = {}
        self._verdict: tuple[str, str] = ("", "")

    def document(self, event: Event) -> Document | None:
        """What there is to say about an event; None when a verdict says nothing new."""
        if isinstance(event, Recorded):
            self._forget()
        told = self._news(event) if isinstance(event, Watched) else event
        return None if told is None else {"type": type(told).__name__, **SHAPES[type(told)](told)}

    def _forget(self) -> None:
        """Another attempt begins: what is said of a resource is said of another release."""
        self._told.clear()
        self._verdict = ("", "")

    def _news(self, event: Watched) -> Watched | None:
        """The verdict with only those resources of which something else is said than before."""
        said = {one.ref: documents.judged(one) for one in event.verdict.judged}
        judged = tuple(one for one in event.verdict.judged if self._told.get(one.ref) != said[one.ref])
        before, self._verdict = self._verdict, _of_all(event.verdict)
        self._told.update(said)
        return Watched(replace(event.verdict, judged=judged)) if judged or before != self._verdict else None


def _of_all(verdict: Verdict) -> tuple[str, str]:
    return (str(verdict.ruling), verdict.sentence)


# --- shapes, in the order of a run


def _waiting_for_lock(event: WaitingForLock) -> Document:
    return {"name": event.name, "holder": event.holder}


def _settled(event: Settled) -> Document:
    return {"number": event.number, "aborted": event.aborted}


def _as_found(event: AsFound) -> Document:
    return {"release": documents.release(event.release)}


def _planned(event: Planned) -> Document:
    irreversible = {"irreversible": documents.irreversible(event.plan.irreversible)}
    return {"release": documents.release(event.release), **documents.plan(event.plan), **irreversible}


def _unchanged(event: Unchanged) -> Document:
    return {"number": event.number, "proof": documents.proof(event.proof)}


def _recorded(event: Recorded) -> Document:
    return {"release": documents.release(event.release)}


def _written(event: Written) -> Document:
    taken = [documents.field(event.ref, one) for one in event.taken]
    return {"resource": documents.ref(event.ref), "op": str(event.op), "taken": taken, "note": event.note}


def _not_written(event: NotWritten) -> Document:
    return {"resource": documents.ref(event.ref), "op": str(event.op), "sentence": event.sentence}


def _left(event: Left) -> Document:
    fields = [documents.field(event.ref, one) for one in event.fields]
    return {"resource": documents.ref(event.ref), "why": event.why, "fields": fields}


def _watched(event: Watched) -> Document:
    verdict = event.verdict
    resources = [documents.judged(one) for one in verdict.judged]
    said = {"ruling": str(verdict.ruling), "sentence": verdict.sentence}
    return {**said, "resources": resources, "held": documents.held(verdict.held)}


def _unblocked(event: Unblocked) -> Document:
    return {"pod": documents.ref(event.pod), "owner": documents.ref(event.owner)}


def _gathered(event: Gathered) -> Document:
    return {"number": event.number, "evidence": documents.evidence(event.evidence)}


def _failed(event: Failed) -> Document:
    return {"release": documents.release(event.release), "sentence": event.sentence}


def _restoring(event: Restoring) -> Document:
    return {"failed": event.failed, "number": event.number, "mode": str(event.mode), "why": event.why}


def _proved(event: Proved) -> Document:
    return {"proof": documents.proof(event.proof)}


def _staged(event: Staged) -> Document:
    return {"release": documents.release(event.release)}


def _ended(event: Ended) -> Document:
    return {"release": documents.release(event.release)}


def _stepped(event: Stepped) -> Document:
    return {"path": list(event.path), "state": event.state, "sentence": event.sentence, "tried": event.tried}


def _printed(event: Printed) -> Document:
    return {"path": list(event.path), "line": event.line}


SHAPES: dict[type, Callable[[Any], Document]] = {
    WaitingForLock: _waiting_for_lock,
    Settled: _settled,
    AsFound: _as_found,
    Planned: _planned,
    Unchanged: _unchanged,
    Recorded: _recorded,
    Written: _written,
    NotWritten: _not_written,
    Left: _left,
    Watched: _watched,
    Unblocked: _unblocked,
    Gathered: _gathered,
    Failed: _failed,
    Restoring: _restoring,
    Proved: _proved,
    Staged: _staged,
    Ended: _ended,
    Stepped: _stepped,
    Printed: _printed,
}
"""Every event that a deployer tells; ``docs/reference/json.md`` has them with their fields."""
