"""What a lab's `status` and `env` say. Reads, and changes nothing."""

import shlex
import time
from pathlib import Path
from typing import Any

from lab import api, building, images, running, state
from lab.errors import NotRunning
from lab.layout import Layout
from lab.state import State


def describe(layout: Layout) -> dict[str, Any]:
    """Give all that is known of the lab in a folder; `running` is true only if every part of it is."""
    try:
        current = state.load(layout)
    except NotRunning:
        return {"running": False, "directory": str(layout.directory)}
    dead = running.dead(current)
    answers = api.connect(layout, current.setting).is_ready()
    return {
        "running": current.ready and answers and not dead,
        "directory": str(layout.directory),
        "kubeconfig": str(layout.kubeconfig),
        "node": current.setting.nodes.value,
        "nodes": list(current.setting.node_names),
        "server": current.setting.server,
        "answers": answers,
        "uptime": round(time.time() - current.started, 1),
        "versions": building.versions(),
        "components": {name: {"pid": of.pid, "alive": name not in dead} for name, of in current.components.items()},
        "dead": list(dead),
    }


def sentence(found: dict[str, Any]) -> str:
    """Say the same in a few lines for a person. Pure."""
    if "server" not in found:
        return f"not running ({found['directory']})"
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    lines = (
        f"{_health(found)} since {found['uptime']:.0f} s ({found['directory']})",
        f"  nodes:   {', '.join(found['nodes'])} ({found['node']})",
        f"  server:  {found['server']}",
        f"  version: {versions}",
    )
    return "\n".join(lines)


def _health(found: dict[str, Any]) -> str:
    if found["running"]:
        return "running"
    if found["dead"]:
        return f"broken: {', '.join(found['dead'])} ended;"
    return "starting or broken: the API server does not answer;" if not found["answers"] else "starting"


def variables(layout: Layout) -> dict[str, str]:
    """Give the environment in which clients find the cluster, its images and a kubectl."""
    current = state.load(layout)
    return {
        "KUBECONFIG": str(layout.kubeconfig),
        "LAB_NODE": _node(current),
        "LAB_KUBECTL": str(layout.bin / "kubectl"),
        **images.VARIABLES,
    }


def _node(current: State) -> str:
    return "real" if current.setting.nodes.real else "kwok"


def exports(found: dict[str, str]) -> str:
    """Say it to a shell, which also finds kubectl afterwards. Pure."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in found.items()]
    folder = shlex.quote(str(Path(found["LAB_KUBECTL"]).parent))
    return "\n".join([*lines, f'export PATH={folder}:"$PATH"'])
