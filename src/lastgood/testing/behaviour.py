"""How containers behave: what a test says of an image, and what images do that nobody spoke of.

The defaults are those of the small web program that the project's own stories run on a real cluster, so that the same
manifests behave alike in both: the tag of an image (``web:crash``), or ``MODE`` in the environment, names a way to
fail, ``AFTER`` when (``5s``), ``VERSION`` and ``GREETING`` what it answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from types import MappingProxyType

from lastgood.model.resource import Body


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What one container does from its start on. Times are seconds after it; None is never.

    ``pull_error`` is what the registry says when the image cannot be had (``not found``): then nothing else happens,
    until it is tried again. ``pulls_in`` is how long a pull takes.
    ``ready_after`` and ``unhealthy_after`` show only where the container has a readiness or liveness probe;
    ``port`` is where it listens (None: wherever a probe asks). ``deaf`` containers ignore SIGTERM.
    ``log`` is what it writes, ``last_words`` what it writes as it ends.
    """

    pull_error: str = ""
    ready_after: float | None = 0.0
    exits_after: float | None = None
    exit_code: int = 0
    exit_reason: str = ""
    unhealthy_after: float | None = None
    port: int | None = None
    deaf: bool = False
    log: tuple[str, ...] = ()
    last_words: tuple[str, ...] = ()
    pulls_in: float = 0.1

    @property
    def reason(self) -> str:
        """Why it ended, in the API's word."""
        return self.exit_reason or ("Completed" if self.exit_code == 0 else "Error")


Chooses = Callable[[Body, str, Mapping[str, str]], Behaviour | None]
"""From a pod, an image and the environment of one container to what it does; None leaves it to the default."""

Behaviours = Mapping[str, Behaviour] | Chooses
"""What a test says: behaviours by image (``*`` and ``?`` stand for parts of its name), or a function."""

_PORTS: Mapping[str, int] = MappingProxyType({"web": 8080})
"""Where the programs listen whose port is known; the others answer wherever a probe asks."""

_LISTENING = ("listening on :8080",)
NOTHING_SAID: Mapping[str, Behaviour] = MappingProxyType({})

_MODES: Mapping[str, Callable[[float], Behaviour]] = {
    "ok": lambda _: Behaviour(log=_LISTENING),
    "crash": lambda _: Behaviour(
        ready_after=None, exits_after=0.1, exit_code=3, last_words=("fatal: cannot start: DATABASE_URL is not set",)
    ),
    "crash-later": lambda after: Behaviour(
        exits_after=after, exit_code=3, log=_LISTENING, last_words=("fatal: lost the connection to the database",)
    ),
    "notready": lambda _: Behaviour(ready_after=None, log=_LISTENING),
    "slow": lambda after: Behaviour(ready_after=after, log=_LISTENING),
    "liveness": lambda after: Behaviour(unhealthy_after=after, log=_LISTENING),
    "oom": lambda _: Behaviour(ready_after=None, exits_after=0.5, exit_code=137, exit_reason="OOMKilled"),
    "stubborn": lambda _: Behaviour(deaf=True, log=_LISTENING),
    "done": lambda _: Behaviour(exits_after=0.1, last_words=("done",)),
    "fail": lambda _: Behaviour(
        exits_after=0.1,
        exit_code=1,
        last_words=('error: migration 42 failed: relation "users" already exists',),
    ),
}


def tag_of(image: str) -> str:
    """``registry.lab/web:1`` → ``1``; ``latest`` where there is none."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[2] or "latest"


def name_of(image: str) -> str:
    """``registry.lab/web:1`` → ``web``."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0]


def own_environment(image: str) -> dict[str, str]:
    """The environment that the image itself brings."""
    tag = tag_of(image)
    mode = {"MODE": tag} if tag in _MODES else {}
    return {"VERSION": f"v{tag}" if tag.isdigit() else tag, **mode}


def behaviour_of(
    said: Behaviours, pod: Body, image: str, environment: Mapping[str, str], *, finishes: bool = False
) -> Behaviour:
    """What this container does. ``finishes`` is for those that are meant to end: init containers, and Jobs' pods."""
    return _said(said, pod, image, environment) or _by_default(image, environment, finishes=finishes)


def _said(said: Behaviours, pod: Body, image: str, environment: Mapping[str, str]) -> Behaviour | None:
    if callable(said):
        return said(pod, image, environment)
    return next((one for pattern, one in said.items() if fnmatchcase(image, pattern)), None)


def _by_default(image: str, environment: Mapping[str, str], *, finishes: bool) -> Behaviour:
    if tag_of(image) == "missing":
        return Behaviour(pull_error="not found")
    mode = environment.get("MODE", "")
    if finishes and not mode:
        mode = "done"
    does = _MODES.get(mode, _MODES["ok"])(_seconds(environment.get("AFTER", "")))
    starting = f"starting {name_of(image)} {environment.get('VERSION', '')}".rstrip()
    return replace(does, port=_PORTS.get(name_of(image)), log=(starting, *does.log))


def _seconds(duration: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m)", duration)
    return float(match[1]) * {"ms": 0.001, "s": 1.0, "m": 60.0}[match[2]] if match else 5.0
