"""``lastgood deploy``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lastgood.cli.desired import desired, strategy
from lastgood.cli.options import HOW_IT_RUNS, command, dry_run, option, running

if TYPE_CHECKING:
    from lastgood.cli.running import Session
    from lastgood.deployer import Deployer
    from lastgood.model.request import Request


def deploy(session: Session, **flags: Any) -> int:
    """Make a release live; on failure, bring the last good one back.

    FILES are manifests: files, folders, or - for stdin. Waits until every workload is healthy, proves that what is
    live is what was asked for, and records it. If that fails, the last good release is brought back, and proved.
    """
    from lastgood.cli.planned import ask_plan  # noqa: PLC0415  # --help needs none of it
    from lastgood.cli.sources import announce, options, read  # noqa: PLC0415

    source, run_options = read(session, flags), options(session.outside, flags)
    announce(session, source)

    def request(deployer: Deployer) -> Request:
        return source.request(deployer.namespace, flags, run_options)

    if flags["dry_run"] == "server":
        return ask_plan(session, lambda deployer: deployer.plan(request(deployer)))
    session.keep_evidence(flags["evidence_dir"])
    return session.release(source.name, lambda deployer: deployer.deploy(request(deployer)))


COMMAND = command(
    deploy,
    [
        *desired(),
        *strategy(),
        option(
            "--staged", heading=HOW_IT_RUNS, is_flag=True,
            help="Stop once it is healthy beside the live release; promote, swap or abort goes on.",
        ),
        dry_run(),
        *running(),
        option(
            "--clean-up", heading=HOW_IT_RUNS, is_flag=True,
            help="Delete what a failed first release made; it has nothing to go back to.",
        ),
    ],
    "# a folder of manifests",
    "deploy -f k8s/ --name shop -n prod",
    "# a service, with the image that was just built",
    "deploy --service service.yaml --file-store . --artifact registry.example/web:1.5 -n prod",
    "# all of it beside what is live; then traffic is swapped, and swapped back if it does not stay healthy",
    "deploy -f k8s/ --name shop --strategy blue-green --hold 2m",
    "# from another tool, and why it failed for a script",
    "deploy -f - --name shop --timeout 3m -o json < rendered.yaml | jq -r '.failures[].cause.sentence'",
    "# each event as it happens, for a program",
    "deploy -f k8s/ --name shop -n prod -o jsonl | jq -r .type",
    "# workloads go back as by kubectl rollout undo; on Ctrl-C too",
    "deploy k8s/ --name shop --mode standard --on-interrupt restore",
    see=("plan", "show", "rollback", "docs/modes.md", "docs/strategies.md", "docs/service-yaml.md"),
)  # fmt: skip
