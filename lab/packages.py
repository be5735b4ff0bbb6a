"""The Debian packages of a real node: install what is missing where that can be done."""

import os
import shutil
import subprocess

from lab import hosting
from lab.errors import LabError
from lab.reporting import part, say

_INSTALL = ("apt-get", "install", "--yes", "--no-install-recommends")
_QUIET = {"DEBIAN_FRONTEND": "noninteractive"}


def ensure() -> None:
    """Install what a real node needs and is not there; nothing is started or enabled by that.

    Where that cannot be done, say what is missing: the lab then has KWOK nodes.
    """
    missing = hosting.missing_packages()
    if not missing:
        say("all packages of a real node are there")
        return
    if os.geteuid() or not shutil.which("apt-get"):
        say(f"a real node needs these Debian packages, or what they hold: {' '.join(missing)}")
        return
    with part(f"packages {' '.join(missing)}"):
        _install(missing)


def _install(missing: tuple[str, ...]) -> None:
    """Install with the lists of packages as they are, and with new ones if that fails."""
    if _apt(*_INSTALL, *missing).returncode == 0:
        return
    _apt("apt-get", "update")
    done = _apt(*_INSTALL, *missing)
    if done.returncode:
        raise LabError(f"apt-get could not install {' '.join(missing)}:\n{done.stdout[-2000:]}")


def _apt(*command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **_QUIET},
        check=False,
    )
