"""Help as a person reads it: a page for each command, at whatever width the terminal has."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from lastgood.cli import commands
from lastgood.cli.helping import Page
from lastgood.cli.main import run
from lastgood.cli.outside import called_as
from tests.cli.test_cli_documented import SECTIONS, the_command
from tests.cli.world import FakeDeployer, Ran, golden, lastgood, outside_of

NAMES = tuple(commands.COMMANDS)


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    return Told(capsys)


class Told:
    """What help prints."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str, columns: int = 80) -> Ran:
        code = lastgood(*arguments, env={"COLUMNS": str(columns)}).code
        return Ran(arguments, code, self._capsys.readouterr().out, "")


@pytest.mark.parametrize("name", NAMES)
def test_each_command_has_a_page(name: str, told: Told) -> None:
    golden(f"help_{name}", told(name, "--help"))


def test_the_overview_lists_commands_by_what_one_wants(told: Told) -> None:
    golden("help_overview", told("--help"))


@pytest.mark.parametrize(("typed", "same"), [
    ("", "--help"), ("help", "--help"), ("-h", "--help"), ("help rollback", "rollback --help"),
    ("help help", "--help"), ("help -n x", "--help"),
])  # fmt: skip
def test_help_can_be_asked_for_in_many_ways(typed: str, same: str, told: Told) -> None:
    assert told(*typed.split()).out == told(*same.split()).out


def test_help_for_a_command_that_is_not_there_guesses() -> None:
    ran = lastgood("help", "rolback")
    assert (2, "error: there is no command rolback\nhint: did you mean lastgood rollback?\n") == (ran.code, ran.err)


@pytest.mark.parametrize("columns", [40, 60, 80, 100, 200])
@pytest.mark.parametrize("name", ["", *NAMES])
def test_a_page_fits_the_terminal_and_is_never_wider_than_can_be_read(name: str, columns: int, told: Told) -> None:
    lines = told(*name.split(), "--help", columns=columns).out.splitlines()
    prose = [line for line in lines if not line.startswith(("  lastgood", "  -", "      "))]
    assert max(map(len, prose)) <= min(columns, 100)


def test_a_narrow_page_has_flags_above_what_they_mean(told: Told) -> None:
    golden("help_narrow", told("rollback", "--help", columns=40))


@pytest.mark.parametrize("width", [20, 40, 60, 100])
@pytest.mark.parametrize("name", NAMES)
def test_an_example_can_be_copied_from_a_page_of_any_width(name: str, width: int) -> None:
    """What is broken into lines says the same to a shell, and breaks between words only."""
    for line in the_command(name).examples:  # type: ignore[attr-defined]
        whole = f"lastgood {line}"
        joined = "\n".join(Page(width).example(whole)).replace("\\\n", " ")
        assert shlex.split(whole) == shlex.split(joined)


@pytest.mark.parametrize("name", NAMES)
def test_every_example_is_understood(name: str) -> None:
    """Each is parsed as it stands, up to what only a shell understands."""
    for line in the_command(name).examples:  # type: ignore[attr-defined]
        words = shlex.split(re.split(r" [|<>] ", line)[0], comments=True)
        ran = lastgood(*words, deployer=FakeDeployer())
        assert not re.match(r"error: (there is no (option|command)|--[\w-]+: |[A-Z]+ is missing)", ran.err), ran.err


@pytest.mark.parametrize("name", NAMES)
def test_exit_codes_on_the_page_are_those_of_the_documentation(name: str) -> None:
    section = SECTIONS[f"lastgood {name}"]
    (written,) = re.findall(r"Exit\s+codes: ([^.]*)\.", section)
    assert set(the_command(name).exits) == set(map(int, re.findall(r"\d+", written)))  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", NAMES)
def test_what_a_page_refers_to_is_there(name: str) -> None:
    root = Path(__file__).parent.parent.parent
    for one in the_command(name).see:  # type: ignore[attr-defined]
        assert one in commands.COMMANDS or (root / one).exists()


def test_every_command_has_one_purpose() -> None:
    listed = [name for names in commands.PURPOSES.values() for name in names]
    assert sorted(listed) == sorted(commands.COMMANDS)


# --- as a plugin


@pytest.mark.parametrize(
    ("path", "program"),
    [
        ("/usr/local/bin/kubectl-lastgood", "kubectl lastgood"),
        ("kubectl-lastgood", "kubectl lastgood"),
        ("/usr/local/bin/lastgood", "lastgood"),
        ("/src/lastgood/__main__.py", "lastgood"),
    ],
)
def test_the_program_is_called_what_was_typed(path: str, program: str) -> None:
    assert called_as(path) == program


def test_a_plugin_speaks_of_itself_as_it_was_called(capsys: pytest.CaptureFixture[str]) -> None:
    plugin = outside_of(FakeDeployer(), program="kubectl lastgood")
    assert run(["help", "rollback"], plugin) == 0
    page = capsys.readouterr().out
    assert page.startswith("Usage: kubectl lastgood rollback [NAME] [OPTIONS]\n")
    assert "\n  kubectl lastgood rollback shop -n prod\n" in page
    assert "\nSee also: kubectl lastgood history," in page
    assert run(["rolback"], plugin) == 2
    assert plugin.err.getvalue().endswith("hint: did you mean kubectl lastgood rollback?\n")  # type: ignore[attr-defined]
