"""``lastgood plan``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lastgood.cli.commands import codes
from lastgood.cli.desired import desired, strategy
from lastgood.cli.options import EXIT_CODE, command, health_rules, hold

if TYPE_CHECKING:
    from lastgood.cli.running import Session


def plan(session: Session, **flags: Any) -> int:
    """Show what deploy would do, and whether there is a way back.

    Takes what deploy takes, changes nothing, and tells every field that would change. Values of Secrets are masked.
    """
    from lastgood.cli.planned import ask_plan  # noqa: PLC0415  # --help needs none of it
    from lastgood.cli.sources import announce, options, read  # noqa: PLC0415

    source, run_options = read(session, flags), options(session.outside, flags)
    announce(session, source)
    return ask_plan(
        session,
        lambda deployer: deployer.plan(source.request(deployer.namespace, flags, run_options)),
        tell_difference=flags["exit_code"],
    )


COMMAND = command(
    plan,
    [*desired(), *strategy(), EXIT_CODE, hold(), health_rules()],
    "plan -f k8s/ --name shop -n prod",
    "# in a pipeline: is there anything to deploy?",
    "plan -f k8s/ --name shop -n prod --exit-code > plan.txt",
    "# both phases of a release that is staged first",
    "plan -f k8s/ --name shop --strategy blue-green",
    "plan -f k8s/ --name shop -o json | jq .comingBack.possible",
    exits=codes(0, 2, 4, 5) | {0: "done; with --exit-code, nothing would change", 6: "something would change"},
    see=("deploy", "diff", "docs/living-with-others.md", "docs/strategies.md"),
)
