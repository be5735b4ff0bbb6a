"""``lastgood health``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lastgood.cli import candidates
from lastgood.cli.commands import DIFFERENCE, codes
from lastgood.cli.options import Flag, argument, command, health_rules, option, under

if TYPE_CHECKING:
    from lastgood.cli.pages.health import HealthPage
    from lastgood.cli.running import Session
    from lastgood.deployer import Deployer
    from lastgood.model.diagnosis import Diagnosis, Examined


def health(session: Session, *, files: Sequence[str], filename: Sequence[str], **flags: Any) -> int:
    """Say how objects are, and why: those that a cluster wrote down, or those in it.

    FILES are what kubectl get prints as YAML or JSON; no cluster is asked. Pods, ReplicaSets and events among them
    explain what they belong to. Without FILES it is told of what lives in the namespace.
    """
    sources = [*files, *filename]
    _refuse(session, sources, flags)
    if sources:
        page = _page(_offline(session, sources, recursive=flags["recursive"]), flags)
        session.report.show(page)
        return page.exit_code

    async def question(deployer: Deployer) -> HealthPage:
        examined = await _online(session, deployer, flags["release"], everything=flags["everything"])
        if examined.unseen:
            session.report.warn(f"these kinds could not be read: {', '.join(examined.unseen)}")
        return _page(examined.diagnoses, flags)

    return session.ask(question)


def _offline(session: Session, sources: Sequence[str], *, recursive: bool) -> tuple[Diagnosis, ...]:
    from lastgood.diagnosing import diagnose  # noqa: PLC0415  # --help needs none of it
    from lastgood.loading import read_snapshot  # noqa: PLC0415

    return diagnose(read_snapshot(sources, stdin=session.outside.stdin, recursive=recursive), session.rules)


async def _online(session: Session, deployer: Deployer, release: str | None, *, everything: bool) -> Examined:
    from lastgood.examining import examine, examine_refs  # noqa: PLC0415  # what is in files needs none of it

    if not release:
        return await examine(deployer.cluster, deployer.namespace, everything=everything, rules=session.rules)
    good = (await deployer.history(release)).last_good
    shown = await deployer.show(release, good.number if good else None)
    return await examine_refs(deployer.cluster, [one.ref for one in shown.resources], session.rules)


def _page(diagnoses: tuple[Diagnosis, ...], flags: dict[str, Any]) -> HealthPage:
    from lastgood.cli.pages.health import HealthPage  # noqa: PLC0415  # --help needs none of it
    from lastgood.model.health import Status  # noqa: PLC0415

    all_well = all(one.health.status is Status.CURRENT for one in diagnoses)
    code = DIFFERENCE if flags["exit_code"] and not all_well else 0
    return HealthPage(diagnoses, code, explain=flags["explain"])


def _refuse(session: Session, sources: Sequence[str], flags: dict[str, Any]) -> None:
    """What cannot stand beside what."""
    from lastgood.errors import SettingError  # noqa: PLC0415  # --help needs none of it

    online = {"--namespace": session.where.get("namespace"), "--name": flags["release"], "--all": flags["everything"]}
    given = next((flag for flag, value in online.items() if value), "")
    if sources and given:
        raise SettingError(f"{given} asks a cluster, and cannot stand beside {sources[0]}", hint="leave one out")
    if flags["recursive"] and not sources:
        raise SettingError("--recursive means something only beside a folder")
    if flags["release"] and flags["everything"]:
        raise SettingError("--all is about a namespace, and cannot stand beside --name", hint="leave one out")


@under("What to look at")
def looked_at() -> list[Flag]:
    """Files, a namespace, or a release."""
    files: dict[str, Any] = {"metavar": "FILE", "shell_complete": candidates.files}
    return [
        argument("files", nargs=-1, metavar="[FILES]...", shell_complete=candidates.files),
        option("-f", "--filename", **files, multiple=True,
               help="A file, a folder, or - for stdin; the same as FILES."),
        option("-R", "--recursive", is_flag=True, help="Read the sub-folders of folders too."),
        option("--name", "release", metavar="NAME", shell_complete=candidates.releases,
               help="In place of FILES: what this release is made of."),
        option("--all", "everything", is_flag=True,
               help="In a namespace: what belongs to an owner, and what has no status, too."),
    ]  # fmt: skip


COMMAND = command(
    health,
    [
        *looked_at(),
        option("--explain", is_flag=True, help="Name the rule that spoke, where it comes from, and every cause."),
        option("--exit-code", is_flag=True, help="Leave with 6 unless all are Current."),
        health_rules(),
    ],
    "# kubectl get deploy,rs,pods,events -n prod -o yaml > now.yaml",
    "health now.yaml --explain",
    "# or piped: kubectl get ... -o yaml | lastgood health -",
    "# what is not well in a namespace?",
    "health -n prod -o name",
    "# in a script: is everything well that the release is made of?",
    "health --name shop -n prod --exit-code",
    "health now.yaml -o json | jq -r '.[] | select(.status == \"Failed\").message'",
    exits=codes(0, 2, 4, 5) | {0: "done, whatever the statuses are", 6: "with --exit-code: not all are Current"},
    see=("status", "verify", "docs/health.md"),
)
