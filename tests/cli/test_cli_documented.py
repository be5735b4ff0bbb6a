"""docs/commands.md tells of every command, flag, exit code, error and outcome, and of none that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from lastgood.cli import commands, formats
from lastgood.cli.main import Call, group
from tests.cli.test_cli_errors import CODES, OURS
from tests.cli.world import FakeDeployer, lastgood

TEXT = (Path(__file__).parent.parent.parent / "docs" / "commands.md").read_text()
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE))
COMMON = {"--context", "--kubeconfig", "--namespace", "-n", "--output", "-o", "--verbose", "-v", "--help", "-h"}


def the_command(name: str) -> click.Command:
    context = click.Context(click.Command("x"))
    found = group(Call(None, {})).get_command(context, name)  # type: ignore[arg-type]
    assert found is not None
    return found


def flags(command: click.Command) -> set[str]:
    options = (parameter for parameter in command.params if isinstance(parameter, click.Option))
    return {flag for option in options for flag in (*option.opts, *option.secondary_opts)}


@pytest.mark.parametrize("name", commands.COMMANDS)
def test_every_flag_of_a_command_is_in_its_section_and_no_other(name: str) -> None:
    written = set(re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", SECTIONS[f"lastgood {name}"]))
    examples = {"-r"}  # of jq
    assert flags(the_command(name)) - COMMON == written - COMMON - examples - {"--version"}


def test_flags_of_every_command_are_documented_once() -> None:
    assert set(re.findall(r"`(--?[a-z]+)", SECTIONS["Flags of every command"])) == COMMON
    assert all(flags(the_command(name)) >= COMMON - {"-h", "--help"} for name in commands.COMMANDS)


def test_every_exit_code_has_a_row() -> None:
    rows = {int(code) for row in re.findall(r"^\| ([\d, ]+) \|", SECTIONS["Exit codes"], re.MULTILINE)
            for code in row.split(",")}  # fmt: skip
    assert rows == {0, 1, 2, 3, 4, 5, 6, 70, 130, 143}


def test_every_error_has_a_row_with_its_code() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ([\d, ]+) \|", SECTIONS["Errors"], re.MULTILINE))
    known = {kind.__name__ for kind in OURS} - {"LastgoodError"}
    assert rows.keys() == known
    assert all(str(CODES[name]) in codes.split(", ") for name, codes in rows.items())


def test_every_format_has_a_row_with_the_commands_that_take_it() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| .* \| (.+) \|$", SECTIONS["Formats"], re.MULTILINE))
    takers = {one: [name for name in commands.COMMANDS if one in formats.formats_of(name)] for one in formats.FORMATS}
    everyone = set(commands.COMMANDS) - set(formats.SCRIPTS)
    told = {one: "every command" if everyone <= set(names) else ", ".join(f"`{name}`" for name in names)
            for one, names in takers.items()}  # fmt: skip
    assert rows == told


@pytest.mark.parametrize("name", commands.COMMANDS)
def test_the_table_of_commands_says_what_their_help_says(name: str) -> None:
    """``lastgood --help`` is drawn without importing the commands; this keeps the two alike."""
    help_text = commands.COMMANDS[name]
    assert help_text == the_command(name).short_help
    assert f"{help_text[0].lower()}{help_text[1:]}".rstrip(".") in TEXT.replace("`", "")


@pytest.mark.parametrize("name", commands.COMMANDS)
def test_help_has_examples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert lastgood(name, "--help").code == 0
    assert "\nExamples:\n  " in capsys.readouterr().out


def test_without_arguments_there_is_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert lastgood(deployer=FakeDeployer()).code == 0
    said = capsys.readouterr().out
    assert [name for name in commands.COMMANDS if f"\n  {name} " not in said] == []


def test_other_words_lead_to_commands_that_are_there() -> None:
    assert set(commands.OTHER_WORDS.values()) <= commands.COMMANDS.keys()
    assert set(commands.RUNS) <= commands.COMMANDS.keys()
