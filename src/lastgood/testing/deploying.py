"""A Deployer on a cluster in memory: what ``lastgood.connect()`` gives, without a cluster."""

from __future__ import annotations

from collections.abc import Callable

from lastgood.deployer import Deployer
from lastgood.model.event import Event
from lastgood.ports import Clock
from lastgood.testing.cluster import MemoryCluster
from lastgood.testing.store import MemoryStore

KEY = "00" * 16
"""The key of every release, so that one run is like the next."""


def memory_deployer(
    cluster: MemoryCluster,
    store: MemoryStore,
    clock: Clock,
    *,
    holder: str = "run-1",
    tell: Callable[[Event], None] = lambda event: None,
) -> Deployer:
    """A deployer for the namespace of the store, which has to be in the cluster (``cluster.add_namespace``).

    All three tell the time of one ``clock``. Run what it does with ``clock.run`` if that is a ``FakeClock``. Like a
    process, it is for one run: make another of the same three for the next. ``holder`` is how others see the run;
    runs that meet, or that follow one that died, need a name each.
    """
    return Deployer(cluster, store, clock, store.namespace, holder, tell, new_key=lambda: KEY)
