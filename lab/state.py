"""What is known of a running lab: a file in its folder, always whole."""

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.errors import NotRunning
from lab.layout import Layout
from lab.processes import Process
from lab.setting import Addresses, Nodes, Ports, Setting


@dataclass(frozen=True, slots=True)
class State:
    """A lab that was started: its setting, and the process of each component. `room` holds its namespaces."""

    setting: Setting
    started: float
    ready: bool = False
    room: Process | None = None
    components: dict[str, Process] = field(default_factory=dict)

    def with_component(self, name: str, process: Process) -> "State":
        """Give the state in which the component has this process."""
        return dataclasses.replace(self, components={**self.components, name: process})


def save(layout: Layout, state: State) -> None:
    """Write the state; a reader sees the old one or the new one."""
    partial = layout.state.with_suffix(".partial")
    partial.write_text(json.dumps(dataclasses.asdict(state), default=str, indent=1))
    partial.replace(layout.state)


def load(layout: Layout) -> State:
    """Read the state, or raise NotRunning."""
    try:
        return _decode(json.loads(layout.state.read_text()))
    except (OSError, ValueError, KeyError, TypeError):
        raise NotRunning(f"no lab is running in {layout.directory}; start one with: python -m lab up") from None


def _decode(found: dict[str, Any]) -> State:
    room = found["room"]
    return State(
        setting=_decode_setting(found["setting"]),
        started=found["started"],
        ready=found["ready"],
        room=Process(**room) if room else None,
        components={name: Process(**process) for name, process in found["components"].items()},
    )


def _decode_setting(found: dict[str, Any]) -> Setting:
    typed: dict[str, Any] = {
        "nodes": Nodes(found["nodes"]),
        "binaries": Path(found["binaries"]),
        "home": Path(found["home"]),
        "addresses": Addresses(**found["addresses"]),
        "ports": Ports(**found["ports"]),
    }
    return Setting(**{**found, **typed})
