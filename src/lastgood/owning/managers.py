"""Who writes to the API: people and pipelines that decide, and controllers that work things out. Pure.

kubectl names itself by its command (``kubectl-client-side-apply``, ``kubectl-set``), and plainly ``kubectl`` for a
server-side apply, a ``rollout undo`` and a ``scale``.
https://kubernetes.io/docs/reference/using-api/server-side-apply/#managers
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lastgood.ports import BESIDE, FENCE, MANAGER

Entry = Mapping[str, Any]
"""One entry of managedFields."""

DEPLOYING = (
    "kubectl", "helm", "before-first-apply", "lastgood", "argocd", "kustomize-controller", "helm-controller",
    "terraform", "HashiCorp", "pulumi", "kapp", "nelm", "krane", "k9s", "lens", "headlamp", "dashboard", "Mozilla",
    "curl", "python", "okhttp", "OpenAPI-Generator", "harness",
)  # fmt: skip
"""Managers that write what people decided, as opposed to controllers that write what they work out themselves."""

BY_HAND = ("kubectl-edit", "kubectl-patch", "kubectl-set", "k9s", "lens", "headlamp", "dashboard", "Mozilla", "curl")
"""Of these, who changes single fields of what others deployed."""

NOTING = ("kubectl-annotate", "kubectl-label", "kubectl-rollout", "kubectl-taint", FENCE, BESIDE)
"""Who leaves marks on what others deployed: a note, a restart, a patch of a pipeline. They are not what is deployed."""


def is_ours(entry: Entry) -> bool:
    """Whether this is the one entry that our applies own."""
    return entry.get("manager") == MANAGER and entry.get("operation") == "Apply" and not entry.get("subresource")


def is_deploying(manager: str) -> bool:
    """Whether what this manager writes was decided by a person or a pipeline, not by a controller."""
    return manager.startswith(DEPLOYING)


def is_by_hand(entry: Entry) -> bool:
    """Whether somebody changed single fields of what others deployed; ``kubectl`` itself does by undo and scale."""
    manager = str(entry.get("manager"))
    return manager.startswith(BY_HAND) or (manager == "kubectl" and entry.get("operation") == "Update")


def is_deployed(entry: Entry) -> bool:
    """Whether these fields were put there to be deployed: not through a subresource, not as a note."""
    manager = str(entry.get("manager"))
    return is_deploying(manager) and not manager.startswith(NOTING) and not entry.get("subresource")
