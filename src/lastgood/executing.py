"""The steps of a plan in order, until one fails. The only module that writes resources of a release."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lastgood.errors import ClusterError, Conflict, Fenced, NotFound, Rejected, Unreachable
from lastgood.holding import USUAL, Terms
from lastgood.kinds import kind_of
from lastgood.model.event import Event, NotWritten, Unblocked
from lastgood.model.event import Watched as Told
from lastgood.model.event import Written as WrittenEvent
from lastgood.model.health import Observation, Ruling, StuckPod, Verdict
from lastgood.model.kind import Pruning
from lastgood.model.operation import AS_USUAL, Going
from lastgood.model.plan import Change, Guard, Op, Plan, Prune, Step, Wait
from lastgood.model.release import Sent
from lastgood.model.resource import Body, Ref, digest
from lastgood.observing import watch
from lastgood.owning import fold, in_step, owned_digest
from lastgood.ports import Clock, Cluster
from lastgood.remembering import Subject, Written
from lastgood.undoing import patch as undo_patch

TRIES = 8
"""How often a write is decided anew when somebody else wrote in between."""
GONE_WITHIN = 30.0
"""How long a replaced or pruned resource may take to go, in seconds."""
KNOWN_WITHIN = 15.0
"""How long a kind or a namespace that this plan created may take to be served, in seconds."""
POLL_EVERY = 0.1
PASSED = Verdict(Ruling.PASS)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A write that was not made, and why."""

    change: Change
    error: ClusterError


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the steps went. ``verdict`` is the last one; ``refused`` what the API did not let us write."""

    verdict: Verdict = PASSED
    observation: Observation = field(default_factory=lambda: Observation(0.0, {}))
    refused: tuple[Refusal, ...] = ()
    sent: tuple[Sent, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether everything was written and is healthy."""
        return self.verdict.ruling is Ruling.PASS and not self.refused


@dataclass(slots=True)
class Executor:
    """Runs the steps of one plan.

    ``confirm`` raises ``Fenced`` when the run may not write any more; ``until`` is the moment of the monotonic clock
    when waiting ends. ``stop_at_refusal`` is for going forward; a restore does all it can and reports what it could
    not. ``terms`` are those of every wait; a step says itself how long it holds. ``going`` says how things are deleted.
    """

    cluster: Cluster
    clock: Clock
    confirm: Callable[[], Awaitable[None]]
    tell: Callable[[Event], None]
    until: float
    stop_at_refusal: bool = True
    terms: Terms = USUAL
    sent: dict[Ref, Sent] = field(default_factory=dict)
    written: dict[Ref, Written] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)
    unblocked: set[str] = field(default_factory=set)
    created: dict[Ref, Guard] = field(default_factory=dict)
    going: Going = AS_USUAL

    async def run(self, plan: Plan) -> Outcome:
        """Do every step; stop at the first that fails, or is refused when going forward."""
        outcome = Outcome()
        for step in plan.steps:
            outcome = await self._do(step, outcome)
            if outcome.verdict.ruling is Ruling.FAIL or (self.refused and self.stop_at_refusal):
                break
        return replace(outcome, refused=tuple(self.refused), sent=tuple(self.sent.values()))

    async def _do(self, step: Step, outcome: Outcome) -> Outcome:
        if isinstance(step, Wait):
            return await self._wait(step)
        await self._write_all(step.changes)
        if isinstance(step, Prune):
            await self._see_off(step)
        return outcome

    # --- waiting

    async def _wait(self, step: Wait) -> Outcome:
        refs = [ref for ref in step.refs if ref not in {refusal.change.ref for refusal in self.refused}]
        subjects = tuple(Subject(ref, self.written.get(ref)) for ref in refs)
        if not subjects:
            return Outcome()
        terms = replace(self.terms, hold=step.hold)
        watched = await watch(
            self.cluster, self.clock, subjects, until=self.until, on_verdict=self._on_verdict, terms=terms
        )
        return Outcome(watched.verdict, watched.observation)

    async def _on_verdict(self, verdict: Verdict) -> None:
        self.tell(Told(verdict))
        for judged in verdict.judged:
            if judged.ref in self.written:
                for pod in judged.health.stuck:
                    await self._unblock(pod, judged.ref)

    async def _unblock(self, pod: StuckPod, owner: Ref) -> None:
        """Delete a broken pod that keeps its StatefulSet at a revision nobody wants (kubernetes/kubernetes#67250)."""
        if pod.uid in self.unblocked:
            return
        self.unblocked.add(pod.uid)
        await self.confirm()
        await self.cluster.delete(pod.ref, Guard(pod.uid), propagation="Background")
        self.tell(Unblocked(pod.ref, owner))

    # --- writing

    async def _write_all(self, changes: Iterable[Change]) -> None:
        results = await _all_settled(self._write(change) for change in changes)
        unforeseen = sorted((one for one in results if one is not None), key=lambda one: not isinstance(one, Fenced))
        if not unforeseen:
            return
        if isinstance(unforeseen[0], Fenced):
            await self._take_back()
        raise unforeseen[0]

    async def _take_back(self) -> None:
        """Delete what this run created after it was fenced off: nobody else knows of it.

        A fence makes every write to something that exists stale, but a create has nothing to be stale against. What
        the run that took over has touched in the meantime has another resourceVersion, and stays. So does what is
        never deleted.
        """
        doings = (
            self.cluster.delete(ref, guard, propagation=kind_of(ref.group_kind).propagation)
            for ref, guard in self.created.items()
            if kind_of(ref.group_kind).pruning is Pruning.DELETE
        )
        await _all_settled(doings)

    async def _write(self, change: Change) -> None:
        try:
            await self._until_known(change)
        except Unreachable:
            raise
        except ClusterError as error:
            self.refused.append(Refusal(change, error))
            if not self.stop_at_refusal:
                self.tell(NotWritten(change.ref, change.op, str(error)))

    async def _until_known(self, change: Change) -> None:
        """Write; what this plan makes possible, as a kind by its definition, may take a moment to be served."""
        end = self.clock.monotonic() + (KNOWN_WITHIN if change.unchecked else 0.0)
        while True:
            try:
                return await self._until_no_conflict(change)
            except NotFound:
                if self.clock.monotonic() >= end:
                    raise
            self.cluster.forget_kinds()
            await self.clock.sleep(POLL_EVERY)

    async def _until_no_conflict(self, change: Change) -> None:
        for turn in range(TRIES):
            try:
                return await self._write_once(change)
            except Conflict as conflict:
                last = conflict
                await self.confirm()
                await self.clock.sleep(POLL_EVERY * turn)
                change = await self._decide_again(change)
        raise Rejected(f"{change.ref} was changed by others {TRIES} times in a row: {last}", ref=change.ref)

    async def _decide_again(self, change: Change) -> Change:
        """The same wish against what is live now: created where it is gone, updated where it came back."""
        live = (await self.cluster.read([change.ref])).get(change.ref)
        if change.op is Op.DELETE:
            return replace(change, live=live) if live else replace(change, op=Op.KEEP)
        op = Op.CREATE if live is None else Op.UPDATE if change.op is Op.CREATE else change.op
        steps = kind_of(change.ref.group_kind).transitions(live, change.body) if live and change.body else ()
        steps = () if op is Op.UNDO else steps
        return replace(change, op=op, live=live, transitions=steps)

    async def _write_once(self, change: Change) -> None:
        if change.op is Op.KEEP:
            return
        if change.op is Op.DELETE:
            await self._delete(change)
        elif change.op is Op.UNDO:
            await self._undo(change)
        else:
            await self._apply(change, await self._make_way(change))
        taken = tuple(one for one in change.fields if one.owner)
        self.tell(WrittenEvent(change.ref, change.op, taken, change.note))

    async def _make_way(self, change: Change) -> Guard:
        """What has to be done before the apply, and the guard that then holds."""
        if change.op is Op.REPLACE:
            await self._delete(change)
            await self._until_gone([change.ref], end=self.clock.monotonic() + GONE_WITHIN)
            return Guard()
        live = change.live
        if live is not None and change.transitions:
            live = await self.cluster.patch(change.ref, _transition_patch(change))
        live = await self._folded(change, live) if live is not None else None
        return replace(change, live=live).guard

    async def _folded(self, change: Change, live: Body) -> Body:
        """The live body once what others deployed, and what a patch of ours left, is in the entry of our applies."""
        moves = fold(live, change.kept)
        return await self.cluster.patch(change.ref, moves) if moves else live

    async def _apply(self, change: Change, guard: Guard) -> None:
        assert change.body is not None
        body = in_step(change.body, change.live if guard.uid else None)
        answer = await self.cluster.apply(body if guard.uid else _with_size(body, change.size), guard)
        if not guard.uid:
            self.created[change.ref] = _guard_of(answer)
            answer = await self._folded(change, answer)
        self._remember(change.ref, answer)
        self.sent[change.ref] = sent(change.ref, change.body, answer)

    async def _undo(self, change: Change) -> None:
        """The template goes back by a patch; what that leaves in an entry of its own is folded at once.

        Without the fold no later release could remove what the undo brought back. A crash in between is healed by the
        fold of the next run.
        """
        live = await self.cluster.patch(change.ref, undo_patch(change))
        self._remember(change.ref, await self._folded(change, live))

    def _remember(self, ref: Ref, answer: Body) -> None:
        metadata: Mapping[str, Any] = answer["metadata"]
        self.written[ref] = Written(metadata["uid"], metadata.get("generation", 0))

    async def _delete(self, change: Change) -> None:
        propagation = self.going.propagation or kind_of(change.ref.group_kind).propagation
        await self.cluster.delete(change.ref, Guard(change.guard.uid), propagation=propagation, grace=self.going.grace)

    async def _see_off(self, step: Prune) -> None:
        """Wait for what was deleted; what has a finalizer may stay for longer than we wait."""
        end = self.until if step.must_go else self.clock.monotonic() + GONE_WITHIN
        refused = {refusal.change.ref for refusal in self.refused}
        there = await self._until_gone([one.ref for one in step.changes if one.ref not in refused], end=end)
        if step.must_go:
            late = (one for one in step.changes if one.ref in there)
            self.refused += [Refusal(one, Conflict(_why_it_is_there(there[one.ref]))) for one in late]

    async def _until_gone(self, refs: list[Ref], *, end: float) -> Mapping[Ref, Body]:
        """Wait until these are gone; the answer is what is still there at the end."""
        live: Mapping[Ref, Body] = {}
        while refs and (live := await self.cluster.read(refs)) and self.clock.monotonic() < end:
            refs = [ref for ref in refs if ref in live]
            await self.clock.sleep(POLL_EVERY)
        return live


def sent(ref: Ref, body: Body, answer: Body) -> Sent:
    """What was agreed with the cluster, from the body sent and the API's answer to it."""
    return Sent(ref, answer["metadata"]["uid"], digest(body), owned_digest(answer))


async def _all_settled(doings: Iterable[Awaitable[Any]]) -> list[BaseException | None]:
    """Run all at once and let each end: a write that is under way is never abandoned for another's failure."""
    results = await asyncio.gather(*doings, return_exceptions=True)
    return [one if isinstance(one, BaseException) else None for one in results]


def _why_it_is_there(body: Body) -> str:
    waits_for = ", ".join(body["metadata"].get("finalizers") or ())
    return f"it is still there, and waits for {waits_for}" if waits_for else "it is still there"


def _guard_of(body: Body) -> Guard:
    return Guard(body["metadata"]["uid"], body["metadata"]["resourceVersion"])


def _with_size(body: Body, size: int | None) -> Body:
    """As it is created: an autoscaler takes some seconds to find it, and one pod may be too few until then."""
    return body if size is None else {**body, "spec": {**body["spec"], "replicas": size}}


def _transition_patch(change: Change) -> list[dict[str, Any]]:
    version = {"op": "replace", "path": "/metadata/resourceVersion", "value": change.guard.resource_version}
    uid = {"op": "test", "path": "/metadata/uid", "value": change.guard.uid}
    return [uid, version, *({"op": "replace", "path": one.pointer, "value": one.value} for one in change.transitions)]
