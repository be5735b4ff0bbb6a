"""What a resource says of itself is heeded: each row of docs/annotations.md has a story, here or where it is named."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from lastgood.loading.annotations import CONDITIONS, SWITCHES
from lastgood.model.event import Left
from lastgood.model.release import Mode
from lastgood.model.resource import Resource
from lastgood.planning import SKIP_PRUNING
from lastgood.ruling.annotations import FAILURE, MANAGED, STEADY
from lastgood.strategies import DIRECT_APPLY
from lastgood.versioning.numbering import SKIP
from tests.stories.cast import GOOD_1, GOOD_2, MISSING, altered, config, web
from tests.stories.stage import Scene, story

ROOT = Path(__file__).parent.parent.parent
DOCUMENT = ROOT / "docs" / "annotations.md"
ELSEWHERE = {
    "harness.io/primary-service": "blue-green",
    "harness.io/stage-service": "blue-green",
    "lastgood.dev/on-conflict": "tests/stories/test_conflicts.py",
}
"""Rows that are not told here, and where they are."""

TOLD = {SKIP, DIRECT_APPLY, MANAGED, STEADY, FAILURE, SKIP_PRUNING}
UP = '${json.select("$.data.state", response) == "up"}'
DOWN = '${json.select("$.data.state", response) == "down"}'


def saying(resource: Resource, **annotations: Any) -> Resource:
    """The resource with annotations of ``harness.io``."""
    return altered(resource, metadata__annotations={f"harness.io/{name}": text for name, text in annotations.items()})


def test_every_annotation_has_its_row_and_its_story() -> None:
    rows = set(re.findall(r"^\| `([\w./-]+)` \|", DOCUMENT.read_text(), re.MULTILINE))
    assert rows == TOLD | set(ELSEWHERE)
    assert rows >= {*SWITCHES, *CONDITIONS}
    assert all((ROOT / place).exists() for place in ELSEWHERE.values() if "/" in place)


async def data(scene: Scene, name: str) -> dict[str, str]:
    live = await scene.live("ConfigMap", name)
    assert live is not None
    found: dict[str, str] = live["data"]
    return found


@pytest.mark.parametrize("written", ["true", "True"])
@pytest.mark.parametrize("stage", ["memory", pytest.param("lab", marks=pytest.mark.cluster)], indirect=True)
def test_skip_versioning_keeps_a_plain_name(stage: Any, written: str) -> None:
    async def play(scene: Scene) -> None:
        scene.mode = Mode.STANDARD
        plain = saying(config("plain", a="1"), **{"skip-versioning": written})
        assert (await scene.deploy(plain, config("app", a="1"), web(GOOD_1, reads="plain"))).code == 0
        assert await scene.names() == {"plain", "app-1"}

    stage.play(play)


@story
async def test_direct_apply_is_neither_waited_for_nor_undone(scene: Scene) -> None:
    scene.mode = Mode.STANDARD
    side = {"direct-apply": "true"}
    assert (await scene.deploy(web(GOOD_1), saying(web(MISSING, "side"), **side))).code == 0
    ending = await scene.deploy(web(MISSING), saying(web(GOOD_2, "side"), **side))
    assert (ending.code, await scene.image(), await scene.image("side")) == (1, GOOD_1, GOOD_2)


@story
async def test_direct_apply_comes_back_with_all_the_rest_in_declarative_mode(scene: Scene) -> None:
    side = {"direct-apply": "true"}
    assert (await scene.deploy(web(GOOD_1), saying(web(GOOD_1, "side"), **side))).code == 0
    ending = await scene.deploy(web(MISSING), saying(web(GOOD_2, "side"), **side))
    assert (ending.code, await scene.image(), await scene.image("side")) == (1, GOOD_1, GOOD_1)


@story
async def test_a_managed_workload_is_waited_for_and_comes_back_in_standard_mode(scene: Scene) -> None:
    """Without the first annotation nobody asks the second."""
    scene.mode = Mode.STANDARD
    both = {"managed-workload": "true", "steadyStateCondition": UP, "skip-versioning": "true"}
    unmanaged = both | {"managed-workload": "false"}
    assert (await scene.deploy(saying(config("cr", state="up"), **both), web(GOOD_1))).code == 0
    ending = await scene.deploy(saying(config("cr", state="down"), **both), web(GOOD_2), timeout=5.0)
    assert (ending.code, await data(scene, "cr")) == (1, {"state": "up"})
    assert "harness.io/steadyStateCondition is not true" in ending.sentence
    assert (await scene.deploy(saying(config("cr", state="down"), **unmanaged), web(GOOD_2))).code == 0


@story
async def test_a_failure_condition_fails_the_release(scene: Scene) -> None:
    both = {"managed-workload": "true", "failureCondition": DOWN, "steadyStateCondition": UP}
    assert (await scene.deploy(saying(config("cr", state="up"), **both), web(GOOD_1))).code == 0
    ending = await scene.deploy(saying(config("cr", state="down"), **both), web(GOOD_2), timeout=5.0)
    assert (ending.code, await data(scene, "cr")) == (1, {"state": "up"})
    assert "harness.io/failureCondition" in ending.sentence


@story
async def test_skip_pruning_counts_as_it_is_live(scene: Scene) -> None:
    keep = {"skipPruning": "true"}
    assert (await scene.deploy(saying(config("keep", a="1"), **keep), config("go", a="1"), web(GOOD_1))).code == 0
    ending = await scene.deploy(web(GOOD_1))
    assert (ending.code, await scene.names()) == (0, {"keep"})
    told = [(one.ref.name, one.why) for one in ending.told(Left)]
    assert told == [("keep", "its annotation harness.io/skipPruning says so")]
