"""How a container ended, in words: exit codes of shells, and the signals behind those above 128. Pure.

https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_08_02
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SIGNALED = 128
"""A shell, and the container's runtime, answer with this plus the signal's number."""

CODES: Mapping[int, str] = {
    126: "its command is there and cannot be run",
    127: "its command, or one in its script, is not there",
    255: "it gave no better code, or its node went down",
}

SIGNALS: Mapping[int, tuple[str, str]] = {
    1: ("SIGHUP", "its terminal went away"),
    2: ("SIGINT", "interrupted"),
    3: ("SIGQUIT", "told to quit"),
    4: ("SIGILL", "an instruction that the processor does not know"),
    5: ("SIGTRAP", "a trap"),
    6: ("SIGABRT", "it aborted"),
    7: ("SIGBUS", "memory that is not there"),
    8: ("SIGFPE", "an impossible calculation"),
    9: ("SIGKILL", "killed from outside"),
    11: ("SIGSEGV", "it touched memory that is not its own"),
    13: ("SIGPIPE", "nobody read what it wrote"),
    15: ("SIGTERM", "told to stop"),
}


def ending(end: Mapping[str, Any]) -> str:
    """A terminated state's code or signal with what it means: ``exit code 139 (SIGSEGV: it touched …)``.

    What a program says of its own end is kept out: it may tell secrets.
    """
    if end.get("signal"):
        return f"signal {end['signal']}{_in_brackets(_signal(int(end['signal'])))}"
    code = end.get("exitCode")
    return f"exit code {'unknown' if code is None else code}{_in_brackets(_code(int(code or 0)))}"


def _code(code: int) -> str:
    return CODES.get(code) or _signal(code - SIGNALED)


def _signal(number: int) -> str:
    return ": ".join(SIGNALS.get(number, ()))


def _in_brackets(words: str) -> str:
    return f" ({words})" if words else ""
