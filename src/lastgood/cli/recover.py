"""``lastgood recover``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lastgood.cli.commands import run_codes
from lastgood.cli.options import command, release_name, running

if TYPE_CHECKING:
    from lastgood.cli.running import Session


def recover(session: Session, name: str, **flags: Any) -> int:
    """Finish what an interrupted run left undone, or undo it.

    A release that turns out to be live, healthy and proved is recorded as good; otherwise the last good one is
    brought back. Does nothing when nothing is pending.
    """
    from lastgood.cli.sources import options  # noqa: PLC0415  # --help needs none of it

    run_options = options(session.outside, flags)
    session.keep_evidence(flags["evidence_dir"])
    return session.release(name, lambda deployer: deployer.recover(name, options=run_options))


COMMAND = command(
    recover,
    [release_name(), *running()],
    "recover shop -n prod",
    "# before a pipeline starts: wait for another run for a minute at most",
    "recover shop -n prod --wait-lock 1m -o json | jq -r .outcome",
    exits=run_codes(0, 2, 3, 4, 5, 130, 143) | {0: "nothing was pending, or it is finished or undone"},
    see=("history", "rollback"),
)
