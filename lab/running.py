"""A lab that is up: which components live, and how one is killed and started again."""

import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from lab import api, components, processes, room, state
from lab.components import Component
from lab.errors import ComponentFailed, LabError
from lab.layout import Layout
from lab.setting import Setting
from lab.state import State

_PATIENCE = 120.0
"""Seconds for a component to be ready: thirty times what an idle machine takes."""

_LAST_LINES = 15


def environment(layout: Layout, setting: Setting) -> dict[str, str]:
    """Give the environment of every process of the lab: its mark, and none of the caller's (a proxy, say)."""
    name, value = layout.mark
    path = f"{setting.binaries}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    return {name: value, "PATH": path, "HOME": str(setting.home), "TMPDIR": "/tmp"}


def start(layout: Layout, current: State, component: Component) -> State:
    """Start a component; its output goes to the end of its log."""
    prefix = room.entering(current.room) if current.room else ()
    process = processes.start(
        (*prefix, *component.argv),
        log=log_of(layout, component.name),
        environ=environment(layout, current.setting),
    )
    after = current.with_component(component.name, process)
    state.save(layout, after)
    return after


def start_again(layout: Layout, name: str) -> None:
    """Start a component that was killed; where the API server runs, wait until it is ready."""
    current = state.load(layout)
    component = _find(current, name)
    if name in dead(current):
        current = start(layout, current, component)
    needed = {"etcd", "apiserver"}
    if not needed & set(dead(current)):
        wait_for_api(layout, current, watched={name, *needed})


def kill(layout: Layout, name: str, number: int) -> None:
    """Send a signal to a component; a deadly one is waited for."""
    current = state.load(layout)
    _find(current, name)
    if name in dead(current):
        raise LabError(f"{name} is not running")
    process = current.components[name]
    processes.send(process.pid, number)
    deadline = time.monotonic() + 5
    while number in (signal.SIGKILL, signal.SIGTERM) and processes.is_alive(process):
        if time.monotonic() > deadline:
            raise LabError(f"{name} goes on after {signal.Signals(number).name}")
        time.sleep(0.01)


def _find(current: State, name: str) -> Component:
    try:
        return components.find(current.setting, name)
    except KeyError:
        known = ", ".join(components.names(current.setting))
        raise LabError(f"there is no component {name}; this lab has {known}") from None


def dead(current: State) -> tuple[str, ...]:
    """Name the components that should run and do not."""
    started = current.components
    names = components.names(current.setting)
    return tuple(name for name in names if name not in started or not processes.is_alive(started[name]))


def wait_for_api(layout: Layout, current: State, *, watched: Iterable[str] | None = None) -> None:
    """Wait until the API server is ready."""
    client = api.connect(layout, current.setting)
    wait_until(layout, current, client.is_ready, what="the API server is ready", watched=watched)


def wait_until(
    layout: Layout, current: State, done: Callable[[], bool], *, what: str, watched: Iterable[str] | None = None
) -> None:
    """Wait for something; raise ComponentFailed when time is over, or a watched component has ended.

    Without a choice every component that was started is watched.
    """
    deadline = time.monotonic() + _PATIENCE
    names = frozenset(current.components if watched is None else watched)
    while not done():
        for name in names.intersection(dead(current)):
            raise ComponentFailed(f"{name} ended. {tail(log_of(layout, name))}")
        if time.monotonic() > deadline:
            raise ComponentFailed(f"waited {_PATIENCE:.0f} s until {what}. {_tails(layout, current)}")
        time.sleep(0.05)


def log_of(layout: Layout, name: str) -> Path:
    """Give the file that a component's output goes to."""
    return layout.logs / f"{name}.log"


def _tails(layout: Layout, current: State) -> str:
    newest = list(current.components)[-2:]
    return "\n".join(tail(log_of(layout, name)) for name in newest)


def tail(log: Path) -> str:
    """Give the last lines of a log, with its name."""
    lines = log.read_text(errors="replace").splitlines()[-_LAST_LINES:] if log.exists() else []
    return "\n  ".join([f"The end of {log}:", *lines])
