"""The lab's own namespaces, for network and mounts, and the link that leads there.

Nothing has a name but the link's end on the host, so that the rest is gone with the last process.
Inside there is no way out: no default route, and the host forwards nothing.
"""

import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from lab import processes
from lab.errors import LabError
from lab.layout import Layout
from lab.processes import Process
from lab.setting import Setting

_NAMESPACES = ("unshare", "--net", "--mount", "--propagation", "private")


def open_room(layout: Layout, setting: Setting, environ: Mapping[str, str]) -> Process:
    """Make the namespaces, furnish them, and link them with the host."""
    log = layout.logs / "room.log"
    command = [*_NAMESPACES, str(setting.binaries / "labtool"), "room", "--dir", str(layout.run)]
    room = processes.start(command, log=log, environ=environ)
    while not processes.says_ready(log):
        if not processes.is_alive(room):
            raise LabError(f"the lab's namespaces could not be made: {log.read_text().strip()}")
        time.sleep(0.005)
    _connect(layout, setting, room)
    return room


def _connect(layout: Layout, setting: Setting, room: Process) -> None:
    to = setting.addresses
    ip("link", "add", layout.link, "type", "veth", "peer", "name", "eth0", "netns", str(room.pid))
    ip("address", "add", f"{to.host}/30", "dev", layout.link)
    ip("link", "set", layout.link, "up")
    inside = entering(room, "--net")
    ip("link", "set", "lo", "up", prefix=inside)
    ip("address", "add", f"{to.api}/30", "dev", "eth0", prefix=inside)
    ip("link", "set", "eth0", "up", prefix=inside)
    # A local process reaches a Service only if some route leads to its address: the redirection comes after.
    ip("route", "add", to.services, "dev", "eth0", prefix=inside)
    for network in (to.services, to.pods):
        ip("route", "add", network, "via", to.api, "dev", layout.link)


def entering(room: Process, *kinds: str) -> tuple[str, ...]:
    """Give the words before a command that make it run in the room."""
    return ("nsenter", f"--target={room.pid}", *(kinds or ("--net", "--mount")), "--")


def disconnect(layout: Layout) -> None:
    """Remove the link, and with it its routes; nothing happens if there is none."""
    if not Path("/sys/class/net", layout.link).exists():
        return
    subprocess.run(["ip", "link", "delete", layout.link], capture_output=True, check=False)


def ip(*arguments: str, prefix: tuple[str, ...] = ()) -> None:
    """Run the system's `ip`, or say what it refused."""
    done = subprocess.run([*prefix, "ip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
