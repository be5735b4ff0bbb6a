"""What is released: built here, looked into, and installed where there is nothing else. ``make dist`` runs it too."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from configparser import ConfigParser
from dataclasses import dataclass
from email.message import Message
from email.parser import Parser
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import lastgood
from lastgood.cli.commands import COMMANDS

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
UV = Path(sys.executable).with_name("uv")
STEM = f"lastgood-{lastgood.__version__}"
SOURCES = ("src", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", ".gitignore")
"""All that a build reads."""

ABOUT = ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")
"""What a wheel tells of itself."""

COME_FROM_A_BUILD = ("PKG-INFO", "pyproject.toml", ".gitignore")
"""What an sdist has besides the files it is asked to hold."""

EVERY_MODULE = """
import importlib, pkgutil, lastgood
for name in sorted(module.name for module in pkgutil.walk_packages(lastgood.__path__, "lastgood.")):
    if name != "lastgood.__main__":
        importlib.import_module(name)
print(*(name for name in lastgood.__all__ if getattr(lastgood, name) is not None))
"""


@dataclass(frozen=True)
class Built:
    """A wheel and an sdist."""

    wheel: Path
    sdist: Path

    @property
    def metadata(self) -> Message:
        with zipfile.ZipFile(self.wheel) as wheel:
            return Parser().parsestr(wheel.read(f"{STEM}.dist-info/METADATA").decode())


def found(folder: Path) -> Built:
    """What a folder holds."""
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return Built(wheel, sdist)


def build(source: Path, into: Path, **environment: str) -> Built:
    """Both, as ``make dist`` builds them."""
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(into)]
    clean = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    subprocess.run(command, cwd=source, env=clean | environment, check=True, capture_output=True)
    return found(into)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """What ``make dist`` has made, else what is built now."""
    given = os.environ.get("LASTGOOD_DIST")
    return found(ROOT / given) if given else build(ROOT, tmp_path_factory.mktemp("dist"))


def package_files() -> set[str]:
    """What there is in the source of the package."""
    inside = (ROOT / "src").rglob("*")
    return {str(path.relative_to(ROOT / "src")) for path in inside if path.is_file() and path.suffix != ".pyc"}


def scripts() -> set[str]:
    """Where a wheel puts scripts that are files, if the project has any."""
    names = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"].get("shared-scripts", {}).values()
    return {f"{STEM}.data/scripts/{name}" for name in names}


def test_the_wheel_holds_the_package_and_nothing_else(built: Built) -> None:
    """No tests, no lab, no benchmarks, no examples: each file is one of the package, or tells of it."""
    with zipfile.ZipFile(built.wheel) as wheel:
        names = set(wheel.namelist())
    assert names == package_files() | {f"{STEM}.dist-info/{name}" for name in ABOUT} | scripts()
    assert "lastgood/py.typed" in names
    assert [name for name in names if Path(name).name.startswith(("test_", "conftest"))] == []


def test_the_sdist_holds_what_a_build_reads_and_nothing_else(built: Built) -> None:
    said = {"README.md", "LICENSE", "CHANGELOG.md", *COME_FROM_A_BUILD}
    with tarfile.open(built.sdist) as sdist:
        names = {name.removeprefix(f"{STEM}/") for name in sdist.getnames()}
    assert names == said | {f"src/{name}" for name in package_files()}


def test_the_metadata_says_what_the_project_says(built: Built) -> None:
    project, said = PROJECT["project"], built.metadata
    assert (said["Name"], said["Version"]) == ("lastgood", lastgood.__version__)
    assert (said["Summary"], said["License-Expression"]) == (project["description"], "Apache-2.0")
    assert said["Requires-Python"] == project["requires-python"]
    assert said.get_all("Classifier") == project["classifiers"]
    assert said.get_all("Project-URL", []) == [f"{name}, {url}" for name, url in project.get("urls", {}).items()]
    assert said["Description-Content-Type"] == "text/markdown"
    assert said.get_payload() == (ROOT / "README.md").read_text()


def test_the_wheel_asks_for_the_dependencies_of_the_project(built: Built) -> None:
    def readable(lines: list[str]) -> set[tuple[str, str, str]]:
        several = map(Requirement, lines)
        return {(canonicalize_name(one.name), str(one.specifier), str(one.marker)) for one in several}

    extras = PROJECT["project"]["optional-dependencies"]
    optional = [f"{one}; extra == '{extra}'" for extra, several in extras.items() for one in several]
    wanted = [*PROJECT["project"]["dependencies"], *optional]
    assert readable(built.metadata.get_all("Requires-Dist", [])) == readable(wanted)


def test_the_wheel_has_the_commands_of_the_project(built: Built) -> None:
    points = ConfigParser()
    with zipfile.ZipFile(built.wheel) as wheel:
        points.read_string(wheel.read(f"{STEM}.dist-info/entry_points.txt").decode())
    assert dict(points["console_scripts"]) == PROJECT["project"]["scripts"]
    assert points["console_scripts"]["lastgood"] == "lastgood.__main__:main"


def copied(into: Path) -> Path:
    """The sources in another folder, of another time, and readable for another set of people."""
    into.mkdir()
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        copy(ROOT / name, into / name)
    for path in into.rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(0o700 if path.is_dir() else 0o600)
    return into


def test_building_again_elsewhere_and_later_gives_the_same_bytes(tmp_path: Path) -> None:
    first = build(ROOT, tmp_path / "first", SOURCE_DATE_EPOCH="1700000000")
    second = build(copied(tmp_path / "other"), tmp_path / "second", SOURCE_DATE_EPOCH="1700000000")
    assert first.wheel.read_bytes() == second.wheel.read_bytes()
    assert first.sdist.read_bytes() == second.sdist.read_bytes()


def test_the_sdist_builds_the_same_wheel(tmp_path: Path) -> None:
    built = build(ROOT, tmp_path / "first")
    with tarfile.open(built.sdist) as sdist:
        sdist.extractall(tmp_path, filter="data")
    again = build(tmp_path / STEM, tmp_path / "second")
    assert built.wheel.read_bytes() == again.wheel.read_bytes()


@dataclass(frozen=True)
class Elsewhere:
    """An environment with the locked requirements and the wheel, and a person who has nothing at home."""

    folder: Path

    def runs(self, program: str, *arguments: str) -> str:
        """What it prints; it must end well, and have nothing to complain of."""
        home = self.folder / "home"
        programs = self.folder / "venv" / "bin"
        done = subprocess.run(
            [programs / program, *arguments],
            cwd=home, env={"HOME": str(home), "PATH": f"{programs}:/usr/bin:/bin"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout


def uv(*arguments: str | Path, check: bool = True) -> bool:
    """Whether it did that."""
    return not subprocess.run([UV, *arguments, "-q"], check=check, capture_output=not check).returncode


@pytest.fixture(scope="module")
def elsewhere(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Elsewhere:
    folder = tmp_path_factory.mktemp("elsewhere")
    python = folder / "venv" / "bin" / "python"
    (folder / "home").mkdir()
    uv("venv", "--python", sys.executable, folder / "venv")
    sync = ("pip", "sync", "--python", python, "--require-hashes", ROOT / "requirements" / "runtime.txt")
    if not uv(*sync, "--offline", check=False):  # who has no cache has a network
        uv(*sync)
    uv("pip", "install", "--offline", "--no-deps", "--python", python, built.wheel)
    return Elsewhere(folder)


COMMAND_LINES = [["version"], ["--version"], ["--help"], *([name, "--help"] for name in COMMANDS)]
COMMAND_LINES += [["demo"]] if "demo" in COMMANDS else []


@pytest.mark.parametrize("line", COMMAND_LINES, ids=" ".join)
def test_installed_alone_it_runs(elsewhere: Elsewhere, line: list[str]) -> None:
    said = elsewhere.runs("lastgood", *line)
    assert said
    assert said == elsewhere.runs("python", "-m", "lastgood", *line) or line == ["demo"]


def test_installed_alone_it_is_this_version(elsewhere: Elsewhere) -> None:
    assert elsewhere.runs("lastgood", "version").split()[:2] == ["lastgood", lastgood.__version__]


def test_installed_alone_every_module_and_every_public_name_is_there(elsewhere: Elsewhere) -> None:
    """Nothing reaches for what only those who work on it have installed."""
    assert elsewhere.runs("python", "-W", "error", "-c", EVERY_MODULE).split() == lastgood.__all__


def test_installed_alone_it_has_all_it_asks_for(elsewhere: Elsewhere) -> None:
    assert uv("pip", "check", "--python", elsewhere.folder / "venv" / "bin" / "python")
