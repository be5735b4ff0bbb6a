"""The use cases, each a list of its phases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

from lastgood.adopting import adopt
from lastgood.attempting import INTERRUPTED, Attempt, Run, attempt, clean_up, prove_now
from lastgood.drafting import draft, numbered
from lastgood.errors import (
    ClusterError,
    Conflict,
    DeployFailed,
    HistoryError,
    ReleaseNotFound,
    RestoreFailed,
)
from lastgood.executing import fence_off
from lastgood.leasing import Leases
from lastgood.model.event import AsFound, Event, Planned, Proved, Restoring, Settled, Unchanged
from lastgood.model.plan import Plan
from lastgood.model.proof import Proof
from lastgood.model.release import History, Mode, Release, State, Summary
from lastgood.model.request import Options, Request
from lastgood.model.resource import digest
from lastgood.planning import Past
from lastgood.ports import Clock, Cluster, Store
from lastgood.preparing import absent_namespace, create_namespace, need_rights
from lastgood.recalling import recall
from lastgood.restoring import as_a_restore, bring_back, restore_mode, rollback_target, why_whole
from lastgood.surveying import Survey, survey

NOTHING = "there is no good release to go back to"


@dataclass(frozen=True, slots=True)
class Deployer:
    """Deploys, and always comes back to the last good release.

    ``tell`` is called with every ``Event``; ``holder`` names this run to others, and must be unique.
    ``namespace`` is where the history of releases lives; ``new_key`` gives a random key, 32 hexadecimal digits.
    """

    cluster: Cluster
    store: Store
    clock: Clock
    namespace: str
    holder: str
    tell: Callable[[Event], None]
    new_key: Callable[[], str]

    # --- what changes the cluster

    async def deploy(self, request: Request) -> Release:
        """Make a release live; on failure bring the last good one back, and raise ``DeployFailed``.

        Returns the release that is live: the new one, or the last good one when there is nothing to do.
        Raises ``RestoreFailed`` when what was good before is not back.
        """
        drafted = draft(request, await self.cluster.served(), self.clock.now())
        if await absent_namespace(self.cluster, self.namespace, may_create=request.options.create_namespace):
            await create_namespace(self.cluster, self.namespace)
        async with self._hold(request.name, request.options) as run:
            history, past = await self._settle(run, request.name)
            history, past = await self._with_what_runs(drafted, request, history, past)
            release = self._in_history(drafted, request, history, past)
            surveyed = await survey(self.cluster, release, past, options=request.options)
            self.tell(Planned(surveyed.release, surveyed.plan))
            live = await self._already_live(run, surveyed, history, past)
            return live or await self._roll_out(run, surveyed, history, past)

    async def rollback(self, name: str, *, to: int | None, options: Options) -> Release:
        """Go back to an earlier good release; on failure bring back what was live before, as ``deploy`` does."""
        async with self._hold(name, options) as run:
            await self.history(name)
            history, past = await self._settle(run, name)
            target = await self.store.read(name, rollback_target(name, history, to=to, force=options.force).number)
            undone = past.last_good.mode if past.last_good else target.mode
            surveyed = await self._going_back(run, target, undone, history, past)
            self.tell(Planned(surveyed.release, surveyed.plan))
            live = await self._already_live(run, surveyed, history, past)
            return live or await self._roll_out(run, surveyed, history, past)

    async def recover(self, name: str, *, options: Options) -> Release | None:
        """Finish what a run left undone, or go back to the last good release; None when nothing was pending.

        Raises ``RestoreFailed`` when neither was possible.
        """
        async with self._hold(name, options) as run:
            history = await self.history(name)
            if history.latest is None or history.latest.state is State.GOOD:
                return None
            finished = await self._finish(run, name, history)
            if finished is not None:
                return finished
            history, past = await self._settle(run, name)
            failed = await self.store.read(name, history.next_number - 1)
            return (await self._come_back(run, failed, history, past, failed.reason)).release

    # --- what only reads

    async def plan(self, request: Request) -> Plan:
        """What ``deploy`` would do now."""
        drafted = draft(request, await self.cluster.served(), self.clock.now())
        may_create = request.options.create_namespace
        absent = await absent_namespace(self.cluster, self.namespace, may_create=may_create)
        history = History(await self.store.summaries(request.name))
        past = await recall(self.store, request.name, history)
        history, past = await self._with_what_runs(drafted, request, history, past)
        release = self._in_history(drafted, request, history, past)
        surveyed = await survey(self.cluster, release, past, options=request.options, absent=absent)
        self.tell(Planned(surveyed.release, surveyed.plan, past.last_good))
        return surveyed.plan

    async def verify(self, name: str, *, strict: bool = False) -> Proof:
        """Compare what is live with the last good release."""
        history = await self.history(name)
        past = await recall(self.store, name, history)
        if past.last_good is None:
            raise ReleaseNotFound(f"{name} has no good release to compare with")
        proof = await prove_now(self.cluster, self.clock, past.last_good, past, strict=strict)
        self.tell(Proved(proof))
        return proof

    async def history(self, name: str) -> History:
        """The recorded releases of a name; raises ``ReleaseNotFound`` when there are none."""
        history = History(await self.store.summaries(name))
        if history.latest is None:
            raise ReleaseNotFound(
                f"no release {name} is recorded in namespace {self.namespace}",
                hint="-n names the namespace; kubectl get leases -A | grep lastgood shows where there are releases",
            )
        return history

    async def show(self, name: str, number: int | None = None) -> Release:
        """One record, whole; without a number the newest."""
        if number is None:
            number = (await self.history(name)).next_number - 1
        return await self.store.read(name, number)

    # --- phases

    @asynccontextmanager
    async def _hold(self, name: str, options: Options) -> AsyncIterator[Run]:
        leases = Leases(self.store, self.clock, self.holder, self.tell)
        async with leases.hold(name, wait=options.wait_lock) as lease:
            yield Run(self.cluster, self.store, self.clock, self.tell, lease, options)

    async def _settle(self, run: Run, name: str) -> tuple[History, Past]:
        """Whatever died before us is marked as failed, and can no longer write."""
        history = History(await self.store.summaries(name))
        if history.latest is not None and history.latest.state is State.PENDING:
            await self._mark_interrupted(name, history.latest)
            history = History(await self.store.summaries(name))
        past = await recall(self.store, name, history)
        if run.lease.expired:
            await fence_off(self.cluster, past.inventory, digest(self.holder)[:16])
        return history, past

    async def _mark_interrupted(self, name: str, summary: Summary) -> None:
        with suppress(Conflict):  # the run that made it wrote its end just now
            release = await self.store.read(name, summary.number)
            await self.store.update(release.ended_as(State.FAILED, self.clock.now(), reason=INTERRUPTED))
        self.tell(Settled(summary.number))

    async def _with_what_runs(
        self, drafted: Release, request: Request, history: History, past: Past
    ) -> tuple[History, Past]:
        """Before the first release: what runs already is what one can come back to."""
        found = None if history.latest else await adopt(self.cluster, self.clock, drafted, request)
        if found is None:
            return history, past
        return History((found.summary,)), Past(found, frozenset(found.inventory))

    async def _already_live(self, run: Run, surveyed: Survey, history: History, past: Past) -> Release | None:
        """The last good release, if it is what is asked for and nothing is amiss: then nothing is recorded."""
        latest = history.latest
        if surveyed.plan.writes or past.last_good is None or latest is None or latest.number != past.last_good.number:
            return None
        if surveyed.release.content != past.last_good.content:
            return None
        proof = await prove_now(self.cluster, self.clock, past.last_good, past, strict=run.options.strict)
        if not proof.holds:
            return None
        self.tell(Unchanged(past.last_good.number, proof))
        return past.last_good

    async def _roll_out(self, run: Run, surveyed: Survey, history: History, past: Past) -> Release:
        release = surveyed.release
        await need_rights(self.cluster, surveyed.plan)
        if past.last_good is not None and not past.last_good.version:
            await self._record_as_found(past.last_good)
        try:
            tried = await attempt(run, surveyed, past, going_back=release.restores is not None)
        except asyncio.CancelledError:
            if not (run.options.restore_on_interrupt and _keep_going()):
                raise
            failed = await self.store.read(release.name, release.number)
            tried = Attempt(failed, INTERRUPTED)
        if tried.good:
            await self._retire(release.name, run.options.history_max)
            return tried.release
        back = await self._come_back(run, tried.release, history, past, tried.sentence)
        raise DeployFailed(tried.sentence, release=tried.release, restored=back.release, proof=back.release.proof)

    async def _come_back(self, run: Run, failed: Release, history: History, past: Past, sentence: str) -> Attempt:
        """Bring the last good release back, once; raise ``RestoreFailed`` when that does not succeed."""
        past = replace(past, inventory=past.inventory | frozenset(failed.inventory))
        if past.last_good is None:
            raise await self._nothing_to_restore(run, failed, past, sentence)
        try:
            history = History((failed.summary, *history.summaries))
            surveyed = await self._going_back(run, past.last_good, failed.mode, history, past, prune=failed.prune)
            why = why_whole(failed.mode, past.last_good)
            self.tell(Restoring(failed.number, surveyed.release.restores or 0, surveyed.release.mode, why))
            back = await attempt(run, surveyed, past, going_back=True)
        except ClusterError as error:
            raise _not_restored(failed, sentence, f"it could not even be tried: {error}") from error
        if not back.good:
            raise _not_restored(failed, sentence, back.sentence, release=back.release)
        await self._retire(failed.name, run.options.history_max)
        return back

    def _in_history(self, drafted: Release, request: Request, history: History, past: Past) -> Release:
        key = (past.last_good.key if past.last_good else "") or self.new_key()
        number, earlier = history.next_number, past.inventory
        return numbered(drafted, request, number=number, key=key, last_good=past.last_good, earlier=earlier)

    async def _record_as_found(self, release: Release) -> None:
        await self.store.create(release)
        self.tell(AsFound(release))

    async def _going_back(
        self, run: Run, target: Release, undone: Mode, history: History, past: Past, *, prune: bool = False
    ) -> Survey:
        """The way back to a release from one that was deployed in the mode ``undone``."""
        mode = restore_mode(undone, target)
        release = bring_back(
            target,
            mode=mode,
            prune=prune or mode is Mode.DECLARATIVE,
            number=history.next_number,
            earlier=past.inventory,
            now=self.clock.now(),
            who=run.options.who,
            why=run.options.why,
        )
        surveyed = await survey(self.cluster, release, past, lenient=True)
        return surveyed if release.undoes else replace(surveyed, plan=as_a_restore(surveyed.plan, target))

    async def _nothing_to_restore(self, run: Run, failed: Release, past: Past, sentence: str) -> RestoreFailed:
        if not run.options.clean_up:
            return _not_restored(failed, sentence, NOTHING, hint="--clean-up deletes what a first release made")
        nothing = replace(failed, resources=(), prune=True, mode=Mode.DECLARATIVE)
        surveyed = await survey(self.cluster, nothing, past, lenient=True)
        await clean_up(run, surveyed.plan)
        return _not_restored(failed, sentence, f"{NOTHING}; what it made was deleted")

    async def _finish(self, run: Run, name: str, history: History) -> Release | None:
        """The pending release, marked good, if everything it wanted is live, healthy and proved."""
        if history.latest is None or history.latest.state is not State.PENDING:
            return None
        pending = await self.store.read(name, history.latest.number)
        past = replace(
            await recall(self.store, name, history), last_good=pending, inventory=frozenset(pending.inventory)
        )
        proof = await prove_now(self.cluster, self.clock, pending, past, strict=run.options.strict)
        if not proof.holds:
            return None
        self.tell(Proved(proof))
        return await self.store.update(replace(pending, proof=proof).ended_as(State.GOOD, self.clock.now()))

    async def _retire(self, name: str, keep: int) -> None:
        """Let go of old records. What cannot be deleted now is found again next time."""
        with suppress(ClusterError, HistoryError):
            history = History(await self.store.summaries(name))
            for summary in history.superseded(good_kept=keep):
                await self.store.delete(name, summary.number)


def _keep_going() -> bool:
    """Take the interruption back, so that the restore can run; a second one ends it."""
    task = asyncio.current_task()
    return task is not None and task.uncancel() == 0


def _not_restored(
    failed: Release, sentence: str, why: str, *, release: Release | None = None, hint: str = ""
) -> RestoreFailed:
    return RestoreFailed(
        f"{sentence}; not restored: {why}",
        release=failed,
        restored=release,
        hint=hint or f"lastgood recover {failed.name} -n {failed.namespace} tries again",
    )
