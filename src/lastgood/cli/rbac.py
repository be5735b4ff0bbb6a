"""``lastgood rbac``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lastgood.cli.desired import desired
from lastgood.cli.options import command, option

if TYPE_CHECKING:
    from lastgood.cli.pages.rbac import RbacPage
    from lastgood.cli.running import Session
    from lastgood.deployer import Deployer

ACCOUNT = "lastgood"


def rbac(session: Session, **flags: Any) -> int:
    """Print the roles that somebody needs to deploy these manifests.

    For kubectl apply -f -. Takes what deploy takes and changes nothing: the cluster says how it serves each kind, and
    the history what may have to come back. With --read-only the roles are for commands that only look: not for plan,
    since it asks the API in dry runs, and RBAC does not tell those from writes.
    """
    from lastgood.cli.pages.rbac import RbacPage  # noqa: PLC0415  # --help needs none of it
    from lastgood.cli.sources import announce, options, read  # noqa: PLC0415

    _refuse_two(flags)
    source, run_options = read(session, flags), options(session.outside, flags)
    announce(session, source)

    async def question(deployer: Deployer) -> RbacPage:
        request = source.request(deployer.namespace, flags, run_options)
        permissions = await deployer.permissions(request, looking=flags["read_only"])
        return RbacPage(permissions, flags["service_account"] or ACCOUNT, flags["user"] or "")

    return session.ask(question)


def _refuse_two(flags: dict[str, Any]) -> None:
    from lastgood.errors import SettingError  # noqa: PLC0415

    if flags["user"] and flags["service_account"]:
        raise SettingError("--user cannot stand beside --service-account", hint="leave one out")


COMMAND = command(
    rbac,
    [
        *desired(),
        option("--user", metavar="NAME", help="Who is to have the rights; a ServiceAccount by default."),
        option(
            "--service-account", metavar="NAME",
            help="The ServiceAccount that is to have them, in the release's namespace; lastgood by default.",
        ),
        option("--read-only", is_flag=True, help="Only what list, history, show, status, verify and diff need."),
    ],
    "rbac -f k8s/ --name shop -n prod | kubectl apply -f -",
    "# for somebody who only looks",
    "rbac -f k8s/ --name shop -n prod --read-only --user ann",
    see=("deploy", "docs/permissions.md"),
)  # fmt: skip
