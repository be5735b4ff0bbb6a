"""The one place where the inside meets the outside: a cluster, a store and a clock become a Deployer."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from lastgood.deployer import Deployer
from lastgood.kube.clock import SystemClock
from lastgood.kube.cluster import KubeCluster
from lastgood.kube.config import read_config
from lastgood.kube.store import KubeStore
from lastgood.kube.transport import Transport
from lastgood.model.event import Event


@asynccontextmanager
async def connect(
    *,
    context: str | None = None,
    kubeconfig: str | None = None,
    namespace: str | None = None,
    tell: Callable[[Event], None] = lambda event: None,
) -> AsyncIterator[Deployer]:
    """A deployer for one namespace of one cluster, as kubectl would find them.

    ``namespace`` defaults to the context's, and that to ``default``. Raises ``SettingError`` for a kubeconfig that
    cannot be used; that the server is out of reach shows at the first request.
    """
    config = read_config(context=context, kubeconfig=kubeconfig)
    where = namespace or config.namespace or "default"
    async with Transport(config) as transport:
        yield Deployer(
            cluster=KubeCluster(transport),
            store=KubeStore(transport, where),
            clock=SystemClock(),
            namespace=where,
            holder=_this_run(),
            tell=tell,
            new_key=lambda: secrets.token_hex(16),
        )


def _this_run() -> str:
    """A name for this run that people understand and that no other run has."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
