"""The cgroup above a lab's pods: made before the kubelet starts, and removed with all below it.

On cgroup v1 it stands in every hierarchy; on v2 there is one, whose controllers must be handed down.
"""

import os
import time
from collections.abc import Iterable
from pathlib import Path

MOUNT = Path("/sys/fs/cgroup")
NEEDED = frozenset({"cpu", "cpuset", "memory", "pids"})
"""The controllers without which a kubelet refuses to start."""


def is_unified() -> bool:
    """Whether this machine has cgroup v2 only."""
    return (MOUNT / "cgroup.controllers").exists()


def missing_controllers() -> frozenset[str]:
    """Say which of the needed controllers this machine does not have."""
    if is_unified():
        return NEEDED - _words(MOUNT / "cgroup.controllers")
    return NEEDED - {entry.name for entry in MOUNT.iterdir()}


def create(name: str) -> None:
    """Make the cgroup, ready for a kubelet."""
    if is_unified():
        _create_unified(MOUNT / name)
        return
    for hierarchy in _hierarchies():
        (hierarchy / name).mkdir(exist_ok=True)
    _fill_cpuset(MOUNT / "cpuset" / name)


def _create_unified(group: Path) -> None:
    """Hand every needed controller down to the group, and in the group to the pods below it."""
    _enable(MOUNT)
    group.mkdir(exist_ok=True)
    _enable(group)


def _enable(group: Path) -> None:
    """Enable what is available: the kubelet wants all that it knows of, hugetlb too where there is one."""
    wanted = (NEEDED | {"hugetlb", "io"}) & _words(group / "cgroup.controllers")
    for controller in sorted(wanted - _words(group / "cgroup.subtree_control")):
        (group / "cgroup.subtree_control").write_text(f"+{controller}")


def _fill_cpuset(group: Path) -> None:
    """Give a v1 cpuset its parent's processors and memory: it starts empty, and no process could enter."""
    for file in ("cpuset.cpus", "cpuset.mems"):
        (group / file).write_text((group.parent / file).read_text())


def _hierarchies() -> list[Path]:
    """List the v1 hierarchies, each once, though links may lead to them by other names."""
    return [entry for entry in sorted(MOUNT.iterdir()) if entry.is_dir() and not entry.is_symlink()]


def _words(file: Path) -> frozenset[str]:
    return frozenset(file.read_text().split())


def processes(name: str) -> set[int]:
    """List the processes in the cgroup and below."""
    return {pid for group in _all(name) for pid in _listed(group)}


def remove(name: str, *, patience: float = 2.0) -> bool:
    """Remove the cgroup and all below it, once they are empty; false if they did not become so in time."""
    deadline = time.monotonic() + patience
    while not all(_removed(group) for group in _all(name)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _all(name: str) -> list[Path]:
    """List the cgroup in each hierarchy with all below it, the lowest first."""
    roots = [MOUNT / name, *(entry / name for entry in _hierarchies())] if MOUNT.is_dir() else []
    return [Path(path) for root in roots for path, _, _ in os.walk(root, topdown=False)]


def _listed(group: Path) -> Iterable[int]:
    try:
        return [int(line) for line in (group / "cgroup.procs").read_text().split()]
    except OSError:  # it was removed meanwhile
        return []


def _removed(group: Path) -> bool:
    try:
        group.rmdir()
    except FileNotFoundError:
        return True
    except OSError:  # a process is still leaving it
        return False
    return True
