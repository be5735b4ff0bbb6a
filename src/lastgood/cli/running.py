"""One command at work: its flags, its report, and the loop in which it talks to a cluster until a signal stops it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from lastgood.cli.commands import RUNS
from lastgood.cli.masking import Masks
from lastgood.cli.outside import Outside
from lastgood.cli.page import Page
from lastgood.cli.pages.ending import Ending
from lastgood.cli.report import Report, report_for
from lastgood.cli.story import Story
from lastgood.cli.words import count
from lastgood.errors import DeployFailed, Interrupted
from lastgood.model.event import Event, Failed, Planned, Recorded, Restoring, Written

if TYPE_CHECKING:
    from lastgood.cli.evidence_folder import EvidenceFolder
    from lastgood.deployer import Deployer
    from lastgood.model.release import Release
    from lastgood.model.rule import Rules

GOING_BACK = ("recover", "abort")
"""Commands after which a release that is back is what was asked for."""
SIGNALS = (signal.SIGINT, signal.SIGTERM)
Answer = TypeVar("Answer")
Open = Callable[[str, "str | None"], Awaitable["Deployer"]]
"""Gives the use cases for a namespace, by a context of the kubeconfig or the usual one."""


@dataclass(slots=True)
class Session:
    """A command between its flags and its exit code. ``where`` is what connects: context, kubeconfig, namespace."""

    outside: Outside
    command: str
    output: str = "text"
    verbose: bool = False
    where: dict[str, str | None] = field(default_factory=dict)
    rules: Rules = field(default_factory=dict)
    masks: Masks = field(default_factory=Masks)
    report: Report = field(init=False)
    story: Story = field(default_factory=Story)
    began: float = field(init=False)
    stopped_by: int = 0
    evidence: EvidenceFolder | None = None
    dry: bool = False

    def __post_init__(self) -> None:
        self.report = report_for(self.outside, output=self.output, verbose=self.verbose, masks=self.masks)
        self.began = self.outside.monotonic()

    @property
    def is_run(self) -> bool:
        """Whether this command changes a release, and tells how it goes; a dry run only asks."""
        return self.command in RUNS and not self.dry

    @property
    def seconds(self) -> float:
        """How long it has been."""
        return self.outside.monotonic() - self.began

    def ask(self, question: Callable[[Deployer], Awaitable[Page]]) -> int:
        """Show the answer to a question that changes nothing."""
        page = self._in_loop(question)
        self.report.show(page)
        return page.exit_code

    def keep_evidence(self, folder: str | None) -> None:
        """Write what failures look like there, too. Raises ``SettingError`` when that cannot be done."""
        if folder:
            from lastgood.cli.evidence_folder import writable_folder  # noqa: PLC0415  # few ask for it

            self.evidence = writable_folder(folder)

    def release(self, name: str, work: Callable[[Deployer], Awaitable[Release | None]]) -> int:
        """Do something that changes a release, and tell how it ended. Failures are raised, for ``main`` to tell."""
        self.story.name = name
        try:
            live = self._in_loop(work)
        except DeployFailed as error:
            self._keep(error.release)
            raise
        ending = Ending(self.story, 0, self.seconds, live=live, recovering=self.command in GOING_BACK)
        self.report.show(ending)
        return ending.exit_code

    def ask_several(self, question: Callable[[Open], Awaitable[Page]]) -> int:
        """The same, where the answer is in several namespaces."""
        page: Page = self._ended(self._opening(question))
        self.report.show(page)
        return page.exit_code

    def several(self, work: Callable[[Open], Awaitable[Page]], *, hint: str) -> int:
        """Do something in several namespaces, and show how it ended; ``hint`` says what to do after an interruption."""
        try:
            page: Page = self.outside.run_loop(self._opening(work))
        except asyncio.CancelledError as cancelled:
            if not self.stopped_by:
                raise RuntimeError("the work was cancelled by itself") from cancelled
            raise Interrupted(
                "interrupted; how far it came is written down", signal=self.stopped_by, hint=hint
            ) from cancelled
        self.report.show(page)
        return page.exit_code

    async def _opening(self, work: Callable[[Open], Awaitable[Page]]) -> Page:
        self._listen_to_signals()
        opened: dict[tuple[str, str | None], Deployer] = {}
        async with AsyncExitStack() as stack:

            async def open_one(namespace: str, context: str | None) -> Deployer:
                if (namespace, context) not in opened:
                    where = {**self.where, "namespace": namespace, "context": context or self.where["context"]}
                    connected = self.outside.connect(**where, tell=self._tell)
                    opened[namespace, context] = _with_rules(await stack.enter_async_context(connected), self.rules)
                return opened[namespace, context]

            return await work(open_one)

    def _in_loop(self, work: Callable[[Deployer], Awaitable[Answer]]) -> Answer:
        return self._ended(self._connected(work))

    def _ended(self, doing: Coroutine[Any, Any, Answer]) -> Answer:
        try:
            answer: Answer = self.outside.run_loop(doing)
        except asyncio.CancelledError as cancelled:
            if not self.stopped_by:
                raise RuntimeError("the work was cancelled by itself") from cancelled
            raise self._interrupted() from cancelled
        return answer

    async def _connected(self, work: Callable[[Deployer], Awaitable[Answer]]) -> Answer:
        self._listen_to_signals()
        async with self.outside.connect(**self.where, tell=self._tell) as deployer:
            self.story.where = _flags({**self.where, "namespace": deployer.namespace})
            return await work(_with_rules(deployer, self.rules))

    def _tell(self, event: Event) -> None:
        self.story.tell(event)
        if self.is_run:
            self.report.tell(event)
        if isinstance(event, Failed):
            self._keep(event.release)

    def _keep(self, release: Release) -> None:
        """At once, and not at the end: whatever becomes of the run, a build has the files then."""
        if self.evidence is None:
            return
        try:
            folder = self.evidence.keep(release)
        except OSError as error:
            self.report.warn(f"the evidence of release {release.number} cannot be written: {error}")
            return
        if folder is not None:
            self.report.note(f"evidence of release {release.number} is in {folder}")

    # --- signals

    def _listen_to_signals(self) -> None:
        loop, work = asyncio.get_running_loop(), asyncio.current_task()
        assert work is not None
        for number in SIGNALS:
            loop.add_signal_handler(number, self._stop, work, number)

    def _stop(self, work: asyncio.Task[Any], number: int) -> None:
        """The first signal cancels the work, which then writes down what it can; a second one ends the process."""
        if self.stopped_by:
            self.report.leave()
            self.outside.leave(128 + number)
        self.stopped_by = number
        self.report.note(f"stopping ({signal.Signals(number).name}); a second one leaves at once")
        work.cancel()

    def _interrupted(self) -> Interrupted:
        recorded = self.story.last(Recorded)
        if recorded is None:
            return Interrupted("interrupted before anything was changed", signal=self.stopped_by)
        recover = f"lastgood recover {self.story.name} {self.story.where}"
        hint = f"{recover} finishes it or brings the last good release back"
        return Interrupted(_interrupted_in(self.story, recorded), signal=self.stopped_by, hint=hint)


def _with_rules(deployer: Deployer, rules: Rules) -> Deployer:
    if not rules:
        return deployer
    from lastgood.connecting import with_rules  # noqa: PLC0415  # few have any

    return with_rules(deployer, rules)


def _interrupted_in(story: Story, recorded: Recorded) -> str:
    restoring = story.last(Restoring)
    if restoring is not None:
        return f"interrupted while release {restoring.number} was being brought back"
    planned, written = story.last(Planned), len(story.all(Written))
    total = len(planned.plan.writes) if planned else written
    done = f"after {written} of {count(total, 'change')}" if total else "while it waited"
    return f"interrupted in release {recorded.release.number} {done}"


def _flags(where: dict[str, str | None]) -> str:
    """The flags that lead another command to the same place."""
    spelled = {"namespace": "-n", "context": "--context", "kubeconfig": "--kubeconfig"}
    return " ".join(f"{flag} {where[key]}" for key, flag in spelled.items() if where.get(key))
