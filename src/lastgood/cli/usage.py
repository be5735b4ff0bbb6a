"""The parser's complaints in our words. Pure."""

from __future__ import annotations

import difflib

from click import BadParameter, ClickException, MissingParameter, NoSuchCommand, NoSuchOption, Parameter, UsageError

from lastgood.cli.commands import COMMANDS, OTHER_WORDS
from lastgood.errors import SettingError


def usage_error(error: ClickException) -> SettingError:
    """A command line that cannot be understood, as an error of ours."""
    context = error.ctx if isinstance(error, UsageError) else None
    path = context.command_path if context else "lastgood"
    return SettingError(_sentence(error), hint=_meant(error) or f"{path} --help tells what there is")


def _sentence(error: ClickException) -> str:
    if isinstance(error, NoSuchCommand):
        return f"there is no command {error.command_name}"
    if isinstance(error, NoSuchOption):
        return f"there is no option {error.option_name}"
    if isinstance(error, MissingParameter) and error.param is not None:
        return f"{_spelled(error.param)} is missing"
    if isinstance(error, BadParameter) and error.param is not None:
        return f"{_spelled(error.param)}: {_plain(error.message)}"
    return _plain(error.format_message())


def _meant(error: ClickException) -> str:
    if isinstance(error, NoSuchCommand):
        close = difflib.get_close_matches(error.command_name, COMMANDS, n=1)
        meant = OTHER_WORDS.get(error.command_name) or next(iter(close), "")
        return f"did you mean lastgood {meant}?" if meant else ""
    if isinstance(error, NoSuchOption) and error.possibilities:
        return f"did you mean {error.possibilities[0]}?"
    return ""


def _spelled(parameter: Parameter) -> str:
    """``--timeout``, or ``NAME`` for what stands without a dash."""
    long = max(parameter.opts, key=len)
    return long if long.startswith("-") else str(parameter.metavar or long.upper())


def _plain(message: str) -> str:
    """Without the capital letter and the full stop of a sentence that stands alone."""
    text = message.strip().rstrip(".")
    return text[:1].lower() + text[1:]
