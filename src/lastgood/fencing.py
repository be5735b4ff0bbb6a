"""Keeping an older run from writing: everything that it may still want to write is moved on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from lastgood.diffing import TOUCHED
from lastgood.model.resource import Ref
from lastgood.ports import FENCE, Cluster


async def fence_off(cluster: Cluster, refs: Iterable[Ref], mark: str) -> None:
    """Move the resourceVersion of every resource that an older run may still want to write.

    That run decided its writes on the versions it read: from here on all of them are refused. A label is used because
    it moves no generation. Every one is tried before the first error is raised.
    """
    labels = (cluster.label(ref, {TOUCHED: mark}, manager=FENCE) for ref in refs)
    for result in await asyncio.gather(*labels, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result
