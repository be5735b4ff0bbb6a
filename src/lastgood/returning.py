"""Coming back to a good release: by itself after a failure, once, or because somebody asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from lastgood.attempting import Attempt, Run, attempt, clean_up
from lastgood.errors import ClusterError, RestoreFailed
from lastgood.model.event import Restoring
from lastgood.model.release import History, Mode, Release
from lastgood.model.request import Options
from lastgood.planning import Past
from lastgood.ports import Cluster
from lastgood.restoring import as_a_restore, bring_back, restore_mode, standby_after, why_whole
from lastgood.settling import retire
from lastgood.surveying import Survey, survey

NOTHING = "there is no good release to go back to"


async def come_back(run: Run, failed: Release, history: History, past: Past, sentence: str) -> Attempt:
    """Bring the last good release back, once; raise ``RestoreFailed`` when that does not succeed."""
    past = replace(past, inventory=past.inventory | frozenset(failed.inventory), apart=frozenset(), shared={})
    if past.last_good is None:
        raise await _nothing_to_restore(run, failed, past, sentence)
    try:
        back = await attempt(run, await _restore_of(run, past.last_good, failed, history, past), past, going_back=True)
    except ClusterError as error:
        raise _not_restored(failed, sentence, f"it could not even be tried: {error}") from error
    if not back.good:
        raise _not_restored(failed, sentence, back.sentence, release=back.release)
    await retire(run, failed.name)
    return back


async def survey_back(
    cluster: Cluster,
    target: Release,
    left: Release,
    history: History,
    past: Past,
    *,
    now: datetime,
    options: Options,
) -> Survey:
    """The way back to a release from ``left``, the one that is live or has failed: reads only.

    What ``left`` said of pruning holds: what it added goes, and what it dropped is made again. A release that comes
    back whole after one that spoke of its workloads only prunes in any case.
    """
    mode = restore_mode(left.mode, target)
    release = bring_back(
        target,
        mode=mode,
        prune=left.prune or mode is not left.mode,
        number=history.next_number,
        earlier=past.inventory,
        now=now,
        who=options.who,
        why=options.why,
    )
    beside = past.beside.union(left.beside) - target.refs
    release = replace(release, standby=standby_after(left, target), beside=tuple(sorted(beside)))
    return await survey_restore(cluster, release, past)


async def survey_restore(cluster: Cluster, release: Release, past: Past) -> Survey:
    """What a release that restores another has to do: reads only."""
    surveyed = await survey(cluster, release, past, lenient=True)
    return surveyed if release.undoes else replace(surveyed, plan=as_a_restore(surveyed.plan, release))


async def _restore_of(run: Run, target: Release, failed: Release, history: History, past: Past) -> Survey:
    history = History((failed.summary, *history.summaries))
    about_it = run.options.why == failed.why  # said of what has failed: what comes back has not that reason
    surveyed = await survey_back(
        run.cluster,
        target,
        failed,
        history,
        past,
        now=run.clock.now(),
        options=replace(run.options, why="") if about_it else run.options,
    )
    why = why_whole(failed.mode, target)
    run.tell(Restoring(failed.number, surveyed.release.restores or 0, surveyed.release.mode, why))
    return surveyed


async def _nothing_to_restore(run: Run, failed: Release, past: Past, sentence: str) -> RestoreFailed:
    if not run.options.clean_up:
        return _not_restored(failed, sentence, NOTHING, hint="--clean-up deletes what a first release made")
    await delete_all(run, failed, past)
    return _not_restored(failed, sentence, f"{NOTHING}; what it made was deleted")


async def delete_all(run: Run, failed: Release, past: Past) -> None:
    """Delete what this attempt and those before it made, as far as it can be done."""
    nothing = replace(failed, resources=(), staged=(), routes=(), standby=(), prune=True, mode=Mode.DECLARATIVE)
    surveyed = await survey(run.cluster, nothing, past, lenient=True)
    await clean_up(run, surveyed.plan)


def _not_restored(
    failed: Release, sentence: str, why: str, *, release: Release | None = None, hint: str = ""
) -> RestoreFailed:
    return RestoreFailed(
        f"{sentence}; not restored: {why}",
        release=failed,
        restored=release,
        hint=hint or f"lastgood recover {failed.name} -n {failed.namespace} tries again",
    )
