"""The one place where the inside meets the outside: a kubeconfig becomes a ``Deployer``, or a ``Client`` over one."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from lastgood.deployer import Deployer
from lastgood.kube.clock import SystemClock
from lastgood.kube.cluster import KubeCluster
from lastgood.kube.config import read_config
from lastgood.kube.store import KubeStore
from lastgood.kube.transport import Transport
from lastgood.model.event import Event
from lastgood.model.rule import Rules
from lastgood.ruling.cluster import RuledCluster

if TYPE_CHECKING:
    from lastgood.client import Client


@asynccontextmanager
async def connect(
    *,
    namespace: str | None = None,
    context: str | None = None,
    kubeconfig: str | os.PathLike[str] | None = None,
    tell: Callable[[Event], None] | None = None,
) -> AsyncIterator[Client]:
    """A connection to one namespace of one cluster, as kubectl would find them.

    ``namespace`` defaults to the context's, and that to ``default``; ``tell`` is called with every event of every run.
    Leaving the ``async with`` waits for runs that are still at work; an exception on its way out stops them first.
    Raises ``SettingError`` for a kubeconfig that cannot be used; that the server is out of reach shows at the first
    request.
    """
    from lastgood.client import opened  # noqa: PLC0415  # only those who hold a client need it
    from lastgood.identifying import identify  # noqa: PLC0415

    path = None if kubeconfig is None else os.fspath(kubeconfig)
    async with (
        connect_deployer(context=context, kubeconfig=path, namespace=namespace) as deployer,
        opened(deployer, tell=tell, who=identify(os.environ)) as client,
    ):
        yield client


@asynccontextmanager
async def connect_deployer(
    *,
    context: str | None = None,
    kubeconfig: str | None = None,
    namespace: str | None = None,
    tell: Callable[[Event], None] = lambda event: None,
) -> AsyncIterator[Deployer]:
    """The same one floor lower: the use cases as they are, for one run after another."""
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


def with_rules(deployer: Deployer, rules: Rules) -> Deployer:
    """The same, which judges health by a user's own rules too."""
    return replace(deployer, cluster=RuledCluster(deployer.cluster, rules))


def _this_run() -> str:
    """A name for this run that people understand and that no other run has."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
