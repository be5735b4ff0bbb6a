"""What became of earlier attempts: those that died are marked as failed, or finished; old records are let go."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from lastgood.attempting import INTERRUPTED, Run, prove_now
from lastgood.errors import ClusterError, Conflict, HistoryError
from lastgood.fencing import fence_off
from lastgood.model.event import Proved, Settled
from lastgood.model.release import History, Release, State, Summary
from lastgood.model.resource import digest
from lastgood.planning import Past
from lastgood.recalling import recall


async def settle(run: Run, name: str) -> tuple[History, Past]:
    """Whatever died before us is marked as failed, and can no longer write."""
    history = History(await run.store.summaries(name))
    if history.latest is not None and history.latest.state is State.PENDING:
        await _mark_interrupted(run, name, history.latest)
        history = History(await run.store.summaries(name))
    past = await recall(run.store, name, history)
    if run.lease.expired:
        await fence_off(run.cluster, past.inventory, digest(run.lease.holder)[:16])
    return history, past


async def _mark_interrupted(run: Run, name: str, summary: Summary) -> None:
    with suppress(Conflict):  # the run that made it wrote its end just now
        release = await run.store.read(name, summary.number)
        await run.store.update(release.ended_as(State.FAILED, run.clock.now(), reason=INTERRUPTED))
    run.tell(Settled(summary.number))


async def finish(run: Run, name: str, history: History) -> Release | None:
    """The pending release, marked as done, if everything it wanted is live, healthy and proved."""
    if history.latest is None or history.latest.state is not State.PENDING:
        return None
    pending = await run.store.read(name, history.latest.number)
    past = await recall(run.store, name, history)
    past = replace(past, last_good=pending, inventory=frozenset(pending.inventory))
    proof = await prove_now(run.cluster, run.clock, pending, past, strict=run.options.strict)
    if not proof.holds:
        return None
    run.tell(Proved(proof))
    return await run.store.update(replace(pending, proof=proof).ended_as(pending.done_as, run.clock.now()))


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
