"""All that a cluster needs before its first component starts: addresses, keys, configuration, namespaces."""

import dataclasses
import subprocess
import time
from pathlib import Path

from lab import addressing, building, cgroups, configs, room, running, state
from lab.errors import LabError
from lab.layout import Layout
from lab.locking import lock
from lab.reporting import part
from lab.setting import REAL_NODE, ROOM_HOME, ROOM_PORTS, Nodes, Setting
from lab.state import State


def prepare(layout: Layout, kind: Nodes, kwok_nodes: int, binaries: Path) -> State:
    """Make the folder, choose addresses, write keys and configuration, open the room."""
    for folder in (layout.directory, layout.logs, layout.run, layout.pki, layout.bin):
        folder.mkdir(parents=True, exist_ok=True)
        layout.marker.touch()
    layout.run.chmod(0o700)
    waiting = "waiting for another lab that is choosing its addresses"
    with lock("addresses", waiting=waiting), part("keys, configuration, network"):
        return _furnish(layout, _choose(layout, kind, kwok_nodes, binaries))


def _choose(layout: Layout, kind: Nodes, kwok_nodes: int, binaries: Path) -> Setting:
    return Setting(
        nodes=kind,
        kwok_nodes=kwok_nodes if kind.kwok else 0,
        build=building.key(),
        binaries=binaries,
        home=ROOM_HOME if kind.real else layout.run,
        addresses=addressing.free_addresses(layout.id) if kind.real else addressing.LOOPBACK,
        ports=ROOM_PORTS if kind.real else addressing.free_ports(),
    )


def _furnish(layout: Layout, setting: Setting) -> State:
    """Write the files; where there is a real node, make its cgroup, its namespaces and the link to them."""
    _make_keys(layout, setting)
    configs.write_all(layout, setting)
    (layout.bin / "kubectl").symlink_to(setting.binaries / "kube")
    current = State(setting, time.time())
    if setting.nodes.real:
        cgroups.create(layout.cgroup)
        opened = room.open_room(layout, setting, running.environment(layout, setting))
        current = dataclasses.replace(current, room=opened)
    state.save(layout, current)
    return current


def _make_keys(layout: Layout, setting: Setting) -> None:
    own = addressing.own_service(setting.addresses.services)
    addresses = ",".join(("127.0.0.1", setting.addresses.api, own))
    tool = str(setting.binaries / "labtool")
    command = [tool, "keys", "--dir", str(layout.pki), "--addresses", addresses, "--node", REAL_NODE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"the keys could not be made: {done.stderr.strip()}")
