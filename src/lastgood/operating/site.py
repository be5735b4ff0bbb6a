"""Where operations work: a cluster, the namespace of what names none, the time, and who listens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lastgood.model.event import Event
from lastgood.ports import Clock, Cluster


@dataclass(frozen=True, slots=True)
class Site:
    """What every operation is given. ``tell`` is called with each ``Event``."""

    cluster: Cluster
    clock: Clock
    namespace: str
    tell: Callable[[Event], None]
