"""What a word or a sentence of a controller says: current, in progress, failed, unknown, or nothing. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from lastgood.kinds.generic.words import (
    CURRENT_ALONE,
    CURRENT_WORDS,
    DOING_ALONE,
    DOING_WORDS,
    FAILED_ALONE,
    FAILED_WORDS,
    FAR_NEGATIONS,
    NEGATIONS,
    NOT_ACTIVITY,
    SENTENCE_DOING,
    SENTENCE_FAILED,
    SILENT_WORDS,
    UNKNOWN_WORDS,
)
from lastgood.model.health import Status

LONGEST = 200
"""How many characters of a word or a sentence are read."""

_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

_WHOLE = (
    (SILENT_WORDS, None),
    (UNKNOWN_WORDS, Status.UNKNOWN),
    (FAILED_ALONE | FAILED_WORDS, Status.FAILED),
    (DOING_ALONE | DOING_WORDS, Status.IN_PROGRESS),
    (CURRENT_ALONE | CURRENT_WORDS, Status.CURRENT),
)


def plain(text: str) -> str:
    """A word as it stands in the tables: ``inprogress`` for ``IN_PROGRESS``."""
    return "".join(parts(text))


def parts(text: str) -> tuple[str, ...]:
    """The words inside a word, in lower case: ``crash``, ``loop``, ``back``, ``off``."""
    return tuple(part.lower() for part in _PART.findall(text[:LONGEST].replace("'", "")))


@lru_cache(maxsize=4096)
def word_says(text: str) -> Status | None:
    """What a phase, a state or a reason says; None where the tables do not know it.

    The whole word first; then its parts: trouble before activity before success.
    """
    pieces = parts(text)
    whole = "".join(pieces)
    for words, status in _WHOLE:
        if whole in words:
            return status
    if not pieces:
        return None
    return _by_its_parts(pieces)


def _by_its_parts(pieces: tuple[str, ...]) -> Status | None:
    trouble = [negated for piece, negated in _pieces(pieces) if piece in FAILED_WORDS]
    if any(not negated for negated in trouble):
        return Status.FAILED
    if (
        any(map(_is_activity, pieces))
        or _runs_something(pieces)
        or any(piece in DOING_WORDS for piece, negated in _pieces(pieces) if not negated)
    ):
        return Status.IN_PROGRESS
    success = [negated for piece, negated in _pieces(pieces) if piece in CURRENT_WORDS]
    if any(success) or (success and not FAR_NEGATIONS.isdisjoint(pieces)):
        return Status.IN_PROGRESS
    return Status.CURRENT if success or trouble else None


def _pieces(pieces: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
    """Each part, and each two and three that stand together, with whether a negation stands before."""
    for start in range(len(pieces)):
        negated = start > 0 and pieces[start - 1] in NEGATIONS
        for length in (1, 2, 3):
            if start + length <= len(pieces):
                yield "".join(pieces[start : start + length]), negated


def _is_activity(piece: str) -> bool:
    return len(piece) > 4 and piece.endswith("ing") and piece not in NOT_ACTIVITY | CURRENT_WORDS | FAILED_WORDS


def _runs_something(pieces: tuple[str, ...]) -> bool:
    """``Running migrations`` is activity, ``Running`` and ``Running (3/3)`` are not."""
    after = pieces[1:2]
    return pieces[0] == "running" and bool(after) and after[0].isalpha() and after[0] not in CURRENT_WORDS | {"and"}


@lru_cache(maxsize=4096)
def sentence_says(text: str) -> Status | None:
    """Whether a message tells of trouble or of patience, by whichever it names first; None where of neither.

    One that begins with what is being done (``Issuing certificate as Secret does not exist``) is of patience.
    """
    pieces = parts(text)
    if pieces and _is_activity(pieces[0]):
        return Status.IN_PROGRESS
    for piece, negated in _pieces(pieces):
        if piece in SENTENCE_DOING:
            return Status.IN_PROGRESS
        if piece in SENTENCE_FAILED and not negated:
            return Status.FAILED
    return None
