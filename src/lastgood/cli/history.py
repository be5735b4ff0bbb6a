"""``lastgood history``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lastgood.cli.options import command, release_name

if TYPE_CHECKING:
    from lastgood.cli.pages.history import HistoryPage
    from lastgood.cli.running import Session
    from lastgood.deployer import Deployer


def history(session: Session, name: str) -> int:
    """List the releases of a name, newest first."""
    from lastgood.cli.pages.history import HistoryPage  # noqa: PLC0415  # --help needs none of it

    async def question(deployer: Deployer) -> HistoryPage:
        return HistoryPage(await deployer.history(name))

    return session.ask(question)


COMMAND = command(
    history,
    [release_name()],
    "history shop -n prod",
    "# which release would a failed deploy come back to?",
    "history shop -o json | jq '.items[] | select(.lastGood)'",
    see=("show", "rollback", "verify"),
)
