"""Flags: their types, and those that several commands share. A command is a value made of these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ParamSpec

import click

from lastgood.cli import candidates, durations
from lastgood.cli.commands import ASKED, RAN, RUNS
from lastgood.cli.formats import formats_of
from lastgood.cli.helping import EVERY_COMMAND, Command, Option

if TYPE_CHECKING:
    from lastgood.cli.running import Session
    from lastgood.model.rule import Rules

Flag = click.Parameter
Given = ParamSpec("Given")
TYPED = click.ParameterSource.COMMANDLINE
WHAT_TO_DEPLOY, HOW_IT_RUNS, OPTIONS = "What to deploy", "How it runs", "Options"


class Duration(click.ParamType[float]):
    """Seconds, written as Go writes durations."""

    name = "duration"

    def __init__(self, *, positive: bool = False) -> None:
        self._positive = positive

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds from text; seconds stay seconds."""
        if isinstance(value, float):
            return value
        try:
            seconds = durations.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if self._positive and not seconds:
            self.fail("must be longer than nothing", param, ctx)
        return seconds


class Setting(click.ParamType[tuple[str, str]]):
    """``KEY=VALUE``; the value may hold more of the same."""

    name = "key=value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """The two parts of the text."""
        if isinstance(value, tuple):
            return value
        key, equals, rest = value.partition("=")
        if not key or not equals:
            self.fail(f"{value!r} is not KEY=VALUE", param, ctx)
        return key, rest


class Number(click.IntRange):
    """A whole number that is not too small."""

    name = "number"


class BadChoice(click.BadParameter):
    """A value that is none of those there are."""

    def __init__(self, message: str, value: str, choices: Sequence[str], **where: Any) -> None:
        super().__init__(message, **where)
        self.value, self.choices = value, choices


class Choice(click.Choice[str]):
    """One of a few words; what is none of them is kept, so that the one that was meant can be guessed."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The word itself."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            raise BadChoice(error.message, str(value), self.choices, ctx=ctx, param=param) from None


def option(*names: str, heading: str = OPTIONS, **settings: Any) -> Option:
    """An option; its name in the code is that of the first long spelling. It stands under its heading in the help."""
    found = Option(list(names), **settings)
    found.heading = heading
    return found


def argument(name: str, **settings: Any) -> click.Argument:
    """A positional argument."""
    return click.Argument([name], **settings)


def under(heading: str) -> Callable[[Callable[Given, list[Flag]]], Callable[Given, list[Flag]]]:
    """Put all options of a table under one heading of the help."""

    def of(table: Callable[Given, list[Flag]]) -> Callable[Given, list[Flag]]:
        def headed(*args: Given.args, **kwargs: Given.kwargs) -> list[Flag]:
            flags = table(*args, **kwargs)
            for flag in flags:
                if isinstance(flag, Option):
                    flag.heading = heading
            return flags

        return headed

    return of


@under(EVERY_COMMAND)
def common(formats: Sequence[str]) -> list[Flag]:
    """What every command takes, and ``lastgood`` itself before the command; ``formats`` are those of ``-o``."""
    return [
        option("--context", metavar="NAME", shell_complete=candidates.contexts,
               help="The context of the kubeconfig; the current one by default."),
        option("--kubeconfig", metavar="FILE", shell_complete=candidates.files,
               help="The kubeconfig; $KUBECONFIG or ~/.kube/config by default."),
        option("-n", "--namespace", metavar="NAME", help="Where the release lives; the context's by default."),
        option("-o", "--output", type=Choice(formats), help="How to answer; text by default."),
        option("-v", "--verbose", is_flag=True, help="Tell more; in formats for programs, tell progress on stderr."),
    ]  # fmt: skip


def release_name() -> Flag:
    """The release that a command is about; a configuration may say it."""
    return argument("name", required=False, metavar="[NAME]", shell_complete=candidates.releases)


def configuration(beside: Sequence[Flag]) -> Flag:
    """The file that says what is not typed, in the help where these flags say what to deploy."""
    headings = [flag.heading for flag in beside if isinstance(flag, Option)]
    return option("--config", heading=WHAT_TO_DEPLOY if WHAT_TO_DEPLOY in headings else OPTIONS, metavar="FILE",
                  shell_complete=candidates.files,
                  help="Read what is not typed from this file; lastgood.yaml here by default.")  # fmt: skip


def health_rules(heading: str = OPTIONS) -> Flag:
    """Rules by which this run judges health."""
    return option("--health-rules", heading=heading, metavar="FILE", shell_complete=candidates.files,
                  help="Rules of your own by which health is judged, in YAML and CEL.")  # fmt: skip


def hold(heading: str = OPTIONS) -> Flag:
    """For how long a release has to stay healthy."""
    return option(
        "--hold", heading=heading, type=Duration(), metavar="DURATION",
        help="How long it then has to stay healthy before it counts as good; not at all by default.",
    )  # fmt: skip


def timeout(says: str) -> Flag:
    """For commands that change the cluster: how long they wait for what is to become of it."""
    return option(
        "--timeout", heading=HOW_IT_RUNS, type=Duration(positive=True), default="10m", show_default=True, help=says
    )


@under(HOW_IT_RUNS)
def running() -> list[Flag]:
    """How a run behaves: for every command that changes the cluster."""
    return [
        timeout("How long to wait until everything is healthy; a restore has the same again."),
        hold(HOW_IT_RUNS),
        option(
            "--grace", type=Setting(), multiple=True, metavar="REASON=DURATION",
            help="How long a cause may stand before it fails the release, or never: ErrImagePull=2m.",
        ),
        option(
            "--wait-lock", type=Duration(), default="10m", show_default=True,
            help="How long to wait for another run of the same release; 0 does not wait.",
        ),
        option(
            "--history-max", type=Number(min=2), default=10, show_default=True, metavar="NUMBER",
            help="How many good releases to keep; failed ones do not count.",
        ),
        option(
            "--on-interrupt", type=Choice(["fail", "restore"]), default="fail", show_default=True,
            help="What Ctrl-C or SIGTERM does: stop at once, or restore the last good release first.",
        ),
        option("--strict", is_flag=True, help="Fields that controllers rewrote count as differences."),
        health_rules(HOW_IT_RUNS),
        option("--why", default="", metavar="TEXT", help="A sentence for the history."),
        option("--evidence-dir", metavar="DIR", shell_complete=candidates.folders,
               help="Write what a failure looked like into this folder, as files."),
    ]  # fmt: skip


def dry_run() -> Flag:
    """For commands that change the cluster: ask it what would change, and stop there."""
    return option(
        "--dry-run", type=Choice(["none", "server"]), is_flag=False, flag_value="server", default="none",
        heading=HOW_IT_RUNS, help="Show the plan and change nothing; alone it means server.",
    )  # fmt: skip


EXIT_CODE = option("--exit-code", is_flag=True, help="Leave with 6 if there is a difference.")


def command(
    function: Callable[..., int],
    flags: Sequence[Flag],
    *examples: str,
    exits: Mapping[int, str] | None = None,
    see: Iterable[str] = (),
) -> Command:
    """A command named like its function, told by its docstring; the function gets a ``Session``, then the flags.

    A command that is about one release, one with a ``name``, may be told by a configuration what is not typed.
    ``examples`` are command lines without the program, or comments (``# …``); ``exits`` says what its exit codes mean,
    by default those of a run or of a question; ``see`` names other commands and documents.
    """
    configured = [configuration(flags)] if any(flag.name == "name" for flag in flags) else []

    def call(**values: Any) -> int:
        context = click.get_current_context()
        session = context.obj.session(context.info_name, values)
        values = _configured(context, session, values) if configured else values
        if file := values.pop("health_rules", None):
            session.rules = _rules(file)
        return function(session, **values)

    name, text = function.__name__.rstrip("_"), (function.__doc__ or "").strip()
    made = Command(
        name,
        params=[*flags, *configured, *common(formats_of(name))],
        callback=call,
        help=text,
        short_help=text.splitlines()[0],
    )
    made.examples, made.see = examples, tuple(see)
    made.exits = dict(sorted((exits or (RAN if name in RUNS else ASKED)).items()))
    return made


def _rules(file: str) -> Rules:
    from lastgood.cli.sources import rules  # noqa: PLC0415  # few have any

    return rules(file)


def _configured(context: click.Context, session: Session, values: dict[str, Any]) -> dict[str, Any]:
    from lastgood.cli.config.configuring import configure  # noqa: PLC0415  # --help needs none of it

    return configure(session, values, {name for name in values if context.get_parameter_source(name) is TYPED})
