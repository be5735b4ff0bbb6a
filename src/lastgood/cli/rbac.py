"""``lastgood rbac``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lastgood.cli import candidates
from lastgood.cli.desired import desired
from lastgood.cli.options import WHAT_TO_DEPLOY, Flag, Setting, command, option, under

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lastgood.cli.pages.rbac import RbacPage
    from lastgood.cli.running import Open, Session
    from lastgood.deployer import Deployer
    from lastgood.model.permission import Permissions

ACCOUNT = "lastgood"
ONLY_BESIDE_RUN = ("root", "var", "stage")
NOT_BESIDE_RUN = ("files", "filename", "name", "service", "set_variable", "infra", "mode", "take_over", "read_only")


def rbac(session: Session, **flags: Any) -> int:
    """Print the roles that somebody needs to deploy these manifests.

    For kubectl apply -f -. Takes what deploy takes and changes nothing: the cluster says how it serves each kind, and
    the history what may have to come back. With --run they are for lastgood run. With --read-only the roles are for
    commands that only look: not for plan, since it asks the API in dry runs, and RBAC does not tell those from writes.
    """
    from lastgood.cli.pages.rbac import RbacPage  # noqa: PLC0415  # --help needs none of it

    _refuse_two(flags)

    def page(permissions: Permissions) -> RbacPage:
        return RbacPage(permissions, flags["service_account"] or ACCOUNT, flags["user"] or "")

    return (_of_a_run if flags["run"] else _of_a_release)(session, flags, page)


def _of_a_release(session: Session, flags: dict[str, Any], page: Callable[[Permissions], RbacPage]) -> int:
    from lastgood.cli.sources import announce, options, read  # noqa: PLC0415

    _refuse(flags, ONLY_BESIDE_RUN, "means something only beside --run")
    source, run_options = read(session, flags), options(session.outside, flags)
    announce(session, source)

    async def question(deployer: Deployer) -> RbacPage:
        request = source.request(deployer.namespace, flags, run_options)
        return page(await deployer.permissions(request, looking=flags["read_only"]))

    return session.ask(question)


def _of_a_run(session: Session, flags: dict[str, Any], page: Callable[[Permissions], RbacPage]) -> int:
    from lastgood.cli.pipeline import connecting, given, read_pipeline, refuse_namespace  # noqa: PLC0415
    from lastgood.cli.sources import options  # noqa: PLC0415
    from lastgood.pipelines.grounds import Grounds  # noqa: PLC0415
    from lastgood.pipelines.permitting import permissions  # noqa: PLC0415

    _refuse(flags, NOT_BESIDE_RUN, "cannot stand beside --run: the files of the pipeline say it")
    refuse_namespace(session, beside="--run")
    pipeline, found = read_pipeline(session, flags["run"]), given(session, flags["run"], flags)

    async def question(opens: Open) -> RbacPage:
        connect, run_options = connecting(opens, found.connectors), options(session.outside, flags)
        return page(await permissions(Grounds(pipeline, found), connect, run_options, only=flags["stage"]))

    return session.ask_several(question)


def _refuse(flags: dict[str, Any], names: Iterable[str], why: str) -> None:
    from lastgood.errors import SettingError  # noqa: PLC0415

    for name in (one for one in names if flags[one]):
        spelled = "FILES" if name == "files" else f"--{name.replace('_', '-')}"
        raise SettingError(f"{spelled} {why}", hint="leave one out")


def _refuse_two(flags: dict[str, Any]) -> None:
    from lastgood.errors import SettingError  # noqa: PLC0415

    if flags["user"] and flags["service_account"]:
        raise SettingError("--user cannot stand beside --service-account", hint="leave one out")


@under(WHAT_TO_DEPLOY)
def of_a_run() -> list[Flag]:
    """A pipeline in place of manifests."""
    many: dict[str, Any] = {"multiple": True, "metavar": "KEY=VALUE", "type": Setting()}
    return [
        option("--run", metavar="FILE", shell_complete=candidates.files,
               help="A stage or a pipeline, in place of FILES: what lastgood run needs for it."),
        option("--root", metavar="DIR", shell_complete=candidates.folders,
               help="Where services, environments and overrides are; the folder of --run by default."),
        option("--var", **many, help="A variable of the pipeline."),
        option("--stage", multiple=True, metavar="ID", help="Only for this stage; may stand several times."),
    ]  # fmt: skip


COMMAND = command(
    rbac,
    [
        *desired(),
        *of_a_run(),
        option("--user", metavar="NAME", help="Who is to have the rights; a ServiceAccount by default."),
        option(
            "--service-account", metavar="NAME",
            help="The ServiceAccount that is to have them, in the release's namespace; lastgood by default.",
        ),
        option("--read-only", is_flag=True, help="Only what list, history, show, status, verify and diff need."),
    ],
    "rbac -f k8s/ --name shop -n prod | kubectl apply -f -",
    "# for lastgood run",
    "rbac --run pipeline.yaml --artifact registry.example/shop:1.5 | kubectl apply -f -",
    "# for somebody who only looks",
    "rbac -f k8s/ --name shop -n prod --read-only --user ann",
    see=("deploy", "run", "docs/permissions.md"),
)  # fmt: skip
