"""``--health-rules FILE``: what is wrong with the file is told before anything is asked of a cluster."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lastgood.cli import running
from lastgood.model.rule import Rules
from tests.cli.cast import GOOD
from tests.cli.test_cli_runs import DEPLOY
from tests.cli.world import FakeDeployer, lastgood

RULES = "rules: [{kind: Widget, healthy: 'has(status.url)'}]\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_mistake_in_the_rules_is_told_with_its_place(here: Path) -> None:
    (here / "health.yaml").write_text("rules:\n- kind: Widget\n  healthy: status.\n")
    deployer = FakeDeployer()
    ran = lastgood(*DEPLOY, "--health-rules", "health.yaml", deployer=deployer)
    assert ran.code == 2
    assert ran.err.startswith("error: health.yaml:3:3: rules[0].healthy: Syntax error")
    assert deployer.asked == []


def test_a_file_that_is_not_there_is_bad_input() -> None:
    ran = lastgood("verify", "shop", "--health-rules", "absent.yaml")
    assert (ran.code, ran.out) == (2, "")
    assert "absent.yaml: cannot be read" in ran.err


@pytest.mark.parametrize("command", [DEPLOY, ("verify", "shop"), ("rollback", "shop"), ("recover", "shop")])
def test_the_rules_go_to_whoever_judges(here: Path, monkeypatch: pytest.MonkeyPatch, command: Any) -> None:
    """By flag, or by the key of lastgood.yaml, whose folder the file counts from."""
    given: list[Rules] = []

    def with_rules(deployer: Any, rules: Rules) -> Any:
        given.append(rules)
        return deployer

    monkeypatch.setattr(running, "_with_rules", with_rules)
    (here / "sub").mkdir()
    (here / "sub" / "health.yaml").write_text(RULES)
    (here / "lastgood.yaml").write_text("healthRules: sub/health.yaml\n")
    for more in ((), ("--health-rules", "sub/health.yaml")):
        lastgood(*command, *more, deployer=FakeDeployer(answer=GOOD))
    assert [[kind.kind for kind in rules] for rules in given] == [["Widget"], ["Widget"]]


@pytest.mark.parametrize("rules", ["failed: status.colour == 'black'", "progressing: status.colour == 'black'"])
def test_objects_in_files_are_judged_by_them(here: Path, rules: str) -> None:
    """No link is given for a rule of one's own."""
    (here / "health.yaml").write_text(f"rules:\n- {{group: shop.example, kind: Widget, {rules}}}\n")
    written = "apiVersion: shop.example/v1\nkind: Widget\nmetadata: {name: w}\nstatus: {colour: black}\n"
    ran = lastgood("health", "-", "--explain", "--health-rules", "health.yaml", "-o", "json", stdin=written)
    word = rules.partition(":")[0]
    (told,) = json.loads(ran.out)
    status = "Failed" if word == "failed" else "InProgress"
    assert (ran.code, told["status"], told["source"]) == (0, status, "")
    assert told["rule"].startswith(f"{word} of health.yaml")
