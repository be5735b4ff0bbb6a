"""What the fields of a status say beside its conditions: words, flags and errors. Pure."""

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

OUTCOME_KEYS = listed("code condition outcome progress result summary validation verdict")
"""A field whose name ends so may hold a word, or anything else: it only hints, and says nothing in unknown words."""

BEGUN_WORDS = listed("accepted active created deployed enabled installed running")
"""Success that is only a beginning, or says that it is there rather than well: it only hints."""

OF_THE_PAST = listed("desired expected initial last old original previous target wanted")
"""A field whose name begins so is about another time. But ``lastOperation`` and ``lastUpdate`` are what counts."""

LONGEST_WORD = 60
"""Characters; what is longer is a message, and read as one."""

READY_FLAGS = listed(
    """
    abletoscale accepted active alive applied available bound complete completed configured connected deployed done
    established finished healthy initialized installed isready issuccess loaded ok online operational programmed
    provisioned reachable ready readytouse reconciled registered serving status succeeded success successful synced
    uptodate valid
    """
)
READY_ENDINGS = listed("available generated healthy ready")
REFUSALS = listed("applied issuccess valid")
"""Flags that say, by ``false``, that it was tried and did not go."""

SUCCESSES = listed("succeeded success successful")
"""Flags that say, by ``false``, that it failed once it has ended, and until then nothing bad."""

PLAIN_FLAGS = listed("available healthy isready ready readytouse")
"""Flags that speak for the whole; the others only hint."""

FAILED_FLAGS = listed(
    """
    blocked broken crashed degraded error errored expired failed haserror haserrors invalid isfailed stalled timedout
    unhealthy unreachable
    """
)
DOING_FLAGS = listed("paused processing reconciling sealed suspended updating")

ERRORS = listed(
    """
    error errormessage errormsg errorreason errors failedmessage failedreason failure failuremessage failurereason
    problems reconcileerror
    """
)
TELLING = listed("description details info message msg reason summary")
"""Last words of the names of fields that tell of an error, if their names have that word, too."""

MESSAGES = listed("description details message msg reason statusdescription statusmessage statusreason")
"""They may tell of trouble that is over: count where nothing plainer speaks, as an error of the last time does."""


def own_say(facts: Facts) -> Iterator[Signal]:
    """Its words, flags and errors: those that stand in the status itself, and the words of its parts."""
    yield from _words(facts)
    yield from _flags(facts)
    yield from _errors(facts)


# --- words


def _word(facts: Facts, path: str, text: str, *, is_whole: bool) -> Signal | None:
    """What a word at a path says. Trouble counts wherever it stands; a part that is well only hints."""
    status = facts.meaning(text)
    if status is None and not _is_worth_telling(path, text):
        return None
    status = _as_of_its_kind(facts, status, text)
    is_mild = not is_whole or status is None or plain(text) in BEGUN_WORDS
    hint = is_mild and (status is not Status.FAILED or is_of_the_past(path.rpartition(".")[2]))
    sentence = f"{path} is {text}" if status else f"{path} is {text}, which no rule knows"
    found = status or Status.UNKNOWN
    detail = facts.message if found is not Status.CURRENT else ""
    return Signal(found, f"{path} is {text}", sentence, detail, is_hint=hint, is_of_now=facts.is_of_now)


def _is_worth_telling(path: str, text: str) -> bool:
    """Whether a word that nobody knows stands where a word has to stand, and is one."""
    is_word = len(text) <= LONGEST_WORD and any(map(str.isalpha, text)) and plain(text) not in SILENT_WORDS | {""}
    return is_word and path.count(".") == 1 and parts(path)[-1] not in OUTCOME_KEYS


def _as_of_its_kind(facts: Facts, status: Status | None, text: str) -> Status | None:
    """What runs has not ended, what keeps time is well when it is scheduled, and what is not ready may say why."""
    if status is Status.CURRENT and facts.comes_to_an_end and set(parts(text)) & AT_WORK_WORDS:
        return Status.IN_PROGRESS
    if facts.keeps_time and plain(text) == "scheduled":
        return Status.CURRENT
    if plain(text) == "notready" and facts.tells_of_trouble:
        return Status.FAILED
    return status


def _words(facts: Facts) -> Iterator[Signal]:
    for path, text, is_whole in (*facts.known_words(), *_all_words(facts)):
        signal = _word(facts, path, text, is_whole=is_whole)
        if signal:
            yield signal


def _all_words(facts: Facts) -> Iterator[tuple[str, str, bool]]:
    if facts.known.words and facts.known.only_words:
        return
    for key, value in facts.status.items():
        if isinstance(value, str) and holds_a_word(key):
            yield f"status.{key}", value, plain(key) in WORD_KEYS
        elif isinstance(value, str) and _tells_of_the_last_time(key) and facts.meaning(value) is Status.FAILED:
            yield f"status.{key}", value, False
        elif isinstance(value, Mapping) and not is_of_the_past(key):
            for inner, word in value.items():
                if isinstance(word, str) and plain(str(inner)) in WORD_KEYS | OUTCOME_KEYS:
                    yield f"status.{key}.{inner}", word, plain(key) == "health"


def holds_a_word(key: str) -> bool:
    """Whether a field of this name says in a word how it is."""
    pieces = parts(key)
    return bool(pieces) and pieces[-1] in WORD_KEYS | OUTCOME_KEYS and not is_of_the_past(key)


def _tells_of_the_last_time(key: str) -> bool:
    pieces = parts(key)
    return pieces[:1] == ("last",) and pieces[-1] in WORD_KEYS | OUTCOME_KEYS


def is_of_the_past(key: str) -> bool:
    """Whether a field is about another time than now."""
    pieces = parts(key)
    return bool(pieces) and pieces[0] in OF_THE_PAST and pieces[:2] not in {("last", "operation"), ("last", "update")}


# --- flags


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
    elif flag and (name in DOING_FLAGS or (facts.comes_to_an_end and name in AT_WORK_WORDS)):
        yield Signal(Status.IN_PROGRESS, rule, rule, facts.message, is_hint=True)
    elif name in READY_FLAGS or (pieces and pieces[-1] in READY_ENDINGS):
        yield _ready_flag(facts, name, rule, flag=flag)


def _ready_flag(facts: Facts, name: str, rule: str, *, flag: bool) -> Signal:
    if flag:
        return Signal(Status.CURRENT, rule, rule, is_hint=True)
    is_trouble = name in REFUSALS or facts.tells_of_trouble or (name in SUCCESSES and facts.has_ended)
    status = Status.FAILED if is_trouble else Status.IN_PROGRESS
    hint = name not in PLAIN_FLAGS and not is_trouble
    return Signal(status, rule, rule, facts.message, is_hint=hint, is_of_now=facts.is_of_now)


# --- errors


def _errors(facts: Facts) -> Iterator[Signal]:
    for key, value in facts.status.items():
        name, text = plain(key), text_of(value)
        if plain(text) in SILENT_WORDS | {""} or isinstance(value, bool) or number_of(value) is not None:
            continue
        if name in ERRORS:
            yield _error(facts, key, text, is_hint=False)
        elif _may_be_an_error(key) or (name in MESSAGES and sentence_says(text) is Status.FAILED):
            yield _error(facts, key, text, is_hint=True)


def _may_be_an_error(key: str) -> bool:
    """``lastError``, ``syncError``, ``errorSummary``, ``lastFailureInfo``: of the last time, or of a part."""
    pieces = parts(key)
    is_told = pieces[-1:] and pieces[-1] in TELLING and not {"error", "failure"}.isdisjoint(pieces[:-1])
    return bool(is_told) or pieces[-1:] in {("error",), ("errors",)}


def _error(facts: Facts, key: str, text: str, *, is_hint: bool) -> Signal:
    sentence = f"status.{key} tells of trouble"
    return Signal(Status.FAILED, f"status.{key} is set", sentence, text, is_hint=is_hint, is_of_now=facts.is_of_now)
