"""Answers a shell that asks what could stand next. The scripts that ask are in ``completion``.

A script sends the line up to the cursor in ``COMP_LINE``, and bash what it takes for the word in ``COMP_WORD``. Each
line of the answer is a kind (``plain``, ``file``, ``dir``), a value, and what it is, with tabs between.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import click
from click.shell_completion import CompletionItem, ShellComplete, split_arg_string

from lastgood.cli.main import Call, group, plain
from lastgood.cli.outside import Outside

PATIENCE = 1.0
"""Seconds to wait for a cluster: somebody holds the finger on the key."""
CURSOR = "\0"
FILES, NO_FILES = 0, 4
"""What kubectl is to offer besides (https://github.com/spf13/cobra: ShellCompDirectiveDefault and ...NoFileComp)."""

Item = CompletionItem[str]


def answer(asked: str, arguments: Sequence[str], outside: Outside) -> int:
    """Print what a shell asks for: ``bash_complete``, or ``kubectl`` with the words in ``arguments``."""
    if asked == "kubectl":
        text = for_kubectl(items(arguments[:-1], "".join(arguments[-1:]), hurried(outside)))
    else:
        words = split(outside.env.get("COMP_LINE", ""))
        text = for_shell(items(words[1:-1], words[-1], hurried(outside)), words[-1], outside.env.get("COMP_WORD"))
    click.echo(text, file=outside.out, nl=False)
    return 0


def split(line: str) -> list[str]:
    """The words of a line as a shell reads them; the last one is where the cursor is, and may be empty."""
    *words, last = split_arg_string(line + CURSOR)
    return [*words, last.removesuffix(CURSOR)]


def items(words: Sequence[str], incomplete: str, outside: Outside) -> list[Item]:
    """What could stand in place of the incomplete word: whole words, ``--output=json`` for ``--output=js``."""
    known = plain(words)[:-1] if words[:1] == ["help"] else list(words)
    parser = ShellComplete(group(Call(outside, {})), {}, outside.program, "")
    found: list[Item] = parser.get_completions(*_joined(known, incomplete))
    flag, equals, _ = incomplete.partition("=")
    before = flag + equals if equals and flag.startswith("-") else ""
    return [CompletionItem(before + one.value, type=one.type, help=one.help) for one in found]


def _joined(words: list[str], incomplete: str) -> tuple[list[str], str]:
    """``--to`` and a value as ``--to=value``: a flag without its value would end the parsing of what stands before."""
    last = words[-1] if words else ""
    if last.startswith("-") and last.strip("-") and not incomplete.startswith("-"):
        return words[:-1], f"{last}={incomplete}"
    return words, incomplete


def for_shell(found: Iterable[Item], word: str, taken: str | None = None) -> str:
    """The answer to a shell. ``taken`` is what bash will replace: its words end at ``:`` and ``=`` too."""
    kept = word.removesuffix(taken) if taken is not None and word.endswith(taken) else ""
    return "".join(f"{one.type}\t{one.value.removeprefix(kept)}\t{_help(one)}\n" for one in found)


def for_kubectl(found: Sequence[Item]) -> str:
    """The answer to kubectl, as its own completion gives it to the shell."""
    values = "".join(f"{one.value}\t{_help(one)}".rstrip() + "\n" for one in found if one.type == "plain")
    asks_for_files = any(one.type != "plain" for one in found)
    return f"{values}:{FILES if asks_for_files else NO_FILES}\n"


def hurried(outside: Outside) -> Outside:
    """The same, but the process ends, silent, if the cluster lets it wait: a look-up or a login may block it too."""
    connect: Callable[..., Any] = outside.connect

    def at_once(**where: Any) -> Any:
        connecting = connect(**where)  # what it imports is not the cluster's time
        signal.signal(signal.SIGALRM, lambda *_: os._exit(0))
        signal.setitimer(signal.ITIMER_REAL, PATIENCE)
        return connecting

    return replace(outside, connect=at_once)


def _help(one: Item) -> str:
    return " ".join((one.help or "").split())
