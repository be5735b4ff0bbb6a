"""A cluster that only tells what a test wants told, and everything else that a command needs from outside."""

from __future__ import annotations

import asyncio
import difflib
import io
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from lastgood.cli.main import run
from lastgood.cli.outside import Outside
from lastgood.errors import LastgoodError
from lastgood.model.event import Event, Planned
from lastgood.model.plan import Plan
from lastgood.model.release import History
from lastgood.model.request import Options, Request
from tests.cli.cast import NOON

HERE = Path(__file__).parent
MANIFEST = """
apiVersion: v1
kind: ConfigMap
metadata: {name: app}
data: {LEVEL: info}
"""

Step = Event | float | int | LastgoodError | Callable[[], Any]
"""What happens next: an event, so many seconds, an error, or something that is called (and awaited)."""


@dataclass
class Clock:
    """Time passes when a story says so."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


class EmptyCluster:
    """For the one command that looks at a cluster past its deployer."""

    async def served(self) -> dict[Any, Any]:
        return {}


@dataclass
class FakeDeployer:
    """Plays a story instead of deploying. ``answer`` is what its methods return, and ``asked`` what they were asked."""

    story: Sequence[Step] = ()
    answer: Any = None
    past: History | LastgoodError = field(default_factory=History)
    namespace: str = "prod"
    tell: Callable[[Event], None] = lambda event: None
    clock: Clock = field(default_factory=Clock)
    asked: list[Any] = field(default_factory=list)
    connected: dict[str, Any] = field(default_factory=dict)

    @property
    def cluster(self) -> EmptyCluster:
        return EmptyCluster()

    async def deploy(self, request: Request) -> Any:
        return await self._play(request)

    async def rollback(self, name: str, *, to: int | None, options: Options) -> Any:
        return await self._play((name, to, options))

    async def recover(self, name: str, *, options: Options) -> Any:
        return await self._play((name, options))

    async def plan(self, request: Request) -> Plan:
        await self._play(request)
        return next(event.plan for event in self.story if isinstance(event, Planned))

    async def promote(self, name: str, *, options: Options) -> Any:
        return await self._play((name, options))

    async def swap(self, name: str, *, options: Options) -> Any:
        return await self._play((name, options))

    async def abort(self, name: str, *, options: Options) -> Any:
        return await self._play((name, options))

    async def plan_promotion(self, name: str, *, options: Options, swap: bool = False) -> Any:
        return await self._play((name, swap, options))

    async def plan_rollback(self, name: str, *, to: int | None, options: Options) -> Any:
        return await self._play((name, to, options))

    async def uninstall(self, name: str, *, everything: bool, keep_history: bool, options: Options) -> Any:
        return await self._play((name, everything, keep_history, options))

    async def plan_uninstall(self, name: str, *, everything: bool, options: Options) -> Any:
        return await self._play((name, everything, options))

    async def status(self, name: str) -> Any:
        return await self._play(name)

    async def diff(self, name: str, before: int | None, after: int | None) -> Any:
        return await self._play((name, before, after))

    async def list(self, *, everywhere: bool) -> Any:
        return await self._play(everywhere)

    async def history(self, name: str) -> History:
        self.asked.append(name)
        if isinstance(self.past, LastgoodError):
            raise self.past
        return self.past

    async def show(self, name: str, number: int | None = None) -> Any:
        return await self._play((name, number))

    async def verify(self, name: str, *, strict: bool = False) -> Any:
        return await self._play((name, strict))

    async def permissions(self, request: Request, *, looking: bool = False) -> Any:
        return await self._play((request, looking))

    async def _play(self, asked: Any) -> Any:
        self.asked.append(asked)
        for step in self.story:
            await self._happen(step)
        return self.answer

    async def _happen(self, step: Step) -> None:
        if isinstance(step, float | int):
            self.clock.now += step
        elif isinstance(step, LastgoodError):
            raise step
        elif callable(step):
            await step()
        else:
            self.tell(step)
        await asyncio.sleep(0)

    @asynccontextmanager
    async def connect(self, *, tell: Callable[[Event], None], **where: Any) -> AsyncIterator[FakeDeployer]:
        self.connected, self.tell = where, tell
        self.namespace = where["namespace"] or self.namespace
        yield self


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    arguments: tuple[str, ...]
    code: int
    out: str
    err: str

    def __str__(self) -> str:
        """As it looks in a log: the command, what it said, and how it left."""
        errors = f"--- stderr\n{self.err}" if self.err else ""
        return f"$ lastgood {' '.join(self.arguments)}\n{self.out}{errors}--- exit {self.code}\n"


def lastgood(
    *arguments: str,
    deployer: FakeDeployer | None = None,
    stdin: str = MANIFEST,
    env: dict[str, str] | None = None,
    screen: bool = False,
) -> Ran:
    """Type a command; manifests come from stdin. What it prints for programs is held against the reference."""
    from tests.cli.reference import check  # here: ``alone`` needs the rest of this world, and counts what is imported

    outside = outside_of(deployer or FakeDeployer(), stdin=stdin, env=env, screen=screen)
    code = run(arguments, outside)
    out, err = outside.out.getvalue(), outside.err.getvalue()  # type: ignore[attr-defined]
    check(out, arguments)
    return Ran(arguments, code, out, err)


def outside_of(
    deployer: FakeDeployer,
    *,
    stdin: str = MANIFEST,
    env: dict[str, str] | None = None,
    screen: bool = False,
    program: str = "lastgood",
) -> Outside:
    """What is around a command when this deployer answers."""
    return Outside(
        out=Screen() if screen else io.StringIO(),
        err=io.StringIO(),
        stdin=io.StringIO(stdin),
        env={"TERM": "xterm", "USER": "ann"} | (env or {}),
        monotonic=deployer.clock,
        connect=deployer.connect,
        now=lambda: NOON + timedelta(seconds=deployer.clock.now),
        program=program,
    )


def golden(name: str, ran: Ran) -> None:
    """Compare with what a person was shown before. ``UPDATE_GOLDENS=1`` writes it anew: read the diff."""
    path = HERE / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDENS"):
        path.write_text(str(ran))
    expected, actual = path.read_text(), str(ran)
    diff = "\n".join(difflib.unified_diff(expected.splitlines(), actual.splitlines(), str(path), "now", lineterm=""))
    assert expected == actual, f"{diff}\nUPDATE_GOLDENS=1 takes this as right"
