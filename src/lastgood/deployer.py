"""The use cases, each a list of its phases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from lastgood.adopting import with_what_runs
from lastgood.attempting import Run, attempt, prove_now
from lastgood.comparing import compare
from lastgood.drafting import draft
from lastgood.errors import ReleaseNotFound
from lastgood.granting import grant
from lastgood.leasing import Leases
from lastgood.model.event import Event, Planned, Proved
from lastgood.model.permission import Permissions
from lastgood.model.plan import Plan
from lastgood.model.proof import Proof
from lastgood.model.release import History, Release, State, Strategy
from lastgood.model.request import Options, Request
from lastgood.model.status import Comparison, Listed, Status
from lastgood.picturing import Asked, pictured_whole
from lastgood.planning import Past
from lastgood.ports import Clock, Cluster, Store
from lastgood.preparing import absent_namespace, create_namespace, need_rights
from lastgood.promoting import abort, promote_staged, resume, survey_promotion, waiting
from lastgood.recalling import recall, unknown
from lastgood.releasing import already_live, roll_out
from lastgood.restoring import rollback_target
from lastgood.returning import come_back, survey_back
from lastgood.settling import finish, forget, settle
from lastgood.staging import deploy_in_phases, foreseen_from_the_start
from lastgood.surveying import Survey, held, still_ours, survey, whose
from lastgood.uninstalling import as_removal, not_gone, removal

USUAL = Options()
OVER = (State.GOOD, State.UNINSTALLED, State.STAGED)
"""What nobody has to recover from."""


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

        Returns the release that is live: the new one, or the last good one when there is nothing to do; or the one
        that is staged, if the request stops there.
        Raises ``RestoreFailed`` when what was good before is not back.
        """
        drafted = draft(request, await self.cluster.served(), self.clock.now())
        if await absent_namespace(self.cluster, self.namespace, may_create=request.options.create_namespace):
            await create_namespace(self.cluster, self.namespace)
        async with self._hold(request.name, request.options) as run:
            history, past = await self._settled(run, request.name)
            history, past = await self._with_what_runs(drafted, request, history, past)
            asked = Asked(request, drafted, self.new_key())
            if request.strategy is not Strategy.ROLLING:
                return await deploy_in_phases(run, asked, history, past)
            release = pictured_whole(asked, history, past)
            surveyed = held(await survey(self.cluster, release, past, options=request.options), request.options)
            return await self._roll_out(run, surveyed, history, past)

    async def promote(self, name: str, *, options: Options) -> Release:
        """Let the staged release take the place of the live one; on failure bring that back, as ``deploy`` does.

        A swap that an earlier run has begun is finished. Raises ``NothingStaged``.
        """
        return await self._promote(name, options)

    async def swap(self, name: str, *, options: Options) -> Release:
        """The same for a blue-green release only: traffic goes to its colour, and no pod is touched."""
        return await self._promote(name, options, swap=True)

    async def abort(self, name: str, *, options: Options) -> Release:
        """Delete what is staged. Returns the live release, proved; without one, the release that was staged."""
        await self.history(name)
        async with self._hold(name, options) as run:
            return await abort(run, name, await self.history(name))

    async def rollback(self, name: str, *, to: int | None, options: Options) -> Release:
        """Go back to an earlier good release; on failure bring back what was live before, as ``deploy`` does."""
        await self.history(name)
        async with self._hold(name, options) as run:
            history, past = await self._settled(run, name)
            surveyed = await self._survey_rollback(name, history, past, to=to, options=options)
            return await self._roll_out(run, surveyed, history, past)

    async def recover(self, name: str, *, options: Options) -> Release | None:
        """Finish what a run left undone, or go back to the last good release; None when nothing was pending.

        Raises ``RestoreFailed`` when neither was possible.
        """
        await self.history(name)
        async with self._hold(name, options) as run:
            history = await self.history(name)
            if history.latest is None or history.latest.state in OVER:
                return None
            finished = await resume(run, name, history) or await finish(run, name, history)
            if finished is not None:
                return finished
            history, past = await settle(run, name)
            failed = await self.store.read(name, history.next_number - 1)
            return (await come_back(run, failed, history, past, failed.reason)).release

    async def uninstall(
        self, name: str, *, everything: bool = False, keep_history: bool = False, options: Options = USUAL
    ) -> Release:
        """Delete what the releases of a name have made, and then their history unless ``keep_history``.

        What is never pruned (claims, definitions, namespaces) stays unless ``everything``; an annotation that keeps
        something from being pruned always holds. Returns the record that says so. Raises ``UninstallFailed`` when
        something is still there; the same again goes on from that.
        """
        await self.history(name)
        async with self._hold(name, options) as run:
            history, past = await self._settled(run, name)
            surveyed = await self._survey_removal(name, history, past, everything=everything, options=options)
            self.tell(Planned(surveyed.release, surveyed.plan))
            await need_rights(self.cluster, surveyed.release, surveyed.plan)
            tried = await attempt(run, surveyed, Past(inventory=past.inventory))
            if not tried.good:
                raise not_gone(tried.release, tried.sentence)
            if not keep_history:
                await forget(run, name)
        if not keep_history:
            await self.store.delete_lease(name)
        return tried.release

    # --- what only reads

    async def plan(self, request: Request) -> Plan:
        """What ``deploy`` would do now."""
        drafted = draft(request, await self.cluster.served(), self.clock.now())
        may_create = request.options.create_namespace
        absent = await absent_namespace(self.cluster, self.namespace, may_create=may_create)
        history = History(await self.store.summaries(request.name))
        past = await recall(self.store, request.name, history)
        history, past = await self._with_what_runs(drafted, request, history, past)
        asked = Asked(request, drafted, self.new_key())
        if request.strategy is not Strategy.ROLLING:
            release, plan = await foreseen_from_the_start(self.cluster, asked, history, past, absent=absent)
            return self._planned(release, plan, past)
        release = pictured_whole(asked, history, past)
        surveyed = await survey(self.cluster, release, past, options=request.options, absent=absent)
        surveyed = held(surveyed, request.options)
        return self._planned(surveyed.release, surveyed.plan, past)

    async def plan_promotion(self, name: str, *, swap: bool = False, options: Options = USUAL) -> Plan:
        """What ``promote`` would do now, or ``swap``. Raises ``NothingStaged``."""
        staged, past = await waiting(self.store, name, await self.history(name), swap=swap)
        surveyed = await survey_promotion(self.cluster, staged, past, options)
        return self._planned(surveyed.release, surveyed.plan, past)

    async def plan_rollback(self, name: str, *, to: int | None, options: Options = USUAL) -> Plan:
        """What ``rollback`` would do now."""
        history, past = await self._past(name)
        surveyed = await self._survey_rollback(name, history, past, to=to, options=options)
        return self._planned(surveyed.release, surveyed.plan, past)

    async def plan_uninstall(self, name: str, *, everything: bool = False, options: Options = USUAL) -> Plan:
        """What ``uninstall`` would do now."""
        history, past = await self._past(name)
        surveyed = await self._survey_removal(name, history, past, everything=everything, options=options)
        return self._planned(surveyed.release, surveyed.plan, Past())

    async def permissions(self, request: Request, *, looking: bool = False) -> Permissions:
        """What somebody has to be allowed to do to ``deploy`` this and come back, or only to look at it."""
        return await grant(self.cluster, self.store, self.clock, request, looking=looking)

    async def verify(self, name: str, *, strict: bool = False) -> Proof:
        """Compare what is live with the last good release."""
        _, past = await self._past(name)
        if past.last_good is None:
            raise ReleaseNotFound(f"{name} has no good release to compare with")
        proof = await prove_now(self.cluster, self.clock, past.last_good, past, strict=strict)
        self.tell(Proved(proof))
        return proof

    async def status(self, name: str) -> Status:
        """What is live, whether it is as recorded and healthy, what was tried last, and who is at work on it."""
        history, past = await self._past(name)
        live, proof = past.last_good, None
        if live is not None:
            proof = await prove_now(self.cluster, self.clock, live, past, strict=False)
        lease = await self.store.read_lease(name)
        held = lease if lease and lease.holder else None
        return Status(
            name, self.namespace, history, live, proof, held.holder if held else "", held.renewed if held else None
        )

    async def diff(self, name: str, before: int | None = None, after: int | None = None) -> Comparison:
        """What would have to change from one release to another.

        Without ``before``, from what is live; without ``after``, to the last good release.
        """
        history, past = await self._past(name)
        if after is None and past.last_good is None:
            raise ReleaseNotFound(f"{name} has no good release to compare with")
        target = past.last_good if after is None else await self.store.read(name, after)
        assert target is not None
        if before is not None:
            changes = compare(await self.store.read(name, before), target)
        else:
            changes = (await self._survey_back(target, history, past, options=USUAL)).plan.changes
        return Comparison(name, self.namespace, before, target.number, changes)

    async def list(self, *, everywhere: bool = False) -> tuple[Listed, ...]:
        """The release names of this namespace, or of all, each with its history; sorted by namespace and name."""
        return await self.store.listing(everywhere=everywhere)

    async def history(self, name: str) -> History:
        """The recorded releases of a name; raises ``ReleaseNotFound`` when there are none."""
        history = History(await self.store.summaries(name))
        if history.latest is None:
            raise await unknown(self.store, name, self.namespace)
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

    async def _past(self, name: str) -> tuple[History, Past]:
        history = await self.history(name)
        return history, await recall(self.store, name, history)

    def _planned(self, release: Release, plan: Plan, past: Past) -> Plan:
        self.tell(Planned(release, plan, past.last_good))
        return plan

    async def _settled(self, run: Run, name: str) -> tuple[History, Past]:
        """What died before us is over: a swap that it had begun is finished, anything else has failed."""
        history = History(await self.store.summaries(name))
        if await resume(run, name, history) is None:
            return await settle(run, name, history)
        return await settle(run, name)

    async def _promote(self, name: str, options: Options, *, swap: bool = False) -> Release:
        await self.history(name)
        async with self._hold(name, options) as run:
            history = await self.history(name)
            resumed = await resume(run, name, history)
            return resumed or await promote_staged(run, name, history, swap=swap)

    async def _roll_out(self, run: Run, surveyed: Survey, history: History, past: Past) -> Release:
        self.tell(Planned(surveyed.release, surveyed.plan))
        same = past.last_good is not None and surveyed.release.content == past.last_good.content
        live = await already_live(run, history, past) if same and not surveyed.plan.writes else None
        return live or await roll_out(run, surveyed, history, past)

    async def _with_what_runs(
        self, drafted: Release, request: Request, history: History, past: Past
    ) -> tuple[History, Past]:
        return await with_what_runs(self.cluster, self.clock, drafted, request, history=history, past=past)

    async def _survey_rollback(
        self, name: str, history: History, past: Past, *, to: int | None, options: Options
    ) -> Survey:
        number = rollback_target(name, history, to=to, force=options.force).number
        target = await self.store.read(name, number)
        return held(still_ours(await self._survey_back(target, history, past, options=options)), options)

    async def _survey_back(self, target: Release, history: History, past: Past, *, options: Options) -> Survey:
        left = past.last_good or target
        return await survey_back(self.cluster, target, left, history, past, now=self.clock.now(), options=options)

    async def _survey_removal(
        self, name: str, history: History, past: Past, *, everything: bool, options: Options
    ) -> Survey:
        now = self.clock.now()
        release = removal(name, self.namespace, history, past.inventory, now=now, options=options)
        surveyed = await survey(self.cluster, release, Past(inventory=past.inventory), lenient=True)
        taken = {ref: whose(body) for ref, body in surveyed.foreign.items()}
        return replace(surveyed, plan=as_removal(surveyed.plan, release, everything=everything, taken=taken))
