"""A script of a ShellScript step as a value, and the text that is really run. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lastgood.diffing import MASK
from lastgood.errors import SettingError

SHORTEST = 4
"""A part of a secret that has fewer characters than this is in too many lines to be masked."""


class Shell(StrEnum):
    """Who runs it; the values are the programs."""

    BASH = "bash"
    SH = "sh"


@dataclass(frozen=True, slots=True)
class Script:
    """A script, with the whole environment that it finds.

    ``outputs`` names variables of the script by the name that is given to their value. ``secrets`` are values that
    must not be seen in what it prints.
    """

    text: str
    shell: Shell = Shell.BASH
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    outputs: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Ran:
    """How it ended. ``outputs`` holds those that the script has set; what it has not is left out.

    ``code`` is the exit code, negative for a signal. ``failure`` says what went wrong; empty when nothing did.
    """

    code: int
    outputs: Mapping[str, str] = field(default_factory=dict, repr=False)
    failure: str = ""
    timed_out: bool = False

    @property
    def ok(self) -> bool:
        """Whether it ended well."""
        return not self.failure


def shell_named(word: str) -> Shell:
    """The shell that a step asks for. Raises ``SettingError`` for one that is not run here."""
    try:
        return Shell(word.strip().lower())
    except ValueError:
        shells = " and ".join(shell.capitalize() for shell in Shell)
        raise SettingError(f"{word} scripts are not run here: only {shells}", hint="write it for bash") from None


def wrapped(script: Script, answers: str) -> str:
    """The text that is run: the script, and when it ends, however it does, its variables written to a file.

    Raises ``SettingError`` for an output that is no name of a variable.
    """
    names = sorted(set(script.outputs.values()))
    wrong = next((one for one in names if not (one.isascii() and one.isidentifier())), None)
    if wrong is not None:
        raise SettingError(f'"{wrong}" cannot be an output: it is no name of a shell variable')
    lines = "\n".join(_telling(name, shlex.quote(answers)) for name in names)
    trap = f"_lastgood_outputs() {{\n{lines}\n}}\ntrap _lastgood_outputs EXIT\n" if names else ""
    return f"{trap}{script.text}\n"


def _telling(name: str, file: str) -> str:
    """Only what is set; ``set -e`` and ``set -u`` do not matter to it."""
    return f'if [ "${{{name}+set}}" ]; then printf \'%s=%s\\0\' {name} "${name}" >>{file}; fi'


def read_answers(script: Script, answers: str) -> dict[str, str]:
    """The outputs, from what the script has written when it ended; what was written last counts."""
    pairs = (one.partition("=") for one in answers.split("\0") if one)
    values = {name: value for name, _, value in pairs}
    return {output: values[name] for output, name in script.outputs.items() if name in values}


def masking(secrets: Iterable[str]) -> Callable[[str], str]:
    """What masks these values in a line; of one with several lines, each of these."""
    hidden = sorted({part for secret in secrets for part in _parts(secret)}, key=len, reverse=True)

    def mask(line: str) -> str:
        for one in hidden:
            line = line.replace(one, MASK)
        return line

    return mask


def _parts(secret: str) -> Iterator[str]:
    lines = [line.strip() for line in secret.splitlines()]
    yield from (line for line in lines if len(line) >= (SHORTEST if len(lines) > 1 else 1))
