"""What a person and a program see of ``lastgood lint``."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.world import Ran, golden, lastgood

STAGES = Path(__file__).parent.parent / "pipelines" / "stages"
CLEAN, WARNED, WRONG = "rolling", "canary_percentage", "blue_green_swapped"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that a command line is typed in, with some files of a pipeline."""
    for name in (CLEAN, WARNED, WRONG, "environment", "manifest"):
        shutil.copy(STAGES / f"{name}.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lint(*arguments: str, stdin: str = "") -> Ran:
    return lastgood("lint", *arguments, stdin=stdin)


@pytest.mark.usefixtures("here")
class TestFiles:
    """Files that are there."""

    def test_each_mistake_is_a_line_as_compilers_print_it(self) -> None:
        golden("lint_mistakes", lint("environment.yaml", f"{WRONG}.yaml", f"{WARNED}.yaml"))

    def test_without_mistakes_it_says_so(self) -> None:
        ran = lint(f"{CLEAN}.yaml", "environment.yaml")
        assert (ran.code, ran.out, ran.err) == (0, "2 files, no mistakes\n", "")

    def test_warnings_count_when_they_are_meant_to(self) -> None:
        assert [lint(f"{WARNED}.yaml").code, lint(f"{WARNED}.yaml", "--strict").code] == [0, 2]
        assert [lint(f"{CLEAN}.yaml", "--strict").code, lint(f"{WRONG}.yaml").code] == [0, 2]

    def test_a_program_gets_the_same(self) -> None:
        ran = lint(f"{CLEAN}.yaml", f"{WARNED}.yaml", "-o", "json")
        document = json.loads(ran.out)
        assert (ran.code, document["exitCode"]) == (0, 0)
        assert [one["holds"] for one in document["files"]] == ["stage", "stage"]
        (finding,) = document["findings"]
        assert (finding["file"], finding["line"], finding["severity"]) == (f"{WARNED}.yaml", 31, "warning")

    def test_a_manifest_is_sent_to_plan(self) -> None:
        ran = lint("manifest.yaml")
        assert ran.code == 2
        assert ran.out.startswith("manifest.yaml:2:1: error: this is a Kubernetes manifest (ConfigMap): lastgood plan")

    def test_of_a_folder_what_is_no_file_of_a_pipeline_is_passed_over(self, here: Path) -> None:
        (here / "values.yaml").write_text("replicas: {{ 1 }}\n")
        assert lint(".").out.endswith("\n4 files, 5 errors, 6 warnings\n")

    def test_sub_folders_are_read_when_that_is_asked_for(self, here: Path) -> None:
        (here / "below" / "deep").mkdir(parents=True)
        shutil.move(here / "environment.yaml", here / "below" / "deep")
        shutil.move(here / "manifest.yaml", here / "below")
        ran = lint("below")
        assert (ran.code, ran.err.splitlines()[0]) == (2, "error: there is no file of a pipeline in below")
        assert lint("below", "-R").out == "1 file, no mistakes\n"


def test_stdin_is_a_file_without_a_name() -> None:
    ran = lint("-", stdin="environment: {name: a}\n")
    assert ran.out.startswith("-:1:1: error: environment.identifier: is missing\n")


def test_what_is_no_yaml_is_a_mistake_like_others() -> None:
    ran = lint("-", "-o", "json", stdin="stage: [\n")
    document = json.loads(ran.out)
    assert (ran.code, document["files"]) == (2, [{"file": "-", "holds": None}])
    assert document["findings"][0]["sentence"].startswith("this is not valid YAML")


def test_a_file_that_is_not_there_is_named() -> None:
    ran = lint("nowhere.yaml")
    assert ran.code == 2
    assert "nowhere.yaml" in ran.err


def test_something_has_to_be_named() -> None:
    assert lint().code == 2
