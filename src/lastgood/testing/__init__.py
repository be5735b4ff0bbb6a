"""For tests: a cluster, a store and a clock in memory. Public."""

from lastgood.testing.behaviour import Behaviour
from lastgood.testing.clock import Deadlock, FakeClock, virtual_run
from lastgood.testing.cluster import MemoryCluster
from lastgood.testing.faults import Killed, KillSwitch, Request
from lastgood.testing.store import MemoryStore

__all__ = [
    "Behaviour",
    "Deadlock",
    "FakeClock",
    "KillSwitch",
    "Killed",
    "MemoryCluster",
    "MemoryStore",
    "Request",
    "virtual_run",
]
