"""Scripts of ShellScript steps are run: as a group of processes that ends with its time. The only module that does."""

from __future__ import annotations

import asyncio
import codecs
import os
import signal
import tempfile
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

from lastgood.errors import SettingError
from lastgood.pipelines.script import Ran, Script, masking, read_answers, wrapped

Hear = Callable[[str], None]
"""Called with each line that a script prints, without the newline."""

GRACE = 5.0
"""Seconds that a script has to end by itself once it was told to."""
LINGER = 1.0
"""Seconds that the output of an ended script is listened to: what it left running may hold it open for ever."""
LONGEST = 1 << 20
"""Characters of a line; what is longer is told in pieces."""


async def run(script: Script, *, within: float, hear: Hear, folder: str | None = None) -> Ran:
    """Run it, in ``folder`` or where we are, for at most so many seconds, and tell its lines as they come.

    Standard output and errors come as one. When its time is over, or this is cancelled, all that it has started is
    ended with it: told to first, killed some seconds later. Raises ``SettingError`` when the shell is not there.
    """
    with tempfile.TemporaryDirectory(prefix="lastgood-") as place:
        answers = Path(place, "outputs")
        file = _written(script, answers)
        async with _heard(masking(script.secrets), hear) as output:
            process = await _start(script, file, folder, output)
            timed_out = await _until_ended(process, within)
        outputs = read_answers(script, _read(answers))
    code = process.returncode or 0
    failure = f"it did not end within {within:.3g} s" if timed_out else _failure(code)
    return Ran(code, outputs, failure, timed_out)


def _written(script: Script, answers: Path) -> Path:
    file = answers.with_name("script")
    file.write_text(wrapped(script, str(answers)), encoding="utf-8")
    return file


def _read(answers: Path) -> str:
    return answers.read_text(encoding="utf-8", errors="replace") if answers.exists() else ""


async def _start(script: Script, file: Path, folder: str | None, output: int) -> Process:
    """Give it the writing end of the pipe for its own: the pipe ends when the last that holds it has ended."""
    environment = {name: value for name, value in script.environment.items() if name != "BASH_ENV"}
    try:
        return await asyncio.create_subprocess_exec(
            script.shell, str(file),
            stdin=DEVNULL, stdout=output, stderr=STDOUT, env=environment, cwd=folder, start_new_session=True,
        )  # fmt: skip
    except (FileNotFoundError, NotADirectoryError) as error:
        missing = f"no {script.shell}" if error.filename == script.shell else f"no folder {error.filename}"
        raise SettingError(f"a script cannot be run: there is {missing} here") from error
    finally:
        os.close(output)


async def _until_ended(process: Process, within: float) -> bool:
    """Wait until it ends; whether its time was over before. However this ends, it has ended."""
    try:
        await asyncio.wait_for(process.wait(), within)
    except TimeoutError:
        return True
    else:
        return False
    finally:
        if process.returncode is None:
            await asyncio.shield(asyncio.ensure_future(_end(process)))


async def _end(process: Process) -> None:
    """Tell the whole group to end, and kill what is left of it then."""
    _signal(process, signal.SIGTERM)
    with suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), GRACE)
    _signal(process, signal.SIGKILL)
    await process.wait()


def _signal(process: Process, which: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, which)


@asynccontextmanager
async def _heard(mask: Callable[[str], str], hear: Hear) -> AsyncIterator[int]:
    """The writing end of a pipe, to be closed by whoever takes it; each line that goes in is told, masked."""
    ours, theirs = os.pipe()
    reader = asyncio.StreamReader()
    make = partial(asyncio.StreamReaderProtocol, reader)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(make, os.fdopen(ours, "rb"))
    listening = asyncio.ensure_future(_listen(reader, mask, hear))
    try:
        yield theirs
        await asyncio.wait({listening}, timeout=LINGER)
        if listening.done():
            listening.result()  # what the listener raised is raised here
    finally:
        listening.cancel()
        transport.close()


async def _listen(reader: asyncio.StreamReader, mask: Callable[[str], str], hear: Hear) -> None:
    decoder, rest = codecs.getincrementaldecoder("utf-8")("replace"), ""
    while chunk := await reader.read(1 << 16):
        *whole, rest = (rest + decoder.decode(chunk)).split("\n")
        if len(rest) > LONGEST:
            whole, rest = [*whole, rest], ""
        for line in whole:
            hear(mask(line.removesuffix("\r")))
    if rest:
        hear(mask(rest))


def _failure(code: int) -> str:
    if code < 0:
        return f"it was ended by {signal.Signals(-code).name}"
    return f"it ended with exit code {code}" if code else ""
