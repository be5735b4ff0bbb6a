"""Deploys to a cluster in memory: the use cases, the connection that users hold, and a stand-in for the real one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

from lastgood.client import Client, opened
from lastgood.deployer import Deployer
from lastgood.model.event import Event
from lastgood.model.resource import Ref
from lastgood.testing.clock import FakeClock, clock_here
from lastgood.testing.cluster import MemoryCluster

T = TypeVar("T")

KEY = "00" * 16
PERSON = "tester@memory"


def memory_deployer(
    cluster: MemoryCluster,
    *,
    namespace: str = "default",
    tell: Callable[[Event], None] = lambda event: None,
    holder: str = "",
) -> Deployer:
    """The use cases over a cluster in memory, with the history that it keeps for the namespace, and no randomness.

    Run what it does with the cluster's clock. ``holder`` has to be another one for each run; without one it is.
    """
    return Deployer(
        cluster=cluster,
        store=cluster.store(namespace),
        clock=cluster.clock,
        namespace=namespace,
        holder=holder or cluster.new_holder(),
        tell=tell,
        new_key=lambda: KEY,
    )


@asynccontextmanager
async def connect(
    cluster: MemoryCluster | None = None,
    *,
    namespace: str = "default",
    tell: Callable[[Event], None] | None = None,
) -> AsyncIterator[Client]:
    """What ``lastgood.connect`` gives, on a cluster in memory: a new one, or one that the test has made.

    A namespace that is missing is made. Raises ``RuntimeError`` outside of ``virtual_time`` and ``virtual_run``: any
    other event loop knows nothing of a clock that jumps.
    """
    if clock_here() is None:
        raise RuntimeError(
            "a cluster in memory has a time of its own: write @lastgood.testing.virtual_time above the test"
        )
    cluster = cluster or MemoryCluster()
    _make_namespace(cluster, namespace)
    async with opened(memory_deployer(cluster, namespace=namespace), tell=tell, who=PERSON) as client:
        yield client


@contextmanager
def stand_in(cluster: MemoryCluster | None = None, *, namespace: str = "default") -> Iterator[MemoryCluster]:
    """While this lasts, ``lastgood.connect`` and the functions without ``await`` work on a cluster in memory.

    So a script can be tested as it is, whatever context and kubeconfig it names; ``namespace`` is where it works when
    it names none. ``asyncio.run`` runs in the cluster's time meanwhile.
    """
    from unittest.mock import patch  # noqa: PLC0415  # neither is needed by whoever only deploys to memory

    from lastgood import connecting  # noqa: PLC0415

    cluster = cluster or MemoryCluster()
    deployers = _deployers(cluster, namespace)
    with patch.object(connecting, "connect_deployer", deployers), patch.object(asyncio, "run", _runs_in(cluster)):
        yield cluster


def _deployers(cluster: MemoryCluster, usual: str) -> Callable[..., Any]:
    @asynccontextmanager
    async def connected(*, namespace: str | None = None, **_: Any) -> AsyncIterator[Deployer]:
        _make_namespace(cluster, namespace or usual)
        yield memory_deployer(cluster, namespace=namespace or usual)

    return connected


def _runs_in(cluster: MemoryCluster) -> Callable[..., Any]:
    clock = cluster.clock
    if not isinstance(clock, FakeClock):
        raise TypeError("only a cluster with a FakeClock can stand in: its time has to be its own")

    def run(work: Coroutine[Any, Any, T], **_: Any) -> T:
        return clock.run(work)

    return run


def _make_namespace(cluster: MemoryCluster, name: str) -> None:
    if cluster.live(Ref("", "Namespace", "", name)) is None:
        cluster.add_namespace(name)
