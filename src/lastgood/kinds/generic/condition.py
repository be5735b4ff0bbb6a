"""A condition as a controller wrote it, in whichever form, and what its type means. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lastgood.kinds.generic.facts import generation_of, text_of
from lastgood.kinds.generic.reading import parts, plain, sentence_says, word_says
from lastgood.kinds.generic.types import BEGINNINGS, ENDINGS, NEGATED, TYPES, Polarity
from lastgood.model.health import Status

PARTS = ("parents", "ancestors", "listeners")
"""Lists in a status whose entries have conditions of their own: those of the Gateway API."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition. ``value`` is True, False, or None where it is unknown or something else (``word``)."""

    type: str
    value: bool | None
    word: str
    reason: str
    message: str
    severity: str
    generation: int | None
    at: str
    where: str = ""

    @property
    def name(self) -> str:
        """Its type as it stands in the tables: without what stands before a dot or a slash."""
        return plain(_bare(self.type))

    @property
    def detail(self) -> str:
        """The controller's own words."""
        return self.message or self.reason

    @property
    def says(self) -> Status | None:
        """What its reason tells, or where that tells nothing its message: trouble, patience or neither.

        A message that begins with trouble says so whatever is being done.
        """
        if parts(self.message)[:1] in {("cannot",), ("error",), ("failed",), ("unable",)}:
            return Status.FAILED
        reason = word_says(self.reason)
        if reason in {Status.FAILED, Status.IN_PROGRESS}:
            return reason
        why_not_yet = Status.IN_PROGRESS if reason is Status.CURRENT else None  # it runs, it has started
        return sentence_says(self.message) or why_not_yet

    @property
    def is_lack(self) -> bool:
        """Whether it says that something is not: ``NotReady``, ``Unavailable``."""
        return self.name in {"unavailable", "waiting"} or parts(_bare(self.type))[:1] == ("not",)

    @property
    def is_retried(self) -> bool:
        """Whether it says that something failed and is tried again."""
        return any(part.startswith("retr") for part in parts(self.reason))


def _bare(kind: str) -> str:
    return kind.rpartition("/")[2].rpartition(".")[2]


def polarity_of(kind: str) -> Polarity | None:
    """What a type of condition means; None where the tables do not know it."""
    name = _bare(kind)
    whole = plain(name)
    exact = next((polarity for polarity, types in TYPES.items() if whole in types), None)
    return exact or _by_its_parts(parts(name))


def _by_its_parts(pieces: tuple[str, ...]) -> Polarity | None:
    """By its beginning or its ending; ``No`` or ``Not`` before the ending, or at the beginning, turns it round."""
    first = next((polarity for polarity, words in BEGINNINGS.items() if pieces[:1] and pieces[0] in words), None)
    if first:
        return first
    for length in (3, 2, 1):
        last, before = "".join(pieces[-length:]), pieces[:-length][-1:]
        found = next((polarity for polarity, words in ENDINGS.items() if last in words), None)
        if found:
            return NEGATED.get(found) if {"no", "not"} & {*before, *pieces[:1]} else found
    return None


def conditions_of(status: Mapping[str, Any]) -> Iterator[Condition]:
    """The conditions of a status, and of the parts of it that have some of their own."""
    yield from _newest(_read(status.get("conditions")))
    for name in PARTS:
        part = status.get(name)
        for entry in part if isinstance(part, list) else ():
            if isinstance(entry, Mapping):
                yield from _newest(_read(entry.get("conditions"), where=f"status.{name}: "))


def _newest(conditions: Iterator[Condition]) -> Iterator[Condition]:
    """One of each type; some controllers keep a history."""
    found: dict[str, Condition] = {}
    for one in conditions:
        if one.type not in found or one.at >= found[one.type].at:
            found[one.type] = one
    yield from found.values()


def _read(value: Any, *, where: str = "") -> Iterator[Condition]:
    """A list of conditions, or a mapping of types, or of the parts that have them, to conditions or values."""
    if isinstance(value, list):
        yield from (_one(one.get("type"), one, where) for one in value if isinstance(one, Mapping))
    elif isinstance(value, Mapping):
        for kind, one in value.items():
            entry = one if isinstance(one, Mapping) else {"status": one}
            yield _one(text_of(entry.get("condition")) or kind, entry, where)


def _one(kind: Any, entry: Mapping[Any, Any], where: str) -> Condition:
    value = entry.get("status")
    word = str(value) if isinstance(value, bool | str) else ""
    truth = {"true": True, "false": False}.get(word.lower())
    if value is None and text_of(entry.get("message")):  # Argo CD: what is listed is so
        truth, word = True, "True"
    return Condition(
        text_of(kind),
        truth,
        word,
        text_of(entry.get("reason")),
        text_of(entry.get("message")) or text_of(entry.get("error")),
        (text_of(entry.get("severity")) or text_of(entry.get("category"))).lower().replace("critical", "error"),
        generation_of(entry.get("observedGeneration")),
        text_of(entry.get("lastTransitionTime")) or text_of(entry.get("lastUpdateTime")),
        where,
    )
