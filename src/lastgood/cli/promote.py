"""``lastgood promote``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lastgood.cli.options import command, dry_run, release_name, running

if TYPE_CHECKING:
    from lastgood.cli.running import Session


def promote(session: Session, name: str, dry_run: str, **flags: Any) -> int:
    """Let a staged release take the place of the live one.

    A canary is deleted and its release rolls out; of blue-green, the Services are swapped. If that fails, what was live
    before is brought back. A swap that was cut off is finished.
    """
    from lastgood.cli.planned import ask_plan  # noqa: PLC0415  # --help needs none of it
    from lastgood.cli.sources import options  # noqa: PLC0415

    run_options = options(session.outside, flags)
    if dry_run == "server":
        return ask_plan(session, lambda deployer: deployer.plan_promotion(name, options=run_options))
    session.keep_evidence(flags["evidence_dir"])
    return session.release(name, lambda deployer: deployer.promote(name, options=run_options))


COMMAND = command(
    promote,
    [release_name(), dry_run(), *running()],
    "promote shop -n prod",
    "# what would that change?",
    "promote shop -n prod --dry-run",
    see=("deploy", "swap", "abort", "docs/strategies.md"),
)
