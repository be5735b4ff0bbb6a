"""The steps of an operation, done by the executor that also makes releases; and waiting. No record, no Lease."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from lastgood.errors import ClusterError
from lastgood.executing import Executor, Outcome
from lastgood.model.health import Ruling
from lastgood.model.operation import AS_USUAL, Done, Going, Touched
from lastgood.model.plan import Change, Op, Plan, Step, Wait
from lastgood.model.resource import Body, Ref
from lastgood.operating.site import Site
from lastgood.remembering import Written


async def carry_out(
    site: Site, steps: tuple[Step, ...], changes: tuple[Change, ...], *, within: float, going: Going | None = None
) -> Done:
    """Do the steps. What fails once something was written is told in the result, and before that raised.

    ``going`` is for steps that only delete: these are all done as far as they can be.
    """
    executor = _executor(site, within, going=going)
    try:
        outcome = await executor.run(Plan(steps, changes))
    except ClusterError as error:
        if not executor.written:
            raise
        return Done(tuple(_touched(executor, changes)), failure=str(error))
    return Done(tuple(_touched(executor, changes)), outcome.verdict, _failure(outcome))


async def wait(site: Site, done: Done, written: Mapping[Ref, Body], *, within: float) -> Done:
    """The same once all it touched is healthy, or not; ``written`` are the bodies that its writes led to."""
    executor = _executor(site, within)
    executor.written.update({ref: _as_written(body) for ref, body in written.items()})
    try:
        outcome = await executor.run(Plan((Wait(tuple(one.ref for one in done.touched)),), ()))
    except ClusterError as error:
        if not done.changed:
            raise
        return replace(done, failure=str(error))
    return Done(done.touched, outcome.verdict, _failure(outcome))


def _executor(site: Site, within: float, *, going: Going | None = None) -> Executor:
    until = site.clock.monotonic() + within
    executor = Executor(site.cluster, site.clock, _always, site.tell, until=until, stop_at_refusal=going is None)
    executor.going = going or AS_USUAL
    return executor


async def _always() -> None:
    """There is no Lease that could be lost."""


def _as_written(body: Body) -> Written:
    return Written(body["metadata"]["uid"], body["metadata"].get("generation", 0))


def _touched(executor: Executor, changes: tuple[Change, ...]) -> Iterator[Touched]:
    refused = {refusal.change.ref for refusal in executor.refused}
    for one in changes:
        if one.ref not in refused and (one.op in (Op.KEEP, Op.DELETE) or one.ref in executor.written):
            yield Touched(one.ref, one.op, one.note)


def _failure(outcome: Outcome) -> str:
    """What went wrong, in one sentence; empty when nothing did."""
    told = [f"{one.change.ref} could not be {_done(one.change)}: {one.error}" for one in outcome.refused]
    told += [outcome.verdict.sentence] if outcome.verdict.ruling is Ruling.FAIL else []
    return f"{told[0]} (and {len(told) - 1} more)" if len(told) > 1 else "".join(told)


def _done(change: Change) -> str:
    return "deleted" if change.op is Op.DELETE else "written"
