"""Two phases: a release is made live beside the one that is live, and takes its place once it is healthy there.

Nothing of the live release is touched before that. The record holds both pictures before the first of them is written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from lastgood.attempting import Run
from lastgood.model.event import Planned, Staged
from lastgood.model.plan import Change, Plan
from lastgood.model.release import History, Release, State, Strategy
from lastgood.model.request import Options
from lastgood.picturing import Asked, Pictured, is_asked_for, names_that_matter, pictured, taking_over
from lastgood.planning import Past
from lastgood.ports import Cluster
from lastgood.preparing import need_rights
from lastgood.promoting import promote
from lastgood.recalling import recall
from lastgood.releasing import already_live, good_or_back, record_what_was_found, roll_out, tried_out
from lastgood.returning import come_back
from lastgood.strategies import STAGE, TAKE_OVER, promotion_after
from lastgood.surveying import Survey, held, survey


@dataclass(frozen=True, slots=True)
class Phases:
    """A release with both of its pictures, what is done to stage it, and what is done to promote it after that."""

    stage: Survey
    promotion: Survey
    notes: tuple[str, ...] = ()
    taken: tuple[Change, ...] = ()

    @property
    def plan(self) -> Plan:
        """Both plans, as one that follows the other."""
        release = self.stage.release
        then = promotion_after(self.stage.plan, self.promotion.plan, release, self.taken)
        return replace(self.stage.plan, phase=STAGE, then=then, notes=self.notes)


async def deploy_in_phases(run: Run, asked: Asked, history: History, past: Past) -> Release:
    """Stage the release and promote it, or stop once it is staged if that is what is asked for.

    Raises ``DeployFailed`` when what was good before is back, ``RestoreFailed`` when it is not.
    """
    history, past = await _with_traffic_where_it_belongs(run, asked, history, past)
    history, past = await _with_a_colour(run, asked, history, past)
    phases = await foreseen(run.cluster, asked, history, past)
    run.tell(Planned(phases.stage.release, phases.plan))
    live = await already_live(run, history, past) if _changes_nothing(phases, asked, past) else None
    if live is not None:
        return live
    await need_rights(run.cluster, phases.stage.release, phases.plan)
    await record_what_was_found(run, past)
    tried = await tried_out(run, phases.stage, past)
    if not tried.good:
        return await good_or_back(run, tried, history, past)
    if not asked.request.staged:
        return await promote(run, tried.release, history, past)
    staged = await run.store.update(replace(tried.release, state=State.STAGED))
    run.tell(Staged(staged))
    return staged


async def foreseen(cluster: Cluster, asked: Asked, history: History, past: Past) -> Phases:
    """Both phases, from what is live now."""
    live = await names_that_matter(cluster, asked, past)
    return await _surveyed(cluster, pictured(asked, live, history, past), past, asked.request.options)


async def foreseen_from_the_start(
    cluster: Cluster, asked: Asked, history: History, past: Past, *, absent: frozenset[str] = frozenset()
) -> tuple[Release, Plan]:
    """All that a deploy would do now, with the release that may have to go first."""
    live = await names_that_matter(cluster, asked, past)
    first = taking_over(asked, live, history, past)
    if first is None:
        phases = await _surveyed(cluster, pictured(asked, live, history, past), past, asked.request.options, absent)
        nothing = await _nothing_to_do(cluster, phases, asked, history, past)
        return phases.stage.release, nothing or phases.plan
    surveyed = await survey(cluster, first, past, options=asked.request.options)
    known = {**live, **{one.ref: one.body for one in surveyed.release.resources if one.ref in live}}
    after = replace(past, last_good=surveyed.release, inventory=frozenset(first.inventory))
    drawn = pictured(asked, known, History((first.summary, *history.summaries)), after)
    phases = replace(await _surveyed(cluster, drawn, after, asked.request.options), taken=surveyed.plan.changes)
    return drawn.release, replace(surveyed.plan, phase=TAKE_OVER, then=phases.plan)


async def _surveyed(
    cluster: Cluster, drawn: Pictured, past: Past, options: Options, absent: frozenset[str] = frozenset()
) -> Phases:
    release = drawn.release
    first = replace(release, resources=release.staged)
    staged = held(await survey(cluster, first, while_staged(past), options=options, absent=absent), options)
    promotion = await survey(cluster, release, past, options=options, absent=absent)
    both = replace(release, staged=staged.release.resources, kept=staged.release.kept, hold=staged.release.hold)
    return Phases(replace(staged, release=both), held(promotion, options), drawn.notes)


async def _nothing_to_do(cluster: Cluster, phases: Phases, asked: Asked, history: History, past: Past) -> Plan | None:
    """The plan of a deploy that finds what it is asked for, as far as that can be told without looking at health."""
    good, latest = past.last_good, history.latest
    if good is None or latest is None or latest.number != good.number or not _changes_nothing(phases, asked, past):
        return None
    found = (await survey(cluster, good, past, lenient=True)).plan
    return None if found.writes else found


def while_staged(past: Past) -> Past:
    """The same for a release that is only staged: the live one stays as it is."""
    return replace(past, apart=past.last_good.refs if past.last_good else frozenset())


def _changes_nothing(phases: Phases, asked: Asked, past: Past) -> bool:
    """Whether what is asked for is live. The next colour always differs: there the same question is the same answer."""
    if asked.request.strategy is Strategy.BLUE_GREEN:
        return is_asked_for(asked, past)
    good, promotion = past.last_good, phases.promotion
    return good is not None and not promotion.plan.writes and promotion.release.content == good.content


async def _with_a_colour(run: Run, asked: Asked, history: History, past: Past) -> tuple[History, Past]:
    """The past once what runs has a colour: a release of its own, before the first of two colours."""
    live = await names_that_matter(run.cluster, asked, past)
    first = taking_over(asked, live, history, past)
    if first is None:
        return history, past
    release, plan = await foreseen_from_the_start(run.cluster, asked, history, past)
    await need_rights(run.cluster, release, plan)  # what is wrong with the phases after it is known before it begins
    if past.last_good is not None and not past.last_good.version:
        await record_what_was_found(run, past)
        history, past = await _again(run, asked)
        first = replace(first, number=history.next_number)
    surveyed = held(await survey(run.cluster, first, past, options=run.options), run.options)
    run.tell(Planned(surveyed.release, replace(surveyed.plan, phase=TAKE_OVER)))
    await roll_out(run, surveyed, history, past)
    return await _again(run, asked)


async def _with_traffic_where_it_belongs(run: Run, asked: Asked, history: History, past: Past) -> tuple[History, Past]:
    """The past once traffic is on the colour of the last good release.

    If it is not, a swap back has failed or somebody has swapped by hand: staging now would overwrite what is good.
    """
    good = past.last_good
    if good is None or not good.routes or asked.request.strategy is not Strategy.BLUE_GREEN:
        return history, past
    live = await names_that_matter(run.cluster, asked, past)
    if pictured(asked, live, history, past).release.colour != good.colour or history.latest is None:
        return history, past
    failed = await run.store.read(good.name, history.latest.number)
    await come_back(
        run, failed, history, past, failed.reason or "traffic is not on the colour of the last good release"
    )
    return await _again(run, asked)


async def _again(run: Run, asked: Asked) -> tuple[History, Past]:
    name = asked.drafted.name
    history = History(await run.store.summaries(name))
    return history, await recall(run.store, name, history)
