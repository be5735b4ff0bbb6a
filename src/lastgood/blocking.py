"""The use cases without ``await``, for scripts: each connects, does one thing, and disconnects."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from typing import Any, TypedDict, TypeVar, Unpack

from lastgood import connecting
from lastgood.client import Client, DeploySettings, RollbackSettings, Run, RunSettings, Source, UninstallSettings
from lastgood.client.settings import HealthRules, check
from lastgood.model.event import Event
from lastgood.model.plan import Plan
from lastgood.model.proof import Proof
from lastgood.model.release import History, Release
from lastgood.model.status import Comparison, Listed, Status
from lastgood.pipelines.service import ServiceRelease

T = TypeVar("T")


class Where(TypedDict, total=False):
    """Where the release lives, as ``connect`` takes it; ``tell`` is called with every event."""

    namespace: str | None
    context: str | None
    kubeconfig: str | os.PathLike[str] | None
    tell: Callable[[Event], None] | None


class DeployCall(DeploySettings, Where, total=False):
    """What ``deploy`` and ``plan`` take by name."""


class RollbackCall(RollbackSettings, Where, total=False):
    """What ``rollback`` takes by name."""


class RunCall(RunSettings, Where, total=False):
    """What ``recover``, ``promote``, ``swap`` and ``abort`` take by name."""


class UninstallCall(UninstallSettings, Where, total=False):
    """What ``uninstall`` takes by name, beside what it deletes."""


def deploy(what: str | ServiceRelease, /, *sources: Source, **settings: Unpack[DeployCall]) -> Release:
    """Make a release live; on failure bring the last good one back, and raise ``DeployFailed``.

    Takes what ``Client.deploy`` takes and raises what it raises, and ``namespace``, ``context``, ``kubeconfig`` and
    ``tell`` besides. Ctrl-C records the release as interrupted and raises ``KeyboardInterrupt``.
    """
    where, rest = _parted(settings)
    return _done("deploy", where, lambda cluster: cluster.deploy(what, *sources, **rest))


def plan(what: str | ServiceRelease, /, *sources: Source, **settings: Unpack[DeployCall]) -> Plan:
    """What ``deploy`` with the same words would do now. Changes nothing."""
    where, rest = _parted(settings)
    return _done("plan", where, lambda cluster: cluster.plan(what, *sources, **rest))


def promote(name: str, /, **settings: Unpack[RunCall]) -> Release:
    """Let the release that was staged take the place of the live one; on failure bring that back."""
    where, rest = _parted(settings)
    return _done("promote", where, lambda cluster: cluster.promote(name, **rest))


def swap(name: str, /, **settings: Unpack[RunCall]) -> Release:
    """The same for a blue-green release only: traffic goes to its colour, and no pod is touched."""
    where, rest = _parted(settings)
    return _done("swap", where, lambda cluster: cluster.swap(name, **rest))


def abort(name: str, /, **settings: Unpack[RunCall]) -> Release:
    """Delete what is staged; the live release is proved again."""
    where, rest = _parted(settings)
    return _done("abort", where, lambda cluster: cluster.abort(name, **rest))


def rollback(name: str, /, *, to: int | None = None, **settings: Unpack[RollbackCall]) -> Release:
    """Go back to an earlier good release: to this number, or the newest whose content differs from what is live."""
    where, rest = _parted(settings)
    return _done("rollback", where, lambda cluster: cluster.rollback(name, to=to, **rest))


def recover(name: str, /, **settings: Unpack[RunCall]) -> Release | None:
    """Finish what a run that died left undone, or go back to the last good release; None when nothing was pending."""
    where, rest = _parted(settings)
    return _done("recover", where, lambda cluster: cluster.recover(name, **rest))


def uninstall(
    name: str, /, *, everything: bool = False, keep_history: bool = False, **settings: Unpack[UninstallCall]
) -> Release:
    """Delete what the releases of a name have made, and their history unless ``keep_history``."""
    where, rest = _parted(settings)
    how = {"everything": everything, "keep_history": keep_history, **rest}
    return _done("uninstall", where, lambda cluster: cluster.uninstall(name, **how))


def plan_rollback(name: str, /, *, to: int | None = None, force: bool = False, **where: Unpack[Where]) -> Plan:
    """What ``rollback`` with the same words would do now."""
    place = _checked("plan_rollback", where)
    return _done("plan_rollback", place, lambda cluster: cluster.plan_rollback(name, to=to, force=force))


def plan_uninstall(name: str, /, *, everything: bool = False, **where: Unpack[Where]) -> Plan:
    """What ``uninstall`` with the same words would do now."""
    place = _checked("plan_uninstall", where)
    return _done("plan_uninstall", place, lambda cluster: cluster.plan_uninstall(name, everything=everything))


def verify(
    name: str, /, *, strict: bool = False, health_rules: HealthRules | None = None, **where: Unpack[Where]
) -> Proof:
    """Compare what is live with the last good release; ``proof.holds`` says whether it is the same."""
    checked = _checked("verify", where)
    return _done("verify", checked, lambda cluster: cluster.verify(name, strict=strict, health_rules=health_rules))


def status(name: str, /, *, health_rules: HealthRules | None = None, **where: Unpack[Where]) -> Status:
    """What is live, whether it holds, what was tried last, and who is at work on it."""
    return _done("status", _checked("status", where), lambda cluster: cluster.status(name, health_rules=health_rules))


def diff(name: str, before: int | None = None, after: int | None = None, /, **where: Unpack[Where]) -> Comparison:
    """What would have to change from one release, or what is live, to another, or the last good one."""
    return _done("diff", _checked("diff", where), lambda cluster: cluster.diff(name, before, after))


def list_releases(*, everywhere: bool = False, **where: Unpack[Where]) -> tuple[Listed, ...]:
    """The release names of a namespace, or of all, each with its history."""
    return _done(
        "list_releases", _checked("list_releases", where), lambda cluster: cluster.list_releases(everywhere=everywhere)
    )


def history(name: str, /, **where: Unpack[Where]) -> History:
    """The recorded releases of a name, newest first. Raises ``ReleaseNotFound`` when there are none."""
    return _done("history", _checked("history", where), lambda cluster: cluster.history(name))


def show(name: str, number: int | None = None, /, **where: Unpack[Where]) -> Release:
    """One release, whole, with its proof and the evidence of its failure; without a number the newest."""
    return _done("show", _checked("show", where), lambda cluster: cluster.show(name, number))


def _parted(settings: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What says where, and what says how."""
    names = Where.__annotations__
    return (
        {name: value for name, value in settings.items() if name in names},
        {name: value for name, value in settings.items() if name not in names},
    )


def _checked(verb: str, where: Mapping[str, Any]) -> dict[str, Any]:
    where, unknown = _parted(where)
    check(verb, Where, unknown)
    return where


def _done(verb: str, where: Mapping[str, Any], run: Callable[[Client], Run[T]]) -> T:
    _refuse_inside_a_loop(verb)

    async def connected() -> T:
        async with connecting.connect(**where) as cluster:
            return await run(cluster)

    return asyncio.run(connected())


def _refuse_inside_a_loop(verb: str) -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    form = f"async with lastgood.connect(...) as cluster: await cluster.{verb}(...)"
    raise RuntimeError(f"lastgood.{verb}() cannot be called where an event loop runs already; there, write {form}")
