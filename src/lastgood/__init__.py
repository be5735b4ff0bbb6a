"""Deploys to Kubernetes and always comes back to the last good release.

    async with lastgood.connect(namespace="prod") as cluster:
        release = await cluster.deploy("shop", "k8s/")

    release = lastgood.deploy("shop", "k8s/", namespace="prod")

Everything public is named here and is imported when it is first used. docs/library.md tells how to use it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lastgood import events as events
    from lastgood import testing as testing
    from lastgood.blocking import abort as abort
    from lastgood.blocking import deploy as deploy
    from lastgood.blocking import diff as diff
    from lastgood.blocking import history as history
    from lastgood.blocking import list_releases as list_releases
    from lastgood.blocking import plan as plan
    from lastgood.blocking import plan_rollback as plan_rollback
    from lastgood.blocking import plan_uninstall as plan_uninstall
    from lastgood.blocking import promote as promote
    from lastgood.blocking import recover as recover
    from lastgood.blocking import rollback as rollback
    from lastgood.blocking import show as show
    from lastgood.blocking import status as status
    from lastgood.blocking import swap as swap
    from lastgood.blocking import uninstall as uninstall
    from lastgood.blocking import verify as verify
    from lastgood.client import Client as Client
    from lastgood.client import DeploySettings as DeploySettings
    from lastgood.client import RollbackSettings as RollbackSettings
    from lastgood.client import Run as Run
    from lastgood.client import RunSettings as RunSettings
    from lastgood.client import Source as Source
    from lastgood.client import UninstallSettings as UninstallSettings
    from lastgood.client.diagnosing import health as health
    from lastgood.connecting import connect as connect
    from lastgood.deployer import Deployer as Deployer
    from lastgood.errors import ClusterError as ClusterError
    from lastgood.errors import Conflict as Conflict
    from lastgood.errors import DeployFailed as DeployFailed
    from lastgood.errors import ExpressionError as ExpressionError
    from lastgood.errors import Fenced as Fenced
    from lastgood.errors import FieldConflict as FieldConflict
    from lastgood.errors import Forbidden as Forbidden
    from lastgood.errors import HistoryError as HistoryError
    from lastgood.errors import InputError as InputError
    from lastgood.errors import LastgoodError as LastgoodError
    from lastgood.errors import ManifestError as ManifestError
    from lastgood.errors import NotFound as NotFound
    from lastgood.errors import NothingStaged as NothingStaged
    from lastgood.errors import NothingToRollBackTo as NothingToRollBackTo
    from lastgood.errors import RecordCorrupt as RecordCorrupt
    from lastgood.errors import Rejected as Rejected
    from lastgood.errors import ReleaseBusy as ReleaseBusy
    from lastgood.errors import ReleaseNotFound as ReleaseNotFound
    from lastgood.errors import RestoreFailed as RestoreFailed
    from lastgood.errors import SettingError as SettingError
    from lastgood.errors import TemplateError as TemplateError
    from lastgood.errors import UninstallFailed as UninstallFailed
    from lastgood.errors import Unreachable as Unreachable
    from lastgood.loading import load as load
    from lastgood.model.diagnosis import Diagnosis as Diagnosis
    from lastgood.model.event import Event as Event
    from lastgood.model.evidence import Evidence as Evidence
    from lastgood.model.plan import Change as Change
    from lastgood.model.plan import Plan as Plan
    from lastgood.model.proof import Finding as Finding
    from lastgood.model.proof import Proof as Proof
    from lastgood.model.release import History as History
    from lastgood.model.release import Mode as Mode
    from lastgood.model.release import Release as Release
    from lastgood.model.release import State as State
    from lastgood.model.release import Summary as Summary
    from lastgood.model.request import OnConflict as OnConflict
    from lastgood.model.request import Options as Options
    from lastgood.model.request import Request as Request
    from lastgood.model.resource import Ref as Ref
    from lastgood.model.resource import Resource as Resource
    from lastgood.model.status import Comparison as Comparison
    from lastgood.model.status import Listed as Listed
    from lastgood.model.status import Status as Status
    from lastgood.pipelines.service import ServiceRelease as ServiceRelease
    from lastgood.pipelines.service import load_service as load_service

__version__ = "0.1.0.dev0"

_HOMES = {
    "Change": "model.plan",
    "Client": "client",
    "ClusterError": "errors",
    "Comparison": "model.status",
    "Conflict": "errors",
    "DeployFailed": "errors",
    "DeploySettings": "client",
    "Deployer": "deployer",
    "Diagnosis": "model.diagnosis",
    "Event": "model.event",
    "Evidence": "model.evidence",
    "ExpressionError": "errors",
    "Fenced": "errors",
    "FieldConflict": "errors",
    "Finding": "model.proof",
    "Forbidden": "errors",
    "History": "model.release",
    "HistoryError": "errors",
    "InputError": "errors",
    "LastgoodError": "errors",
    "Listed": "model.status",
    "ManifestError": "errors",
    "Mode": "model.release",
    "NotFound": "errors",
    "NothingStaged": "errors",
    "NothingToRollBackTo": "errors",
    "OnConflict": "model.request",
    "Options": "model.request",
    "Plan": "model.plan",
    "Proof": "model.proof",
    "RecordCorrupt": "errors",
    "Ref": "model.resource",
    "Rejected": "errors",
    "Release": "model.release",
    "ReleaseBusy": "errors",
    "ReleaseNotFound": "errors",
    "Request": "model.request",
    "Resource": "model.resource",
    "RestoreFailed": "errors",
    "RollbackSettings": "client",
    "Run": "client",
    "RunSettings": "client",
    "ServiceRelease": "pipelines.service",
    "SettingError": "errors",
    "Source": "client",
    "State": "model.release",
    "Status": "model.status",
    "Summary": "model.release",
    "TemplateError": "errors",
    "UninstallFailed": "errors",
    "UninstallSettings": "client",
    "Unreachable": "errors",
    "abort": "blocking",
    "connect": "connecting",
    "deploy": "blocking",
    "diff": "blocking",
    "health": "client.diagnosing",
    "history": "blocking",
    "list_releases": "blocking",
    "load": "loading",
    "load_service": "pipelines.service",
    "plan": "blocking",
    "plan_rollback": "blocking",
    "plan_uninstall": "blocking",
    "promote": "blocking",
    "recover": "blocking",
    "rollback": "blocking",
    "show": "blocking",
    "status": "blocking",
    "swap": "blocking",
    "uninstall": "blocking",
    "verify": "blocking",
}
_MODULES = ("events", "testing")

__all__ = sorted([*_HOMES, *_MODULES])  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
