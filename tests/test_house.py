"""What holds for the house as a whole, so that it stays the house that the documents describe."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import lastgood
from lastgood import errors
from lastgood.kinds import KINDS

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "lastgood"
MODULES = sorted(SOURCE.rglob("*.py"))
LONGEST_FILE = 300
LONGEST_FUNCTION = 40


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_public_name_can_be_imported_and_is_sorted() -> None:
    assert sorted(lastgood.__all__) == lastgood.__all__
    assert all(getattr(lastgood, name) is not None for name in lastgood.__all__)


def test_the_front_door_imports_nothing_until_it_is_asked() -> None:
    """``import lastgood`` costs nothing: HTTP, templates and the terminal come when they are needed."""
    heavy = {"httpx2", "lightkube", "gotpl", "rich", "click", "yaml"}
    code = f"import sys, lastgood; print(sorted(set(sys.modules) & {heavy}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_version_is_said_once() -> None:
    """In ``lastgood/__init__.py``; what is built takes it from there (``test_wheel``)."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert (project["dynamic"], project.get("version")) == (["version"], None)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_says_what_it_gives(path: Path) -> None:
    """Each module that holds something has a docstring, and so has each public function and class in it."""
    tree = ast.parse(path.read_text())
    if not tree.body:
        return
    assert ast.get_docstring(tree), f"{path} does not say what it gives"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_function_fits_a_screen(path: Path) -> None:
    functions = (
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    long = {node.name: (node.end_lineno or 0) - node.lineno for node in functions}
    assert {name: lines for name, lines in long.items() if lines > LONGEST_FUNCTION} == {}


def test_every_error_is_in_the_tree_that_is_drawn() -> None:
    drawn = set(re.findall(r"[A-Z]\w+", errors.__doc__ or ""))
    classes = {
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, errors.LastgoodError)
    }
    assert classes <= drawn


def test_every_kind_with_a_rule_of_its_own_has_cases() -> None:
    """A rule of health is there to be shown: at least one case that is well and one that is not."""
    rules = {path.stem for path in (SOURCE / "kinds").glob("[a-z]*.py")}
    cases = {
        path.name: {case.stem.partition("_")[0] for case in path.glob("*.yaml")}
        for path in (ROOT / "tests" / "kinds").iterdir()
        if path.is_dir()
    }
    without = {rule for rule in rules if rule in cases and not {"current"} <= cases[rule]}
    assert without == set()
    assert {rule for rule in rules & {kind_file(kind.kind) for kind in KINDS} if rule not in cases} == set()


def kind_file(kind: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind).lower()


def test_every_decision_is_listed() -> None:
    listed = (ROOT / "docs" / "adr" / "README.md").read_text()
    decisions = [path.name for path in (ROOT / "docs" / "adr").glob("[0-9]*.md")]
    assert [name for name in decisions if name not in listed] == []


@pytest.mark.parametrize("document", sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]), ids=name_of)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_files_that_documents_name_are_there() -> None:
    """Paths in backquotes that look like files of the package have to exist."""
    text = "".join(path.read_text() for path in (ROOT / "docs").glob("*.md")) + (ROOT / "CONTRIBUTING.md").read_text()
    named = set(re.findall(r"`((?:src|tests|docs)/[\w/.-]+)`", text))
    assert {name for name in named if "<" not in name and not (ROOT / name).exists()} == set()


def test_the_library_example_of_the_readme_uses_what_there_is() -> None:
    """It compiles, and every name it takes from lastgood is public."""
    readme = (ROOT / "README.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    names = {
        node.attr
        for node in ast.walk(ast.parse(example))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "lastgood"
    }
    assert names - set(lastgood.__all__) == set()


def test_exit_codes_in_the_readme_are_those_of_the_commands() -> None:
    readme, commands = ((ROOT / name).read_text() for name in ("README.md", "docs/commands.md"))
    codes = {code for row in re.findall(r"^\| ([\d, ]+) \| ", readme, re.MULTILINE) for code in row.split(", ")}
    assert codes
    assert [code for code in codes if not re.search(rf"^\| [\d, ]*\b{code}\b", commands, re.MULTILINE)] == []
