"""A cluster, a store and a clock in memory, for tests. Public.

    clock = FakeClock()
    cluster, store = MemoryCluster(clock), MemoryStore("default", clock)
    cluster.fail_next(Unreachable("no network"), verb="apply")
    clock.run(memory_deployer(cluster, store, clock).deploy(request))

The cluster answers as an API server does, field owners and conflicts included, and its controllers roll out; what
containers do is said by ``Behaviour``. Ten minutes of waiting take milliseconds, and every run is like the last.
"""

from lastgood.testing.behaviour import Behaviour
from lastgood.testing.clock import Deadlock, FakeClock, virtual_run
from lastgood.testing.cluster import MemoryCluster
from lastgood.testing.deploying import memory_deployer
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
    "memory_deployer",
    "virtual_run",
]
