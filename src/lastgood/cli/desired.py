"""The flags that say what is to be live: for ``deploy`` and ``plan``."""

from __future__ import annotations

from typing import Any

from lastgood.cli import candidates
from lastgood.cli.options import HOW_IT_RUNS, WHAT_TO_DEPLOY, Choice, Flag, Setting, argument, option, under


@under(HOW_IT_RUNS)
def strategy() -> list[Flag]:
    """How the release takes the place of the one before."""
    return [
        option(
            "--strategy", type=Choice(["rolling", "canary", "blue-green"]), default="rolling", show_default=True,
            help="How it takes the place of the live release: in place, after a few pods beside it, or by a swap of "
            "Services.",
        ),
        option("--canary", default="1", show_default=True, metavar="SIZE",
               help="How many pods a canary has: 2, or 25%."),
    ]  # fmt: skip


def desired() -> list[Flag]:
    """Files or a service, what they are to be called, and how they are deployed."""
    return [*_named(), *_given(), *_treated()]


@under(WHAT_TO_DEPLOY)
def _named() -> list[Flag]:
    """What is read."""
    many: dict[str, Any] = {"multiple": True, "metavar": "FILE"}
    return [
        argument("files", nargs=-1, metavar="[FILES]...", shell_complete=candidates.files),
        option("-f", "--filename", **many, shell_complete=candidates.files,
               help="A file, a folder, or - for stdin; the same as FILES."),
        option("-R", "--recursive", is_flag=True, help="Read the sub-folders of folders too."),
        option("--name", metavar="NAME", shell_complete=candidates.releases,
               help="What the release is called; a service knows it already."),
        option("--service", metavar="FILE", shell_complete=candidates.files,
               help="A service's YAML, in place of FILES."),
        option("--file-store", metavar="DIR", shell_complete=candidates.folders,
               help="Where the files of a service are; its own folder by default."),
    ]  # fmt: skip


@under(WHAT_TO_DEPLOY)
def _given() -> list[Flag]:
    """What a service is given."""
    many: dict[str, Any] = {"multiple": True, "metavar": "KEY=VALUE", "type": Setting()}
    return [
        option("--set-variable", "--set", **many, help="A service variable."),
        option("--artifact", multiple=True, metavar="[ID=]IMAGE",
               help="The image of a service's primary artifact, or of the one with this ID."),
        option("--infra", **many, help="A value for <+infra.KEY>."),
        option("--connector", **many | {"metavar": "ID=URL"},
               help="Where a connector of a service leads: a repository, or a registry."),
        option("--input", metavar="FILE", shell_complete=candidates.files,
               help="What is given for each <+input> of a service."),
        option("--secrets", metavar="FILE", shell_complete=candidates.files,
               help="Secrets by their IDs; LASTGOOD_SECRET_ID in the environment is another place."),
    ]  # fmt: skip


@under(WHAT_TO_DEPLOY)
def _treated() -> list[Flag]:
    """How what is read becomes live."""
    return [
        option(
            "--mode", type=Choice(["declarative", "standard"]),
            help="How bare files are rolled back: all of them (declarative, the default), or workloads only, as "
            "kubectl rollout undo does.",
        ),
        option(
            "--prune/--no-prune", default=None,
            help="Whether to delete what no release wants any more; declarative releases do, standard ones do not.",
        ),
        option(
            "--on-conflict", type=Choice(["take", "keep", "fail"]), default="take", show_default=True,
            help="What to do about fields that somebody else changed: take them, leave them, or refuse.",
        ),
        option("--create-namespace", is_flag=True, help="Make the release's namespace if there is none."),
        option("--take-over", is_flag=True, help="Take resources that another release owns."),
    ]  # fmt: skip
