"""What the fields of a status say beside its conditions: words, flags, counts and errors. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lastgood.kinds.generic.facts import Facts, number_of, text_of
from lastgood.kinds.generic.reading import parts, plain, sentence_says
from lastgood.kinds.generic.signals import Signal
from lastgood.kinds.generic.words import AT_WORK_WORDS, SILENT_WORDS, listed
from lastgood.model.health import Status

WORD_KEYS = listed("compliant health phase readiness stage state status")
"""A field whose name ends so holds a word; one that is called so speaks for the whole."""

OF_THE_PAST = listed("desired expected initial last old original previous target wanted")
"""A field whose name begins so is about another time. But ``lastOperation`` and ``lastUpdate`` are what counts."""

LONGEST_WORD = 60
"""Characters; what is longer is a message, and read as one."""

READY_FLAGS = listed(
    """
    accepted active available bound complete completed configured connected deployed established healthy initialized
    installed isready programmed provisioned ready readytouse reconciled registered succeeded synced uptodate valid
    """
)
PLAIN_FLAGS = listed("available healthy isready ready readytouse")
"""Flags that speak for the whole; the others only hint."""

FAILED_FLAGS = listed("degraded error errored failed invalid stalled unhealthy")
DOING_FLAGS = listed("paused processing reconciling suspended updating")

ERRORS = listed(
    """
    error errormessage errormsg errorreason errors failedmessage failedreason failure failuremessage failurereason
    problems reconcileerror
    """
)
MESSAGES = listed("message reason statusmessage")
"""They may tell of trouble that is over: count where nothing plainer speaks, as an error of the last time does."""


def fields_say(facts: Facts) -> Iterator[Signal]:
    """Everything but conditions."""
    yield from _suspended(facts)
    yield from _words(facts)
    yield from _flags(facts)
    yield from _errors(facts)


SUSPENDED = "is suspended, and goes no further until it is resumed"


# --- words


def _word(facts: Facts, path: str, text: str, *, is_whole: bool) -> Signal | None:
    """What a word at a path says. Trouble counts wherever it stands; a part that is well only hints."""
    status = facts.meaning(text)
    if status is None and (path.count(".") > 1 or len(text) > LONGEST_WORD or plain(text) in SILENT_WORDS | {""}):
        return None
    if status is Status.CURRENT and facts.comes_to_an_end and set(parts(text)) & AT_WORK_WORDS:
        status = Status.IN_PROGRESS
    hint = status is not Status.FAILED and (not is_whole or status is None)
    sentence = f"{path} is {text}" if status else f"{path} is {text}, which no rule knows"
    found = status or Status.UNKNOWN
    detail = facts.message if found is not Status.CURRENT else ""
    return Signal(found, f"{path} is {text}", sentence, detail, is_hint=hint, is_of_now=facts.is_of_now)


def _words(facts: Facts) -> Iterator[Signal]:
    for path, text, is_whole in (*facts.known_words(), *_all_words(facts)):
        signal = _word(facts, path, text, is_whole=is_whole)
        if signal:
            yield signal


def _all_words(facts: Facts) -> Iterator[tuple[str, str, bool]]:
    if facts.known.words and facts.known.only_words:
        return
    for key, value in facts.status.items():
        if isinstance(value, str) and _holds_a_word(key):
            yield f"status.{key}", value, plain(key) in WORD_KEYS
        elif isinstance(value, Mapping) and not _is_of_the_past(key):
            for inner, word in value.items():
                if isinstance(word, str) and plain(str(inner)) in WORD_KEYS:
                    yield f"status.{key}.{inner}", word, plain(key) == "health"


def _holds_a_word(key: str) -> bool:
    pieces = parts(key)
    return bool(pieces) and pieces[-1] in WORD_KEYS and not _is_of_the_past(key)


def _is_of_the_past(key: str) -> bool:
    pieces = parts(key)
    return bool(pieces) and pieces[0] in OF_THE_PAST and pieces[:2] not in {("last", "operation"), ("last", "update")}


# --- flags


def _suspended(facts: Facts) -> Iterator[Signal]:
    if facts.keeps_time:  # a schedule that is suspended is as it was asked to be
        return
    for key in ("suspend", "suspended", "paused", "pause"):
        if facts.spec.get(key) is True:
            yield Signal(Status.IN_PROGRESS, f"spec.{key} is true", SUSPENDED, is_as_asked=True)


def _flags(facts: Facts) -> Iterator[Signal]:
    for key, value in facts.status.items():
        flag = _truth(value)
        if flag is not None:
            yield from _flag(facts, key, flag=flag)


def _truth(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


def _flag(facts: Facts, key: str, *, flag: bool) -> Iterator[Signal]:
    name, rule = plain(key), f"status.{key} is {str(flag).lower()}"
    pieces = parts(key)
    if name in FAILED_FLAGS and flag:
        yield Signal(Status.FAILED, rule, rule, facts.message, is_of_now=facts.is_of_now)
    elif name in DOING_FLAGS and flag:
        yield Signal(Status.IN_PROGRESS, rule, rule, facts.message, is_hint=True)
    elif name in READY_FLAGS or (pieces and pieces[-1] in {"ready", "available", "healthy"}):
        yield _ready_flag(facts, name, rule, flag=flag)


def _ready_flag(facts: Facts, name: str, rule: str, *, flag: bool) -> Signal:
    if flag:
        return Signal(Status.CURRENT, rule, rule, is_hint=True)
    is_trouble = name == "valid" or facts.tells_of_trouble
    status = Status.FAILED if is_trouble else Status.IN_PROGRESS
    hint = name not in PLAIN_FLAGS and not is_trouble
    return Signal(status, rule, rule, facts.message, is_hint=hint, is_of_now=facts.is_of_now)


# --- errors


def _errors(facts: Facts) -> Iterator[Signal]:
    for key, value in facts.status.items():
        name, text = plain(key), text_of(value)
        if not text or isinstance(value, bool) or number_of(value) is not None:
            continue
        if name in ERRORS:
            yield _error(facts, key, text, is_hint=False)
        elif _is_last_error(name) or (name in MESSAGES and sentence_says(text) is Status.FAILED):
            yield _error(facts, key, text, is_hint=True)


def _is_last_error(name: str) -> bool:
    return name.startswith("last") and name.endswith(("error", "errors", "errormessage", "failuremessage"))


def _error(facts: Facts, key: str, text: str, *, is_hint: bool) -> Signal:
    sentence = f"status.{key} tells of trouble"
    return Signal(Status.FAILED, f"status.{key} is set", sentence, text, is_hint=is_hint, is_of_now=facts.is_of_now)
