"""``lastgood swap``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lastgood.cli.options import command, dry_run, release_name, running

if TYPE_CHECKING:
    from lastgood.cli.running import Session


def swap(session: Session, name: str, dry_run: str, **flags: Any) -> int:
    """Swap a staged blue-green release and the live one; no pod is touched.

    Traffic goes to the new colour, and the stage to the old one. If the new one does not stay healthy for --hold, both
    Services are swapped back. A swap that was cut off is finished.
    """
    from lastgood.cli.planned import ask_plan  # noqa: PLC0415  # --help needs none of it
    from lastgood.cli.sources import options  # noqa: PLC0415

    run_options = options(session.outside, flags)
    if dry_run == "server":
        return ask_plan(session, lambda deployer: deployer.plan_promotion(name, swap=True, options=run_options))
    session.keep_evidence(flags["evidence_dir"])
    return session.release(name, lambda deployer: deployer.swap(name, options=run_options))


COMMAND = command(
    swap,
    [release_name(), dry_run(), *running()],
    "swap shop -n prod",
    "# watch it with traffic on it, and swap back by itself",
    "swap shop -n prod --hold 5m",
    see=("deploy", "promote", "abort", "rollback", "docs/strategies.md"),
)
