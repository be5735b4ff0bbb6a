"""What is done about a failure: the strategies of a step, of its groups and of its stage are asked in this order. Pure.

Of one list the first entry that has the error counts. Where nobody has an answer the stage is rolled back, which is
what every stage that deploys does unless it says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lastgood.errors import DeployFailed, Forbidden, InputError, LastgoodError, Rejected, Unreachable
from lastgood.model.health import Ruling
from lastgood.model.release import Release
from lastgood.model.telling import TIMED_OUT
from lastgood.pipelines.nodes import Word
from lastgood.pipelines.stage import Action, Failure
from lastgood.pipelines.timeouts import seconds_in, whole_in

ALL = "AllErrors"
TOO_LATE = "ProgressDeadlineExceeded"
"""The reason of a Deployment that did not get on within its own time."""
EACH_TIME = 1.0
"""How long is waited before a step is tried again whose Retry names no interval, in seconds."""


class Error(StrEnum):
    """What kind of error a step ended with, in the words of ``errors``."""

    UNKNOWN = "Unknown"
    AUTHORIZATION = "Authorization"
    CONNECTIVITY = "Connectivity"
    TIMEOUT = "Timeout"
    VERIFICATION = "Verification"
    CONFIGURATION = "ConfigurationFailure"


class Verb(StrEnum):
    """What is done about a failure, once nothing is tried again and nobody is asked any more."""

    ROLL_BACK_STAGE = "StageRollback"
    ROLL_BACK_PIPELINE = "PipelineRollback"
    ROLL_BACK_GROUP = "StepGroupRollback"
    IGNORE = "Ignore"
    SUCCEED = "MarkAsSuccess"
    FAIL = "MarkAsFailure"
    ABORT = "Abort"


KINDS = (
    (Forbidden, Error.AUTHORIZATION),
    (Unreachable, Error.CONNECTIVITY),
    ((InputError, Rejected), Error.CONFIGURATION),
)
"""Errors that are of one kind, whatever they say."""
RETRY, RETRY_GROUP, ASK = "Retry", "RetryStepGroup", "ManualIntervention"
ANSWERS = (RETRY, *Verb)
"""What somebody may answer who is asked."""


@dataclass(frozen=True, slots=True)
class Again:
    """Try the step once more, after so many seconds."""

    after: float


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask somebody, for so many seconds at most; ``then`` is done when nobody answers."""

    within: float
    then: Action | None


Reaction = Verb | Again | Ask


@dataclass(frozen=True, slots=True)
class Reading:
    """What the words of an action stand for: ``text`` replaces expressions, ``holds`` says whether a condition does."""

    text: Callable[[Word], str]
    holds: Callable[[Word], bool]


def error_of(error: BaseException) -> Error:
    """The kind of an error. What was not healthy in time is a Timeout, be it the step's or the workload's own."""
    if isinstance(error, TimeoutError) or (isinstance(error, Unfinished) and error.timed_out):
        return Error.TIMEOUT
    if isinstance(error, DeployFailed):
        return _of_release(error.release)
    return next((kind for classes, kind in KINDS if isinstance(error, classes)), Error.UNKNOWN)


def _of_release(release: Release) -> Error:
    if _was_late(release):
        return Error.TIMEOUT
    unproved = release.proof is not None and not release.proof.holds
    hopeless = any(one.ruling is Ruling.FAIL for one in release.judged)
    return Error.VERIFICATION if unproved or hopeless else Error.UNKNOWN


class Unfinished(LastgoodError):
    """A step that failed after it had done something that nothing rolls back: ``left`` says what."""

    def __init__(self, message: str, *, left: tuple[str, ...], timed_out: bool = False) -> None:
        super().__init__(message)
        self.left, self.timed_out = left, timed_out


def left_by(error: BaseException) -> tuple[str, ...]:
    """What a step that failed has done all the same."""
    return error.left if isinstance(error, Unfinished) else ()


def reaction(error: Error, levels: Iterable[Sequence[Failure]], *, tried: int, reading: Reading) -> Reaction:
    """What follows from an error; ``levels`` are the strategies from the step outwards, ``tried`` counts the tries.

    Raises ``InputError`` for a word that stands for something else than is wanted there.
    """
    found = next((one.action for level in levels for one in level if _is_about(one, error, reading)), None)
    return follow(found, tried=tried, reading=reading)


def follow(action: Action | None, *, tried: int, reading: Reading) -> Reaction:
    """What an action comes to after so many tries; no action at all rolls the stage back. Raises as ``reaction``."""
    if action is None:
        return Verb.ROLL_BACK_STAGE
    if action.type in (RETRY, RETRY_GROUP):
        return _again(action, tried=tried, reading=reading)
    if action.type == ASK:
        return Ask(_seconds(action.timeout, reading) if action.timeout else 0.0, action.then)
    return Verb(action.type)


def _again(action: Action, *, tried: int, reading: Reading) -> Reaction:
    most = whole_in(action.count, reading.text(action.count)) if action.count else 1
    if tried > most or (action.condition is not None and not reading.holds(action.condition)):
        return follow(action.then, tried=tried, reading=reading)
    intervals = [_seconds(one, reading) for one in action.intervals] or [EACH_TIME]
    return Again(intervals[min(tried, len(intervals)) - 1])


def _seconds(word: Word, reading: Reading) -> float:
    return seconds_in(word, reading.text(word))


def _is_about(failure: Failure, error: Error, reading: Reading) -> bool:
    return bool({reading.text(word) for word in failure.errors} & {ALL, error.value})


def _was_late(release: Release) -> bool:
    causes = {one.cause.reason for one in release.judged if one.cause}
    return TOO_LATE in causes or any(one.health.sentence.startswith(TIMED_OUT) for one in release.judged)
