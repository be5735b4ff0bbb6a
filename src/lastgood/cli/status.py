"""``lastgood status``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lastgood.cli.commands import DIFFERENCE, codes
from lastgood.cli.options import EXIT_CODE, command, health_rules, release_name

if TYPE_CHECKING:
    from lastgood.cli.pages.status import StatusPage
    from lastgood.cli.running import Session
    from lastgood.deployer import Deployer


def status(session: Session, name: str, *, exit_code: bool) -> int:
    """Tell what is live, whether it is healthy, and what was tried last.

    Who deployed it and when, whether it still is as recorded, how the newest attempt ended, and which run is at work.
    """
    from lastgood.cli.pages.status import StatusPage  # noqa: PLC0415  # --help needs none of it

    async def question(deployer: Deployer) -> StatusPage:
        found = await deployer.status(name)
        return StatusPage(found, 0 if found.holds or not exit_code else DIFFERENCE)

    return session.ask(question)


COMMAND = command(
    status,
    [release_name(), EXIT_CODE, health_rules()],
    "status shop -n prod",
    "# in a script: is the last good release live, as recorded and healthy?",
    "status shop -n prod --exit-code",
    "status shop -o json | jq .proof.holds",
    exits=codes(0, 2, 4, 5)
    | {0: "done; with --exit-code, the last good release is live and healthy", 6: "with --exit-code: it is not"},
    see=("verify", "diff", "history", "recover"),
)
