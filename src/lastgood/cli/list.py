"""``lastgood list``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lastgood.cli.commands import codes
from lastgood.cli.options import command, option

if TYPE_CHECKING:
    from lastgood.cli.pages.listing import ListPage
    from lastgood.cli.running import Session
    from lastgood.deployer import Deployer


def list_(session: Session, *, all_namespaces: bool) -> int:
    """List the releases of a namespace, or of all.

    One line for each name: the release that is good, the newest attempt, and how that ended. Reads the records alone:
    whether what is recorded is live is what status and verify tell.
    """
    from lastgood.cli.pages.listing import ListPage  # noqa: PLC0415  # --help needs none of it

    async def question(deployer: Deployer) -> ListPage:
        listed = await deployer.list(everywhere=all_namespaces)
        return ListPage(listed, "" if all_namespaces else deployer.namespace)

    return session.ask(question)


ALL = option("-A", "--all-namespaces", is_flag=True, help="Those of all namespaces.")
COMMAND = command(
    list_,
    [ALL],
    "list -n prod",
    "list -A",
    "# the names of the releases whose newest attempt failed",
    "list -A -o json | jq -r '.items[] | select(.latest.state == \"failed\").name'",
    exits=codes(0, 2, 4),
    see=("status", "history"),
)
