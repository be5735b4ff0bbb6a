"""Whatever a file holds, inspecting it ends with findings that have a place, and with nothing else."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lastgood.model.source import File
from lastgood.pipelines.inspecting import ROOTS, Inspected, inspect, read_environment, read_overrides
from lastgood.pipelines.timeouts import seconds_of

STAGES = Path(__file__).parent / "stages"
CLEAN = [path for path in sorted(STAGES.glob("*.yaml")) if not path.with_suffix(".txt").read_text()]
READERS = {"environment": read_environment, "overrides": read_overrides, "serviceOverrides": read_overrides}
OVERRIDING = [path for path in CLEAN if inspect(File("", path.read_text())).kind in READERS]
FREE = ("tags", "serviceInputs", "environmentInputs", "inputs", "executionTarget")
"""Below these anything may stand."""
FREE_ENDS = (("sidecar", "spec"), ("store", "metadata"))
"""In these, too."""

JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [None, "", "x", "<+input>", "true", 7, [], ["x"], [[]], {}, {"x": "y"}, [{"step": {}}], "a: b"]
)


def inspected(value: Any) -> Inspected:
    return inspect(File("changed.yaml", json.dumps(value)))


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(below for key, one in children for below in places(one, (*path, key)))]


def changed(value: Any, path: tuple[Any, ...], junk: Any) -> Any:
    if not path:
        return junk
    found = copy.deepcopy(value)
    parent = found
    for step in path[:-1]:
        parent = parent[step]
    parent[path[-1]] = junk
    return found


@pytest.mark.parametrize("text", ["", "{}", "---\n", "# nothing\n"])
def test_a_file_with_nothing_in_it_is_told_as_that(text: str) -> None:
    (found,) = inspect(File("empty.yaml", text)).errors
    assert "is empty: expected one of the keys service, environment" in str(found)


@settings(max_examples=200, deadline=None)
@given(path=st.sampled_from(OVERRIDING), data=st.data())
def test_what_lint_finds_nothing_in_a_run_can_read(path: Path, data: st.DataObject) -> None:
    value = yaml.load(path.read_text(), yaml.BaseLoader)
    value = changed(value, data.draw(st.sampled_from(places(value))), data.draw(JUNK))
    found = inspected(value)
    if not found.errors:
        READERS[found.kind](found.file)


@settings(max_examples=200, deadline=None)
@given(path=st.sampled_from(CLEAN), data=st.data())
def test_whatever_stands_in_place_of_something_is_judged_without_a_crash(path: Path, data: st.DataObject) -> None:
    value = yaml.load(path.read_text(), yaml.BaseLoader)
    for _ in range(data.draw(st.integers(1, 3))):
        if not isinstance(value, dict):
            break
        value = changed(value, data.draw(st.sampled_from(places(value))), data.draw(JUNK))
    found = inspected(value)
    assert all(one.line >= 1 and one.column >= 1 and one.sentence for one in found.findings)
    assert found.kind in ("", *ROOTS)


@pytest.mark.parametrize("path", CLEAN, ids=lambda path: path.stem)
def test_no_key_can_be_left_out_of_sight(path: Path) -> None:
    """A key that nobody knows is found wherever a mapping with known keys stands."""
    value = yaml.load(path.read_text(), yaml.BaseLoader)
    missed = [place for place in places(value) if not _is_found(value, place)]
    assert [one for one in missed if not any(step in FREE for step in one) and one[-2:] not in FREE_ENDS] == []


def _is_found(value: Any, place: tuple[Any, ...]) -> bool:
    found = value
    for step in place:
        found = found[step]
    if not isinstance(found, dict):
        return True
    return bool(inspected(changed(value, (*place, "nobodyKnowsThis"), "x")).errors)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("10s", 10), ("1500ms", 1.5), ("10m", 600), ("1h 30m", 5400), ("1h30m", 5400), ("2d", 172800), ("53w", 32054400)],
)
def test_durations_have_units(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "10", "m", "10 minutes", "-1s", "1.5h", "10m later", "53w 1s", "1h,30m"])
def test_what_is_no_duration_says_what_is_expected(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected a duration|longer than 53w"):
        seconds_of(text)
