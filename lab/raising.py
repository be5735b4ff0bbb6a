"""Raise a lab in an empty place: prepare it, start the components, wait until pods can be made."""

import dataclasses
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from lab import api, building, components, hosting, nodes, processes, running, state, stopping
from lab.components import Component
from lab.errors import LabError
from lab.layout import Layout
from lab.preparing import prepare
from lab.reporting import part, say
from lab.setting import Nodes
from lab.state import State

KWOK_NODES = 3
"""How many, where nobody asks for a number."""


def raise_lab(layout: Layout, wish: Nodes | None, kwok_nodes: int | None) -> State:
    """Clear what was left over and start a lab; whatever goes wrong, nothing of it stays but the logs."""
    _refuse_foreign(layout)
    kind, reason = hosting.choose_nodes(wish)
    say(f"nodes: {kind}" + (f", since no real node can run here: {reason}" if reason else ""))
    binaries = building.ensure()
    stopping.clear(layout)
    with _undone_on_failure(layout):
        current = prepare(layout, kind, KWOK_NODES if kwok_nodes is None else kwok_nodes, binaries)
        return _run(layout, current)


def _refuse_foreign(layout: Layout) -> None:
    """Keep out of a folder that has something in it and is not a lab's."""
    if layout.directory.exists() and not layout.marker.exists() and any(layout.directory.iterdir()):
        raise LabError(f"{layout.directory} is not empty and not a lab's: choose another folder")


@contextmanager
def _undone_on_failure(layout: Layout) -> Iterator[None]:
    """Clear all of this start if it fails or is interrupted."""
    try:
        yield
    except BaseException:
        with _uninterrupted():
            stopping.clear(layout, keep_logs=True)
        raise


@contextmanager
def _uninterrupted() -> Iterator[None]:
    kept = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def _run(layout: Layout, current: State) -> State:
    """Start the components in two groups, and wait until the cluster takes pods."""
    current = _start(layout, current, components.first(current.setting))
    with part("API server"):
        running.wait_for_api(layout, current)
    current = _start(layout, current, components.second(current.setting))
    with part("nodes"):
        _wait_for_nodes(layout, current)
    finished = dataclasses.replace(current, ready=True)
    state.save(layout, finished)
    return finished


def _start(layout: Layout, current: State, group: Iterable[Component]) -> State:
    for component in group:
        current = running.start(layout, current, component)
    return current


def _wait_for_nodes(layout: Layout, current: State) -> None:
    client = api.connect(layout, current.setting)
    nodes.create_kwok_nodes(client, current.setting)
    running.wait_until(layout, current, lambda: nodes.all_ready(client, current.setting), what="the nodes are ready")
    if current.setting.nodes.real:
        log = running.log_of(layout, "registry")
        running.wait_until(layout, current, lambda: processes.says_ready(log), what="images can be pulled")
