"""The nodes as the API server sees them: which are ready, and those that only KWOK carries."""

from typing import Any

from lab.api import Api
from lab.errors import LabError
from lab.setting import Nodes, Setting, kwok_node_names

KWOK_TAINT = {"key": "kwok.x-k8s.io/node", "value": "fake", "effect": "NoSchedule"}
"""Beside a real node, a pod must tolerate this to be put on a KWOK node."""


def create_kwok_nodes(api: Api, setting: Setting) -> None:
    """Register the KWOK nodes; KWOK makes them ready."""
    for name in kwok_node_names(setting):
        status, body = api.ask("POST", "/api/v1/nodes", kwok_node(name, setting.nodes))
        if status not in (201, 409):
            raise LabError(f"the node {name} could not be made: {status} {body.decode(errors='replace')}")


def kwok_node(name: str, nodes: Nodes) -> dict[str, Any]:
    """Give the node object; it is tainted where real nodes are to take ordinary pods. Pure."""
    labels = {"type": "kwok", "kubernetes.io/hostname": name, "kubernetes.io/os": "linux"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels, "annotations": {"kwok.x-k8s.io/node": "fake"}},
        "spec": {"taints": [KWOK_TAINT] if nodes.real else []},
    }


def all_ready(api: Api, setting: Setting) -> bool:
    """Whether pods can be made: every node is ready, and the default service account is there."""
    found = api.find("/api/v1/nodes") or {"items": []}
    ready = {node["metadata"]["name"] for node in found["items"] if _is_ready(node)}
    return ready.issuperset(setting.node_names) and bool(api.find(_ACCOUNT))


_ACCOUNT = "/api/v1/namespaces/default/serviceaccounts/default"


def _is_ready(node: dict[str, Any]) -> bool:
    conditions = node.get("status", {}).get("conditions", ())
    ready = any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
    return ready and not any(taint["key"].startswith("node.kubernetes.io/") for taint in node["spec"].get("taints", ()))
