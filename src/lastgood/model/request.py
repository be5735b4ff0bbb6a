"""What somebody asks for: the input of the use cases, already read and checked."""

from __future__ import annotations

from dataclasses import dataclass

from lastgood.model.release import Mode
from lastgood.model.resource import Resource

DEFAULT_TIMEOUT = 600.0
DEFAULT_HISTORY_MAX = 10
LEAST_HISTORY_MAX = 2


@dataclass(frozen=True, slots=True)
class Options:
    """How a run behaves. Times are in seconds.

    ``timeout`` bounds the wait for health of the whole release, and a restore has the same again;
    ``wait_lock`` how long to queue behind another run.
    """

    timeout: float = DEFAULT_TIMEOUT
    wait_lock: float = DEFAULT_TIMEOUT
    history_max: int = DEFAULT_HISTORY_MAX
    create_namespace: bool = False
    clean_up: bool = False
    strict: bool = False
    force: bool = False
    take_over: bool = False
    restore_on_interrupt: bool = False
    who: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """A release to make live: its name, the namespace of its history, and its resources as loaded."""

    name: str
    namespace: str
    resources: tuple[Resource, ...]
    mode: Mode = Mode.DECLARATIVE
    prune: bool = True
    pod_labels: tuple[tuple[str, str], ...] = ()
    options: Options = Options()
