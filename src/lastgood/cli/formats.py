"""The formats of ``-o``: which there are, and in which of them a command can answer. Imports nothing that works."""

from __future__ import annotations

import re
from collections.abc import Sequence

FORMATS = ("text", "wide", "name", "json", "yaml", "jsonl")
EVERYWHERE = ("text", "json", "yaml")
"""What every command answers in."""

MORE = {
    "deploy": ("name", "jsonl"),
    "plan": ("name",),
    "run": ("jsonl",),
    "promote": ("name", "jsonl"),
    "swap": ("name", "jsonl"),
    "abort": ("name", "jsonl"),
    "rollback": ("name", "jsonl"),
    "recover": ("name", "jsonl"),
    "uninstall": ("jsonl",),
    "health": ("wide", "name"),
    "list": ("wide", "name"),
    "history": ("wide", "name"),
    "show": ("name",),
    "verify": ("name",),
    "diff": ("name",),
}
"""What a command answers in beside those: its page has to say how (see ``page``)."""

SPELLED = re.compile(r"(?:^|\0)(?:--output[=\0]|-[vRh]*o[=\0]?)(\w+)(?=\0|$)")


SCRIPTS = ("completion",)
"""What answers with a program for a shell, which is text and nothing else."""


def formats_of(command: str) -> tuple[str, ...]:
    """The formats that mean something to a command."""
    return ("text",) if command in SCRIPTS else (*EVERYWHERE, *MORE.get(command, ()))


def asked_for(arguments: Sequence[str], command: str) -> str:
    """What ``-o`` asks for in a command line that could not be understood; text when the command has no such format."""
    spelled = SPELLED.findall("\0".join(arguments))
    return spelled[-1] if spelled and spelled[-1] in formats_of(command) else "text"
