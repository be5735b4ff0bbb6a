"""Help as a manual page: what a command does, its flags in groups, examples and exit codes. Pure.

Drawn here rather than by click: its pages have one list of flags, a narrowest width of 50, and no exit codes.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import click

from lastgood.cli.commands import COMMANDS, PURPOSES, codes

EVERY_COMMAND = "Every command"
WIDEST, NARROWEST = 100, 20
SIDE_BY_SIDE = 60
"""A page as wide as this has terms beside what they mean; a narrower one, above, but for short ones."""
SHORT_TERM, LONGEST_TERM = 4, 28
UNBROKEN = "\u00a0"
"""A space at which no line ends."""

_WORD = r"""(?:[^\s'"]|'[^']*'|"[^"]*")+"""
_PARTS = re.compile(rf"{_WORD}(?: (?!-\w|--|[|<>] ){_WORD})*")
"""What stays together of a command line: a flag with its value, a pipe with its command, whatever is quoted."""

Rows = Sequence[tuple[str, str]]


class Option(click.Option):
    """An option that stands under a heading in the help."""

    heading: str = EVERY_COMMAND


class Command(click.Command):
    """A command with a manual page. ``exits`` are its exit codes and what they mean."""

    examples: Sequence[str] = ()
    see: Sequence[str] = ()
    exits: Mapping[int, str] = {}

    def get_help(self, ctx: click.Context) -> str:
        """The page, as wide as the terminal."""
        return "\n".join(_command_page(self, ctx, Page(_width(ctx))))


@dataclass(frozen=True, slots=True)
class Page:
    """Paragraphs and lists of terms, each within a number of columns."""

    width: int

    def text(self, paragraph: str, indent: str = "", hanging: str = "") -> list[str]:
        """A paragraph; of its lines all but the first are further in by ``hanging``."""
        lines = textwrap.wrap(
            re.sub(r"\s+", " ", paragraph.strip(), flags=re.ASCII),
            self.width,
            initial_indent=indent,
            subsequent_indent=indent + hanging,
            break_long_words=False,
            break_on_hyphens=False,
        )
        return [line.replace(UNBROKEN, " ") for line in lines]

    def section(self, heading: str, rows: Rows, term: int) -> list[str]:
        """Terms and what they mean under a heading, with ``term`` columns for terms."""
        return ["", f"{heading}:", *chain.from_iterable(self._row(name, text, term) for name, text in rows)]

    def _row(self, name: str, text: str, term: int) -> list[str]:
        if self.width < SIDE_BY_SIDE and term > SHORT_TERM:
            return [f"  {name}", *self.text(text, " " * 6)]
        lines = self.text(text, " " * (term + 4)) or [""]
        if len(name) > term:
            return [f"  {name}", *lines]
        return [f"  {name:{term}}  {lines[0].lstrip()}".rstrip(), *lines[1:]]

    def example(self, line: str) -> list[str]:
        """A command line that can be copied: where it is too long it goes on after a backslash."""
        lines = [""]
        for part in _PARTS.findall(line):
            if lines[-1] and len(lines[-1]) + len(part) > self.width - 9:
                lines.append(part)
            else:
                lines[-1] = f"{lines[-1]} {part}".strip()
        first, *rest = [f"{one} \\" for one in lines[:-1]] + lines[-1:]
        return [f"  {first}", *(f"      {one}" for one in rest)]


def overview(group: click.Group, ctx: click.Context) -> str:
    """All commands, by what one wants of them."""
    page, program = Page(_width(ctx)), _program(ctx)
    flags = _options(group, ctx)[EVERY_COMMAND]
    commands = {purpose: [(name, COMMANDS[name]) for name in names] for purpose, names in PURPOSES.items()}
    longest = max(map(len, COMMANDS))
    return "\n".join(
        [
            *page.text(f"Usage: {program} COMMAND [OPTIONS]", hanging=" " * 4),
            "",
            *page.text(group.help or ""),
            *chain.from_iterable(page.section(purpose, rows, longest) for purpose, rows in commands.items()),
            *page.section(EVERY_COMMAND, flags, _longest(flags)),
            *_exits(codes(*range(7)), page),
            "",
            *page.text(f"{program} help COMMAND, or {program} COMMAND --help, tells all about one."),
        ]
    )


def _command_page(command: Command, ctx: click.Context, page: Page) -> Iterator[str]:
    arguments = [one.make_metavar(ctx) for one in command.params if isinstance(one, click.Argument)]
    yield from page.text(" ".join(["Usage:", ctx.command_path, *arguments, "[OPTIONS]"]), hanging=" " * 4)
    for paragraph in (command.help or "").split("\n\n"):
        yield from ("", *page.text(paragraph))
    options = _options(command, ctx)
    longest = _longest(list(chain.from_iterable(options.values())))
    for heading, rows in options.items():
        yield from page.section(heading, rows, longest)
    yield from _examples(command.examples, _program(ctx), page)
    yield from _exits(command.exits, page)
    yield from _see(command.see, _program(ctx), page)


def _options(command: click.Command, ctx: click.Context) -> dict[str, list[tuple[str, str]]]:
    """The options by heading, in the order of the headings' first ones, those of every command last."""
    found: dict[str, list[tuple[str, str]]] = {}
    for one in command.get_params(ctx):
        if isinstance(one, click.Option) and not one.hidden:
            heading = one.heading if isinstance(one, Option) else EVERY_COMMAND
            found.setdefault(heading, []).append((_spelled(one, ctx), _meaning(one)))
    return {heading: rows for heading, rows in found.items() if heading != EVERY_COMMAND} | {
        EVERY_COMMAND: found.get(EVERY_COMMAND, [])
    }


def _spelled(one: click.Option, ctx: click.Context) -> str:
    """``-o, --output text|json``."""
    names = ", ".join(sorted([*one.opts, *one.secondary_opts], key=lambda name: name.startswith("--")))
    return names if one.is_flag else f"{names} {_value(one, ctx)}"


def _value(one: click.Option, ctx: click.Context) -> str:
    return "|".join(one.type.choices) if isinstance(one.type, click.Choice) else one.make_metavar(ctx)


def _meaning(one: click.Option) -> str:
    shown = one.show_default and one.default is not None
    return f"{one.help or ''} [default:{UNBROKEN}{one.default}]" if shown else one.help or ""


def _examples(examples: Iterable[str], program: str, page: Page) -> Iterator[str]:
    yield from ("", "Examples:")
    for one in examples:
        yield from page.text(one, "  ", "# ") if one.startswith("#") else page.example(f"{program} {one}")


def _exits(exits: Mapping[int, str], page: Page) -> list[str]:
    rows = [(str(code), text) for code, text in exits.items()]
    return page.section("Exit codes", rows, _longest(rows))


def _see(see: Iterable[str], program: str, page: Page) -> Iterator[str]:
    named = [f"{program} {one}".replace(" ", UNBROKEN) if one in COMMANDS else one for one in see]
    yield from ("", *page.text(f"See also: {', '.join([*named, 'docs/commands.md'])}", hanging=" " * 4))


def _longest(rows: Rows) -> int:
    return min(max(len(name) for name, _ in rows), LONGEST_TERM)


def _program(ctx: click.Context) -> str:
    return str(ctx.find_root().info_name)


def _width(ctx: click.Context) -> int:
    columns: int = ctx.obj.outside.columns
    return min(max(columns, NARROWEST), WIDEST)
