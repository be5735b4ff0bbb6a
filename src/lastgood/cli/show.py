"""``lastgood show``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lastgood.cli.options import Number, argument, command, release_name

if TYPE_CHECKING:
    from lastgood.cli.pages.release import ReleasePage
    from lastgood.cli.running import Session
    from lastgood.deployer import Deployer


def show(session: Session, name: str, number: int | None) -> int:
    """Show one release, with what is kept of its failure.

    Without NUMBER, the newest. Of a failure are kept the states of containers, their last lines, and events, as they
    were before they were undone.
    """
    from lastgood.cli.pages.release import ReleasePage  # noqa: PLC0415  # --help needs none of it

    async def question(deployer: Deployer) -> ReleasePage:
        return ReleasePage(await deployer.show(name, number))

    return session.ask(question)


NUMBER = argument("number", type=Number(min=1), required=False, metavar="[NUMBER]")
COMMAND = command(show, [release_name(), NUMBER], "show shop -n prod", "show shop 5 -o json | jq .evidence")
