"""Logs as short as they have to be, so that all of the evidence has its place in a record. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

from lastgood.gathering.reading import LogKey
from lastgood.masking import masked

LOG_CHARACTERS = 32 * 1024
"""Of one log, however much room there is."""
READ_CHARACTERS = 2 * LOG_CHARACTERS
"""Of one log, before secrets are masked in it: whole lines, so that none is cut in two."""
LARGEST = 240 * 1024
"""Bytes of all of it, compressed; a record compresses a little differently, and has 256 KiB for it."""
SHORTEST = 1024
"""Characters of a log that is not shortened any more."""


def fitted(logs: Mapping[LogKey, str], secrets: tuple[str, ...], *, beside: str) -> tuple[dict[LogKey, str], list[str]]:
    """The logs, masked, and a note for each that had to be shortened, the largest first. ``beside`` is all the rest."""
    readable = {key: masked(_tail(log, READ_CHARACTERS), secrets) for key, log in logs.items()}
    cut = {key for key, log in logs.items() if max(len(log) - LOG_CHARACTERS, len(readable[key])) > LOG_CHARACTERS}
    kept = {key: _tail(log, LOG_CHARACTERS) for key, log in readable.items()}
    sizes = {key: _size(log) for key, log in kept.items()}
    room = LARGEST - _size(beside)
    while sum(sizes.values()) > room and (key := _largest(kept, sizes)) is not None:
        kept[key] = _tail(kept[key], len(kept[key]) // 2)
        sizes[key] = _size(kept[key])
        cut.add(key)
    return kept, [f"{key} is longer: its last {_lines(kept[key])} are kept" for key in kept if key in cut]


def _largest(kept: Mapping[LogKey, str], sizes: Mapping[LogKey, int]) -> LogKey | None:
    return max((key for key in kept if len(kept[key]) > SHORTEST), key=lambda key: sizes[key], default=None)


def _tail(log: str, characters: int) -> str:
    """The end of a log: whole lines, or the end of a line where one alone is too long."""
    if len(log) <= characters:
        return log
    end = log[-characters:]
    _, newline, whole = end.partition("\n")
    return whole if newline and whole else end


def _lines(log: str) -> str:
    count = len(log.splitlines())
    return f"{count} lines" if count > 1 else f"{len(log)} characters"


def _size(text: str) -> int:
    return len(zlib.compress(text.encode("utf-8", "replace")))
