"""Plays a story: tells why, types each command, runs it through the real command line, and checks how it ended."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, chdir, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lastgood.cli.demos.scenes import Scene
from lastgood.cli.demos.shop import FOLDER, WORKLOAD, Shop
from lastgood.cli.demos.stopping import LEAVES_WITH, Stopped, Stops
from lastgood.cli.lines import Line, Tone
from lastgood.cli.main import run
from lastgood.cli.outside import Outside
from lastgood.cli.report import Printer
from lastgood.errors import SettingError
from lastgood.model.resource import Ref

if TYPE_CHECKING:
    from lastgood.deployer import Deployer

KUBECTL = "kubectl-set"
"""The field manager that ``kubectl set image`` writes as."""

MEANS = {0: "", 1: ": it failed, and what was good before is back", 6: ": there is a difference"}
SPELLED = {"namespace": "-n", "context": "--context", "kubeconfig": "--kubeconfig"}


class NotAsToldError(Exception):
    """A command of the story ended differently; the message says which, and how."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a story is played.

    ``outside`` is what its commands touch; ``where`` leads them to their cluster, by the names of ``SPELLED``.
    ``by_hand`` says who it really is that changes things by hand. ``between`` is called between two scenes.
    """

    outside: Outside
    by_hand: str
    between: Callable[[], None]
    where: Mapping[str, str] = field(default_factory=dict)

    @property
    def flags(self) -> tuple[str, ...]:
        """What leads a command to the cluster."""
        return tuple(word for name, flag in SPELLED.items() if name in self.where for word in (flag, self.where[name]))

    @property
    def printer(self) -> Printer:
        """What tells of the story, beside its commands."""
        return Printer(self.outside.out, colour=self.outside.has_colour(self.outside.out))

    def connected(self) -> AbstractAsyncContextManager[Deployer]:
        """The way to the cluster, for what is not a command."""
        where = {name: self.where.get(name) for name in SPELLED}
        return self.outside.connect(**where, tell=lambda event: None)

    async def set_image(self, image: str) -> None:
        """What ``kubectl set image`` sends, as kubectl."""
        change = {"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": image}
        async with self.connected() as deployer:
            ref = Ref("apps", "Deployment", deployer.namespace, WORKLOAD, "v1")
            await deployer.cluster.patch(ref, [change], manager=KUBECTL)


@dataclass(slots=True)
class Player:
    """Plays in the current folder. ``shop`` is what stands there."""

    stage: Stage
    stops: Stops
    shop: Shop | None = None

    def play(self, scenes: Sequence[Scene]) -> None:
        """The whole story. Raises ``NotAsToldError`` where it goes another way, ``Stopped`` when a signal ends it."""
        for number, scene in enumerate(scenes, 1):
            if number > 1:
                self.stage.between()
            self.stage.printer.write([Line(), Line(f"{number}. {scene.why}", Tone.STRONG)])
            if scene.shop is not None:
                self._write(scene.shop)
            if scene.by_hand:
                self._set_image(scene.by_hand)
            self._type(scene)

    def _write(self, shop: Shop) -> None:
        folder = Path(FOLDER)
        folder.mkdir(exist_ok=True)
        for name, text in shop.files().items():
            (folder / name).write_text(text)
        told = shop.contents() if self.shop is None else shop.changes(self.shop)
        self.stage.printer.write([Line(f"  {FOLDER}/{name:<12}  {what}") for name, what in told])
        self.shop = shop

    def _set_image(self, image: str) -> None:
        typed = shlex.join(["set", "image", f"deployment/{WORKLOAD}", f"{WORKLOAD}={image}", *self.stage.flags])
        self.stage.printer.write([Line(f"$ kubectl {typed}   # {self.stage.by_hand}")])
        self.stage.outside.run_loop(self.stage.set_image(image))

    def _type(self, scene: Scene) -> None:
        arguments = (*scene.command, *self.stage.flags)
        typed = f"lastgood {shlex.join(arguments)}"
        self.stage.printer.write([Line(f"$ {typed}")])
        code = run(arguments, self.stage.outside)
        self.stops.listen()
        self.stage.printer.write([Line(f"(exit {code}{MEANS.get(code, '')})", Tone.QUIET)])
        if code in LEAVES_WITH:
            raise Stopped(LEAVES_WITH[code])
        if code != scene.ends:
            raise NotAsToldError(f"{typed} left with {code}, where {scene.ends} was to be shown")


def current_folder() -> Path:
    """Where the person is. Raises ``SettingError`` when that was removed meanwhile."""
    try:
        return Path.cwd()
    except OSError as error:
        raise SettingError("the current folder is not there any more", hint="cd to one that is") from error


@contextmanager
def own_folder(printer: Printer) -> Iterator[None]:
    """A new folder as the current one, until it is removed. Raises ``SettingError`` when there can be none."""
    current_folder()
    try:
        place = tempfile.TemporaryDirectory(prefix="lastgood-demo-")
    except OSError as error:
        raise SettingError(
            f"the demo has no folder for its manifests: {error.strerror}", hint="$TMPDIR names a place for it"
        ) from error
    with place as folder, chdir(folder):
        printer.write([Line(), Line(f"$ cd {shlex.quote(folder)}")])
        yield
