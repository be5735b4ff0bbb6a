"""One attempt to make a release live: recorded before the first write, executed, proved; or failed, with evidence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from lastgood.errors import ClusterError, Fenced, LastgoodError
from lastgood.executing import Executor, Outcome, sent
from lastgood.gathering import explained, gather, retold
from lastgood.holding import Terms
from lastgood.leasing import Held
from lastgood.model.event import Ended, Event, Failed, Gathered, Left, Proved, Recorded
from lastgood.model.health import Observation
from lastgood.model.plan import Op, Plan
from lastgood.model.proof import Match, Proof
from lastgood.model.release import Release, Sent, State, Workload
from lastgood.model.request import Options
from lastgood.model.resource import Ref
from lastgood.observing import healths, look, workloads
from lastgood.planning import OUTSIDE, Past
from lastgood.ports import Clock, Cluster, Store
from lastgood.proving import prove
from lastgood.surveying import Survey, survey

RECORD_WITHIN = 2.0
"""How long an interrupted run may take to write down that it was interrupted, in seconds."""
PROOFS = 3
PROVE_AGAIN_AFTER = 0.5
INTERRUPTED = "interrupted"
UNPROVED = {
    Match.DIFFERS: "is not as it was asked for",
    Match.MISSING: "is missing",
    Match.LEFT_OVER: "is left over",
    Match.NOT_READY: "is not ready",
}


@dataclass(frozen=True, slots=True)
class Run:
    """What one run works with, while it holds the Lease."""

    cluster: Cluster
    store: Store
    clock: Clock
    tell: Callable[[Event], None]
    lease: Held
    options: Options


@dataclass(frozen=True, slots=True)
class Attempt:
    """How an attempt ended: its release as recorded, and why it failed (empty when it is good, or staged)."""

    release: Release
    sentence: str = ""

    @property
    def good(self) -> bool:
        """Whether the release is live, healthy and proved; or staged and healthy, if that is as far as it goes."""
        staged = self.release.waits_to_be_promoted and not self.sentence
        return staged or self.release.state is self.release.done_as


async def attempt(run: Run, surveyed: Survey, past: Past, *, going_back: bool = False) -> Attempt:
    """Record, execute, prove. A failure is a value; only what stops this run altogether is raised.

    A release that was recorded before goes on: the next of its phases is written down, and done.
    """
    record = run.store.update if surveyed.release.version else run.store.create
    release = await record(surveyed.release)
    run.tell(Recorded(release))
    try:
        return await _carry_out(run, release, surveyed.plan, past, going_back=going_back)
    except asyncio.CancelledError:
        await _record_interruption(run, release)
        raise
    except Fenced:
        raise
    except LastgoodError as error:
        return await fail(run, release, Outcome(), f"{error}")


async def prove_now(
    cluster: Cluster, clock: Clock, release: Release, past: Past, *, seen: Observation | None = None, strict: bool
) -> Proof:
    """Compare live with the release; when nothing was observed yet, look first.

    What a staged release shares with the live one is as that one has staged it.
    """
    if past.shared:
        resources = (one.with_body(past.shared.get(one.ref, one.body)) for one in release.resources)
        release = replace(release, resources=tuple(resources))
    surveyed = await survey(cluster, release, past, lenient=True)
    seen = seen or await look(cluster, [ref for ref in surveyed.live if ref in release.refs])
    wanted = {ref: health for ref, health in healths(seen).items() if ref in release.refs}
    return prove(release, surveyed.plan, wanted, at=clock.now(), strict=strict)


async def _carry_out(run: Run, release: Release, plan: Plan, past: Past, *, going_back: bool) -> Attempt:
    executor = _executor(run, stop_at_refusal=not going_back)
    for change in (*plan.left, *plan.outside):
        run.tell(Left(change.ref, change.note or OUTSIDE, change.fields))
    outcome = await executor.run(plan)
    release = replace(release, judged=outcome.verdict.judged, sent=_agreed(release, plan, outcome))
    if not outcome.passed:
        return await fail(run, release, outcome, _why(outcome))
    if release.waits_to_be_promoted:
        return Attempt(release)
    return await _prove(run, release, outcome, past)


async def clean_up(run: Run, plan: Plan) -> None:
    """Do a plan that only deletes, as far as it can be done."""
    await _executor(run, stop_at_refusal=False).run(plan)


def _executor(run: Run, *, stop_at_refusal: bool) -> Executor:
    until = run.clock.monotonic() + run.options.timeout
    return Executor(
        run.cluster,
        run.clock,
        run.lease.confirm,
        run.tell,
        until=until,
        stop_at_refusal=stop_at_refusal,
        terms=terms_of(run.options),
    )


def terms_of(options: Options, *, hold: float = 0.0) -> Terms:
    """What this run asks of health."""
    return Terms(hold=hold, patience=options.timeout, graces=options.grace)


async def _prove(run: Run, release: Release, outcome: Outcome, past: Past) -> Attempt:
    release = replace(release, workloads=_workloads(release, outcome.observation))
    proof = await _proof(run, release, outcome, past)
    run.tell(Proved(proof))
    release = replace(release, proof=proof)
    if not proof.holds:
        return await fail(run, release, outcome, unproved(proof))
    ghosts = _ghosts(run, past)
    inventory = tuple(sorted(release.refs | frozenset(proof.left) | ghosts))
    beside = tuple(ref for ref in release.beside if ref in ghosts - release.refs)
    release = replace(release, inventory=inventory, beside=beside, staged=())
    return Attempt(await _end(run, release, release.done_as))


def _ghosts(run: Run, past: Past) -> frozenset[Ref]:
    """What a run that we took over from may still create: the next run has to look for it once more."""
    return past.inventory if run.lease.expired else frozenset()


async def _proof(run: Run, release: Release, outcome: Outcome, past: Past) -> Proof:
    """The proof; taken again when something moved just as it was taken."""
    agreed = replace(past, last_good=release, inventory=past.inventory | frozenset(release.inventory))
    seen: Observation | None = outcome.observation
    for _ in range(PROOFS):
        proof = await prove_now(run.cluster, run.clock, release, agreed, seen=seen, strict=run.options.strict)
        if proof.holds:
            break
        seen = None
        await run.clock.sleep(PROVE_AGAIN_AFTER)
    return proof


async def fail(run: Run, release: Release, outcome: Outcome, sentence: str) -> Attempt:
    """Keep what the failure looks like, and record it."""
    evidence = await gather(run.cluster, outcome.verdict, outcome.observation, (*release.resources, *release.staged))
    run.tell(Gathered(release.number, evidence))
    judged = explained(release.judged, evidence)
    sentence = retold(sentence, release.judged, judged)
    failed = replace(release, evidence=evidence, judged=judged)
    with suppress(ClusterError):  # the next run settles it; what matters now is to come back
        failed = await _end(run, failed, State.FAILED, reason=sentence)
    run.tell(Failed(failed, sentence))
    return Attempt(failed, sentence)


async def _end(run: Run, release: Release, state: State, *, reason: str = "") -> Release:
    ended = await run.store.update(release.ended_as(state, run.clock.now(), reason=reason))
    if state is not State.FAILED:
        run.tell(Ended(ended))
    return ended


async def _record_interruption(run: Run, release: Release) -> None:
    """Write down that the run was stopped, if that can be done at once; else the next run does it."""
    ended = release.ended_as(State.FAILED, run.clock.now(), reason=INTERRUPTED)
    with suppress(LastgoodError, TimeoutError):
        async with asyncio.timeout(RECORD_WITHIN):
            ended = await asyncio.shield(asyncio.ensure_future(run.store.update(ended)))
        run.tell(Failed(ended, INTERRUPTED))


def _why(outcome: Outcome) -> str:
    if outcome.refused:
        refusal = outcome.refused[0]
        done = "deleted" if refusal.change.op is Op.DELETE else "written"
        return f"{refusal.change.ref} could not be {done}: {refusal.error}"
    return outcome.verdict.sentence


def unproved(proof: Proof) -> str:
    """Why a proof does not hold, in one sentence."""
    finding = proof.failures[0]
    what = ", ".join(one.path for one in finding.fields[:3]) or finding.sentence
    more = f", and {len(proof.failures) - 1} more" if len(proof.failures) > 1 else ""
    return f"{finding.ref} {UNPROVED[finding.match]}{': ' + what if what else ''}{more}"


def _agreed(release: Release, plan: Plan, outcome: Outcome) -> tuple[Sent, ...]:
    """What is agreed with the cluster about everything: what was written now, and what was found to be kept.

    Besides that an undo touches nothing, so that what was agreed with the release it goes back to is agreed still.
    """
    undone = {change.ref for change in plan.changes}
    untouched = {one.ref: one for one in release.sent if one.ref not in undone}
    written = {one.ref: one for one in outcome.sent}
    kept = {
        change.ref: sent(change.ref, change.body, change.live)
        for change in plan.changes
        if change.op is Op.KEEP and change.body is not None and change.live is not None
    }
    return tuple(one for _, one in sorted({**untouched, **kept, **written}.items()))


def _workloads(release: Release, observation: Observation) -> tuple[Workload, ...]:
    known: Mapping[Ref, Workload] = {one.ref: one for one in release.workloads}
    found = {one.ref: one for one in workloads(observation) if one.ref in release.refs}
    return tuple({**known, **found}.values())
