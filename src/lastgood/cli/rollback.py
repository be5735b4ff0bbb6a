"""``lastgood rollback``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lastgood.cli import candidates
from lastgood.cli.options import Number, command, dry_run, option, release_name, running

if TYPE_CHECKING:
    from lastgood.cli.running import Session


def rollback(session: Session, name: str, to: int | None, dry_run: str, **flags: Any) -> int:
    """Go back to an earlier good release.

    Without --to, to the newest good release whose content differs from what is live. The history goes on: going back
    is a new release. If it fails, what was live before is brought back.
    """
    from lastgood.cli.planned import ask_plan  # noqa: PLC0415  # --help needs none of it
    from lastgood.cli.sources import options  # noqa: PLC0415

    run_options = options(session.outside, flags)
    if dry_run == "server":
        return ask_plan(session, lambda deployer: deployer.plan_rollback(name, to=to, options=run_options))
    session.keep_evidence(flags["evidence_dir"])
    return session.release(name, lambda deployer: deployer.rollback(name, to=to, options=run_options))


COMMAND = command(
    rollback,
    [
        release_name(),
        option("--to", type=Number(min=1), metavar="NUMBER", shell_complete=candidates.numbers,
               help="The release to go back to."),
        option("--force", is_flag=True, help="Go to a release that failed, too."),
        dry_run(),
        *running(),
    ],
    "rollback shop -n prod",
    "# what would that change?",
    "rollback shop -n prod --dry-run",
    "# to a release of the history, and why",
    "rollback shop --to 3 -n prod --why 'the search is slow'",
    see=("history", "diff", "recover", "docs/modes.md"),
)  # fmt: skip
