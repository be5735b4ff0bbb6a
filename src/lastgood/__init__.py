"""Deploys to Kubernetes and always comes back to the last good release.

Everything public is named here and is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lastgood.connecting import connect as connect
    from lastgood.deployer import Deployer as Deployer
    from lastgood.errors import (
        ClusterError as ClusterError,
    )
    from lastgood.errors import (
        DeployFailed as DeployFailed,
    )
    from lastgood.errors import (
        Fenced as Fenced,
    )
    from lastgood.errors import (
        HistoryError as HistoryError,
    )
    from lastgood.errors import (
        InputError as InputError,
    )
    from lastgood.errors import (
        LastgoodError as LastgoodError,
    )
    from lastgood.errors import (
        RestoreFailed as RestoreFailed,
    )
    from lastgood.loading import load as load
    from lastgood.model.event import Event as Event
    from lastgood.model.plan import Plan as Plan
    from lastgood.model.proof import Proof as Proof
    from lastgood.model.release import History as History
    from lastgood.model.release import Release as Release
    from lastgood.model.request import Options as Options
    from lastgood.model.request import Request as Request
    from lastgood.model.resource import Ref as Ref
    from lastgood.model.resource import Resource as Resource
    from lastgood.pipelines.service import load_service as load_service

__version__ = "0.1.0.dev0"

_HOMES = {
    "ClusterError": "errors",
    "DeployFailed": "errors",
    "Deployer": "deployer",
    "Event": "model.event",
    "Fenced": "errors",
    "History": "model.release",
    "HistoryError": "errors",
    "InputError": "errors",
    "LastgoodError": "errors",
    "Options": "model.request",
    "Plan": "model.plan",
    "Proof": "model.proof",
    "Ref": "model.resource",
    "Release": "model.release",
    "Request": "model.request",
    "Resource": "model.resource",
    "RestoreFailed": "errors",
    "connect": "connecting",
    "load": "loading",
    "load_service": "pipelines.service",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
