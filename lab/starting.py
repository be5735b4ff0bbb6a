"""Bring a lab up: see whether one stands already, mend it if parts of it have ended, or raise a new one."""

from dataclasses import dataclass

from lab import building, components, processes, running, state
from lab.errors import LabError, NotRunning
from lab.layout import Layout
from lab.locking import lock
from lab.raising import raise_lab
from lab.reporting import say
from lab.setting import Nodes, Setting
from lab.state import State


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of `up`; None is whatever is best here, or whatever runs already."""

    nodes: Nodes | None = None
    kwok_nodes: int | None = None
    replace: bool = False


def up(layout: Layout, wish: Wish) -> State:
    """Bring the lab up, or see that it is; a component that has ended meanwhile is started again."""
    with lock(f"lab-{layout.id}", waiting=f"waiting for another command on {layout.directory}"):
        current = _standing(layout)
        if current is None:
            return raise_lab(layout, wish.nodes, wish.kwok_nodes)
        if _asked_for(current.setting, wish):
            return _mend(layout, current)
        if not wish.replace:
            raise LabError(_other(layout, current))
        return raise_lab(layout, wish.nodes, wish.kwok_nodes)


def _standing(layout: Layout) -> State | None:
    """Give the lab that was brought up and still stands, at least in part."""
    try:
        current = state.load(layout)
    except NotRunning:
        return None
    all_dead = len(running.dead(current)) == len(components.names(current.setting))
    room_dead = current.room is not None and not processes.is_alive(current.room)
    return None if all_dead or room_dead or not current.ready else current


def _asked_for(setting: Setting, wish: Wish) -> bool:
    same_nodes = wish.nodes in (None, setting.nodes)
    same_number = wish.kwok_nodes is None or not setting.nodes.kwok or wish.kwok_nodes == setting.kwok_nodes
    return same_nodes and same_number and setting.build == building.key()


def _other(layout: Layout, current: State) -> str:
    return (
        f"another lab runs in {layout.directory} (nodes: {current.setting.nodes}, build {current.setting.build}): "
        "end it with `down`, or say `up --replace`; either ends its pods and data"
    )


def _mend(layout: Layout, current: State) -> State:
    """Start what has ended."""
    dead = running.dead(current)
    for name in dead:
        say(f"{name} has ended, and is started again")
        current = running.start(layout, current, components.find(current.setting, name))
    running.wait_for_api(layout, current)
    return current
