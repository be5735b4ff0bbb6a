"""Terminals as they are met: narrow, without a size, made smaller, dumb, poor in letters, or gone."""

from __future__ import annotations

import json
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lastgood.cli.lines import Table, Tone
from tests.cli.cast import HISTORY
from tests.cli.terminal import ROOT, environment, on_terminal, program
from tests.cli.world import FakeDeployer, lastgood

DEPLOY = ("deploy", "-f", "-", "--name", "shop")
DRAWN = ("⠋", "  0 of")


def test_a_wide_terminal_has_names_in_a_column() -> None:
    played = on_terminal(*DEPLOY, columns=100)
    assert played.code == 0
    assert "⠋ deployment.apps/web        old pods still to go: 1; container nginx is being created" in played.lines
    assert "⠋ persistentvolumeclaim/data waiting for its claim" in played.lines


def test_what_is_drawn_fits_a_narrow_terminal_and_tells_of_each_resource() -> None:
    played = on_terminal(*DEPLOY, columns=20)
    drawn = [line for line in played.lines if line.startswith(DRAWN)]
    assert "⠋ web old pods stil…" in drawn
    assert "⠋ data waiting for …" in drawn
    assert max(map(len, drawn)) <= 20
    assert "[  0.0s] deployment.apps/web: ready, 3 of 3 pods" in played.lines, "what stays is not cut"


def test_a_hold_is_drawn_beneath_and_leaves_a_line_when_it_is_over() -> None:
    played = on_terminal(*DEPLOY, columns=100)
    assert "  2 of 2 ready, healthy for 6 of 30 s (0.0s)" in played.lines
    assert not [line for line in played.lines if line.startswith("[") and "healthy for" in line]


def test_a_window_that_is_made_smaller_meanwhile_is_drawn_smaller() -> None:
    played = on_terminal(*DEPLOY, narrower=True)
    assert "⠋ persistentvolumeclaim/data waiting for its claim" in played.lines
    assert "⠋ data waiting for its claim" in played.lines
    assert played.code == 0


def test_a_size_of_nothing_is_taken_for_an_unknown_one() -> None:
    played = on_terminal(*DEPLOY, columns=0, rows=0, env={"TERM": "xterm", "COLUMNS": "0", "LINES": "0"})
    assert "⠋ persistentvolumeclaim/data waiting for its claim" in played.lines
    assert "[  0.0s] deployment.apps/web: ready, 3 of 3 pods" in played.lines


def test_a_terminal_that_nobody_knows_gets_plain_lines() -> None:
    played = on_terminal(*DEPLOY, env={})
    assert "\x1b" not in played.raw
    assert "[  0.0s] persistentvolumeclaim/data: waiting for its claim" in played.lines


def test_letters_that_a_terminal_does_not_have_are_spelled_plainer() -> None:
    played = on_terminal(*DEPLOY, columns=30, env={"TERM": "xterm", "PYTHONIOENCODING": "ascii"})
    assert "| web old pods still to go: 1;" in played.lines
    assert "\\u" not in played.raw
    drawn = [line for line in played.lines if line.startswith(("|", "  0 of"))]
    assert max(map(len, drawn)) <= 30


def test_a_document_stays_json_where_letters_are_missing() -> None:
    done = subprocess.run(
        [*program(), "deploy", "é→.yaml", "--name", "shop", "-o", "json"],
        capture_output=True, text=True, check=False, cwd=ROOT, env=environment(PYTHONIOENCODING="ascii"),
    )  # fmt: skip
    assert "é→.yaml: there is no such file" in json.loads(done.stdout)["error"]["message"]
    assert done.stderr.startswith("error: \\xe9->.yaml: there is no such file")


def test_a_deploy_goes_on_when_nobody_reads_it_any_more() -> None:
    play = program()
    script = '"$@" | head -1; exit ${PIPESTATUS[0]}'
    done = subprocess.run(
        ["bash", "-c", script, "bash", *play, *DEPLOY], capture_output=True, text=True, check=False, cwd=ROOT,
        env=environment(),
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 1


# --- colours


@pytest.mark.parametrize("name", ["FORCE_COLOR", "CLICOLOR_FORCE"])
def test_the_log_of_a_build_has_colours_if_it_is_told_to(name: str) -> None:
    def out(value: str, **more: str) -> str:
        return lastgood("history", "shop", deployer=FakeDeployer(past=HISTORY), env={name: value} | more).out

    assert "\x1b[32m6 " in out("1")
    assert "\x1b" not in out("0")
    assert "\x1b" not in out("1", NO_COLOR="1")
    assert "\x1b[32m6 " in out("1", TERM="dumb", CI="true")


def test_a_document_never_has_colours() -> None:
    ran = lastgood("history", "shop", "-o", "json", deployer=FakeDeployer(past=HISTORY), env={"FORCE_COLOR": "1"})
    assert len(json.loads(ran.out)["items"]) == 4


# --- tables


def test_a_history_fits_the_terminal() -> None:
    played = on_terminal("history", "shop", columns=40)
    assert "6       good    2026-11-23…  ann@laptop" in played.lines
    assert "    last good; restores 4" in played.lines
    assert max(map(len, played.lines)) <= 40


CELL = some.text(min_size=1, max_size=60)


@given(some.lists(some.tuples(CELL, CELL, CELL), min_size=1, max_size=4), some.integers(20, 120))
def test_any_table_fits_any_terminal(rows: list[tuple[str, str, str]], columns: int) -> None:
    table = Table(("ONE", "TWO", "THREE"), tuple(rows), (Tone.PLAIN,) * len(rows))
    assert max(len(line.printable) for line in table.lines(columns)) <= columns


def test_a_narrow_table_has_the_last_column_beneath() -> None:
    table = Table(
        ("NUMBER", "BY", "DESCRIPTION"),
        (("5", "ci@runner-7", "deployment.apps/web: the image is not there"), ("4", "ann", "")),
        (Tone.BAD, Tone.PLAIN),
    )
    assert [line.text for line in table.lines(28)] == [
        "NUMBER  BY",
        "5       ci@runner-7",
        "    deployment.apps/web: the",
        "    image is not there",
        "4       ann",
    ]
    assert [line.tone for line in table.lines(28)[1:4]] == [Tone.BAD] * 3


def test_what_is_beneath_is_cut_after_three_lines_and_cells_where_they_must() -> None:
    table = Table(("NAME", "DESCRIPTION"), (("x" * 30, "word " * 40),), (Tone.PLAIN,))
    lines = [line.text for line in table.lines(20)]
    assert lines[1] == "x" * 19 + "…"
    assert len(lines) == 5
    assert lines[-1].endswith("…")


def test_a_table_is_whole_for_everybody_but_a_terminal() -> None:
    ran = lastgood("history", "shop", deployer=FakeDeployer(past=HISTORY), env={"COLUMNS": "20"})
    assert "last with exit code 3 (Error); a faster search\n" in ran.out
