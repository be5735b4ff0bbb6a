"""``lastgood uninstall``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lastgood.cli import candidates
from lastgood.cli.commands import run_codes
from lastgood.cli.options import argument, command, dry_run, option, running, timeout

if TYPE_CHECKING:
    from lastgood.cli.running import Session

RUNNING = ("wait_lock", "why")
"""The flags of a run that mean something here: nothing is restored, and no history is kept to be shortened."""


def uninstall(session: Session, name: str, *, everything: bool, keep_history: bool, dry_run: str, **flags: Any) -> int:
    """Delete what the releases of a name have made, and their history.

    Goes in the opposite order of deploying, and waits until everything is gone. Namespaces, definitions and volume
    claims stay, and are named, unless --all; what carries harness.io/skipPruning stays in any case.
    """
    from lastgood.cli.planned import ask_plan  # noqa: PLC0415  # --help needs none of it
    from lastgood.cli.sources import options  # noqa: PLC0415

    run = options(session.outside, flags)
    if dry_run == "server":
        return ask_plan(session, lambda deployer: deployer.plan_uninstall(name, everything=everything, options=run))
    return session.release(
        name,
        lambda deployer: deployer.uninstall(name, everything=everything, keep_history=keep_history, options=run),
    )


COMMAND = command(
    uninstall,
    [
        argument(
            "name", metavar="NAME", shell_complete=candidates.releases
        ),  # typed, even where a configuration knows it: this cannot be taken back
        option(
            "--all", "everything", is_flag=True, help="Namespaces, definitions and volume claims too, with their data."
        ),
        option("--keep-history", is_flag=True, help="Keep the records; rollback --to brings one of them back."),
        dry_run(),
        timeout("How long to wait until everything is gone."),
        *(flag for flag in running() if flag.name in RUNNING),
    ],
    "# what would go, and what would stay?",
    "uninstall shop -n prod --dry-run",
    "uninstall shop -n prod",
    "# so that rollback --to can bring it back",
    "uninstall shop -n prod --keep-history --timeout 2m",
    exits=run_codes(0, 2, 3, 4, 5, 130, 143) | {3: "something is still there: the same again goes on from that"},
    see=("list", "history", "recover"),
)
