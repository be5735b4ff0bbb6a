"""``lastgood run``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lastgood.cli import candidates
from lastgood.cli.options import (
    HOW_IT_RUNS,
    WHAT_TO_DEPLOY,
    Choice,
    Duration,
    Number,
    Setting,
    argument,
    command,
    health_rules,
    hold,
    option,
)

if TYPE_CHECKING:
    from lastgood.cli.page import Page
    from lastgood.cli.running import Open, Session
    from lastgood.pipelines.grounds import Given
    from lastgood.pipelines.journal import Journal, Note
    from lastgood.pipelines.journal import Path as Node
    from lastgood.pipelines.running import Outside


def run(session: Session, file: str, resume: str, **flags: Any) -> int:
    """Run a stage or a pipeline: its steps, and what rolls them back.

    FILE holds a stage, or a pipeline of stages. Services, environments, infrastructure and overrides are found beside
    it. What became of each step is written down in the cluster, so that a run that was cut off can be gone on with.
    """
    from lastgood.cli.pages.run import RunPage  # noqa: PLC0415  # --help needs none of it
    from lastgood.cli.pipeline import given, read_pipeline, refuse_namespace  # noqa: PLC0415
    from lastgood.pipelines.running import run as run_pipeline  # noqa: PLC0415

    refuse_namespace(session, beside="run")
    pipeline, found = read_pipeline(session, file), given(session, file, flags)

    async def work(opens: Open) -> Page:
        outside = _outside(session, opens, found, flags)
        journal: Journal = await run_pipeline(pipeline, found, outside, resuming="" if resume == "no" else resume)
        return RunPage(journal, session.seconds)

    return session.several(
        work, hint="the same with --resume goes on; with --resume=rollback what it did is taken back"
    )


def _outside(session: Session, opens: Open, given: Given, flags: dict[str, Any]) -> Outside:
    import secrets  # noqa: PLC0415

    from lastgood.cli.asking import asking  # noqa: PLC0415
    from lastgood.cli.pipeline import connecting  # noqa: PLC0415
    from lastgood.cli.sources import options  # noqa: PLC0415
    from lastgood.model.event import Printed, Stepped  # noqa: PLC0415
    from lastgood.pipelines.running import Outside  # noqa: PLC0415

    def tell(note: Note) -> None:
        session.report.tell(Stepped(note.path, note.mark.value, note.sentence, note.tried))

    def hear(path: Node, line: str) -> None:
        session.report.tell(Printed(path, line))

    return Outside(
        connect=connecting(opens, given.connectors),
        options=options(session.outside, flags),
        ask=asking(session),
        tell=tell,
        hear=hear,
        mark=secrets.token_hex(2),
        environment=_environment(session),
    )


def _environment(session: Session) -> dict[str, str]:
    """That of scripts: ours, and the kubeconfig under the name that the product gives it."""
    env = dict(session.outside.env)
    named = session.where.get("kubeconfig") or env.get("KUBECONFIG") or str(Path("~/.kube/config").expanduser())
    return {**env, "HARNESS_KUBE_CONFIG_PATH": named}


def _flags() -> list[Any]:
    many: dict[str, Any] = {"multiple": True, "metavar": "KEY=VALUE", "type": Setting(), "heading": WHAT_TO_DEPLOY}
    return [
        argument("file", metavar="FILE", shell_complete=candidates.files),
        option("--root", heading=WHAT_TO_DEPLOY, metavar="DIR", shell_complete=candidates.folders,
               help="Where services, environments and overrides are; the folder of FILE by default."),
        option("--file-store", heading=WHAT_TO_DEPLOY, metavar="DIR", shell_complete=candidates.folders,
               help="Where the files of services are; that of --root by default."),
        option("--var", **many, help="A variable of the pipeline."),
        option("--input", heading=WHAT_TO_DEPLOY, metavar="FILE", shell_complete=candidates.files,
               help="What is given for each <+input>, with the keys of the files that ask."),
        option("--artifact", heading=WHAT_TO_DEPLOY, multiple=True, metavar="[ID=]IMAGE",
               help="The image of the services' primary artifact, or of the one with this ID."),
        option("--connector", **many | {"metavar": "ID=PLACE"},
               help="Where a connector leads: the address of a repository or registry, a context of the kubeconfig."),
        option("--secrets", heading=WHAT_TO_DEPLOY, metavar="FILE", shell_complete=candidates.files,
               help="Secrets by their IDs; LASTGOOD_SECRET_ID in the environment is another place."),
        option("--create-namespace", heading=WHAT_TO_DEPLOY, is_flag=True, help="Make namespaces that are not there."),
        option("--resume", heading=HOW_IT_RUNS, type=Choice(["no", "continue", "rollback"]), is_flag=False,
               flag_value="continue", default="no",
               help="Go on with a run that was cut off, or take back what it did; alone it means continue."),
        hold(HOW_IT_RUNS),
        option("--wait-lock", heading=HOW_IT_RUNS, type=Duration(), default="10m", show_default=True,
               help="How long to wait for another run of the same release; 0 does not wait."),
        option("--history-max", heading=HOW_IT_RUNS, type=Number(min=2), default=10, show_default=True,
               metavar="NUMBER", help="How many good releases to keep; failed ones do not count."),
        option("--strict", heading=HOW_IT_RUNS, is_flag=True,
               help="Fields that controllers rewrote count as differences."),
        health_rules(HOW_IT_RUNS),
        option("--why", heading=HOW_IT_RUNS, default="", metavar="TEXT", help="A sentence for the history."),
    ]  # fmt: skip


COMMAND = command(
    run,
    _flags(),
    "# what is beside it is found by itself",
    "run pipeline.yaml --artifact registry.example/shop:1.5",
    "# variables of the pipeline, and another cluster for a connector",
    "run deploy/pipeline.yaml --var smokeTest=true --connector production=prod-cluster",
    "# after a run that was cut off",
    "run pipeline.yaml --artifact registry.example/shop:1.5 --resume",
    "# each step as it happens, for a program",
    "run pipeline.yaml -o jsonl | jq -r 'select(.type == \"Stepped\").state'",
    see=("lint", "deploy", "docs/pipelines.md"),
)  # fmt: skip
