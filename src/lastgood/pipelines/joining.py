"""Doings that belong together: none goes on behind the back of an error, and what must be whole is not cut off."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

from lastgood.errors import Fenced

Answer = TypeVar("Answer")


async def together(doings: Iterable[Coroutine[Any, Any, Answer]]) -> list[Answer]:
    """Do all at the same time; the answers in their order.

    Where one raises, or all are cancelled, the others are cancelled and have ended before that goes on. Of several
    errors ``Fenced`` is the one that is raised.
    """
    tasks = [asyncio.ensure_future(one) for one in doings]
    try:
        if tasks:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    errors = [error for task in tasks if not task.cancelled() and (error := task.exception())]
    if errors:
        raise min(errors, key=lambda one: not isinstance(one, Fenced))
    return [task.result() for task in tasks]


async def whole(doing: Coroutine[Any, Any, Answer]) -> Answer:
    """Let it end, even when it is cancelled meanwhile; the cancellation goes on afterwards."""
    task = asyncio.ensure_future(doing)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(task, return_exceptions=True)
        raise
