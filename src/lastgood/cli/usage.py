"""The parser's complaints in our words. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from click import BadParameter, ClickException, MissingParameter, NoSuchCommand, NoSuchOption, Parameter, UsageError

from lastgood.cli.commands import COMMANDS, OTHER_WORDS
from lastgood.cli.options import BadChoice
from lastgood.errors import SettingError

ALWAYS = "deploy always does that: leave it out"
ONE_NAMESPACE = "a release lives in one namespace: name it with -n; list -A lists those of all"
NOTHING_BEFORE = "a release is made of what this command line names, and of nothing from before: leave it out"
RENDERED = "render it first: {} | lastgood deploy -f - --name NAME"
VARIABLES = "--set-variable KEY=VALUE sets a variable of a service; values files are named in its YAML"
NUMBERED = "rollback NAME --to NUMBER goes back to a release, show NAME NUMBER shows it"

OTHER_FLAGS = {
    "--all-namespaces": ONE_NAMESPACE,
    "-A": ONE_NAMESPACE,
    "--atomic": ALWAYS,
    "--cleanup-on-fail": "what a failed release added goes when the last good one comes back; "
    "deploy --clean-up does it for a first release",
    "--color": "FORCE_COLOR=1 in the environment gives colours to a log, NO_COLOR=1 takes them away",
    "--no-color": "NO_COLOR=1 in the environment takes the colours away",
    "--debug": "-v tells more",
    "--description": "--why TEXT puts a sentence into the history",
    "--field-manager": "everything is written as lastgood, so that it knows what is its own: leave it out",
    "--force-conflicts": "deploy takes fields that others hold, and names them: leave it out, or say --on-conflict",
    "--install": "deploy makes a first release too: leave it out",
    "--keep-history": "only uninstall ends a history: leave it out; --history-max says how many good releases are kept",
    "--kube-context": "did you mean --context?",
    "--kustomize": RENDERED.format("kubectl kustomize DIR"),
    "-k": RENDERED.format("kubectl kustomize DIR"),
    "--max": "history lists every release that is kept; --history-max of deploy says how many those are",
    "--record": "every release is recorded: leave it out; --why TEXT puts a sentence into the history",
    "--reset-values": NOTHING_BEFORE,
    "--reuse-values": NOTHING_BEFORE,
    "--reset-then-reuse-values": NOTHING_BEFORE,
    "--revision": NUMBERED,
    "--to-revision": NUMBERED,
    "--rollback-on-failure": ALWAYS,
    "--server-side": ALWAYS,
    "--set-string": VARIABLES,
    "--validate": "what is deployed is always checked before the first write: leave it out",
    "--values": VARIABLES,
    "--wait": "deploy always waits until everything is healthy: leave it out; --timeout says how long",
    "--wait-for-jobs": "deploy waits for Jobs too: leave it out",
    "--watch": "deploy, rollback and recover tell how it goes until it ends: leave it out",
}
"""Flags that kubectl and Helm have, where a command here has none of that name: what to do instead."""


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
        return f"did you mean {error.ctx.command_path if error.ctx else 'lastgood'} {meant}?" if meant else ""
    if isinstance(error, NoSuchOption):
        close = (error.possibilities or [])[:1]
        return OTHER_FLAGS.get(error.option_name) or "".join(f"did you mean {one}?" for one in close)
    if isinstance(error, BadChoice):
        return _question(error.value.lower(), error.choices)
    return ""


def _question(typed: str, among: Iterable[str]) -> str:
    return "".join(f"did you mean {one}?" for one in difflib.get_close_matches(typed, among, n=1))


def _spelled(parameter: Parameter) -> str:
    """``--timeout``, or ``NAME`` for what stands without a dash."""
    long = max(parameter.opts, key=len)
    return long if long.startswith("-") else str(parameter.metavar or long.upper())


def _plain(message: str) -> str:
    """Without the capital letter and the full stop of a sentence that stands alone."""
    text = message.strip().rstrip(".")
    return text[:1].lower() + text[1:]
