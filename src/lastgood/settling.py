"""What became of earlier attempts: those that died are marked as failed, or finished; old records are let go."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from lastgood.attempting import INTERRUPTED, Run, fail, prove_now, terms_of
from lastgood.errors import ClusterError, Conflict, HistoryError
from lastgood.executing import Outcome
from lastgood.fencing import fence_off
from lastgood.model.event import Proved, Settled, Watched
from lastgood.model.health import Ruling, Verdict
from lastgood.model.marks import DIRECT_APPLY, says
from lastgood.model.proof import Match, Proof
from lastgood.model.release import History, Release, State, Summary
from lastgood.model.resource import digest
from lastgood.observing import watch
from lastgood.planning import Past
from lastgood.recalling import recall
from lastgood.remembering import Subject

ABORTED = "aborted"
OVER = {State.PENDING: INTERRUPTED, State.STAGED: ABORTED}
"""Why an attempt that was not ended is over: its run has died, or another run takes its place."""


async def settle(run: Run, name: str, history: History | None = None) -> tuple[History, Past]:
    """Whatever died before us, or was only staged, is marked as failed, and can no longer write."""
    history = history or History(await run.store.summaries(name))
    if history.latest is not None and history.latest.state in OVER:
        await _mark_as_over(run, name, history.latest)
        history = History(await run.store.summaries(name))
    past = await recall(run.store, name, history)
    if run.lease.expired:
        await fence_off(run.cluster, past.inventory, digest(run.lease.holder)[:16])
    return history, past


async def _mark_as_over(run: Run, name: str, summary: Summary) -> None:
    with suppress(Conflict):  # the run that made it wrote its end just now
        release = await run.store.read(name, summary.number)
        await run.store.update(release.ended_as(State.FAILED, run.clock.now(), reason=OVER[summary.state]))
    run.tell(Settled(summary.number, aborted=summary.state is State.STAGED))


async def finish(run: Run, name: str, history: History) -> Release | None:
    """The pending release, marked as done, if everything it wanted is live, healthy and proved.

    One that was asked to stay healthy for a while has to do so now; if it does not, that is recorded, with evidence.
    """
    if history.latest is None or history.latest.state is not State.PENDING:
        return None
    pending = await run.store.read(name, history.latest.number)
    if pending.waits_to_be_promoted:
        return None
    past = await recall(run.store, name, history)
    past = replace(past, last_good=pending, inventory=frozenset(pending.inventory))
    proof = await prove_now(run.cluster, run.clock, pending, past, strict=run.options.strict)
    hold = pending.hold if run.options.hold is None else run.options.hold
    if proof.holds and hold:
        held = await _held(run, pending, _waited_for(pending, proof), hold)
        if held is None:
            return None
        pending = replace(pending, judged=held.judged, hold=hold)
        proof = await prove_now(run.cluster, run.clock, pending, past, strict=run.options.strict)
    if not proof.holds:
        return None
    run.tell(Proved(proof))
    return await run.store.update(replace(pending, proof=proof).ended_as(pending.done_as, run.clock.now()))


def _waited_for(release: Release, proof: Proof) -> tuple[Subject, ...]:
    """What a deploy waits for, without the Jobs that are done and gone."""
    gone = {one.ref for one in proof.findings if one.match is Match.DONE}
    asked = (one.ref for one in release.resources if not says(one.body, DIRECT_APPLY))
    return tuple(Subject(ref) for ref in asked if ref not in gone)


async def _held(run: Run, release: Release, subjects: tuple[Subject, ...], hold: float) -> Verdict | None:
    """The verdict once everything has stayed healthy for so long; None, and the release failed, if it did not."""

    async def on_verdict(verdict: Verdict) -> None:
        run.tell(Watched(verdict))

    until, terms = run.clock.monotonic() + run.options.timeout, terms_of(run.options, hold=hold)
    seen = await watch(run.cluster, run.clock, subjects, until=until, on_verdict=on_verdict, terms=terms)
    if seen.verdict.ruling is Ruling.PASS:
        return seen.verdict
    release = replace(release, judged=seen.verdict.judged, hold=hold)
    await fail(run, release, Outcome(seen.verdict, seen.observation), seen.verdict.sentence)
    return None


async def retire(run: Run, name: str) -> None:
    """Let go of old records. What cannot be deleted now is found again next time."""
    with suppress(ClusterError, HistoryError):
        history = History(await run.store.summaries(name))
        for summary in history.superseded(good_kept=run.options.history_max):
            await run.store.delete(name, summary.number)


async def forget(run: Run, name: str) -> None:
    """Delete every record of a name, the oldest first: until the last one is gone it says what became of the rest."""
    for summary in reversed(await run.store.summaries(name)):
        await run.store.delete(name, summary.number)
