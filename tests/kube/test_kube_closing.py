"""Who goes while a connection is being made leaves no socket behind."""

from __future__ import annotations

import asyncio
import gc
import sys
from typing import Any

import pytest

from lastgood.kube.calls import Call
from lastgood.kube.config import read_config
from lastgood.kube.transport import Transport
from tests.conftest import Lab

WATCH = Call("GET", "/api/v1/namespaces/default/configmaps", query={"watch": "true"})
STEP = 0.0005
"""Seconds; a handshake takes some milliseconds, and each moment of it is tried."""


@pytest.mark.cluster
def test_a_watch_that_is_cancelled_while_it_connects_leaves_no_socket(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaked: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", leaked.append)
    for turn in range(24):
        asyncio.run(_cancelled_after(lab, turn * STEP))
        gc.collect()
    assert [] == [str(one.exc_value) for one in leaked]


async def _cancelled_after(lab: Lab, seconds: float) -> None:
    async with Transport(read_config(context=None, kubeconfig=str(lab.kubeconfig))) as transport:
        await transport.send(Call("GET", "/version"))
        watches = [asyncio.create_task(_watch(transport)) for _ in range(4)]
        await asyncio.sleep(seconds)
        for one in watches:
            one.cancel()
        await asyncio.gather(*watches, return_exceptions=True)


async def _watch(transport: Transport) -> None:
    async with transport.stream(WATCH) as chunks:
        async for _ in chunks:
            pass
