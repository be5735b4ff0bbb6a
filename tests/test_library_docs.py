"""Every block of Python in docs/library.md and README.md runs, prints what stands below it, and has its types right."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml

import lastgood
from lastgood.client.settings import known_settings
from lastgood.testing import Behaviour, MemoryCluster, stand_in
from tests.conftest import ROOT
from tests.stories.cast import config, template
from tests.test_client import a_service

BLOCK = re.compile(
    r"(?:<!-- scene: (?P<scene>[^\n]*) -->\n)?```python\n(?P<code>.*?)```\n(?:\n```text\n(?P<prints>.*?)```)?",
    re.DOTALL,
)
DOCUMENTS = ("README.md", "docs/library.md")

NEW = Behaviour()
SCENES: Mapping[str, tuple[tuple[str, ...], Behaviour]] = {
    "": ((), NEW),
    "a good release": (("1",), NEW),
    "two good releases": (("1", "3"), NEW),
    "a good release, then an image that is missing": (("1",), Behaviour(pull_error="not found")),
    "a good release, then one that is never ready": (("1",), Behaviour(ready_after=None)),
    "a good release, then one that crashes": (
        ("1",),
        Behaviour(ready_after=None, exits_after=0.5, exit_code=3, last_words=("fatal: DATABASE_URL is not set",)),
    ),
}
"""The tags that were deployed before, and what becomes of the one in k8s/, which is 2."""


@dataclass(frozen=True)
class Block:
    """One block, and where it stands."""

    place: str
    code: str
    scene: str
    prints: str | None

    def __str__(self) -> str:
        return self.place


def blocks_of(document: str) -> Iterator[Block]:
    text = (ROOT / document).read_text()
    for found in BLOCK.finditer(text):
        line = text.count("\n", 0, found.start("code")) + 1
        yield Block(f"{document}:{line}", found["code"], found["scene"] or "", found["prints"])


BLOCKS = [block for document in DOCUMENTS for block in blocks_of(document)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a reader stands: with the manifests that the blocks name."""
    for name, tag in {"k8s": "2", "k8s-before": "1", "shop": "2", "till": "2"}.items():
        (tmp_path / name).mkdir()
        app = "till" if name == "till" else "web"
        (tmp_path / name / "app.yaml").write_text(yaml.safe_dump(config(app if app == "till" else "app").body))
        (tmp_path / name / "web.yaml").write_text(yaml.safe_dump(web(tag, app)))
    a_service(tmp_path).rename(tmp_path / "service.yaml")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SLACK_WEBHOOK", "https://hooks.slack.example/1")
    return tmp_path


def web(tag: str, name: str = "web") -> dict[str, Any]:
    spec = {
        "replicas": 2,
        "selector": {"matchLabels": {"app": name}},
        "template": template(f"registry.example/web:{tag}", name, "", {}),
    }
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_a_block_runs_and_prints_what_it_says(
    block: Block, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    posted: list[bytes] = []

    def post(hook: urllib.request.Request, **_: Any) -> BytesIO:
        assert isinstance(hook.data, bytes)
        posted.append(hook.data)
        return BytesIO()

    monkeypatch.setattr(urllib.request, "urlopen", post)
    before, behaviour = SCENES[block.scene]
    with stand_in(MemoryCluster(behaviours={"*/web:2": behaviour})):
        for tag in before:
            lastgood.deploy("shop", web(tag), config().body, namespace="prod")
        names = run(block)
    if block.prints is not None:
        assert capsys.readouterr().out == block.prints
    assert bool(posted) == ("post" in names)
    run_tests(names)


def run(block: Block) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "block"}
    code = compile(block.code, block.place, "exec")
    with suppress(SystemExit):  # a script may leave with the exit code of a failure
        exec(code, names)
    return names


def run_tests(names: Mapping[str, Any]) -> None:
    """What pytest would run in a file that holds this block, parameters of one name included."""
    for name, test in names.items():
        if name.startswith("test_"):
            for given in parameters(test):
                test(**given)


def parameters(test: Callable[..., Any]) -> list[dict[str, Any]]:
    marks = [mark for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
    return [{mark.args[0]: value} for mark in marks for value in mark.args[1]] or [{}]


def test_blocks_have_their_types_right(tmp_path: Path) -> None:
    """As ``mypy --strict`` sees them, with the settings of this project."""
    for number, block in enumerate(BLOCKS):
        (tmp_path / f"block_{number}.py").write_text(f"# {block.place}\n{block.code}")
    files = [str(path) for path in sorted(tmp_path.glob("*.py"))]
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_documents_have_blocks() -> None:
    """So that a change of their form cannot make the tests above run nothing."""
    assert len([block for block in BLOCKS if block.place.startswith("docs/library.md")]) >= 10
    assert len([block for block in BLOCKS if block.place.startswith("README.md")]) == 1


def test_every_error_that_a_call_may_raise_is_in_the_table() -> None:
    table = (ROOT / "docs" / "library.md").read_text().partition("## Errors")[2].partition("## Stopping")[0]
    errors = {
        name
        for name in lastgood.__all__
        if isinstance(one := getattr(lastgood, name), type) and issubclass(one, lastgood.LastgoodError)
    }
    assert {name for name in errors if f"`{name}`" not in table and f"{name}`s" not in table} == set()


def test_every_call_is_in_the_table() -> None:
    table = (ROOT / "docs" / "library.md").read_text().partition("## The calls")[2].partition("```python")[0]
    calls = [name for name, one in vars(lastgood.Client).items() if inspect.isfunction(one) and name[0] != "_"]
    assert [name for name in calls if f"`{name}(" not in table] == []


def test_every_setting_is_in_the_table() -> None:
    table = (ROOT / "docs" / "library.md").read_text().partition("**Settings**")[2].partition("## Events")[0]
    settings = {*known_settings(lastgood.DeploySettings), *known_settings(lastgood.RollbackSettings)}
    assert {name for name in settings if f"`{name}`" not in table} == set()
