"""What becomes of a staged release: it takes the place of the live one, or it goes again.

And what becomes of a swap that was cut off: it is finished.
"""

from __future__ import annotations

from dataclasses import replace

from lastgood.attempting import Run, attempt, fail
from lastgood.errors import Fenced, LastgoodError, NothingStaged
from lastgood.executing import Outcome
from lastgood.fencing import fence_off
from lastgood.model.event import Planned, Settled
from lastgood.model.release import History, Release, State
from lastgood.model.request import Options
from lastgood.model.resource import digest
from lastgood.planning import Past
from lastgood.ports import Cluster, Store
from lastgood.preparing import need_rights
from lastgood.recalling import recall
from lastgood.releasing import good_or_back, tried_out
from lastgood.returning import come_back, delete_all, survey_restore
from lastgood.settling import ABORTED, retire
from lastgood.strategies import phase_of
from lastgood.surveying import Survey, held, survey


async def promote(run: Run, staged: Release, history: History, past: Past) -> Release:
    """Let a release that was staged by this run take the place of the live one.

    Raises ``DeployFailed`` when what was good before is back, ``RestoreFailed`` when it is not.
    """
    try:
        surveyed = await _told(run, staged, past)
    except Fenced:
        raise
    except LastgoodError as error:
        failed = await fail(run, staged, Outcome(), f"{error}")
        return await good_or_back(run, failed, history, past)
    return await good_or_back(run, await tried_out(run, surveyed, _of(staged, past)), history, past)


async def promote_staged(run: Run, name: str, history: History, *, swap: bool = False) -> Release:
    """The same for one that an earlier run has staged; ``swap`` takes only one that is swapped.

    Raises ``NothingStaged``, and what a survey raises as long as nothing has been changed.
    """
    staged, past = await waiting(run.store, name, history, swap=swap)
    surveyed = await _told(run, staged, past)
    await need_rights(run.cluster, surveyed.release, surveyed.plan)
    return await good_or_back(run, await tried_out(run, surveyed, _of(staged, past)), history, past)


async def abort(run: Run, name: str, history: History) -> Release:
    """Delete what was staged. Returns the live release, proved again; without one, the release that is gone."""
    staged, past = await waiting(run.store, name, history)
    if past.last_good is None:
        await delete_all(run, staged, _of(staged, past))
        return await run.store.update(staged.ended_as(State.FAILED, run.clock.now(), reason=ABORTED))
    failed = await run.store.update(staged.ended_as(State.FAILED, run.clock.now(), reason=ABORTED))
    run.tell(Settled(failed.number, aborted=True))
    return (await come_back(run, failed, history, past, ABORTED)).release


async def resume(run: Run, name: str, history: History) -> Release | None:
    """Finish a swap that a run which died has recorded; None where there is none.

    Both Services end on one side. If that turns out not to be healthy, the last good release is brought back.
    Raises ``RestoreFailed`` when that is not possible.
    """
    if history.latest is None or history.latest.state is not State.PENDING or not history.latest.colour:
        return None
    pending = await run.store.read(name, history.latest.number)
    if not pending.swaps:
        return None
    past = await recall(run.store, name, history)
    if run.lease.expired:
        await fence_off(run.cluster, past.inventory, digest(run.lease.holder)[:16])
    surveyed = await _resumed(run, pending, past)
    run.tell(Planned(surveyed.release, surveyed.plan))
    tried = await attempt(run, surveyed, past, going_back=pending.restores is not None)
    if tried.good:
        await retire(run, name)
        return tried.release
    return (await come_back(run, tried.release, history, past, tried.sentence)).release


async def survey_promotion(cluster: Cluster, staged: Release, past: Past, options: Options) -> Survey:
    """What a promotion does, from what is live now; without another wish the hold is as it was asked for."""
    release = replace(staged, state=State.PENDING, promoted=True)
    surveyed = await survey(cluster, release, _of(staged, past), options=options)
    surveyed = held(surveyed, replace(options, hold=staged.hold if options.hold is None else options.hold))
    return replace(surveyed, plan=replace(surveyed.plan, phase=phase_of(staged)))


async def waiting(store: Store, name: str, history: History, *, swap: bool = False) -> tuple[Release, Past]:
    """The release that waits to be promoted, or to be swapped, and its past. Raises ``NothingStaged``."""
    latest = history.latest
    if latest is None or latest.state is not State.STAGED:
        raise NothingStaged(f"nothing of {name} is staged", hint="lastgood deploy --staged stages a release")
    staged = await store.read(name, latest.number)
    if swap and not staged.routes:
        what = f"release {staged.number} of {name} is a {staged.strategy} release: there is nothing to swap"
        raise NothingStaged(what, hint=f"lastgood promote {name} promotes it")
    return staged, await recall(store, name, history)


async def _told(run: Run, staged: Release, past: Past) -> Survey:
    surveyed = await survey_promotion(run.cluster, staged, past, run.options)
    run.tell(Planned(surveyed.release, surveyed.plan))
    return surveyed


async def _resumed(run: Run, pending: Release, past: Past) -> Survey:
    if pending.restores is not None:
        surveyed = await survey_restore(run.cluster, pending, past)
    else:
        surveyed = await survey(run.cluster, pending, past, lenient=True)
    return held(surveyed, replace(run.options, hold=pending.hold if run.options.hold is None else run.options.hold))


def _of(staged: Release, past: Past) -> Past:
    """The past of a promotion: what was staged is no longer apart from it."""
    inventory, beside = past.inventory | frozenset(staged.inventory), past.beside | frozenset(staged.beside)
    return replace(past, inventory=inventory, beside=beside, apart=frozenset(), shared={})
