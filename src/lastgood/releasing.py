"""A release is made live, or what was good before comes back: the part of a run that writes."""

from __future__ import annotations

import asyncio

from lastgood.attempting import INTERRUPTED, Attempt, Run, attempt, prove_now
from lastgood.errors import DeployFailed
from lastgood.model.event import AsFound, Unchanged
from lastgood.model.release import History, Release
from lastgood.planning import Past
from lastgood.preparing import need_rights
from lastgood.returning import come_back
from lastgood.settling import retire
from lastgood.surveying import Survey


async def already_live(run: Run, history: History, past: Past) -> Release | None:
    """The last good release, if nothing was tried since and nothing is amiss: then nothing is recorded."""
    latest, good = history.latest, past.last_good
    if good is None or latest is None or latest.number != good.number:
        return None
    proof = await prove_now(run.cluster, run.clock, good, past, strict=run.options.strict)
    if not proof.holds:
        return None
    run.tell(Unchanged(good.number, proof))
    return good


async def roll_out(run: Run, surveyed: Survey, history: History, past: Past) -> Release:
    """Make it live in one go; raise ``DeployFailed`` once what was good before is back."""
    await need_rights(run.cluster, surveyed.release, surveyed.plan)
    await record_what_was_found(run, past)
    tried = await tried_out(run, surveyed, past, going_back=surveyed.release.restores is not None)
    return await good_or_back(run, tried, history, past)


async def record_what_was_found(run: Run, past: Past) -> None:
    """What ran before the first release becomes a record of its own, now that something is going to be changed."""
    if past.last_good is not None and not past.last_good.version:
        await run.store.create(past.last_good)
        run.tell(AsFound(past.last_good))


async def tried_out(run: Run, surveyed: Survey, past: Past, *, going_back: bool = False) -> Attempt:
    """An attempt; where an interruption is to bring back what was good, it counts as one that failed."""
    try:
        return await attempt(run, surveyed, past, going_back=going_back)
    except asyncio.CancelledError:
        if not (run.options.restore_on_interrupt and _keep_going()):
            raise
        release = surveyed.release
        return Attempt(await run.store.read(release.name, release.number), INTERRUPTED)


async def good_or_back(run: Run, tried: Attempt, history: History, past: Past) -> Release:
    """The release that is live now, if the attempt was good; raise ``DeployFailed`` once what was good before is back.

    Raises ``RestoreFailed`` when it is not back.
    """
    if tried.good:
        await retire(run, tried.release.name)
        return tried.release
    back = await come_back(run, tried.release, history, past, tried.sentence)
    raise DeployFailed(tried.sentence, release=tried.release, restored=back.release, proof=back.release.proof)


def _keep_going() -> bool:
    """Take the interruption back, so that the restore can run; a second one ends it."""
    task = asyncio.current_task()
    return task is not None and task.uncancel() == 0
