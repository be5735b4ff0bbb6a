"""A cluster, a store and a clock in memory, for tests. Public; docs/library.md shows a test that uses them.

    @virtual_time
    async def test_a_release_whose_image_is_missing_is_undone() -> None:
        async with connect(MemoryCluster(behaviours={"*/web:2": Behaviour(pull_error="not found")})) as cluster:
            ...

The cluster answers as an API server does, field owners and conflicts included, and its controllers roll out; what
containers do is said by ``Behaviour``. Ten minutes of waiting take milliseconds, and every run is like the last.
"""

from lastgood.testing.behaviour import Behaviour
from lastgood.testing.clock import Deadlock, FakeClock, virtual_run, virtual_time
from lastgood.testing.cluster import MemoryCluster
from lastgood.testing.deploying import connect, memory_deployer, stand_in
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
    "connect",
    "memory_deployer",
    "stand_in",
    "virtual_run",
    "virtual_time",
]
