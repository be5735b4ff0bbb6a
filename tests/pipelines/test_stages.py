"""Files of our own writing, each with what ``lastgood lint`` says of it beside it; together they use every key."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from lastgood.model.source import File
from lastgood.pipelines.inspecting import ROOTS, Inspected, inspect
from lastgood.pipelines.shape import Standing
from lastgood.pipelines.step import COMES_LATER
from lastgood.pipelines.steps import REFUSED, STEPS
from tests.pipelines.catalogue import everything, used

STAGES = Path(__file__).parent / "stages"
CASES = sorted(STAGES.glob("*.yaml"))
BROKEN = ("malformed", "twice", "unknown_root", "manifest", "configuration")
"""What is no file of a pipeline, or cannot be read by a parser that refuses such things."""


def inspected(path: Path) -> Inspected:
    return inspect(File(path.name, path.read_text()))


def said(path: Path) -> str:
    return "".join(f"{one}\n" for one in inspected(path).findings)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_lint_says_of_a_file_what_is_written_beside_it(path: Path) -> None:
    """``UPDATE_GOLDENS=1`` writes it anew: read the diff."""
    beside = path.with_suffix(".txt")
    if os.environ.get("UPDATE_GOLDENS"):
        beside.write_text(said(path))
    assert beside.read_text() == said(path), "UPDATE_GOLDENS=1 takes this as right"


def test_every_case_tells_its_story_and_nothing_lies_beside_without_a_case() -> None:
    assert [path.name for path in CASES if not path.read_text().startswith("# ")] == []
    assert {path.stem for path in STAGES.glob("*.txt")} == {path.stem for path in CASES}


def values() -> list[dict[str, object]]:
    return [yaml.load(path.read_text(), yaml.BaseLoader) for path in CASES if path.stem not in BROKEN]


def test_there_are_enough_stages() -> None:
    assert len([value for value in values() if {"stage", "pipeline"} & value.keys()]) >= 25


def test_every_key_of_every_file_stands_in_a_case() -> None:
    shapes = [(value[root], ROOTS[root], root) for value in values() for root in value if root in ROOTS]
    seen = {path for value, shape, root in shapes for path in used(value, shape, root)}
    assert set(everything()) - seen == set()


def test_every_sentence_about_a_key_is_told_of_a_case() -> None:
    told = "".join(path.with_suffix(".txt").read_text() for path in CASES)
    wanted = {key.sentence for key in everything().values() if key.standing in (Standing.REFUSED, Standing.MEANINGLESS)}
    assert {sentence for sentence in wanted if f": {sentence}\n" not in told} == set()


def test_every_type_of_step_is_run_without_a_complaint_in_some_case() -> None:
    clean = [path.read_text() for path in CASES if not inspected(path).findings]
    assert {name for name in STEPS if not any(f"type: {name}" in text for text in clean)} == set()


def test_what_comes_later_is_refused_with_these_words() -> None:
    later = [name for name, sentence in REFUSED.items() if sentence == COMES_LATER]
    found = said(STAGES / "steps_that_come_later.yaml")
    assert later == ["K8sProgressiveCanaryRollback", "K8sTrafficRouting"]
    assert all(f"{name} {COMES_LATER}\n" in found for name in later)
