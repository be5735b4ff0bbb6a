"""``lastgood plan``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lastgood.cli.desired import desired
from lastgood.cli.options import command, option

if TYPE_CHECKING:
    from lastgood.cli.pages.plan import PlanPage
    from lastgood.cli.running import Session
    from lastgood.deployer import Deployer

DIFFERENCE = 6


def plan(session: Session, **flags: Any) -> int:
    """Show what deploy would do, and whether there is a way back.

    Takes what deploy takes, changes nothing, and tells every field that would change. Values of Secrets are masked.
    """
    from lastgood.cli.sources import options, read  # noqa: PLC0415  # --help needs none of it

    source, run_options = read(session, flags), options(session.outside, flags)
    for warning in source.warnings:
        session.report.warn(warning)

    async def question(deployer: Deployer) -> PlanPage:
        await deployer.plan(source.request(deployer.namespace, prune=flags["prune"], options=run_options))
        return _page(session, tell_difference=flags["exit_code"])

    return session.ask(question)


def _page(session: Session, *, tell_difference: bool) -> PlanPage:
    from lastgood.cli.pages.plan import PlanPage  # noqa: PLC0415
    from lastgood.model.event import Planned  # noqa: PLC0415

    planned = session.story.last(Planned)
    assert planned is not None
    differs = tell_difference and bool(planned.plan.writes)
    return PlanPage(planned.release, planned.plan, planned.last_good, DIFFERENCE if differs else 0)


EXIT_CODE = option("--exit-code", is_flag=True, help="Leave with 6 if anything would change.")
COMMAND = command(plan, [*desired(), EXIT_CODE], "plan -f k8s/ --name shop -n prod")
