"""``lastgood``: finds the command, runs it, and turns whatever goes wrong into a sentence and an exit code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from lastgood.cli.commands import COMMANDS
from lastgood.cli.formats import FORMATS, formats_of
from lastgood.cli.helping import EVERY_COMMAND, overview
from lastgood.cli.options import Flag, common, option
from lastgood.cli.outside import Outside

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from lastgood.cli.running import Session

HELP = "help"


@dataclass(slots=True)
class Call:
    """One command line: what was said before the command, and the session that its command opened."""

    outside: Outside
    before: dict[str, Any]
    opened: Session | None = None

    def session(self, command: str, values: dict[str, Any]) -> Session:
        """Take the common flags out of a command's values; those beside the command count before those in front."""
        from lastgood.cli.running import Session  # noqa: PLC0415  # --help needs none of it

        flags = {flag.name: self._value(flag, values) for flag in common(formats_of(command))}
        where = {name: flags[name] for name in ("context", "kubeconfig", "namespace")}
        self.opened = Session(
            self.outside,
            command,
            output=flags["output"] or "text",
            verbose=bool(flags["verbose"]),
            where=where,
        )
        return self.opened

    def _value(self, flag: Flag, values: dict[str, Any]) -> Any:
        beside, before = values.pop(flag.name or ""), self.before.get(flag.name or "")
        if beside or not before:
            return beside
        return flag.type.convert(before, flag, click.get_current_context())  # a command may take less than ``lastgood``


class Commands(click.Group):
    """A group that imports a command only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which one needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = import_module(f"lastgood.cli.{cmd_name}").COMMAND
        return found

    def get_help(self, ctx: click.Context) -> str:
        """All commands by their purpose, without importing any of them."""
        return overview(self, ctx)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """The commands that begin so, without importing any of them, and what every command takes."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415  # only for somebody who types

        named = [CompletionItem(one, help=text) for one, text in COMMANDS.items() if one.startswith(incomplete)]
        return named + click.Command.shell_complete(self, ctx, incomplete)


def run(arguments: Sequence[str], outside: Outside) -> int:
    """Run one command line and return its exit code. Raises nothing."""
    call = Call(outside, {})
    try:
        code = group(call).main(plain(arguments), prog_name=outside.program, standalone_mode=False)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  # no traceback reaches a user
        from lastgood.cli.failing import fail  # noqa: PLC0415  # what tells of errors is not needed without one

        return fail(error, call.opened, outside, arguments)
    return int(code or 0)


def plain(arguments: Sequence[str]) -> list[str]:
    """``help deploy`` is ``deploy --help``, and nothing at all is ``--help``."""
    if arguments and arguments[0] != HELP:
        return list(arguments)
    about = [one for one in arguments[1:2] if one != HELP and not one.startswith("-")]
    return [*about, "--help"]


def group(call: Call) -> click.Group:
    """The parser of the whole command line."""

    def remember(**values: Any) -> None:
        call.before.update(values)

    def print_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:  # noqa: FBT001  # click's own
        if wanted:
            from lastgood.cli.about import answer  # noqa: PLC0415

            click.echo(answer("text"), nl=False)
            ctx.exit()

    version = option("--version", heading=EVERY_COMMAND, is_flag=True, expose_value=False, is_eager=True,
                     callback=print_version, help="Say which lastgood this is.")  # fmt: skip
    return Commands(
        "lastgood",
        params=[*common(FORMATS), version],
        callback=remember,
        help="Deploys to Kubernetes and always comes back to the last good release.",
        context_settings={"help_option_names": ["-h", "--help"], "obj": call},
    )
