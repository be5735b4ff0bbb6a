"""Answering with a plan: what ``plan`` does, and every ``--dry-run``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from lastgood.cli.commands import DIFFERENCE
from lastgood.model.event import Planned

if TYPE_CHECKING:
    from lastgood.cli.pages.plan import PlanPage
    from lastgood.cli.running import Session
    from lastgood.deployer import Deployer


def ask_plan(session: Session, work: Callable[[Deployer], Awaitable[Any]], *, tell_difference: bool = False) -> int:
    """Show the plan that ``work`` makes; nothing is changed. ``tell_difference`` leaves with 6 if anything would be."""
    from lastgood.cli.pages.plan import PlanPage  # noqa: PLC0415  # a run that is no dry run shows no plan

    session.dry = True

    async def question(deployer: Deployer) -> PlanPage:
        await work(deployer)
        planned = session.story.last(Planned)
        assert planned is not None
        differs = tell_difference and any(phase.writes for phase in planned.plan.phases)
        return PlanPage(planned.release, planned.plan, planned.last_good, DIFFERENCE if differs else 0)

    return session.ask(question)
