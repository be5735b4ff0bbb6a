"""Somebody at a terminal is asked what to do about a step that failed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lastgood.cli.running import Session
    from lastgood.pipelines.crew import Question


def asking(session: Session) -> Callable[[Question], Awaitable[str | None]]:
    """How this session asks: at a terminal, in words; where there is none nobody answers, at once."""

    async def ask(question: Question) -> str | None:
        stdin = session.outside.stdin
        if not session.outside.is_terminal or stdin is None or not stdin.isatty():
            session.report.note(f"{'/'.join(question.path)}: nobody is there to be asked")
            return None
        try:
            async with asyncio.timeout(question.within or None):
                return await _answer(session, question)
        except TimeoutError:
            session.report.note("nobody has answered in time")
            return None

    return ask


async def _answer(session: Session, question: Question) -> str | None:
    known = {one.lower(): one for one in question.answers}
    while True:
        session.report.note(f"{'/'.join(question.path)} failed: {question.sentence}")
        session.report.note(f"what is to be done? {', '.join(question.answers)}")
        line = await _line(session)
        if line is None or line.strip().lower() in known:
            return None if line is None else known[line.strip().lower()]


async def _line(session: Session) -> str | None:
    """A line that somebody types; None at the end of the input. Nothing is read that nobody waits for."""
    assert session.outside.stdin is not None
    stdin, loop = session.outside.stdin, asyncio.get_running_loop()
    typed: asyncio.Future[bytes] = loop.create_future()

    def read() -> None:
        if not typed.done():
            typed.set_result(stdin.readline())

    loop.add_reader(stdin.fileno(), read)
    try:
        line = await typed
    finally:
        loop.remove_reader(stdin.fileno())
    return line.decode(errors="replace") if line else None
