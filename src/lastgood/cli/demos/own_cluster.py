"""The demo's stage on a person's own cluster, in a namespace that is removed whatever happens."""

from __future__ import annotations

import secrets
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, chdir
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lastgood.cli.demos.asking import ask, is_watched, wait
from lastgood.cli.demos.namespace import Namespace
from lastgood.cli.demos.playing import NotAsToldError, Player, Stage, current_folder, own_folder
from lastgood.cli.demos.scenes import Images, Scene, story
from lastgood.cli.demos.stopping import Stopped, Stops, stop_now
from lastgood.cli.lines import Line, Tone
from lastgood.cli.pages.refusal import Refusal
from lastgood.cli.running import Session
from lastgood.errors import ClusterError, Interrupted, LastgoodError, SettingError
from lastgood.kube.config import read_config

IMAGE = "registry.k8s.io/pause:3.10"
"""Tiny, public, and it stays up: https://github.com/kubernetes/kubernetes/tree/master/build/pause."""

NO_SUCH_TAG = "no-such-tag"
WENT_ANOTHER_WAY, NOT_REMOVED = 1, 3
WHY = {TimeoutError: "that takes longer than two minutes", Stopped: "it was interrupted"}
YES = ("y", "yes")

Connect = Callable[..., AbstractAsyncContextManager[Any]]


def images(image: str | None, broken: str | None) -> Images:
    """What the story is told with on a cluster that can pull ``image`` and cannot pull ``broken``."""
    good = image or IMAGE
    missing = broken or f"{_without_tag(good)}:{NO_SUCH_TAG}"
    return Images(first=good, broken=missing, second=good, by_hand=missing)


def show(session: Session, told_with: Images, *, pause: bool, yes: bool) -> int:
    """Play the story, if the person agrees. Raises ``ClusterError`` when it cannot begin, ``Stopped`` in between."""
    stage = _stage(session, pause=pause)
    _agree(session, stage, yes=yes)
    with Stops() as stops:
        act = Act(session, Player(stage, stops), Namespace(stage))
        try:
            code = act.play(story(told_with))
        finally:
            removed = act.remove()
    if code == 0 and removed:
        stage.printer.write(_end(stage))
    return code if removed else NOT_REMOVED


@dataclass(frozen=True, slots=True)
class Act:
    """The story in its namespace, from making that to removing it."""

    session: Session
    player: Player
    namespace: Namespace

    def play(self, scenes: tuple[Scene, ...]) -> int:
        """Make the namespace, and play in it: 0 when all went as told."""
        try:
            self.session.outside.run_loop(self.namespace.make())
            with own_folder(self.player.stage.printer):
                self.player.play(scenes)
        except NotAsToldError as error:
            hint = "what it printed says why; --image and --broken-image name other images"
            self._complain(f"the demo went another way here: {error}", hint)
            return WENT_ANOTHER_WAY
        return 0

    def remove(self) -> bool:
        """Remove the namespace; if that cannot be done, say how a person can."""
        if not self.namespace.asked:
            return True
        name = self.namespace.name
        self.player.stage.printer.write([Line(), Line(f"removing namespace {name}", Tone.QUIET)])
        try:
            with self.player.stops.held(self._not_yet):
                self.session.outside.run_loop(self.namespace.remove())
        except (LastgoodError, TimeoutError, Stopped) as error:
            why = WHY.get(type(error)) or str(error)
            self._complain(f"namespace {name} is not removed: {why}", f"kubectl delete {_spelled(self.player.stage)}")
            return False
        self.player.stage.printer.write([Line(f"namespace {name} is removed")])
        return True

    def _not_yet(self) -> None:
        self.session.report.warn(f"namespace {self.namespace.name} is being removed; once more leaves it there")

    def _complain(self, sentence: str, hint: str) -> None:
        refusal = Refusal(ClusterError(sentence, hint=hint), NOT_REMOVED)
        self.session.report.refuse(refusal.lines(), refusal)


def _stage(session: Session, *, pause: bool) -> Stage:
    outside, where = session.outside, {name: value for name, value in session.where.items() if value}
    if "kubeconfig" in where:
        where["kubeconfig"] = str(Path(where["kubeconfig"]).expanduser().absolute())
    return Stage(
        replace(outside, connect=_from(current_folder(), outside.connect), leave=stop_now),
        "sent by this demo, as kubectl would",
        (lambda: wait(outside)) if pause else (lambda: None),
        {**where, "namespace": f"lastgood-demo-{secrets.token_hex(4)}"},
    )


def _from(folder: Path, connect: Connect) -> Connect:
    """Connect as if from that folder: a relative path in ``KUBECONFIG`` still leads where it led."""

    @asynccontextmanager
    async def connected(**where: Any) -> AsyncIterator[Any]:
        async with AsyncExitStack() as stack:
            with chdir(folder):
                deployer = await stack.enter_async_context(connect(**where))
            yield deployer

    return connected


def _agree(session: Session, stage: Stage, *, yes: bool) -> None:
    """Say what will be done and where, and go on only if the person wants it."""
    config = read_config(context=stage.where["context"], kubeconfig=stage.where.get("kubeconfig"))
    stage.printer.write(_begin(stage, config.server))
    if yes:
        return
    if not is_watched(session.outside):
        raise SettingError("the demo asks before it touches a cluster, and here is no terminal to ask on",
                           hint="--yes says yes")  # fmt: skip
    if ask(session.outside, "Go on? [y/N] ").lower() not in YES:
        raise Interrupted("nothing was done", signal=signal.SIGINT)


def _begin(stage: Stage, server: str) -> list[Line]:
    where = f"in context {stage.where['context']}, on {server},"
    return [
        Line(f"A demo of lastgood {where}", Tone.CHANGED),
        Line(f"in a namespace of its own, {stage.where['namespace']}: made now, removed at the end. "
             "Nothing else there is touched.", Tone.CHANGED),
    ]  # fmt: skip


def _end(stage: Stage) -> list[Line]:
    there = f"--name shop -n prod --context {stage.where['context']}"
    return [
        Line(),
        Line("Nothing of the demo is left there. With manifests of your own:", Tone.CHANGED),
        Line(f"  lastgood plan -f k8s/ {there}      what would be done"),
        Line(f"  lastgood deploy -f k8s/ {there}    and do it"),
    ]


def _spelled(stage: Stage) -> str:
    """The namespace as kubectl is told of it."""
    name, *flags = stage.flags[1:]
    return f"namespace {name} {' '.join(flags)}"


def _without_tag(image: str) -> str:
    """``registry:5000/a/web:1@sha256:…`` → ``registry:5000/a/web``."""
    path, slash, name = image.partition("@")[0].rpartition("/")
    return f"{path}{slash}{name.partition(':')[0]}"
