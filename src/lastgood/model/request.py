"""What somebody asks for: the input of the use cases, already read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lastgood.model.release import Mode, Strategy
from lastgood.model.resource import Resource

DEFAULT_TIMEOUT = 600.0
DEFAULT_HISTORY_MAX = 10
LEAST_HISTORY_MAX = 2


class OnConflict(StrEnum):
    """What becomes of a field that somebody else holds with another value."""

    TAKE = "take"
    KEEP = "keep"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Options:
    """How a run behaves. Times are in seconds.

    ``timeout`` bounds the wait for health of the whole release, and a restore has the same again;
    ``wait_lock`` how long to queue behind another run. ``hold`` is how long a release has to stay healthy, on top of
    the timeout; None is not at all, and for a recovery as long as its release was asked to. ``grace`` is by reason how
    long a hopeless cause must stand, ``math.inf`` for ever; what a workload says of itself counts before it.
    """

    timeout: float = DEFAULT_TIMEOUT
    hold: float | None = None
    wait_lock: float = DEFAULT_TIMEOUT
    history_max: int = DEFAULT_HISTORY_MAX
    create_namespace: bool = False
    clean_up: bool = False
    strict: bool = False
    force: bool = False
    take_over: bool = False
    on_conflict: OnConflict = OnConflict.TAKE
    restore_on_interrupt: bool = False
    grace: Mapping[str, float] = field(default_factory=dict)
    who: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """A release to make live: its name, the namespace of its history, and its resources as loaded.

    ``prune`` None leaves it to the mode: declarative releases prune, standard ones do not. ``versioned`` says whether a
    standard release numbers its ConfigMaps and Secrets; ``uses_number`` that ``NUMBER_MARKER`` stands in the resources.
    ``staged`` stops before the promotion of a release of two phases: it waits for ``promote``, ``swap`` or ``abort``.
    ``canary`` is how many pods a canary has: ``2``, or ``25%`` of the release's.
    """

    name: str
    namespace: str
    resources: tuple[Resource, ...]
    mode: Mode = Mode.DECLARATIVE
    prune: bool | None = None
    versioned: bool = True
    uses_number: bool = False
    pod_labels: tuple[tuple[str, str], ...] = ()
    options: Options = Options()
    strategy: Strategy = Strategy.ROLLING
    canary: str = "1"
    staged: bool = False
