"""Failure strategies: which errors there are, and what may be done about them. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from lastgood.pipelines.entry import Entry
from lastgood.pipelines.mistake import LINE, Mistake, warning
from lastgood.pipelines.nodes import Word
from lastgood.pipelines.shape import Fields, Items, Key, Later, Shape, Tagged, choice, duration, number, text

ALL_ERRORS = "AllErrors"
ERRORS = {
    ALL_ERRORS: "whatever fails",
    "Unknown": "what none of the others is",
    "Authorization": "we may not do it, or the cluster does not accept who we are",
    "Connectivity": "the cluster, or a repository, is out of reach",
    "Timeout": "not done, or not healthy, within the timeout of the step",
    "Verification": "a hopeless rollout, noticed from its pods before the timeout, or a proof that failed",
    "ConfigurationFailure": "manifests, values or expressions that cannot be used",
}
"""Each with what it is here."""

ABSENT_ERRORS = {
    "Authentication": "that the cluster does not accept who we are is Authorization here",
    "UserMarkedFailure": "nobody can mark a step that goes on, and who is asked says at once what is done",
    "DelegateProvisioning": "there are no delegates here",
    "DelegateRestart": "there are no delegates here",
    "PolicyEvaluationFailure": "policies are not evaluated here",
    "InputTimeoutError": "inputs are given before a run, so nothing waits for them",
    "ApprovalRejection": "there are no approval steps here",
    "InfrastructureFailure": "it is about build machines",
    "PluginImageFailure": "it is about build machines",
    "ResourceLimitsFailure": "it is about build machines",
    "RetryableTransientFailure": "what is transient is tried again by itself",
}
"""Errors that the product knows and that never happen here, with why."""

ROLLBACKS = ("StageRollback", "PipelineRollback", "StepGroupRollback")
LATER_ACTIONS = {
    "RetryStepGroup": "is not done here: say Retry, which does the step that failed again",
    "ProceedWithDefaultValues": "is not done here: nothing waits for inputs, which are given before a run",
}


def _action() -> Shape:
    return ACTION


def _then(key: str) -> Key:
    return Key(key, Fields((Key("action", Later(_action), required=True),)), required=True)


def _not_again(action: Entry) -> Iterator[Mistake]:
    """What follows when trying again, or asking, did not help has to be something else."""
    for kind, key in (("Retry", "onRetryFailure"), ("ManualIntervention", "onTimeout")):
        after = action.entry("spec").entry(key).entry("action").word("type")
        if action.word("type").text == kind == after.text:
            yield Mistake(after.spot.steps, f"cannot be {kind} again: say what is done in the end")


def _intervals_fit(spec: Entry) -> Iterator[Mistake]:
    count, intervals = spec.word("retryCount").text, spec.words("retryIntervals")
    if count.isdigit() and len(intervals) > int(count):
        unused = intervals[int(count)]
        yield warning(unused.spot.steps, f"has no effect: with retryCount {count} there are no more tries")


RETRY = Fields(
    (
        Key("retryCount", number(least=1), required=True),
        Key("retryIntervals", Items(duration(), least=1)),
        Key("condition", text("a condition")),
        Key("onRetryFailure", Fields((Key("action", Later(_action), required=True),))),
    ),
    (_intervals_fit,),
)
MANUAL = Fields((Key("timeout", duration(), required=True), _then("onTimeout")))
PLAIN = (*ROLLBACKS, "Ignore", "MarkAsSuccess", "MarkAsFailure", "Abort")
ACTIONS = {"Retry": RETRY, "ManualIntervention": MANUAL, **dict.fromkeys(PLAIN, Fields())}
ACTION = Tagged("action", ACTIONS, LATER_ACTIONS, rules=(_not_again,))


def _no_absent_errors(failure: Entry) -> Iterator[Mistake]:
    for word in failure.words("errors"):
        if word.text in ABSENT_ERRORS:
            yield warning(word.spot.steps, f"{word.text} never happens: {ABSENT_ERRORS[word.text]}")


ON_FAILURE = Fields(
    (
        Key("errors", Items(choice(*ERRORS, *ABSENT_ERRORS, literal=True), least=1), required=True),
        Key("action", ACTION, required=True),
    ),
    (_no_absent_errors,),
)
FAILURE_STRATEGIES = Key("failureStrategies", Items(Fields((Key("onFailure", ON_FAILURE, required=True),))))


def shadowed(entry: Entry) -> Iterator[Mistake]:
    """A rule: errors of ``failureStrategies`` that an entry before it takes already have no effect."""
    taken: dict[str, Word] = {}
    for failure in entry.entries("failureStrategies"):
        for word in failure.entry("onFailure").words("errors"):
            before = taken.get(word.text) or taken.get(ALL_ERRORS)
            if before:
                sentence = f"has no effect: line {LINE} takes it already, and the first entry counts"
                yield warning(word.spot.steps, sentence, other=before.spot.steps)
            taken.setdefault(word.text, word)
