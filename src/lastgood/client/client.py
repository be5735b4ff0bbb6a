"""The use cases for people who write Python: each method checks its settings at once and gives a ``Run``."""

from __future__ import annotations

import asyncio
import inspect
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TypeVar, Unpack

from lastgood.client.homes import Runs
from lastgood.client.ruling import ruled
from lastgood.client.runs import Run, Tell
from lastgood.client.settings import (
    DeploySettings,
    HealthRules,
    RollbackSettings,
    RunSettings,
    UninstallSettings,
    check,
    flag_problems,
    name_problems,
    need,
    number_problems,
    options_of,
    rules_problems,
)
from lastgood.client.sources import Source, Wanted, wanted
from lastgood.deployer import Deployer
from lastgood.errors import SettingError
from lastgood.model.event import Event
from lastgood.model.plan import Plan
from lastgood.model.proof import Proof
from lastgood.model.release import History, Release
from lastgood.model.request import Options
from lastgood.model.status import Comparison, Listed, Status
from lastgood.pipelines.service import ServiceRelease

T = TypeVar("T")


class Client:
    """A connection to one namespace of a cluster, while its ``async with`` lasts.

    Every method gives a ``Run``: ``await`` it for its result, iterate over it for its events; before that nothing
    happens. Wrong or unknown settings are a ``SettingError`` at the call, all of them together. Several runs may be
    at work at once; of one release, one waits for the other.
    """

    def __init__(self, deployer: Deployer, runs: Runs, *, tell: Tell, who: str) -> None:
        self._deployer, self._runs, self._tell, self._who = deployer, runs, tell, who
        self._numbers = itertools.count(1)

    @property
    def namespace(self) -> str:
        """Where the releases and their histories live."""
        return self._deployer.namespace

    # --- what changes the cluster

    def deploy(
        self, what: str | ServiceRelease, /, *sources: Source, **settings: Unpack[DeploySettings]
    ) -> Run[Release]:
        """Make a release live; on failure bring the last good one back, and raise ``DeployFailed``.

        ``what`` is the name of the release, and ``sources`` what it is made of: files, folders, bodies, ``Resource``s,
        or several of these in one; or it is what ``load_service`` gives, and there are no sources. The result is the
        release that is live: the new one, or the last good one when there is nothing to do. Raises ``RestoreFailed``
        when what was good before is not back, ``InputError``, ``ClusterError`` or ``HistoryError`` when nothing was
        changed.
        """
        asked = wanted("deploy", what, sources, settings, who=self._who)
        return self._run("deploy", asked.name, lambda deployer: _deploy(deployer, asked), asked.health_rules)

    def promote(self, name: str, /, **settings: Unpack[RunSettings]) -> Run[Release]:
        """Let the release that was staged take the place of the live one; on failure bring that back.

        The result is the release that is live then. Raises ``NothingStaged`` and what ``deploy`` raises.
        """
        checked = check("promote", RunSettings, settings, *name_problems(name))
        options, rules = options_of(checked, who=self._who), checked.get("health_rules")
        return self._run("promote", name, lambda deployer: deployer.promote(name, options=options), rules)

    def swap(self, name: str, /, **settings: Unpack[RunSettings]) -> Run[Release]:
        """The same for a blue-green release only: traffic goes to its colour, and no pod is touched."""
        checked = check("swap", RunSettings, settings, *name_problems(name))
        options, rules = options_of(checked, who=self._who), checked.get("health_rules")
        return self._run("swap", name, lambda deployer: deployer.swap(name, options=options), rules)

    def abort(self, name: str, /, **settings: Unpack[RunSettings]) -> Run[Release]:
        """Delete what is staged. The result is the live release, proved again; without one, what was staged."""
        checked = check("abort", RunSettings, settings, *name_problems(name))
        options, rules = options_of(checked, who=self._who), checked.get("health_rules")
        return self._run("abort", name, lambda deployer: deployer.abort(name, options=options), rules)

    def rollback(self, name: str, /, *, to: int | None = None, **settings: Unpack[RollbackSettings]) -> Run[Release]:
        """Go back to an earlier good release; on failure bring back what was live before, as ``deploy`` does.

        Without ``to``, to the newest good one whose content differs from what is live. The result is the new release
        that restores it. Raises ``NothingToRollBackTo`` and what ``deploy`` raises.
        """
        problems = [*name_problems(name), *number_problems(to=to)]
        checked = check("rollback", RollbackSettings, settings, *problems)
        options, rules = options_of(checked, who=self._who), checked.get("health_rules")
        return self._run("rollback", name, lambda deployer: deployer.rollback(name, to=to, options=options), rules)

    def recover(self, name: str, /, **settings: Unpack[RunSettings]) -> Run[Release | None]:
        """Finish what a run that died left undone, or go back to the last good release.

        The result is the release that is live then, or None when nothing was pending. Raises ``RestoreFailed`` when
        neither was possible.
        """
        checked = check("recover", RunSettings, settings, *name_problems(name))
        options, rules = options_of(checked, who=self._who), checked.get("health_rules")
        return self._run("recover", name, lambda deployer: deployer.recover(name, options=options), rules)

    def uninstall(
        self,
        name: str,
        /,
        *,
        everything: bool = False,
        keep_history: bool = False,
        **settings: Unpack[UninstallSettings],
    ) -> Run[Release]:
        """Delete what the releases of a name have made, and then their history unless ``keep_history``.

        Namespaces, definitions and volume claims stay unless ``everything``. The result is the record that says so.
        Raises ``UninstallFailed`` when something is still there; the same again goes on from that.
        """
        problems = [*name_problems(name), *flag_problems(everything=everything, keep_history=keep_history)]
        options = options_of(check("uninstall", UninstallSettings, settings, *problems), who=self._who)
        how = {"everything": everything, "keep_history": keep_history}
        return self._run("uninstall", name, lambda deployer: deployer.uninstall(name, **how, options=options))

    # --- what only reads

    def plan(self, what: str | ServiceRelease, /, *sources: Source, **settings: Unpack[DeploySettings]) -> Run[Plan]:
        """What ``deploy`` with the same words would do now. Changes nothing; ``plan.writes`` is what would change."""
        asked = wanted("plan", what, sources, settings, who=self._who)
        return self._run("plan", asked.name, lambda deployer: _plan(deployer, asked), asked.health_rules)

    def plan_rollback(self, name: str, /, *, to: int | None = None, force: bool = False) -> Run[Plan]:
        """What ``rollback`` with the same words would do now."""
        need(*name_problems(name), *number_problems(to=to), *flag_problems(force=force))
        options = Options(force=force)
        return self._run("plan of a rollback", name, lambda one: one.plan_rollback(name, to=to, options=options))

    def plan_uninstall(self, name: str, /, *, everything: bool = False) -> Run[Plan]:
        """What ``uninstall`` with the same words would do now."""
        need(*name_problems(name), *flag_problems(everything=everything))
        return self._run("plan of an uninstall", name, lambda one: one.plan_uninstall(name, everything=everything))

    def verify(self, name: str, /, *, strict: bool = False, health_rules: HealthRules | None = None) -> Run[Proof]:
        """Compare what is live with the last good release; ``proof.holds`` says whether it is the same.

        With ``strict``, fields that controllers rewrote count as differences.
        """
        need(*name_problems(name), *flag_problems(strict=strict), *rules_problems(health_rules))
        return self._run("verify", name, lambda deployer: deployer.verify(name, strict=strict), health_rules)

    def status(self, name: str, /, *, health_rules: HealthRules | None = None) -> Run[Status]:
        """What is live, whether it holds, what was tried last, and who is at work on it."""
        need(*name_problems(name), *rules_problems(health_rules))
        return self._run("status", name, lambda deployer: deployer.status(name), health_rules)

    def diff(self, name: str, before: int | None = None, after: int | None = None, /) -> Run[Comparison]:
        """What would have to change from one release to another: ``comparison.differing``.

        Without ``before``, from what is live; without ``after``, to the last good release.
        """
        need(*name_problems(name), *number_problems(before=before, after=after))
        return self._run("diff", name, lambda deployer: deployer.diff(name, before, after))

    def list_releases(self, *, everywhere: bool = False) -> Run[tuple[Listed, ...]]:
        """The release names of this namespace, or of all, each with its history; sorted by namespace and name."""
        need(*flag_problems(everywhere=everywhere))
        return self._run("list", "the releases", lambda deployer: deployer.list(everywhere=everywhere))

    def history(self, name: str, /) -> Run[History]:
        """The recorded releases of a name, newest first. Raises ``ReleaseNotFound`` when there are none."""
        need(*name_problems(name))
        return self._run("history", name, lambda deployer: deployer.history(name))

    def show(self, name: str, number: int | None = None, /) -> Run[Release]:
        """One release, whole, with its proof and the evidence of its failure; without a number the newest."""
        need(*name_problems(name), *number_problems(number=number))
        return self._run("show", name, lambda deployer: deployer.show(name, number))

    # --- how

    def _run(
        self, verb: str, name: str, work: Callable[[Deployer], Awaitable[T]], rules: HealthRules | None = None
    ) -> Run[T]:
        """A run with ears of its own, and a name that no other run has: of one release, one must wait for another."""
        holder = f"{self._deployer.holder}-{next(self._numbers)}"

        def begin(tell: Tell) -> Awaitable[T]:
            deployer = replace(self._deployer, holder=holder, tell=lambda event: _both(tell, self._tell, event))
            return _judged(work, deployer, rules)

        return Run(f"{verb} of {name}", begin, self._runs)

    def __repr__(self) -> str:
        return f"<Client of namespace {self.namespace}>"


@asynccontextmanager
async def opened(deployer: Deployer, *, tell: Tell | None, who: str) -> AsyncIterator[Client]:
    """A client, for as long as this lasts; leaving it waits for what still works, or stops it when it is left in haste.

    ``tell`` hears every event of every run; ``who`` stands in the history. Raises ``SettingError`` for a ``tell`` that
    would have to be awaited.
    """
    runs = Runs()
    try:
        yield Client(deployer, runs, tell=_listener(tell), who=who)
    except BaseException as error:
        await runs.stop(error)
        raise
    await runs.finish()


async def _judged(work: Callable[[Deployer], Awaitable[T]], deployer: Deployer, rules: HealthRules | None) -> T:
    return await work(await ruled(deployer, rules))


async def _deploy(deployer: Deployer, asked: Wanted) -> Release:
    return await deployer.deploy(await asked.request(deployer.namespace))


async def _plan(deployer: Deployer, asked: Wanted) -> Plan:
    return await deployer.plan(await asked.request(deployer.namespace))


def _listener(tell: Tell | None) -> Tell:
    if tell is None:
        return lambda event: None
    if inspect.iscoroutinefunction(tell):
        raise SettingError(
            "tell is called with each event and not awaited: it cannot be an async function",
            hint="to await something for each event, iterate over the run: async for event in cluster.deploy(...)",
        )
    return tell


def _both(remember: Tell, tell: Tell, event: Event) -> None:
    """A listener that fails must not stop a deploy half way: what it raises goes where asyncio tells of callbacks."""
    remember(event)
    try:
        tell(event)
    except Exception as error:  # noqa: BLE001  # whatever it is, it is not the run's
        context = {"message": "the function given as tell= failed; the run goes on", "exception": error}
        asyncio.get_running_loop().call_exception_handler(context)
