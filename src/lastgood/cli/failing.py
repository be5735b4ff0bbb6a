"""Errors become a sentence, a hint and an exit code: here and nowhere else."""

from __future__ import annotations

import signal
import traceback
from collections.abc import Sequence
from pathlib import Path

from click import Abort, ClickException

from lastgood.cli.commands import COMMANDS
from lastgood.cli.formats import asked_for
from lastgood.cli.outside import Outside
from lastgood.cli.pages.ending import Ending
from lastgood.cli.pages.refusal import Refusal
from lastgood.cli.running import Session
from lastgood.cli.usage import usage_error
from lastgood.errors import DeployFailed, Fenced, Interrupted, LastgoodError, UninstallFailed

NOT_RESTORED = 3
TELLS_WHAT_IS_TRUE = (0, 1, NOT_RESTORED)
"""What a run may end with once it has changed anything, beside the codes of signals."""
PIPELINES = "run"
"""The command whose answer is no release: what keeps it from that is an Error."""
SAYS_HOW_IT_ENDED = (DeployFailed, UninstallFailed, Fenced, Interrupted)


class Bug(LastgoodError):
    """Something that cannot happen has happened."""

    exit_code = 70  # EX_SOFTWARE of sysexits.h


def exit_code(error: LastgoodError, *, touched: bool = False) -> int:
    """The exit code of an error. ``touched`` says that resources were changed before it."""
    if isinstance(error, Interrupted):
        return 128 + error.signal
    return NOT_RESTORED if touched and error.exit_code not in TELLS_WHAT_IS_TRUE else error.exit_code


def fail(error: BaseException, session: Session | None, outside: Outside, arguments: Sequence[str]) -> int:
    """Tell an error, wherever it came from, and return its exit code."""
    session = session or _session(outside, arguments)
    ours = _in_a_run(_ours(error), session)
    code = exit_code(ours, touched=session.story.touched)
    if session.verbose and isinstance(ours, Bug):
        session.report.warn("".join(traceback.format_exception(error)).rstrip())
    ending = Ending(session.story, code, session.seconds, error=ours)
    if _tells_an_ending(ours, session):
        session.report.show(ending)
    else:
        refusal = Refusal(ours, code)
        session.report.refuse(refusal.lines(), ending if session.is_run and session.command != PIPELINES else refusal)
    return code


def _ours(error: BaseException) -> LastgoodError:
    if isinstance(error, LastgoodError):
        return error
    if isinstance(error, KeyboardInterrupt | Abort):
        return Interrupted("interrupted before anything was changed", signal=signal.SIGINT)
    if isinstance(error, ClickException):
        return usage_error(error)
    place = traceback.extract_tb(error.__traceback__)[-1:]
    at = "".join(f" at {Path(frame.filename).name}:{frame.lineno}" for frame in place)
    sentence = f"unexpected {type(error).__name__}{at}; this is a bug in lastgood"
    return Bug(sentence, hint="the same with -v shows how it came to it; please report that")


def _in_a_run(error: LastgoodError, session: Session) -> LastgoodError:
    """What stops a run half way leaves something to be finished, whatever the error was thought for."""
    if session.story.touched and not isinstance(error, SAYS_HOW_IT_ENDED):
        recover = f"lastgood recover {session.story.name} {session.story.where}"
        error.hint = f"what it changed may be half done: {recover} finishes it or brings the last good release back"
    if isinstance(error, Fenced) and session.story.name and not error.hint:
        error.hint = f"lastgood history {session.story.name} {session.story.where} tells how that one ends"
    return error


def _tells_an_ending(error: LastgoodError, session: Session) -> bool:
    """Whether it tells how a run ended, rather than why there was none."""
    began = session.is_run and bool(session.story.name)
    return began and (session.story.touched or isinstance(error, SAYS_HOW_IT_ENDED))


def _session(outside: Outside, arguments: Sequence[str]) -> Session:
    """A session for a command line that could not be understood."""
    command = next((one for one in arguments if one in COMMANDS), "")
    return Session(outside, command, output=asked_for(arguments, command))
