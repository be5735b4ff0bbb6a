"""Clear a lab away: from its folder's name alone, so that it works after any crash."""

import shutil
from functools import partial
from pathlib import Path

from lab import cgroups, processes, room
from lab.errors import LabError
from lab.layout import ENTRIES, Layout


def clear(layout: Layout, *, keep_logs: bool = False) -> None:
    """Leave nothing of the lab behind: processes, namespaces and mounts with them, links, cgroups, files.

    The order matters: the namespaces and their mounts go with the last process, and files only after mounts.
    """
    _end_processes(layout)
    room.disconnect(layout)
    if not cgroups.remove(layout.cgroup):
        raise LabError(f"the cgroup {layout.cgroup} is still in use")
    _remove_files(layout, keep="logs" if keep_logs else "")


def _end_processes(layout: Layout) -> None:
    """End the components and shims, and what their pods started."""
    ends = (partial(processes.marked, layout.mark, layout.run), partial(cgroups.processes, layout.cgroup))
    for find in ends:
        if not processes.end_all(find):
            raise LabError(f"some processes of the lab in {layout.directory} could not be ended: {find()}")


def _remove_files(layout: Layout, *, keep: str) -> None:
    """Remove what a lab made, and only from a folder that a lab marked as its own."""
    if not layout.marker.exists():
        return
    for name in ENTRIES:
        if name != keep:
            _remove(layout.directory / name)
    if not keep:
        layout.marker.unlink()
        layout.directory.rmdir()


def _remove(entry: Path) -> None:
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry)
    else:
        entry.unlink(missing_ok=True)
