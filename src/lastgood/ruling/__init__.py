"""Users' own rules of health: what they say of a body, before or instead of the rule of its kind. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lastgood.model.health import Health, Status
from lastgood.model.rule import Rule, Test
from lastgood.reasons import cause
from lastgood.ruling.annotations import annotated, annotation_problems

__all__ = ["annotated", "annotation_problems", "by_rule"]

SAYS = {Status.FAILED: "failed", Status.IN_PROGRESS: "in progress", Status.CURRENT: "as it should be"}


def by_rule(rule: Rule, body: Mapping[str, Any], otherwise: Health, *, is_behind: bool, is_of_now: bool) -> Health:
    """The health that a rule gives; ``otherwise`` is that of the kind, which counts where the rule says nothing.

    A resource that is being deleted, or whose status is of an older generation, is that whatever the rule says. Failed
    counts before in progress, and that before healthy; with a rule for healthy, what is none of them is in progress. A
    question that cannot be answered, since a field is not there yet, is not answered with yes. ``is_of_now`` says that
    the status vouches for the present generation: another failure may be older than the last change.
    """
    if is_behind or otherwise.status is Status.TERMINATING:
        return otherwise
    for status, test in ((Status.FAILED, rule.failed), (Status.IN_PROGRESS, rule.progressing)):
        if test and test.ask(body) is True:
            return _health(status, test, rule, body, is_of_now=is_of_now)
    if rule.healthy is None:
        return otherwise
    answer = rule.healthy.ask(body)
    status = Status.CURRENT if answer is True else Status.IN_PROGRESS
    return _health(status, rule.healthy, rule, body, is_of_now=is_of_now, why=answer if isinstance(answer, str) else "")


def _health(
    status: Status, test: Test, rule: Rule, body: Mapping[str, Any], *, is_of_now: bool, why: str = ""
) -> Health:
    is_yes = status is Status.CURRENT or test is not rule.healthy
    name = f"{test.name} is {'true' if is_yes else 'not true'}"
    told = rule.message(body) if rule.message else ""
    sentence = told or f"is {SAYS[status]}" + (f": {name}" if status is not Status.CURRENT else "")
    if status is Status.FAILED:
        failure = cause("ReportedFailure", detail=told or name, hopeless=is_of_now)
        return Health(status, sentence, (failure,), condition_failed=not is_of_now, rule=name)
    causes = (cause("NotReady", detail=why),) if why else ()
    return Health(status, sentence, causes, rule=name)
