"""Build the lab's programs once for each version of their sources, into a cache outside the clone."""

import contextlib
import hashlib
import os
import platform
import re
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lab import compiling, toolchain
from lab.layout import cache_directory
from lab.locking import lock
from lab.reporting import part, say

SOURCES = Path(__file__).parent / "go"
_UNUSED_AFTER = 30 * 24 * 3600.0
_VERSION_PACKAGES = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")


@dataclass(frozen=True, slots=True)
class Part:
    """Programs that are built together, from packages of one Go module."""

    name: str
    module: str
    packages: tuple[str, ...]
    only_linux: bool = False


PARTS = (
    Part("labtool, web, pause", ".", ("./cmd/labtool", "./cmd/web", "./cmd/pause")),
    Part("kube", ".", ("./cmd/kube",)),
    Part("kwok", ".", ("sigs.k8s.io/kwok/cmd/kwok",)),
    Part(
        "containerd",
        "containerd",
        (
            "github.com/containerd/containerd/v2/cmd/containerd",
            "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2",
        ),
        only_linux=True,
    ),
)


def key() -> str:
    """Name the build of the present sources on this kind of machine."""
    digest = hashlib.sha256(f"{platform.system()} {platform.machine()} {PARTS}".encode())
    for file in sorted(path for path in SOURCES.rglob("*") if path.is_file()):
        digest.update(f"\0{file.relative_to(SOURCES)}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def ensure() -> Path:
    """Give the folder of the programs; build them if they are not there yet."""
    folder = cache_directory() / f"build-{key()}"
    if not folder.exists():
        with lock("build", waiting="waiting for another build of the lab"):
            if not folder.exists():
                _build(folder)
    with contextlib.suppress(PermissionError):  # another user's build serves as well
        os.utime(folder)  # it is in use
    return folder


def versions() -> dict[str, str]:
    """Say which versions the sources pin."""
    found = _pins(SOURCES / "go.mod") | _pins(SOURCES / "containerd" / "go.mod")
    names = {
        "kubernetes": "k8s.io/kubernetes",
        "etcd": "go.etcd.io/etcd/server/v3",
        "kwok": "sigs.k8s.io/kwok",
        "containerd": "github.com/containerd/containerd/v2",
    }
    return {name: found[module] for name, module in names.items()}


def _pins(file: Path) -> dict[str, str]:
    return dict(re.findall(r"^(?:require |\t)(\S+) (v\S+)", file.read_text(), re.MULTILINE))


def _build(folder: Path) -> None:
    """Build everything aside, then move it into place: a killed build leaves no half of one."""
    _remove_unused(folder.parent)
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)  # of a build that was killed
    partial.mkdir(parents=True)
    say(f"building the lab's programs (once, a few minutes) into {folder}")
    go = toolchain.find_go(_needed_go())
    began = time.monotonic()
    for each in _parts():
        with part(each.name):
            compiling.compile_packages(go, SOURCES / each.module, each.packages, partial, link_flags())
    partial.rename(folder)
    say(f"built in {time.monotonic() - began:.0f} s")


def _parts() -> Iterable[Part]:
    return (each for each in PARTS if platform.system() == "Linux" or not each.only_linux)


def _needed_go() -> str:
    found = re.search(r"^go (\S+)$", (SOURCES / "go.mod").read_text(), re.MULTILINE)
    assert found
    return found[1]


def link_flags() -> str:
    """Give the linker's flags: small, and with the version, which clients could not parse otherwise."""
    version = versions()["kubernetes"]
    major, minor = version.removeprefix("v").split(".")[:2]
    facts = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
    sets = [f"-X {package}.{name}={value}" for package in _VERSION_PACKAGES for name, value in facts.items()]
    return " ".join(("-s", "-w", *sets))


def _remove_unused(cache: Path) -> None:
    """Remove builds that no lab was started from for a month: each takes a quarter of a gigabyte."""
    for folder in cache.glob("build-*"):
        if time.time() - folder.stat().st_mtime > _UNUSED_AFTER:
            shutil.rmtree(folder, ignore_errors=True)
